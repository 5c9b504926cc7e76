"""One story: some players, some ticks, random bytes; the same for each hot path.

Law: what happens is a function of the seed, never of what a hot path answers. So the first answer
that differs is a fault of one of them.
"""

import select
from collections.abc import Iterator
from random import Random
from typing import Any, Final

import attrs
from msgpack import packb

from bench.differ.peer import Peer
from bench.fuzz.material import frame, odd_frame, spoilt
from gameserver.accel import BufferRules, HotPath, InputBuffer, InputCounts
from gameserver.accel.contexts import SECTION
from gameserver.game.command import Command, edge, level
from gameserver.game.entity import Entity
from gameserver.game.fields import INTEGER_LIMIT, Audience, networked
from gameserver.game.game import Game
from gameserver.game.schema.table import state_fields, table_of
from gameserver.ids import NO_SEAT, EntityId, PlayerId, Seat, Tick
from gameserver.messages.wire import Kind
from gameserver.protocol.hot import LANE_HEADS
from gameserver.protocol.inputs import input_table

TICKS: Final = 40
MOST_BYTES: Final = 2048
RULES: Final = BufferRules(ahead=30, repeat=15, margins=90)


@attrs.frozen
class Steering(Command):
    """A command with every kind of field."""

    turn: int = level(-3, 300)
    fire: bool = edge()
    far: int = level(1 - INTEGER_LIMIT, INTEGER_LIMIT - 1)
    jump: bool = edge()


@attrs.define(eq=False)
class Thing(Entity):
    """An entity with every kind of field."""

    hold: int = networked(default=0)
    ring: int = networked(default=0, wrap=7)
    moving: int = networked(default=0, predict="linear")
    turning: int = networked(default=0, predict="linear", wrap=4096)
    first: int = networked(default=0, once=True)
    size: float = networked(default=0.0, precision=0.25)
    speed: float = networked(default=0.0, precision=0.1, predict="linear")
    on: bool = networked(default=False)
    label: str = networked(default="")


class Things(Game):
    """Only its declarations count."""

    name = "things"
    entities = (Thing,)
    command = Steering


TABLE: Final = input_table(Steering)
FIELDS: Final = state_fields(Thing)


@attrs.frozen
class Difference:
    """What two hot paths did differently.

    Attributes:
        seed: Of the story.
        tick: In which tick it was seen.
        what: Which part of the tick.
        answers: What each of them gave, by name.
    """

    seed: int
    tick: int
    what: str
    answers: dict[str, object]


@attrs.frozen
class Plan:
    """What happens in a tick on all sides: the world, a message for all, and a new begin."""

    tick: Tick
    entities: list[Thing]
    message: bytes
    anew: bool


class Side:
    """The whole story on one hot path."""

    def __init__(self, hot: HotPath, seats: list[Seat]) -> None:
        """Connect a player for each seat."""
        self.hot = hot
        self.peers = [Peer.on(hot, LANE_HEADS, seat) for seat in seats]
        self.names = [PlayerId(f"p{number}") for number in range(len(seats))]
        self.viewers = dict(zip(self.names, self.peers, strict=True))
        self.queues = {
            name: each.connection.queue for name, each in zip(self.names, self.peers, strict=True)
        }
        self.buffers = {seat: hot.input_buffer(TABLE, RULES) for seat in seats if seat != NO_SEAT}
        self.epoll = select.epoll()
        self.members = {each.near.fileno(): each.connection for each in self.peers}
        for descriptor in self.members:
            self.epoll.register(descriptor, select.EPOLLIN)
        self.read = hot.input_reader(TABLE)
        self.writer = hot.body_writer()
        self.batch = hot.send_batch()
        self.tracks: dict[EntityId, Any] = {}

    def run(self, plan: "Plan") -> Iterator[tuple[str, object]]:
        """Run a tick; yield each part of it and what can be seen behind it."""
        now = Tick(plan.tick - 1)
        self.hot.drain(self.epoll, self.members, len(self.peers), MOST_BYTES)
        for descriptor, connection in list(self.members.items()):
            if connection.ended:
                del self.members[descriptor]
                self.epoll.unregister(descriptor)
        messages, floods = self.hot.collect(self.queues, 2)
        yield "collected", (list(messages), floods, [each.connection.ended for each in self.peers])
        odd: list[tuple[Seat, bytes]] = []
        taken = self.hot.take_in(
            self.read,
            messages,
            self.viewers,
            self.buffers,
            now,
            lambda viewer, message: odd.append((viewer.seat, message)),
        )
        yield "taken in", (taken, odd)
        links = [(each.link.heard, each.link.rtt, each.link.jitter) for each in self.peers]
        margins = [buffer.smallest_margin(now) for buffer in self.buffers.values()]
        yield "measured", (links, [each.seen for each in self.peers], margins)
        commands = self.hot.commands(list(self.buffers.items()), plan.tick)
        yield "commands", (repr(commands), [_counts(buffer) for buffer in self.buffers.values()])
        yield "advanced", self._advance(plan)
        offered, left = self.batch.fan_out(plan.message, self.peers, plan.tick)
        # One may know at once, and the other one only when it sends.
        refused = self.batch.flush()
        left += [each for each, _ in refused]
        yield (
            "sent",
            (
                offered - len(refused),
                sorted(each.seat for each in left),
                [each.last_sent for each in self.peers],
            ),
        )

    def _advance(self, plan: "Plan") -> object:
        if plan.anew:
            self.tracks = {}
            self.writer.forget()
        before = list(self.tracks.values())
        changed, known, strangers = self.hot.advance(self.tracks, plan.entities)
        if changed and not strangers:
            return self.writer.updates(self.tracks, plan.tick % 16 == 0), known
        self.writer.begin(before, changed, plan.tick % 16 == 0)
        for entity in strangers:
            self.tracks[entity.id] = self.hot.track(entity, CLASS)
            self.writer.whole(SECTION, entity.id)
        return (
            self.writer.end(),
            known,
            [list(map(repr, track.state)) for track in self.tracks.values()],
        )

    def sent(self) -> object:
        """Return all bytes for each player."""
        return [each.sent for each in self.peers]

    def close(self) -> None:
        """Close all sockets."""
        self.epoll.close()
        for each in self.peers:
            each.close()


