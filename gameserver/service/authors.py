"""Runs the handlers of authors' namespaces, and carries out what they ask for.

Law: the events of one session are handled in order, by a task that exists only while some wait. The
rooms bound how many may wait. An exception in a handler ends nothing; a handler that takes too long
is cancelled. The time for which a handler holds the loop is charged like that of requests
(`gameserver.service.overload.handlers`), and is logged with its name if it is long.

Handlers are no part of the rooms, since an author's code may wait and may do anything; what it asks
for is a call into the rooms like all others, so it is recorded and replayed without the author.
"""

from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final, TypeAlias

import trio

from gameserver.errors import Code, ConfigError, RequestTimedOutError
from gameserver.ids import PlayerId
from gameserver.messages.base import Result
from gameserver.messages.namespaces import (
    EmitAnswered,
    EmitEvent,
    Emitted,
    JoinNamespace,
    NamespaceJoined,
)
from gameserver.messages.wire import Refusal
from gameserver.namespaces import Gathered, Namespace, Participant, Recipients
from gameserver.namespaces.namespace import ANY
from gameserver.namespaces.people import plain
from gameserver.namespaces.values import check_args, check_name, copied
from gameserver.rooms import author_calls
from gameserver.rooms.state.effects import AckCame, AuthorEffect, Departed, Handle, MemberSeen
from gameserver.service.asking import Question, Questions
from gameserver.service.guarding import CODE_CHARS, SENTENCE_CHARS, HandlerGuard, refusal
from gameserver.service.logging.logs import get_logger
from gameserver.service.overload.handlers import HandlerTime
from gameserver.service.people import People
from gameserver.service.runtime import Runtime

log: Final = get_logger()

AuthorItem: TypeAlias = Handle | Departed | MemberSeen
"""What waits for an author's function."""


