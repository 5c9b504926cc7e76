"""Arena's rules in JavaScript: each random step makes the same of each field as on the server."""

import json
from array import array
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

from gameserver.arena import Arena, events
from gameserver.arena.entities import Board, Fighter, MatchPhase, Pickup, Rocket
from gameserver.arena.options import ArenaCommand, ArenaOptions
from gameserver.arena.pickups import place
from gameserver.arena.tuning import RADIUS
from gameserver.game.entity import Entity
from gameserver.game.fixed import TURN, angle_of
from gameserver.game.geometry.collide import overlaps
from gameserver.game.maps.shipped import shipped_maps
from gameserver.game.maps.tiled import load_maps
from gameserver.game.maps.tilemap import TILE, TileMap
from gameserver.game.rng import Rng
from gameserver.game.schema.table import BASE_FIELDS
from gameserver.ids import NO_SEAT, EntityId, Seat, Tick
from gameserver.netcode.prediction.world import PredictedWorld
from tests.client_js.node import needs_node, script

pytestmark = needs_node

MAPS: Final = load_maps(shipped_maps())
STEPS: Final = 200_000 // len(MAPS) + 1
SEAT: Final = Seat(2)
KINDS: Final[tuple[type[Entity], ...]] = (Board, Fighter, Rocket, Pickup)
RULES: Final = Arena()


def fields_of(kind: type[Any]) -> list[tuple[str, str]]:
    found = [a for a in attrs.fields(kind) if a.name not in BASE_FIELDS]
    return [(a.name, getattr(a.type, "__name__", str(a.type))) for a in found]


FIELDS: Final = {kind.__name__: fields_of(kind) for kind in KINDS}
EVENTS: Final = {e.__name__: [a.name for a in attrs.fields(e)] for e in events.ALL}
NUMBERS: Final = {name: number for number, name in enumerate(FIELDS)}
EVENT_NUMBERS: Final = {name: number for number, name in enumerate(EVENTS)}


def number(value: object) -> int:
    return len(value) if isinstance(value, str) else int(value)  # type: ignore[call-overload]


def row_of(entity: Entity) -> list[int]:
    return [number(getattr(entity, name)) for name, _ in FIELDS[type(entity).__name__]]


