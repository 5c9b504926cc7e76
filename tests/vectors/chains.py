"""Make chains of snapshot bodies, with what a viewer holds after each."""

from collections.abc import Sequence
from typing import Any, Final

from gameserver.game.entity import Entity, Event
from gameserver.game.fields import Audience
from gameserver.game.schema.table import schema, table_of
from gameserver.ids import EntityId, Seat, Tick
from gameserver.netcode.replication.encoder import SectionEncoder
from gameserver.testing.skirmish import Board, Bolt, Runner, Skirmish, Spark, Thrown, Whispered
from tests.vectors.plain import plain

JOINS: Final = 5
"""Steps of a chain that have a keyframe, too."""


def _placed(entity: Entity, number: int, owner: int = -1, born: int = 0, ordinal: int = -1) -> Any:
    entity.id, entity.owner = EntityId(number), Seat(owner)
    entity.born, entity.ordinal = Tick(born), ordinal
    return entity


class _Recorder:
    """Encodes one audience's chain and writes down what a viewer then holds."""

    def __init__(self, audience: Audience) -> None:
        self._table = table_of(Skirmish())
        self._audience = audience
        self._encoder = SectionEncoder(self._table, audience)
        self.steps: list[dict[str, Any]] = []

    def step(
        self,
        about: str,
        entities: Sequence[Entity],
        events: Sequence[Event] = (),
        *,
        checksum: bool = False,
    ) -> None:
        """Record a delta and, in the first steps, the keyframe that a newcomer would get instead.

        The body behind a keyframe begins to learn anew, so the others go on without newcomers.
        """
        delta = self._encoder.encode(entities, events, checksum=checksum)
        joins = len(self.steps) < JOINS
        self.steps.append(
            {
                "about": about,
                "delta": delta.hex(),
                **({"keyframe": self._encoder.keyframe().hex()} if joins else {}),
                "values": {str(e.id): self._values(e) for e in entities if self._knows(e)},
                "events": [plain(self._event(event)) for event in events],
                "checksum": self._encoder.checksum(),
            }
        )

    def _knows(self, entity: Entity) -> bool:
        return self._table.of(type(entity), self._audience) is not None

    def _values(self, entity: Entity) -> list[Any]:
        table = self._table.of(type(entity), self._audience)
        assert table is not None
        return [
            round(value / field.precision) if field.precision else value
            for field in table.fields
            for value in [getattr(entity, field.name)]
        ]

    def _event(self, event: Event) -> list[Any]:
        row = self._table.event_row(event)
        return [row.number, *row.values(event)]


def public_chain() -> list[dict[str, Any]]:
    recorder = _Recorder(Audience.PUBLIC)
    board = _placed(Board(clock=900, title="Skirmish"), 1)
    ann = _placed(Runner(x=1000, y=2000, aim=1020, name="Ann", team=1), 2, owner=0)
    world: list[Entity] = [board, ann]
    recorder.step("two entities spawn", world)
    ann.x, board.clock = 1040, 899
    recorder.step("both begin to move: residuals against standing still", world)
    ann.x, board.clock = 1080, 898
    recorder.step("they move on as before: an empty body", world)
    ann.x, ann.aim, board.clock = 1100, 4, 897
    recorder.step("Ann slows down and turns by 8 of 1024 the short way round", world)
    ann.x, ann.hurt, ann.heat, board.mood, board.clock = 1120, True, 2.5, "wild", 896
    recorder.step("a truth value, a number of precision 0.25 and a text change", world)
    bolt = _placed(Bolt(x=1120, y=2000, turn=4), 3, owner=0, born=6, ordinal=0)
    ann.x, board.clock = 1140, 895
    recorder.step(
        "Ann's command of tick 6 throws a bolt, and two game events happen",
        [board, ann, bolt],
        [Thrown(0), Whispered(loud=True, text="hé", number=-3)],
    )
    ann.x, board.clock, bolt.x, bolt.turn = 1160, 894, 1240, 1020
    recorder.step(
        "the bolt flies and spins; a checksum stands at the end", [board, ann, bolt], checksum=True
    )
    ann.x, board.clock = 1180, 893
    recorder.step("the bolt is gone, and a spark takes its id", [board, ann, _placed(Spark(9), 3)])
    ann.x, board.clock = 1200, 892
    recorder.step("the spark is gone", [board, ann])
    for i in range(6):
        ann.x, ann.aim, board.clock = ann.x + 20, ann.aim + 9, board.clock - 1
        recorder.step("Ann turns by 9" if i == 0 else "and by 9 again", [board, ann])
    ann.x, ann.y, ann.aim, ann.hits, board.clock = 30000, 100, 700, 70_000, board.clock - 1
    recorder.step("Ann is somewhere else, by numbers of many bits", [board, ann])
    ann.aim, ann.hurt, ann.hits, board.clock = 699, False, -3, board.clock - 1
    recorder.step("and stands", [board, ann], [Whispered(loud=False, text="", number=1 << 40)])
    ann.owner = Seat(1)
    recorder.step("Ann belongs to another seat: she is told anew in her place", [board, ann])
    ann.x, board.clock = 30001, board.clock - 2
    recorder.step("and goes on", [board, ann], checksum=True)
    recorder.step("nobody is left", [])
    ann.x, board.clock = 30002, 1
    recorder.step("both spawn again, with nothing learned", [ann, board])
    return recorder.steps


def owner_chain() -> list[dict[str, Any]]:
    recorder = _Recorder(Audience.OWNER)
    ann = _placed(Runner(x=1000, y=2000, name="Ann", ammo=50), 2, owner=0)
    recorder.step("the own runner's private fields", [ann])
    ann.x, ann.ammo = 1040, 49
    recorder.step("one round less; where it is stands in the public section", [ann])
    recorder.step("nothing changed", [ann], checksum=True)
    return recorder.steps


def snapshots() -> dict[str, Any]:
    """Return chains of snapshot bodies with what a viewer holds after each."""
    return {
        "schema": plain(schema(Skirmish())),
        "chains": [
            {"audience": "public", "section": 0, "steps": public_chain()},
            {"audience": "owner", "section": 1, "steps": owner_chain()},
        ],
    }
