"""Sessions of the Python client with all that it predicted, told and drew, for other clients.

Law: a session is what happened at the border of `MatchReplica`, call by call, with its times.
A client that makes the same of the same calls predicts as the Python client does.

A step is one of::

    ["enter", tick, seat, next_seq, epoch]
    ["pause"]                                   the connection is lost
    ["trip", seconds]                           a measured round trip
    ["snapshot", now, tick, [[section, keyframe, body]...]]
    ["steer" | "shift", tick, ticks]
    ["event", tick, number, [field...]]         a reliable game event
    ["hold", [value...]]                        by the schema's command
    ["frame", now, result]

A result has, in this order:

- inputs sent since the last one, each ``[seq, tick, seen, view, value...]``,
- own tick and view, in thousandths; predicted tick; checksum of the predicted world,
- drawn entities of the own seat; checksum of all drawn ones,
- told events, each ``[class, phase, field...]``,
- snapshots compared, those that differed, those of them that an input explains,
- the last correction, in thousandths of a pixel.

A checksum is the CRC-32 of rows as JSON without spaces: of an entity ``[class, id, owner, born,
ordinal, field...]``, of a drawn one ``[id, x, y, angle, own]`` in thousandths.
"""

import json
import math
import zlib
from collections.abc import Iterator, Sequence
from typing import Any, Final

import attrs
import msgpack

from gameserver.arena import Arena, events
from gameserver.arena.entities import Board, Fighter, Flag, Pickup, Rocket
from gameserver.client.link.conditions import Conditions
from gameserver.client.play.drawing import Drawn, Frame
from gameserver.client.play.replica import MatchReplica
from gameserver.game.entity import Entity
from gameserver.game.maps.shipped import shipped_maps
from gameserver.game.maps.tiled import load_maps
from gameserver.game.maps.tilemap import TileMap
from gameserver.game.rng import Rng
from gameserver.game.schema.table import BASE_FIELDS
from gameserver.ids import EventNumber, PlayerId, Seat, Tick
from gameserver.messages.match import MatchEntered, MatchHappened
from gameserver.messages.wire import EventEnvelope, Input, Section, Seen, Shift, Steer
from gameserver.netcode.prediction.optimism import ToldEvent
from gameserver.protocol.codec import encode
from gameserver.testing.stepper import MatchStepper, SteppedClient
from tests.vectors.plain import plain

SEAT: Final = Seat(0)
KINDS: Final[tuple[type[Entity], ...]] = (Board, Fighter, Rocket, Pickup, Flag)
FIELDS: Final = {
    kind.__name__: [a.name for a in attrs.fields(kind) if a.name not in BASE_FIELDS]
    for kind in KINDS
}
EVENTS: Final = {kind.__name__: [a.name for a in attrs.fields(kind)] for kind in events.ALL}


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


def thousandths(value: float) -> int:
    """Return a number as both languages round it."""
    return math.floor(value * 1000 + 0.5)


def _sum(rows: Sequence[Any]) -> int:
    return zlib.crc32(json.dumps(rows, separators=(",", ":"), ensure_ascii=False).encode())


def _entity_row(entity: Entity) -> list[Any]:
    name = type(entity).__name__
    born = entity.born if entity.ordinal >= 0 else 0
    fields = [_number(getattr(entity, field)) for field in FIELDS[name]]
    return [name, entity.id, entity.owner, born, entity.ordinal, *fields]


def _drawn_row(drawn: Drawn) -> list[int]:
    places = [thousandths(value) for value in (drawn.x, drawn.y, drawn.angle)]
    return [drawn.entity.id, *places, int(drawn.own)]


def _event_row(told: ToldEvent) -> list[Any]:
    name = type(told.event).__name__
    phase = told.phase.value.replace("_", "-")
    return [name, phase, *(_number(getattr(told.event, field)) for field in EVENTS[name])]


