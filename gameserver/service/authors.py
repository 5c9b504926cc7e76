"""Runs the handlers of authors' namespaces, and carries out what they ask for.

Law: the events of one session are handled in order, by a task that exists only while some wait. The
rooms bound how many may wait. An exception in a handler ends nothing; a handler that takes too long
is cancelled. The time for which a handler holds the loop is seen as every task's is
(`gameserver.service.overload`), and is logged with its name.

Handlers are no part of the rooms, since an author's code may wait and may do anything; what it asks
for is a call into the rooms like all others, so it is recorded and replayed without the author.
"""

import itertools
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Iterable
from functools import partial
from typing import Any, Final

import attrs
import trio

from gameserver.errors import Code, ConfigError, RefusedError, RequestTimedOutError
from gameserver.ids import PlayerId, RequestId
from gameserver.messages.base import Result
from gameserver.messages.namespaces import (
    EmitAnswered,
    EmitEvent,
    Emitted,
    JoinNamespace,
    NamespaceJoined,
)
from gameserver.messages.wire import Refusal
from gameserver.namespaces import Namespace, Participant, Recipients
from gameserver.namespaces.namespace import ANY
from gameserver.namespaces.values import check_args, check_name
from gameserver.rooms import author_calls
from gameserver.rooms.state.effects import AckCame, AuthorEffect, Departed, Handle
from gameserver.service.logging.logs import get_logger
from gameserver.service.logging.pace import Pace
from gameserver.service.middleware import SLOW_S
from gameserver.service.people import People
from gameserver.service.runtime import Runtime

log: Final = get_logger()

CODE_CHARS: Final = 64
"""Longest code of a refusal; longer ones are cut."""

SENTENCE_CHARS: Final = 300


