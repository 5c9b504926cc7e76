"""The application's session with a server: frames send requests, and read the answers later.

Law: nothing here blocks a frame. Each request runs in a task of its own; the next frame reads its
result from the attributes.
"""

import math
from collections.abc import Callable, Mapping

import attrs
import trio

from client_demo.intents import GiveUp, TryNow, WatchMatch
from client_demo.tokens import Tokens
from client_demo.unsent import KEPT
from gameserver.client import (
    Address,
    Client,
    ClientSettings,
    Closed,
    EventReceived,
    MatchReady,
    MatchReplica,
    Noticed,
    Online,
    SessionLost,
    StatusChanged,
    open_client,
)
from gameserver.errors import (
    ConnectionLostError,
    GameserverError,
    RequestError,
    RequestTimedOutError,
)
from gameserver.ids import MatchId
from gameserver.messages.base import Request, Result
from gameserver.messages.chat import Channel, GetChatHistory, SendChat
from gameserver.messages.forms import GetLobbyForm, LobbyForm
from gameserver.messages.lobby import LobbyLeft, WatchLobbies
from gameserver.messages.match import GetMatchStats, MatchStats
from gameserver.messages.session import (
    GetServerInfo,
    NameChanged,
    Rename,
    ServerInfo,
    ServerMessage,
)

ERROR_S = 5.0
LONG_STOP_S = 10.0
"""From this time on a server that stops lets matches be played, and the player is told how long."""
READ_S = 0.08
"""Time to read one character of a sentence, for a slow reader."""
STATS_S = 1.0
ONLINE_S = 5.0
ASKED_BY_ITSELF = (GetMatchStats, GetServerInfo)
"""Requests that the application sends by itself: their refusal is not shown to the player."""
LEFT_WORDS: Mapping[str, str] = {
    "kicked": "The host removed you from the lobby.",
    "banned": "The host banned you from the lobby.",
    "expired": "You were away for too long and lost your seat.",
    "closed": "The lobby was closed.",
}