CLASS: Final = table_of(Things()).classes[Thing][Audience.PUBLIC]


def tell(seed: int, paths: tuple[HotPath, ...]) -> tuple[Difference | None, int]:
    """Run one story; return the first difference, and the bytes that were sent to the server."""
    rng = Random(seed)  # noqa: S311  repeatable on purpose
    seats = [Seat(n) if rng.random() < 0.8 else NO_SEAT for n in range(rng.randrange(1, 7))]
    sides = [Side(hot, seats) for hot in paths]
    entities = [Thing() for _ in range(rng.randrange(6))]
    for number, entity in enumerate(entities):
        entity.id = EntityId(number * rng.choice((1, 90)) + 1)
    bytes_in = 0
    try:
        for tick in map(Tick, range(1, TICKS)):
            bytes_in += _speak(rng, sides, tick)
            _change(rng, entities)
            filler = rng.randbytes(rng.choice((0, 0, 90, 700)))
            plan = Plan(tick, entities, b"\x93\x20" + filler, anew=rng.random() < 0.1)
            for steps in zip(*(side.run(plan) for side in sides), strict=True):
                answers = {
                    side.hot.name: answer for side, (_, answer) in zip(sides, steps, strict=True)
                }
                if _differ(answers):
                    return Difference(seed, tick, steps[0][0], answers), bytes_in
        answers = {side.hot.name: side.sent() for side in sides}
        if _differ(answers):
            return Difference(seed, TICKS, "delivered", answers), bytes_in
    finally:
        for side in sides:
            side.close()
    return None, bytes_in


def _differ(answers: dict[str, object]) -> bool:
    first, *others = answers.values()
    return any(other != first for other in others)


def _counts(buffer: InputBuffer) -> tuple[int, ...]:
    counts = (getattr(buffer.counts, field.name) for field in attrs.fields(InputCounts))
    return buffer.last_seq, *counts


def _speak(rng: Random, sides: list[Side], tick: Tick) -> int:
    """Let each player send, read, leave or be out of step, alike on all sides."""
    count = 0
    for number in range(len(sides[0].peers)):
        peers = [side.peers[number] for side in sides]
        data = b"".join(_message(rng, tick) for _ in range(rng.choice((0, 1, 1, 1, 2, 5))))
        cut = rng.randrange(len(data) + 1) if rng.random() < 0.2 else len(data)
        most = rng.choice((0, 64, 4096))
        flushes, leaves = rng.random() < 0.6, rng.random() < 0.004
        out_of_step = rng.random() < 0.03
        for peer in peers:
            peer.say(data[:cut])
            peer.read(most) if most else None
            if flushes:
                peer.outlet.flush()
            if out_of_step:
                peer.in_sync = not peer.in_sync
            if leaves:
                peer.far.shutdown(1)
        count += cut
    return count


def _message(rng: Random, tick: int) -> bytes:
    """Return one frame: mostly an input, sometimes nearly one, sometimes anything."""
    kind = rng.random()
    if kind > 0.94:
        return odd_frame(rng)
    row = (rng.randrange(-4, 302), rng.randrange(2), rng.choice((0, 5, -(1 << 40))), 0)
    behind, ahead = rng.randrange(6), rng.randrange(-4, 40)
    values = [Kind.INPUT, tick, max(0, tick + ahead), max(0, tick - behind), rng.randrange(400)]
    message: bytes = packb([*values, *row])
    if kind > 0.88:
        message = spoilt(message, rng)[:125]
    elif kind > 0.8:
        message = packb([Kind.SEEN, max(0, tick - behind)])
    whole = frame(message, rng)
    return spoilt(whole, rng) if kind < 0.02 else whole


def _change(rng: Random, entities: list[Thing]) -> None:
    for _ in range(rng.randrange(5) if entities else 0):
        entity, field = rng.choice(entities), rng.choice(FIELDS)
        match field.kind.value:
            case "int":
                lo, hi = (0, field.wrap - 1) if field.wrap else (-300, 300)
                value: Any = rng.randint(lo, hi)
                if not field.wrap and rng.random() < 0.1:
                    value = rng.choice((1 - INTEGER_LIMIT, INTEGER_LIMIT - 1, 1 << 31))
            case "bool":
                value = rng.random() < 0.5
            case "float":
                value = rng.choice((rng.randrange(-4000, 4000) * 0.125, rng.uniform(-1e6, 1e6)))
            case _:
                value = rng.choice(("", "calm", "größer", "a" * 31, "b" * 32))
        setattr(entity, field.name, value)
    if entities and rng.random() < 0.03:
        rng.choice(entities).owner = Seat(rng.randrange(-1, 4))
