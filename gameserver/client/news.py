"""Apply events and notices to the state and the match, and tell the application of them."""

from collections.abc import Callable

from gameserver.client.play.matchkeeper import MatchKeeper, SendRequest
from gameserver.client.session import ClientSession
from gameserver.client.state import ClientState
from gameserver.client.status import EventReceived, Noticed, Update
from gameserver.ids import EventNumber, LobbyId
from gameserver.messages.base import Notice, Result
from gameserver.messages.chat import Channel, GetChatHistory
from gameserver.messages.lobby import LobbyLeft
from gameserver.messages.match import MatchEnded, MatchHappened, MatchStarted
from gameserver.messages.session import ServerMessage
from gameserver.messages.wire import EventEnvelope, Refusal


class News:
    """What the server says by itself.

    Attributes:
        match_since: Number of the event with which the last match began.
        stops: Whether the server has said that it stops.
    """

    def __init__(
        self,
        session: ClientSession,
        state: ClientState,
        matches: MatchKeeper,
        ask: SendRequest,
        tell: Callable[[Update], None],
    ) -> None:
        """Apply to these; ``ask`` sends requests, ``tell`` queues updates for the application."""
        self.match_since: EventNumber = EventNumber(0)
        self.stops: bool = False
        self._session = session
        self._state = state
        self._matches = matches
        self._ask = ask
        self._tell = tell
        self._history_of = LobbyId("")

    def forget(self) -> None:
        """Start anew with another session."""
        self._state.forget()
        self._matches.forget()
        self._history_of = LobbyId("")

    def happened(self, envelope: EventEnvelope) -> None:
        """Apply an event, unless it was applied before.

        Raises:
            ProtocolError: An event before it is missing.
        """
        if not self._session.is_next(envelope):
            return
        event = envelope.event
        self._state.apply_event(event)
        match event:
            case MatchStarted():
                self.match_since = envelope.number
                self._matches.started(event)
            case MatchEnded():
                self._matches.ended(event)
            case MatchHappened():
                self._matches.happened(event)
            case LobbyLeft():
                self._matches.forget()  # no `MatchEnded` comes to a player who left the lobby
                self._fetch_history()
            case _:
                self._fetch_history()
        self._tell(EventReceived(event))
        self._session.settle_held()

    def noticed(self, notice: Notice, now: float) -> None:
        """Apply a notice."""
        self._state.apply_notice(notice, now)
        if isinstance(notice, ServerMessage) and notice.stops_in_s is not None:
            self.stops = True
        self._tell(Noticed(notice))

    def fetch_global_history(self) -> None:
        """Request the history of the chat of all players."""
        self._ask(GetChatHistory(Channel.GLOBAL), _ignore)

    def _fetch_history(self) -> None:
        """Request the chat history of a lobby once, after this player has entered it."""
        lobby_id = self._state.lobby.lobby_id if self._state.lobby else LobbyId("")
        if lobby_id and lobby_id != self._history_of:
            self._ask(GetChatHistory(Channel.LOBBY), _ignore)
        self._history_of = lobby_id


def _ignore(_answer: Result | Refusal | None) -> None:
    """Ignore an answer: `ClientState.apply_result` has applied it already."""