@attrs.define(eq=False)
class PlayerSession:
    """A session in any state: connecting, online, or ended."""

    client: Client | None = None
    """None before the session, while connecting, and after the end."""
    form: LobbyForm | None = None
    busy: bool = False
    """Connecting."""
    error: str = ""
    ended: str = ""
    """Why the last session ended or could not start; empty if the player ended it."""
    online: int = 0
    """Number of people on the server from the last answer to `ask_online`; 0 if unknown."""
    replays: bool = True
    """Whether players may have replays of their matches, from the last answer of the server."""
    notice: str = ""
    late_inputs: int = 0
    """Late inputs of the match by the server's count, from the last answer to `ask_stats`."""
    refused_lines: tuple[SendChat, ...] = ()
    """The last chat lines that the server refused, oldest first."""
    tokens: Tokens = attrs.field(factory=lambda: Tokens(None))
    """The stored tokens, by which a session of an earlier run is resumed."""
    stops_at: float | None = None
    """When the server stops at the latest, on trio's clock; None if it has said nothing of it."""
    _waiting: list[type[Request]] = attrs.field(factory=list)
    _refused: dict[type[Request], RequestError] = attrs.field(factory=dict)
    _watched: WatchLobbies = attrs.field(factory=WatchLobbies)
    """The last request for the list of lobbies, sent again after a new sign-in."""
    _name: str = ""
    """The player's name as last sent to the server."""
    _stats_at: float = 0.0
    _online_at: float = -ONLINE_S
    _error_at: float = 0.0
    _notice_at: float = 0.0
    _standing: MatchReplica | None = None
    """The match of which the notice says that it stands still."""
    _over: trio.Event = attrs.field(factory=trio.Event)
    _attempt: trio.CancelScope = attrs.field(factory=trio.CancelScope)
    _nursery: trio.Nursery | None = None

    async def run(self, url: str, name: str, settings: ClientSettings) -> None:
        """Connect, and return after `close` or when the server has ended the session."""
        self._over = trio.Event()
        self.busy, self.ended, self._watched = True, "", WatchLobbies()
        self._online_at = -ONLINE_S
        self.refused_lines = ()
        self.online, self.late_inputs, self._name = 0, 0, name
        server = _key(url)
        token = self.tokens.claim(server)
        chosen = attrs.evolve(settings, token=token) if token else settings
        self._attempt = trio.CancelScope()
        try:
            with self._attempt:
                await self._stay(url, name, chosen, server)
        except* GameserverError as group:
            self.ended = _sentence(group)
        finally:
            self.tokens.release(server)
            self.client, self._nursery, self.form, self.busy = None, None, None, False
            self._waiting.clear()
            self._refused.clear()

    async def _stay(self, url: str, name: str, settings: ClientSettings, server: str) -> None:
        async with open_client(url, name, settings) as client, trio.open_nursery() as nursery:
            self.tokens.keep(server, client.token)
            self.client, self._nursery, self.busy = client, nursery, False
            self._greet()
            if settings.token and client.player_name != name:
                self.ask(Rename(name))
            nursery.start_soon(self._listen, client, server)
            try:
                await self._over.wait()
            finally:
                # Frames go on during the sign-out below: `ask` must start no more tasks.
                self._nursery = None
            if isinstance(client.status, Closed) and client.status.code is not None:
                self.ended = client.status.sentence
                self.tokens.drop(server)
            elif isinstance(client.status, Online):
                self.tokens.drop(server)  # leaving `open_client` signs out
            nursery.cancel_scope.cancel()

    def close(self) -> None:
        """End the session, or stop connecting."""
        self._over.set()
        if self.busy:
            self._attempt.cancel()

    def ask(self, request: Request, taken: Callable[[Request], None] | None = None) -> None:
        """Send a request, if there is a session.

        ``taken`` is called when the server has granted it. A refusal is shown for a while.
        """
        if isinstance(request, WatchLobbies):
            self._watched = request
        if self._nursery is not None and self.client is not None:
            self._refused.pop(type(request), None)
            self._waiting.append(type(request))
            self._nursery.start_soon(self._ask, self.client, request, taken)

    def rename(self, name: str) -> None:
        """Send the player's name to the server, if it has changed and is not empty."""
        if name and name != self._name:
            self._name = name
            self.ask(Rename(name))

    def carry_out(self, intent: WatchMatch | TryNow | GiveUp) -> None:
        """Carry out an intent for the connection that needs no request."""
        if self.client is None:
            return
        match intent:
            case WatchMatch():
                self.client.watch_match()
            case TryNow():
                self.client.try_now()
            case GiveUp():
                self.client.give_up()
                self.close()

    def waits_for(self, *kinds: type[Request]) -> bool:
        """Tell whether a request of one of these kinds has no answer yet."""
        return any(kind in self._waiting for kind in kinds)

    def refusal(self, *kinds: type[Request]) -> RequestError | None:
        """Return the refusal of the last request of these kinds; None if it was not refused."""
        return next((self._refused[kind] for kind in kinds if kind in self._refused), None)

    def ask_stats(self, match_id: MatchId) -> None:
        """Request the server's figures of a match, at most once in `STATS_S`."""
        now = trio.current_time()
        if now - self._stats_at >= STATS_S:
            self._stats_at = now
            self.ask(GetMatchStats(match_id))

    def ask_online(self) -> None:
        """Request the number of people on the server, at most once in `ONLINE_S`."""
        now = trio.current_time()
        if now - self._online_at >= ONLINE_S:
            self._online_at = now
            self.ask(GetServerInfo())

    def fail(self, sentence: str) -> None:
        """Show an error for a while."""
        self.error, self._error_at = sentence, trio.current_time()

    def shown(self, *, errors: bool = True) -> str:
        """Return the sentence to be shown: the newer of notice and error; empty when both are old.

        ``errors`` is false while the screen shows errors itself.
        """
        told = self._is_fresh(self.notice, self._notice_at) and not self._goes_on
        notice = self.notice if told else ""
        error = self.error if errors and self._is_fresh(self.error, self._error_at) else ""
        return error if error and self._error_at >= self._notice_at else notice or error

    @property
    def _goes_on(self) -> bool:
        """Whether the match that stood still runs again, or is over."""
        if self._standing is None:
            return False
        match = self.client.match if self.client is not None else None
        return match is not self._standing or match.live

    @staticmethod
    def _is_fresh(sentence: str, since: float) -> bool:
        """Tell whether a sentence shown since a time still needs time to be read."""
        return trio.current_time() - since < max(ERROR_S, len(sentence) * READ_S)

    def _greet(self) -> None:
        self.ask(GetServerInfo())
        self.ask(GetLobbyForm())
        self.ask(self._watched)
        self.ask(GetChatHistory(Channel.GLOBAL))

    async def _ask(
        self, client: Client, request: Request, taken: Callable[[Request], None] | None
    ) -> None:
        try:
            answer = await client.request(request)
        except RequestError as error:
            if not isinstance(request, ASKED_BY_ITSELF):
                self._refused[type(request)] = error
                self.fail(error.sentence)
            self._take_back(request)
        except (RequestTimedOutError, ConnectionLostError):
            if not isinstance(request, ASKED_BY_ITSELF):
                self.fail("The server did not answer; please try again.")
            self._take_back(request)
        except GameserverError as error:
            self.fail(str(error))
        else:
            if taken is not None:
                taken(request)
            self._learn(answer)
        finally:
            self._waiting.remove(type(request))

    def _take_back(self, request: Request) -> None:
        if isinstance(request, SendChat):
            self.refused_lines = (*self.refused_lines[1 - KEPT :], request)

    def _learn(self, answer: Result) -> None:
        match answer:
            case LobbyForm():
                self.form = answer
            case MatchStats():
                self.late_inputs = answer.late
            case ServerInfo():
                self.online, self.replays = answer.players, answer.replays
            case _:
                pass

    async def _listen(self, client: Client, server: str) -> None:
        async for update in client.updates():
            match update:
                case StatusChanged(Online()):
                    self.tokens.keep(server, client.token)
                    self.stops_at = None
                case EventReceived(NameChanged()):
                    self.ask(GetLobbyForm())  # it proposes a title with the player's name
                case EventReceived(LobbyLeft(reason=reason)):
                    self.tell(LEFT_WORDS.get(reason, ""))
                    self.ask(self._watched)
                case MatchReady() as ready:
                    self.tell(ready_words(ready))
                    self._standing = client.match if ready.waits_s else None
                case Noticed(ServerMessage() as message):
                    if message.stops_in_s is not None:
                        self.stops_at = trio.current_time() + message.stops_in_s
                    self.tell(server_words(message))
                case SessionLost():
                    self.tell("The server no longer knew you; you are signed in anew.")
                    self._greet()
                case _:
                    pass
        self._over.set()

    def tell(self, sentence: str) -> None:
        """Show a notice for a while; an empty sentence changes nothing."""
        if sentence:
            self.notice, self._notice_at = sentence, trio.current_time()
            self._standing = None


def ready_words(ready: MatchReady) -> str:
    """Return what a player should know of the match that was entered, if anything."""
    if ready.restarted and ready.delay_s:
        return (
            "The server was started again: you see the match from here on, "
            f"{ready.delay_s:.0f} s later than it is played; the last of before is not shown."
        )
    if ready.waits_s:
        most = math.ceil(ready.waits_s)
        return (
            "The server was started again. The match goes on when everyone is back, "
            f"in {most} s at most."
        )
    if ready.delay_s:
        return f"You see this match {ready.delay_s:.0f} s later than it is played."
    return ""


def server_words(message: ServerMessage) -> str:
    """Return what the server tells all players, with the time until it stops if that is long."""
    text = message.text.strip().rstrip(".")
    words = f"{text[:1].upper()}{text[1:]}." if text else ""
    left_s = message.stops_in_s or 0.0
    if left_s < LONG_STOP_S:
        return words
    left = f"{left_s:.0f} s" if left_s < 60 else f"{left_s / 60:.0f} min"
    return f"{words} It stops in {left} at the latest."


def _sentence(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error)


def _key(url: str) -> str:
    """Return a server's address in its normal form, the key of its token."""
    try:
        return Address.parse(url).url
    except GameserverError:
        return url
