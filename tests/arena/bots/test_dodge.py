import attrs
import pytest

from gameserver.arena.bots.dodge import LANE, LAST_MOMENT, WATCHED, Dodger, WayOut
from gameserver.arena.bots.levels import LEVELS
from gameserver.arena.entities import Rocket
from gameserver.game.fixed import SUB, TURN
from gameserver.game.maps.tilemap import TileMap
from gameserver.game.rng import Rng
from gameserver.ids import Seat
from tests.arena.bots.dice import Dice
from tests.arena.field import EAST, NORTH, ROOM, SOUTH, WEST, Field, a_map, centre

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


@pytest.mark.parametrize(
    ("angle", "along", "left"),
    [(EAST, (1, 0), (0, -1)), (SOUTH, (0, 1), (1, 0)), (WEST, (-1, 0), (0, 1)),
     (NORTH, (0, -1), (-1, 0))],
)  # fmt: skip
@pytest.mark.parametrize(
    ("ahead", "aside", "comes"),
    [
        (1, 0, True), (0, 0, False), (-1, 0, False), (WATCHED - 1, 0, True), (WATCHED, 0, False),
        (LAST_MOMENT, LANE, True), (LAST_MOMENT - 1, -LANE, True),
        (LAST_MOMENT, LANE + 1, False), (LAST_MOMENT, -LANE - 1, False),
    ],
)  # fmt: skip
def test_a_rocket_comes_if_the_bot_is_in_its_lane_from_any_direction(
    angle: int, along: tuple[int, int], left: tuple[int, int], ahead: int, aside: int, comes: bool
) -> None:
    field = Field()
    me = field.put(0, 12, 7 + 5 * along[1])  # so that the whole lane is in the room
    rocket = Rocket(
        x=me.x - ahead * along[0] - aside * left[0],
        y=me.y - ahead * along[1] - aside * left[1],
        angle=angle,
    )
    field.world.spawn(rocket, owner=Seat(1))
    way = Dodger(ATTENTIVE, Dice()).way_out(field.world, me)
    side = -TURN // 4 if aside > 0 else TURN // 4
    assert way == (WayOut((angle + side) % TURN, ahead < LAST_MOMENT) if comes else None)


def test_a_bot_dodges_with_the_chance_of_its_level_and_forgets_rockets_that_are_gone() -> None:
    field, dice = Field(), Dice(lucky=False)
    me = field.put(0, 6, 7)
    rocket = field.world.spawn(Rocket(x=centre(9), y=centre(7), angle=WEST), owner=Seat(1))
    dodger = Dodger(LEVELS["normal"], dice)
    assert [dodger.way_out(field.world, me) for _ in range(2)] == [None, None]
    assert dice.asked == [("chance", LEVELS["normal"].dodges, 100)]
    field.world.despawn(rocket)
    dodger.way_out(field.world, me)
    field.world.put(rocket)
    dodger.way_out(field.world, me)
    assert len(dice.asked) == 2


def test_a_rocket_that_is_not_dodged_hides_no_other() -> None:
    field = Field()
    me = field.put(0, 8, 7)
    for tx, angle in ((2, EAST), (11, WEST), (5, EAST)):
        field.world.spawn(Rocket(x=centre(tx), y=centre(7), angle=angle), owner=Seat(1))
    dodger = Dodger(ATTENTIVE, Dice())
    dodger._minds = dict.fromkeys([field.world.all(Rocket)[0].id], False)
    assert dodger.way_out(field.world, me) == WayOut(768, True)
