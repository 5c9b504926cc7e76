import attrs

from gameserver.arena.bots.dodge import Dodger, WayOut
from gameserver.arena.bots.levels import LEVELS
from gameserver.arena.entities import Rocket
from gameserver.game.fixed import SUB
from gameserver.game.maps.tilemap import TileMap
from gameserver.game.rng import Rng
from gameserver.ids import Seat
from tests.arena.field import EAST, ROOM, WEST, Field, a_map, centre

ATTENTIVE = attrs.evolve(LEVELS["hard"], dodges=100)


def way_out(
    angle: int = WEST, owner: int = 1, off: int = 0, tx: int = 12, tile_map: TileMap | None = None
) -> WayOut | None:
    """Ask somebody on tile 6,7 about a rocket on the same row."""
    field = Field(tile_map=tile_map)
    me = field.put(0, 6, 7)
    rocket = Rocket(x=centre(tx), y=centre(7) + off, angle=angle)
    field.world.spawn(rocket, owner=Seat(owner))
    return Dodger(ATTENTIVE, Rng.seeded(1)).way_out(field.world, me)


def test_a_bot_in_the_path_of_a_rocket_steps_aside_the_shorter_way() -> None:
    below, above = way_out(off=20 * SUB), way_out(off=-20 * SUB)
    assert below is not None
    assert above is not None
    assert (below.angle, above.angle) == (768, 256)


def test_a_bot_dashes_only_if_the_rocket_is_near() -> None:
    far, near = way_out(tx=12), way_out(tx=9)
    assert far is not None
    assert near is not None
    assert (far.hurry, near.hurry) == (False, True)


def test_rockets_that_miss_fly_away_or_are_its_own_are_ignored() -> None:
    assert way_out(off=70 * SUB) is None
    assert way_out(angle=EAST) is None
    assert way_out(owner=0) is None
    assert way_out(tx=20) is None


def test_rockets_behind_a_wall_are_ignored() -> None:
    wall = tuple(row[:9] + "#" + row[10:] for row in ROOM)
    assert way_out(tile_map=a_map(rows=wall)) is None


def test_whether_a_bot_dodges_is_decided_once_for_each_rocket() -> None:
    field = Field()
    me = field.put(0, 6, 7)
    field.world.spawn(Rocket(x=centre(12), y=centre(7), angle=WEST), owner=Seat(1))
    half = attrs.evolve(LEVELS["hard"], dodges=50)
    answers = set()
    for seed in range(20):
        dodger = Dodger(half, Rng.seeded(seed))
        ways = {dodger.way_out(field.world, me) for _ in range(10)}
        assert len(ways) == 1
        answers |= ways
    assert len(answers) == 2
