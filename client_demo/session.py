"""One session with a server, as the application holds it: asked from frames, answered later.

Law: nothing here blocks a frame. Requests run in tasks of their own; what they bring is looked at
in the next frame.
"""

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
from gameserver.messages.session import GetServerInfo, Rename, ServerInfo

ERROR_S = 5.0
READ_S = 0.08
"""For a letter of a sentence, by somebody who reads slowly."""
STATS_S = 1.0
ONLINE_S = 5.0
ASKED_BY_ITSELF = (GetMatchStats, GetServerInfo)
"""What no player asked for: where it is refused, there is nothing to say."""
LEFT_WORDS: Mapping[str, str] = {
    "kicked": "The host removed you from the lobby.",
    "banned": "The host banned you from the lobby.",
    "expired": "You were away for too long and lost your seat.",
    "closed": "The lobby was closed.",
}


@attrs.define(eq=False)
class PlayerSession:
    """A session that may be connecting, online, or over."""

    client: Client | None = None
    form: LobbyForm | None = None
    busy: bool = False
    """Connecting."""
    error: str = ""
    ended: str = ""
    """Why the last session is over, or why none came about; empty where the player ended it."""
    online: int = 0
    """People on the server, as far as known; asked for by `ask_online`."""
    notice: str = ""
    late_inputs: int = 0
    """Of the present match, as the server counts them; asked for by `ask_stats`."""
    refused_lines: tuple[SendChat, ...] = ()
    """The last chat lines that the server did not take, oldest first."""
    tokens: Tokens = attrs.field(factory=lambda: Tokens(None))
    """Of sessions that an earlier run left behind."""
    _waiting: list[type[Request]] = attrs.field(factory=list)
    _refused: dict[type[Request], RequestError] = attrs.field(factory=dict)
    _watched: WatchLobbies = attrs.field(factory=WatchLobbies)
    """The list of lobbies as the player wants it."""
    _name: str = ""
    """By which the server was asked to know the player."""
    _stats_at: float = 0.0
    _online_at: float = -ONLINE_S
    _error_at: float = 0.0
    _notice_at: float = 0.0
    _over: trio.Event = attrs.field(factory=trio.Event)
    _attempt: trio.CancelScope = attrs.field(factory=trio.CancelScope)
    _nursery: trio.Nursery | None = None

    async def run(self, url: str, name: str, settings: ClientSettings) -> None:
        """Connect and stay until `close`, or until the server ends it."""
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
                self._nursery = None  # frames go on while the session is signed out
            if isinstance(client.status, Closed) and client.status.code is not None:
                self.ended = client.status.sentence
                self.tokens.drop(server)
            elif isinstance(client.status, Online):
                self.tokens.drop(server)  # it signs out now
            nursery.cancel_scope.cancel()

    def close(self) -> None:
        """End the session, or the attempt to begin one."""
        self._over.set()
        if self.busy:
            self._attempt.cancel()

    def ask(self, request: Request, taken: Callable[[Request], None] | None = None) -> None:
        """Send a request; ``taken`` is called if it is carried out, a refusal shown for a while."""
        if isinstance(request, WatchLobbies):
            self._watched = request
        if self._nursery is not None and self.client is not None:
            self._refused.pop(type(request), None)
            self._waiting.append(type(request))
            self._nursery.start_soon(self._ask, self.client, request, taken)

    def rename(self, name: str) -> None:
        """Ask for another name, if it is another one."""
        if name and name != self._name:
            self._name = name
            self.ask(Rename(name))

    def carry_out(self, intent: WatchMatch | TryNow | GiveUp) -> None:
        """Do what asks the server nothing."""
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
        """Return why the last request of one of these kinds was refused, if it was."""
        return next((self._refused[kind] for kind in kinds if kind in self._refused), None)

    def ask_stats(self, match_id: MatchId) -> None:
        """Ask the server what became of one's inputs, at most once a second."""
        now = trio.current_time()
        if now - self._stats_at >= STATS_S:
            self._stats_at = now
            self.ask(GetMatchStats(match_id))

    def ask_online(self) -> None:
        """Ask the server how many people are there, at most once in a few seconds."""
        now = trio.current_time()
        if now - self._online_at >= ONLINE_S:
            self._online_at = now
            self.ask(GetServerInfo())

    def fail(self, sentence: str) -> None:
        """Show what went wrong."""
        self.error, self._error_at = sentence, trio.current_time()

    def shown(self, *, errors: bool = True) -> str:
        """Return notice or error, the newer one, while it is fresh."""
        notice = self.notice if self._is_fresh(self.notice, self._notice_at) else ""
        error = self.error if errors and self._is_fresh(self.error, self._error_at) else ""
        return error if error and self._error_at >= self._notice_at else notice or error

    @staticmethod
    def _is_fresh(sentence: str, since: float) -> bool:
        """Tell whether there was not yet time to read a sentence."""
        return trio.current_time() - since < max(ERROR_S, len(sentence) * READ_S)

    def _greet(self) -> None:
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
                self.online = answer.players
            case _:
                pass

    async def _listen(self, client: Client, server: str) -> None:
        async for update in client.updates():
            match update:
                case StatusChanged(Online()):
                    self.tokens.keep(server, client.token)
                case EventReceived(LobbyLeft(reason=reason)):
                    self.tell(LEFT_WORDS.get(reason, ""))
                    self.ask(self._watched)
                case SessionLost():
                    self.tell("The server no longer knew you; you are signed in anew.")
                    self._greet()
                case _:
                    pass
        self._over.set()

    def tell(self, sentence: str) -> None:
        """Show a sentence for a while."""
        if sentence:
            self.notice, self._notice_at = sentence, trio.current_time()


def _sentence(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error)


def _key(url: str) -> str:
    """Return a server's address in one spelling, however it was typed."""
    try:
        return Address.parse(url).url
    except GameserverError:
        return url