class Authors:
    """The namespaces of one server; a `gameserver.namespaces.NamespacePort`."""

    def __init__(
        self,
        namespaces: Iterable[type[Namespace]],
        runtime: Runtime,
        people: Callable[[], People],
        time: Callable[[], HandlerTime],
    ) -> None:
        """Make the namespaces; ``people`` and ``time`` are asked for once the server runs.

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
            except (Exception, SystemExit) as error:
                raise ConfigError(f"namespace {cls.__name__} cannot be made: {error!r}") from error
            space.ground = self
        self._people_of = people
        self._time_of = time
        self._work: dict[PlayerId, deque[AuthorItem]] = {}
        """What waits for each session; a key exists while its task runs."""
        self._clients: dict[tuple[str, PlayerId], Participant] = {}
        self._questions = Questions()
        self._guard = HandlerGuard(runtime.now, time)
        self._nursery: trio.Nursery | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the namespaces."""
        return tuple(self._spaces)

    async def run(self, *, task_status: "trio.TaskStatus[None]" = trio.TASK_STATUS_IGNORED) -> None:
        """Run handlers until cancelled."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            try:
                task_status.started()
                await trio.sleep_forever()
            finally:
                self._nursery = None  # connections that end with the server are told to nobody

    # --- from the rooms ---------------------------------------------------------------------------

    def perform(self, effect: AuthorEffect) -> None:
        """Take an effect of the rooms; never blocks."""
        if isinstance(effect, AckCame):
            self._questions.acked(effect)
            return
        if isinstance(effect, Departed):
            self._questions.departed(effect)
        queue = self._work.get(effect.player_id)
        if queue is not None:
            _line_up(queue, effect)
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

    async def _take_up(self, item: AuthorItem) -> None:
        if isinstance(item, Departed):
            await self._depart(item)
            return
        if isinstance(item, MemberSeen):
            await self._see(item)
            return
        player_id, request = item.player_id, item.request
        if isinstance(request, JoinNamespace) and self._wait_to_depart(item, request.namespace):
            return
        await self._time.wait(player_id)
        try:
            outcome = await self._handle(item)
        except Exception:  # a bug of ours; the client must get an answer all the same
            log.exception("handling failed", player=player_id)
            outcome = refusal(Code.INTERNAL, "the server met a fault with this event")
        self._people.take(author_calls.Handled(player_id, item.request_id, request, outcome))
        if isinstance(request, JoinNamespace) and outcome != NamespaceJoined(again=True):
            await self._greet(request.namespace, player_id)

    async def _greet(self, namespace: str, player_id: PlayerId) -> None:
        """Tell the author of a new member, unless it was refused or its session has ended."""
        if not self._is_member(namespace, player_id):
            # One who was in for no time at all was neither seen to come nor is seen to leave: its
            # departure, which may wait, finds no client.
            self._clients.pop((namespace, player_id), None)
            return
        space, client = self._spaces[namespace], self._client(namespace, player_id)
        await self._guard.run(space, "joined", client.player_id, partial(space.joined, client))

    def _wait_to_depart(self, item: Handle, namespace: str) -> bool:
        """Let a request to join wait behind the end of the present membership, if it waits.

        The client asked to join, left, and is asked after: its first membership ends first.
        """
        queue = self._work[item.player_id]
        behind = [number for number, each in enumerate(queue, 1) if _ends(each, namespace)]
        if behind:
            queue.insert(behind[-1], item)
        return bool(behind)

    async def _depart(self, item: Departed) -> None:
        space = self._spaces.get(item.namespace)
        client = self._clients.get((item.namespace, item.player_id))
        if space is None or client is None:
            return
        await self._time.wait_turn()
        await self._guard.run(
            space, "left", client.player_id, partial(space.left, client, item.reason)
        )
        del self._clients[item.namespace, item.player_id]

    async def _see(self, item: MemberSeen) -> None:
        space = self._spaces.get(item.namespace)
        client = self._clients.get((item.namespace, item.player_id))
        if space is None or client is None:  # of before this process began
            return
        await self._time.wait_turn()
        what, hook = ("returned", space.returned) if item.connected else ("lost", space.lost)
        await self._guard.run(space, what, client.player_id, partial(hook, client))

    async def _handle(self, item: Handle) -> Result | Refusal:
        match item.request:
            case JoinNamespace(name, auth) if isinstance(auth, dict):
                if self._is_member(name, item.player_id):
                    return NamespaceJoined(again=True)  # by a request right before this one
                space, client = self._spaces[name], self._client(name, item.player_id)
                answer = await self._guard.run(
                    space, "admit", client.player_id, partial(space.admit, client, auth)
                )
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
            return refusal(Code.NAMESPACE_NO_HANDLER, sentence)
        else:
            handler = partial(getattr(space, method), client, *args)
        found = await self._guard.run(
            space, event, client.player_id, partial(space.around, client, event, args, handler)
        )
        if isinstance(found, Refusal):
            return found
        given = () if found is None else found if isinstance(found, tuple) else (found,)
        try:
            return EmitAnswered(copied(given))
        except ValueError as error:
            return self._guard.failed(space, event, error)

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

    @property
    def _time(self) -> HandlerTime:
        return self._time_of()

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
        self._people.take(
            author_calls.EmitTo(audience, Emitted(namespace, event, copied(args)), latest)
        )

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
        found = await self._ask(namespace, (player_id,), event, args, timeout_s)
        if player_id not in found.answers:
            late = f"no ack came within {timeout_s:g} s"
            gone = "the member left before its ack came"
            raise RequestTimedOutError(f"{event}: {gone if found.silent else late}")
        return found.answers[player_id]

    async def ask_all(
        self,
        namespace: str,
        audience: Recipients,
        event: str,
        args: tuple[object, ...],
        timeout_s: float,
    ) -> Gathered:
        """Send an event to the members meant by the audience, and wait for their acks."""
        players = self.members(namespace, audience)
        found = await self._ask(namespace, players, event, args, timeout_s)
        answers = {player_id: plain(args) for player_id, args in found.answers.items()}
        return Gathered(answers, (*found.silent, *found.missing))

    async def _ask(
        self,
        namespace: str,
        players: tuple[PlayerId, ...],
        event: str,
        args: tuple[object, ...],
        timeout_s: float,
    ) -> Question:
        with self._questions.asking(namespace, players) as question:
            told = Emitted(namespace, event, copied(args), question.number)
            if players:  # recipients without a player are all members
                self._people.take(author_calls.EmitTo(Recipients(players=players), told))
                for player_id in players:
                    if not self._is_member(namespace, player_id):
                        question.settle(player_id, None)
                with trio.move_on_after(timeout_s):
                    await question.over.wait()
        return question

    def place(self, namespace: str, player_id: PlayerId, room: str, *, inside: bool) -> None:
        """Put a member into a room, or out of it."""
        check_name(room, "room")
        self._people.take(author_calls.Place(namespace, player_id, room, inside))

    def expel(self, namespace: str, player_id: PlayerId, code: str, sentence: str) -> None:
        """Put a member out of the namespace."""
        told = code[:CODE_CHARS], sentence[:SENTENCE_CHARS]
        check_args(told)
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


def _line_up(queue: deque[AuthorItem], effect: AuthorItem) -> None:
    """Append what happened; a connection that is back before its loss was told is not told of.

    So the line is bounded: the rooms bound the events in it, and a connection comes and goes in it
    once.
    """
    if isinstance(effect, MemberSeen):
        before = MemberSeen(effect.player_id, effect.namespace, not effect.connected)
        if before in queue:
            queue.remove(before)
            return
    queue.append(effect)


def _ends(item: AuthorItem, namespace: str) -> bool:
    return isinstance(item, Departed) and item.namespace == namespace