class Recorder(MatchReplica):
    """A replica that writes down what it is told and what it makes of that."""

    steps: list[list[Any]]
    posted: list[list[int]]

    @classmethod
    def of(cls, stepper: MatchStepper, client: SteppedClient) -> "Recorder":
        """Make the replica of a client that has not entered yet."""
        posted: list[list[int]] = []

        def post(message: "Input | Seen") -> None:
            if isinstance(message, Input):
                view = message.view
                posted.append([message.seq, message.tick, message.seen, view, *message.row])
            client._post(message)

        made = cls(stepper.game, stepper.started(client.seat), stepper.map, post, client._ask)
        made.steps, made.posted = [], posted
        return made

    def enter(self, entered: MatchEntered, *, anew: bool = True) -> None:
        super().enter(entered, anew=anew)
        row = [entered.tick, entered.seat, entered.next_seq, entered.epoch]
        self.steps.append(["enter", *row])

    def pause(self) -> None:
        super().pause()
        self.steps.append(["pause"])

    def round_trip(self, seconds: float) -> None:
        super().round_trip(seconds)
        self.steps.append(["trip", seconds])

    def receive(self, tick: Tick, sections: Sequence[Section], now: float) -> None:
        super().receive(tick, sections, now)
        rows = [[part.number, int(part.keyframe), part.body.hex()] for part in sections]
        self.steps.append(["snapshot", now, tick, rows])

    def steer(self, steer: Steer) -> None:
        super().steer(steer)
        self.steps.append(["steer", steer.tick, steer.ticks])

    def shift(self, shift: Shift) -> None:
        super().shift(shift)
        self.steps.append(["shift", shift.tick, shift.ticks])

    def happened(self, event: MatchHappened) -> None:
        super().happened(event)
        self.steps.append(["event", event.tick, event.event, list(event.fields)])

    def hold(self, command: Any) -> None:
        super().hold(command)
        self.steps.append(["hold", list(command.to_row())])

    def frame(self, now: float) -> Frame | None:
        frame = super().frame(now)
        if frame is not None:
            self.steps.append(["frame", now, self._result(frame)])
        return frame

    def _result(self, frame: Frame) -> list[Any]:
        inputs, self.posted[:] = list(self.posted), []
        world = [_entity_row(entity) for entity in frame.world]
        drawn = [_drawn_row(each) for each in frame.drawn]
        counts = self.telemetry
        px = counts.corrections_px
        return [
            inputs,
            thousandths(frame.tick),
            thousandths(frame.view),
            frame.world.tick,
            _sum(world),
            [row for row in drawn if row[-1]],
            _sum(drawn),
            [_event_row(told) for told in self.take_events()],
            len(px),
            counts.divergence_count,
            counts.divergences_by_input,
            thousandths(px[-1]) if px else 0,
        ]


@attrs.frozen
class Played:
    """One session: a player that a bot plays, among bots, on a connection of some conditions."""

    about: str
    map: TileMap
    conditions: Conditions
    seconds: int
    options: dict[str, Any] = attrs.field(factory=dict)
    bots: int = 3
    seed: int = 1
    drops: tuple[int, ...] = ()
    """Seconds at which the connection is lost for a quarter of a second."""
    crashes: tuple[int, ...] = ()
    """Seconds at which the server crashes and goes on 10 ticks earlier."""

    def record(self) -> dict[str, Any]:
        """Play it and return it."""
        game = Arena()
        options = attrs.evolve(game.options(), **self.options)
        stepper = MatchStepper(
            game, self.map, seats=1, bots=self.bots, options=options, seed=self.seed,
            recorded=bool(self.crashes), teams=2,
        )  # fmt: skip
        client = SteppedClient(stepper, PlayerId("p0"), SEAT, self.conditions)
        recorder = client.replica = Recorder.of(stepper, client)
        stepper.clients[client.player_id] = client
        stepper.admit(client)
        level = min(game.bot_levels)
        bot = game.bot(SEAT, level, Rng.seeded(self.seed))
        client.plays(lambda replica: bot.command(replica.world))
        for second in range(self.seconds):
            if second in self.drops:
                recorder.pause()
            if second in self.crashes:
                stepper.crash(10)
            if second in self.drops + self.crashes:
                client.reads = False
                stepper.run(game.tick_rate // 4)
                client.reads = True
                client.reconnect()
            stepper.run(game.tick_rate)
        envelope = encode(EventEnvelope(EventNumber(1), stepper.started(SEAT)))
        started = msgpack.unpackb(envelope)[3]
        return {"about": self.about, "started": started, "steps": recorder.steps}


def maps() -> dict[str, TileMap]:
    """Return the maps of Arena by name."""
    return load_maps(shipped_maps())


def _for_authors() -> Iterator[Played]:
    """Yield the sessions of the file for client authors."""
    courtyard = maps()["courtyard"]
    bad = Conditions(lag_ms=150, jitter_ms=30, seed=5)
    yield Played("150 ms and jitter of 30 ms", courtyard, bad, 6, {"mode": "dm"})
    stalls = Conditions(lag_ms=80, jitter_ms=20, stall_s=0.4, stall_every_s=1.5, seed=2)
    about = "stalls of 0.4 s, and a lost connection"
    yield Played(about, courtyard, stalls, 6, {"mode": "dm"}, seed=7, drops=(4,))


def render(sessions: "Sequence[dict[str, Any]] | None" = None) -> str:
    """Return a file of sessions, by default those for client authors: a line for each step."""
    if sessions is None:
        sessions = [each.record() for each in _for_authors()]
    used = {name: plain(found.to_wire()) for name, found in maps().items()}
    chosen = {each["started"]["map"]: used[each["started"]["map"]] for each in sessions}
    head = {"maps": chosen, "fields": FIELDS, "events": EVENTS}
    lines = ["{", *(f'"{name}": {_line(value)},' for name, value in head.items()), '"sessions": [']
    for i, each in enumerate(sessions):
        lines += ["{", f'"about": {_line(each["about"])},', f'"started": {_line(each["started"])},']
        steps = ",\n".join(_line(step) for step in each["steps"])
        lines += ['"steps": [', steps, "]", "}," if i < len(sessions) - 1 else "}"]
    return "\n".join([*lines, "]", "}", ""])


def _line(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
