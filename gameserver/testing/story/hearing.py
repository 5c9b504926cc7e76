"""Check what one session hears: events once and in order, and one answer to each request.

Law: checking changes nothing of what the client does. Messages are compared by their values, so
what the server repeats after a resume must be what it sent before.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from gameserver.client import Client
from gameserver.client.conversation import ClientConversation
from gameserver.client.link.line import Line
from gameserver.errors import Code
from gameserver.ids import RequestId
from gameserver.messages.base import ReliableEvent, Request
from gameserver.messages.chat import Channel, ChatSaid
from gameserver.messages.lobby import LobbyChanged, LobbyState
from gameserver.messages.match import (
    EnterMatch,
    GetMap,
    GetMatchStats,
    MatchHappened,
    ReportDesync,
)
from gameserver.messages.session import GetServerInfo
from gameserver.messages.wire import EventEnvelope, Refusal, ResultEnvelope, Welcome
from gameserver.rooms.state.replies import REPEATABLE
from gameserver.testing.story.chats import GlobalChat, Listener

KEPT: Final = 600
"""Events and answers that are kept to be compared with repeated ones; more than are repeated."""

LIVE: Final = frozenset((EnterMatch, GetMap, GetMatchStats, GetServerInfo, ReportDesync))
"""Requests that are answered with what is true at that moment."""

UNRECORDED: Final = f"{MatchHappened.__name__}("

NO_SEAT: Final = -1

T = TypeVar("T")


class Hearing:
    """What one player hears, over all connections and sessions."""

    def __init__(self, name: str, chat: GlobalChat, fault: Callable[[str], None]) -> None:
        """Listen for a player of this name."""
        self.name = name
        self.signed_out: bool = False
        """Whether the next welcome is that of another session."""
        self.sessions: int = 0
        self.reconnects: int = 0
        self.crossings: int = 0
        self.listener: Listener = chat.listener(name)
        self._chat = chat
        self._fault = fault
        self._player_id = ""
        self._last = 0
        self._events: OrderedDict[int, str] = OrderedDict()
        self._answers: OrderedDict[int, str] = OrderedDict()
        self._kinds: OrderedDict[int, type[Request]] = OrderedDict()
        self._answered_here: set[int] = set()
        self._asked_again: set[int] = set()
        self._revisions: dict[str, int] = {}
        self._begins = self._anew = False

    def begin_anew(self) -> None:
        """Note that the client begins again, with its token only, behind a crash of the server."""
        self._begins = True

    def connected(self, player_id: str, last_event: int, *, crossed: bool = False) -> None:
        """Note a welcome: another id is another session."""
        self._answered_here.clear()
        self._asked_again.clear()
        self._anew, self._begins = self._begins, False
        known = player_id == self._player_id
        self.crossings += crossed and known
        self.reconnects += known and not crossed
        if not known:
            if self._player_id and not self.signed_out:
                self._fault(f"{self.name} lost its session")
            self.signed_out = False
            self.sessions += 1
            self._player_id, self._last = player_id, last_event
            self._events.clear()
            self._answers.clear()
            self._kinds.clear()
            self._revisions.clear()
            self.listener.leave()
            self.listener = self._chat.listener(self.name)
        elif last_event > self._last:
            self._fault(f"{self.name}: events {self._last + 1} to {last_event} are not repeated")

    def event(self, number: int, said: str) -> bool:
        """Note a reliable event; return whether it is a new one."""
        if number <= self._last:
            if self._events.get(number, said) == said:
                return False
            if not self._was_lost(number):
                self._fault(f"{self.name}: event {number} came again as another one")
                return False
            self._last = number - 1
        if self._last and number != self._last + 1:
            self._fault(f"{self.name}: event {number} came after event {self._last}")
        self._last = number
        _keep(self._events, number, said)
        return True

    def _was_lost(self, number: int) -> bool:
        """Tell whether the events from a number on may have been lost in a crash.

        Those of matches are sent before they are on disk. A client that goes on tells the server
        the number of its last event; one that begins again cannot.
        """
        heard = (self._events.get(each, "") for each in range(number, self._last + 1))
        return self._anew and all(said.startswith(UNRECORDED) for said in heard)

    def asked_again(self, numbers: Iterable[int]) -> None:
        """Note that requests were said twice over the present connection; each has two answers."""
        self._asked_again.update(numbers)

    def answered(self, number: int) -> None:
        """Note that an answer came over the present connection; 0 is the number of no request."""
        if number in self._answered_here and number not in self._asked_again:
            self._fault(f"{self.name}: request {number} was answered twice")
        if number in self._answered_here:
            self._asked_again.discard(number)
        if number:
            self._answered_here.add(number)

    def kind(self, number: int, waiting: type[Request] | None) -> type[Request] | None:
        """Return the class of a request, also when its answer has come already.

        A client drops a second answer without reading it; with the class it is read, and dropped.
        """
        if waiting is not None:
            _keep(self._kinds, number, waiting)
        return self._kinds.get(number)

    def answer(self, number: int, said: str | None) -> None:
        """Compare an answer with an earlier one; None for one that need not be equal to it."""
        if said is None or not number:
            return
        before = self._answers.get(number, said)
        if before != said:
            ways = f"{before:.150} and {said:.150}"
            self._fault(f"{self.name}: request {number} was answered in two ways: {ways}")
        _keep(self._answers, number, said)

    def forgotten(self, number: int) -> None:
        """Note that the server knows nothing of the requests from a number on."""
        for each in [known for known in self._answers if known >= number]:
            del self._answers[each]

    def lobby(self, lobby: LobbyState) -> None:
        """Check the state of a lobby in a new event."""
        seats = [member.seat for member in lobby.members if member.seat != NO_SEAT]
        if len(seats) > lobby.config.size or len(set(seats)) < len(seats):
            self._fault(f"{self.name}: seats {seats} are taken of {lobby.config.size}")
        known = self._revisions.get(lobby.lobby_id, 0)
        if lobby.revision < known:
            self._fault(f"{self.name}: revision {lobby.revision} of a lobby came after {known}")
        self._revisions[lobby.lobby_id] = lobby.revision


def listen(client: Client, hearing: Hearing) -> None:
    """Let a hearing check all that a client of the SDK receives from now on."""
    talk: ClientConversation = client._talk  # noqa: SLF001  its core
    dispatch, welcomed, request_of = talk._dispatch, talk._welcomed, talk._request_of  # noqa: SLF001

    receive, heeded = talk._receive, True  # noqa: SLF001

    def note_receive(line: Line, message: bytes) -> None:
        nonlocal heeded
        heeded = line in (talk._lines.present, talk._lines.beside)  # noqa: SLF001
        receive(line, message)

    def note_result(request_id: RequestId) -> type[Request] | None:
        # All that comes is dropped from a connection that the session has left.
        if heeded:
            hearing.answered(request_id)
        return hearing.kind(request_id, request_of(request_id))

    def note_dispatch(item: object, now: float) -> None:
        if isinstance(item, ResultEnvelope | Refusal):
            hearing.answer(item.id, _comparable(item, hearing.kind(item.id, request_of(item.id))))
            if isinstance(item, Refusal):
                hearing.answered(item.id)
        elif isinstance(item, EventEnvelope):
            _note(hearing, item.number, item.event)
        dispatch(item, now)

    def note_welcome(welcome: Welcome, now: float, *, crossed: bool) -> None:
        hearing.connected(welcome.player_id, welcome.last_event, crossed=crossed)
        welcomed(welcome, now, crossed=crossed)

    talk._dispatch, talk._welcomed = note_dispatch, note_welcome  # type: ignore[method-assign]  # noqa: SLF001
    stay = talk._stay  # noqa: SLF001

    def note_stay() -> None:
        hearing.asked_again(envelope.id for envelope in talk.session.unanswered())
        stay()

    talk._stay = note_stay  # type: ignore[method-assign]  # noqa: SLF001
    talk._request_of = note_result  # noqa: SLF001
    talk._receive = note_receive  # type: ignore[method-assign]  # noqa: SLF001


def _note(hearing: Hearing, number: int, event: ReliableEvent) -> None:
    if not hearing.event(number, repr(event)):
        return
    if isinstance(event, ChatSaid) and event.line.channel is Channel.GLOBAL:
        hearing.listener.heard(event.line.message_id, event.line.text)
    elif isinstance(event, LobbyChanged):
        hearing.lobby(event.lobby)


def _comparable(answer: ResultEnvelope | Refusal, request: type[Request] | None) -> str | None:
    """Return an answer as a text; None if another answer to the same request may be another one.

    A request that only reads is carried out again after a resume, and one over a limit is not
    carried out at all.
    """
    if request is None or request in REPEATABLE or request in LIVE:
        return None
    if isinstance(answer, Refusal):
        return None if answer.code == Code.RATE_LIMITED else repr(answer)
    return repr(answer.result)


def _keep(kept: OrderedDict[int, T], number: int, said: T) -> None:
    kept[number] = said
    if len(kept) > KEPT:
        kept.popitem(last=False)