@attrs.define
class Steps:
    """One seat's part of Arena, changed at random between the steps as a server's snapshots do."""

    map: TileMap
    rng: Rng
    options: ArenaOptions
    world: PredictedWorld = attrs.field(init=False)
    given: "array[int]" = attrs.field(factory=lambda: array("i"))
    made: "array[int]" = attrs.field(factory=lambda: array("i"))
    began: list[dict[str, Any]] = attrs.field(init=False)
    move: int = 0

    def __attrs_post_init__(self) -> None:
        self.world = PredictedWorld(map=self.map, options=self.options, salt=1)
        self.world.spawn(Board(phase=MatchPhase.PLAY))
        for seat in range(6):
            self.world.spawn(Fighter(team=seat % 3, name=f"P{seat}"), Seat(seat))
        place(self.world)
        entities = list(self.world)
        for entity_id, entity in enumerate(entities, 1):
            self.world.despawn(entity)
            entity.id, entity.born = EntityId(entity_id), Tick(0)
        for entity in entities:
            self.world.put(entity)
        self.world._next_id = 1  # as in the other client, which spawned none of these
        self.began = [
            {
                "id": e.id, "type": type(e).__name__, "owner": e.owner, "born": e.born,
                "ordinal": e.ordinal,
                "fields": {name: getattr(e, name) for name, _ in FIELDS[type(e).__name__]},
            }
            for e in entities
        ]  # fmt: skip

    @property
    def own(self) -> Fighter:
        fighter = self.world.owned(SEAT, Fighter)
        assert fighter is not None
        return fighter

    def free_place(self) -> tuple[int, int]:
        while True:
            x = self.rng.below(self.map.width * TILE)
            y = self.rng.below(self.map.height * TILE)
            if not overlaps(self.map, x, y, RADIUS):
                return x, y

    def edit(self) -> list[Entity]:
        """Change some entities; return them."""
        rng, tick, own = self.rng, self.world.tick, self.own
        changed: list[Entity] = []
        if rng.chance(1, 60):
            own.x, own.y = self.free_place()
            own.vx, own.vy = rng.between(-384, 384), rng.between(-384, 384)
            changed.append(own)
        if rng.chance(1, 25):
            own.hp, own.alive = rng.between(1, 150), rng.chance(14, 15)
            own.ammo, own.rockets = rng.below(151), rng.below(9)
            own.shielded, own.shield_ends = rng.chance(1, 2), tick + rng.below(20)
            own.dash_ready = min(own.dash_ready, tick + rng.below(9))
            changed.append(own)
        for other in self.world.all(Fighter):
            if other is not own and rng.chance(1, 20):
                other.x, other.y = self.free_place()
                if rng.chance(1, 2):  # in reach of a shot
                    other.x, other.y = (
                        own.x + rng.between(-900, 900),
                        own.y + rng.between(-900, 900),
                    )
                other.hp, other.alive = rng.between(1, 40), rng.chance(3, 4)
                other.shielded = rng.chance(1, 8)
                changed.append(other)
        return changed + self.edit_things()

    def edit_things(self) -> list[Entity]:
        rng, tick, own = self.rng, self.world.tick, self.own
        changed: list[Entity] = []
        for pickup in self.world.all(Pickup):
            if not pickup.ready and rng.chance(1, 40):
                pickup.ready = True
                changed.append(pickup)
            near = rng.chance(1, 300)
            if pickup.ready and near:
                own.x, own.y = pickup.x, pickup.y
                changed.append(own)
        if rng.chance(1, 200):
            board = self.world.one(Board)
            board.phase, board.phase_ends = rng.choice(((0, tick - 1), (0, tick + 30), (2, 0)))
            changed.append(board)
        elif rng.chance(1, 10):
            board = self.world.one(Board)
            board.phase = MatchPhase.PLAY
            changed.append(board)
        return changed

    def command(self) -> ArenaCommand:
        rng, own = self.rng, self.own
        if rng.chance(1, 8):
            self.move = rng.below(9)
        aim = rng.below(TURN)
        if rng.chance(1, 2):
            other = rng.choice(self.world.all(Fighter))
            aim = (angle_of(other.x - own.x, other.y - own.y) + rng.between(-9, 9)) % TURN
        return ArenaCommand(
            move=self.move, aim=aim, fire=rng.below(2), rocket=rng.chance(1, 4),
            dash=rng.chance(1, 12), view=rng.below(96),
        )  # fmt: skip

    def step(self, tick: int) -> None:
        world = self.world
        world.tick, world.events = Tick(tick), []
        changed = self.edit()
        command = self.command()
        self.given += array("i", [tick, len(changed)])
        for entity in changed:
            self.given += array("i", [entity.id, *row_of(entity)])
        self.given += array("i", [*command.to_row(), command.view])
        with world.caused_by(SEAT):
            RULES.predict(world, SEAT, command)
        row = [len(world)]
        for entity in world:
            row += entity.id, entity.owner, entity.born, entity.ordinal
            row += [NUMBERS[type(entity).__name__], *row_of(entity)]
        row.append(len(world.events))
        for event in world.events:
            name = type(event).__name__
            row += [EVENT_NUMBERS[name], *(number(getattr(event, each)) for each in EVENTS[name])]
        self.made += array("i", row)

    def write(self, path: Path) -> None:
        told = {
            "map": {
                "width": self.map.width, "height": self.map.height, "solid": self.map.solid.hex(),
            },
            "options": attrs.asdict(self.options),
            "seat": SEAT,
            "entities": self.began,
            "fields": FIELDS,
            "events": EVENTS,
        }  # fmt: skip
        path.with_suffix(".json").write_text(json.dumps(told), "utf-8")
        path.with_suffix(".given").write_bytes(self.given.tobytes())
        path.with_suffix(".made").write_bytes(self.made.tobytes())


@pytest.mark.parametrize("number", range(len(MAPS)))
async def test_each_field_is_that_of_the_servers_rules_after_each_random_step(
    tmp_path: Path, number: int
) -> None:
    tile_map = MAPS[sorted(MAPS)[number]]
    options = ArenaOptions(friendly_fire=number % 2 == 0, pickups=number % 3 != 2)
    steps = Steps(tile_map, Rng.seeded(number), options)
    told: dict[str, int] = dict.fromkeys(EVENTS, 0)
    for tick in range(1, STEPS + 1):
        steps.step(tick)
        for event in steps.world.events:
            told[type(event).__name__] += 1
    steps.write(tmp_path / "steps")
    async with script("steps.mjs", str(tmp_path / "steps")) as node:
        assert await node.line() == {"steps": STEPS, "numbers": len(steps.made), "whole": True}
        await node.end()
    for name in ("Shot", "Hit", "Hurt", "Launched", "Exploded", "Killed", "PickedUp", "Dashed"):
        assert told[name] > 20, name
    assert NO_SEAT not in {entity.owner for entity in steps.world.all(Rocket)}