class Authors:
    """The namespaces of one server; a `gameserver.namespaces.NamespacePort`."""

    def __init__(
        self, namespaces: Iterable[type[Namespace]], runtime: Runtime, people: Callable[[], People]
    ) -> None:
        """Make the namespaces.

        Raises:
            ConfigError: Two have the same name, or one cannot be made.
        """
        self._spaces: dict[str, Namespace] = {}
        for cls in namespaces:
            if getattr(cls, "name", None) is None or cls.name in self._spaces:
                sentence = f"namespace {cls.__name__} needs a name of its own"
                raise ConfigError(sentence)
            try:
                self._spaces[cls.name] = space = cls()
            except Exception as error:
                raise ConfigError(f"namespace {cls.__name__} cannot be made: {error!r}") from error
            space.ground = self
        self._runtime = runtime
        self._people_of = people
        self._work: dict[PlayerId, deque[Handle | Departed]] = {}
        """What waits for each session; a key exists while its task runs."""
        self._clients: dict[tuple[str, PlayerId], Participant] = {}
        self._acks: dict[tuple[PlayerId, int], _Ack] = {}
        self._numbers = itertools.count(1)
        self._faults = Pace(runtime.now)
        self._nursery: trio.Nursery | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the namespaces."""
        return tuple(self._spaces)

    async def run(self, *, task_status: "trio.TaskStatus[None]" = trio.TASK_STATUS_IGNORED) -> None:
        """Run handlers until cancelled."""
        async with trio.open_nursery() as self._nursery:
            task_status.started()
            await trio.sleep_forever()

    # --- from the rooms ---------------------------------------------------------------------------

    def perform(self, effect: AuthorEffect) -> None:
        """Take an effect of the rooms; never blocks."""
        if isinstance(effect, AckCame):
            waits = self._acks.get((effect.player_id, effect.ack))
            if waits is not None:
                waits.args = effect.args
                waits.came.set()
            return
        if isinstance(effect, Departed):
            for (player_id, _), waits in self._acks.items():
                if player_id == effect.player_id and waits.namespace == effect.namespace:
                    waits.came.set()
        queue = self._work.get(effect.player_id)
        if queue is not None:
            queue.append(effect)
        elif self._nursery is not None:
            self._work[effect.player_id] = deque([effect])
            self._nursery.start_soon(self._handle_all, effect.player_id)

    async def _handle_all(self, player_id: PlayerId) -> None:
        queue = self._work[player_id]
        while queue:
            try:
                await self._take_up(queue.popleft())
            except Exception:  # a bug of ours at one event; the others are handled
                log.exception("handling failed", player=player_id)
        del self._work[player_id]

    async def _take_up(self, item: Handle | Departed) -> None:
        if isinstance(item, Departed):
            await self._depart(item)
            return
        player_id, request = item.player_id, item.request
        outcome = await self._handle(item)
        self._people.take(author_calls.Handled(player_id, item.request_id, request, outcome))
        if isinstance(request, JoinNamespace) and outcome != NamespaceJoined(again=True):
            await self._greet(request.namespace, player_id)

    async def _greet(self, namespace: str, player_id: PlayerId) -> None:
        """Tell the author of a new member, unless it was refused or its session has ended."""
        if not self._is_member(namespace, player_id):
            waiting = self._work[player_id]
            if not any(isinstance(it, Departed) and it.namespace == namespace for it in waiting):
                self._clients.pop((namespace, player_id), None)
            return
        space, client = self._spaces[namespace], self._client(namespace, player_id)
        await self._guarded(space, "joined", partial(space.joined, client))

    async def _depart(self, item: Departed) -> None:
        space, client = self._spaces[item.namespace], self._client(item.namespace, item.player_id)
        await self._guarded(space, "left", partial(space.left, client, item.reason))
        self._clients.pop((item.namespace, item.player_id), None)

    async def _handle(self, item: Handle) -> Result | Refusal:
        match item.request:
            case JoinNamespace(name, auth) if isinstance(auth, dict):
                if self._is_member(name, item.player_id):
                    return NamespaceJoined(again=True)  # by a request right before this one
                space, client = self._spaces[name], self._client(name, item.player_id)
                answer = await self._guarded(space, "admit", partial(space.admit, client, auth))
                if isinstance(answer, Refusal):
                    return answer
                return NamespaceJoined()
            case EmitEvent(name, event, args):
                return await self._emitted(name, item.player_id, event, args)
        raise TypeError(f"{item.request} is for no handler")

    async def _emitted(
        self, name: str, player_id: PlayerId, event: str, args: tuple[Any, ...]
    ) -> Result | Refusal:
        space, client = self._spaces[name], self._client(name, player_id)
        method = space.handlers.get(event)
        if method is None and ANY in space.handlers:
            handler = partial(getattr(space, space.handlers[ANY]), client, event, *args)
        elif method is None:
            sentence = f"The namespace {name} has no handler for this event."
            return _refusal(Code.NAMESPACE_NO_HANDLER, sentence)
        else:
            handler = partial(getattr(space, method), client, *args)
        found = await self._guarded(
            space, event, partial(space.around, client, event, args, handler)
        )
        if isinstance(found, Refusal):
            return found
        given = () if found is None else found if isinstance(found, tuple) else (found,)
        try:
            return EmitAnswered(given)
        except ValueError as error:
            self._note_fault(space, event, error)
            return _internal()

    async def _guarded(
        self, space: Namespace, what: str, call: Callable[[], Awaitable[Any]]
    ) -> Any:
        """Run an author's function within its time; return what it returns, or a refusal."""
        try:
            with trio.move_on_after(space.time_limit_s):
                return await self._measured(space, what, call())
        except RefusedError as error:
            return self._refused(space, what, error)
        except (Exception, SystemExit) as error:  # an author's fault ends this event alone
            self._note_fault(space, what, error)
            return _internal()
        log.warning("handler timed out", namespace=space.name, handler=what)
        return _refusal(Code.NAMESPACE_TIMED_OUT, "The server took too long with this event.")

    def _refused(self, space: Namespace, what: str, error: RefusedError) -> Refusal:
        details = dict(error.details)
        try:
            check_args((error.code, error.sentence, details))
        except ValueError as fault:
            self._note_fault(space, what, fault)
            return _internal()
        code, sentence = error.code[:CODE_CHARS], error.sentence[:SENTENCE_CHARS]
        return Refusal(RequestId(0), code, sentence, details)

    def _measured(self, space: Namespace, what: str, waits: Awaitable[Any]) -> Awaitable[Any]:
        def blocked(seconds: float) -> None:
            ms = round(seconds * 1000, 1)
            log.warning("handler blocks", namespace=space.name, handler=what, ms=ms)

        return _Measured(waits, self._runtime.stopwatch, blocked)

    def _note_fault(self, space: Namespace, what: str, error: BaseException) -> None:
        held = self._faults.admit(f"{space.name} {what}")
        if held is not None:
            log.error(
                "handler failed",
                namespace=space.name,
                handler=what,
                held_back=held,
                exc_info=error,
            )

    def _client(self, namespace: str, player_id: PlayerId) -> Participant:
        key = (namespace, player_id)
        if key not in self._clients:
            self._clients[key] = Participant(self, namespace, player_id)
        return self._clients[key]

    def _is_member(self, namespace: str, player_id: PlayerId) -> bool:
        return player_id in self._people.hall.parts.state.namespaces[namespace].members

    @property
    def _people(self) -> People:
        return self._people_of()

    # --- for authors: `NamespacePort` -------------------------------------------------------------

    def emit(
        self,
        namespace: str,
        audience: Recipients,
        event: str,
        args: tuple[object, ...],
        *,
        latest: bool,
    ) -> None:
        """Send an event to the members meant by the audience."""
        self._people.take(author_calls.EmitTo(audience, Emitted(namespace, event, args), latest))

    async def ask(
        self,
        namespace: str,
        player_id: PlayerId,
        event: str,
        args: tuple[object, ...],
        timeout_s: float,
    ) -> tuple[object, ...]:
        """Send an event and wait for its ack.

        Raises:
            RequestTimedOutError: No ack came in time, or the member left.
        """
        number = next(self._numbers)
        waits = self._acks[player_id, number] = _Ack(namespace)
        try:
            told = Emitted(namespace, event, args, number)
            self._people.take(author_calls.EmitTo(Recipients(players=(player_id,)), told))
            with trio.move_on_after(timeout_s):
                await waits.came.wait()
        finally:
            del self._acks[player_id, number]
        if waits.args is None:
            raise RequestTimedOutError(f"{event}: no ack came within {timeout_s:g} s")
        return waits.args

    def place(self, namespace: str, player_id: PlayerId, room: str, *, inside: bool) -> None:
        """Put a member into a room, or out of it."""
        check_name(room, "room")
        self._people.take(author_calls.Place(namespace, player_id, room, inside))

    def expel(self, namespace: str, player_id: PlayerId, code: str, sentence: str) -> None:
        """Put a member out of the namespace."""
        told = code[:CODE_CHARS], sentence[:SENTENCE_CHARS]
        self._people.take(author_calls.Expel(namespace, player_id, *told))

    def members(self, namespace: str, audience: Recipients) -> tuple[PlayerId, ...]:
        """Return the members meant by the audience."""
        return tuple(self._people.hall.parts.state.namespaces[namespace].meant(audience))

    def rooms_of(self, namespace: str, player_id: PlayerId) -> tuple[str, ...]:
        """Return the rooms of a member."""
        space = self._people.hall.parts.state.namespaces[namespace]
        return tuple(space.members.get(player_id, ()))

    def name_of(self, player_id: PlayerId) -> str:
        """Return a player's name; empty for a session that is over."""
        session = self._people.hall.parts.state.sessions.get(player_id)
        return session.name if session else ""

    def is_connected(self, player_id: PlayerId) -> bool:
        """Tell whether a session has a connection now."""
        session = self._people.hall.parts.state.sessions.get(player_id)
        return session is not None and session.connected


@attrs.define(eq=False)
class _Ack:
    """An ack that a handler waits for."""

    namespace: str
    came: trio.Event = attrs.field(factory=trio.Event)
    args: tuple[object, ...] | None = None


@attrs.frozen(eq=False)
class _Measured:
    """An awaitable that measures for how long each of its steps holds the loop."""

    _waits: Awaitable[Any]
    _stopwatch: Callable[[], float]
    _blocked: Callable[[float], None]

    def __await__(self) -> Generator[Any, Any, Any]:
        steps = self._waits.__await__()
        value: Any = None
        error: BaseException | None = None
        while True:
            began = self._stopwatch()
            try:
                if error is None:
                    yielded = steps.send(value) if hasattr(steps, "send") else next(steps)
                else:
                    yielded = steps.throw(error)
            except StopIteration as end:
                return end.value
            finally:
                took = self._stopwatch() - began
                if took > SLOW_S:
                    self._blocked(took)
            try:
                value, error = (yield yielded), None
            except BaseException as raised:  # handed on into the author's function
                error = raised


def _refusal(code: str, sentence: str) -> Refusal:
    return Refusal(RequestId(0), code, sentence)


def _internal() -> Refusal:
    return _refusal(Code.INTERNAL, "the server met a fault with this event")
