"""Where fighters spawn, of which team, and with what."""

import pytest

from gameserver.arena.entities import Fighter
from gameserver.arena.events import Spawned
from gameserver.arena.spawns import CROWDED, SAFE_DISTANCE, bring_to_life, enter, respawn
from gameserver.arena.tuning import HEALTH, SHIELD_TICKS, START_AMMO, START_ROCKETS
from gameserver.game.entity import Player
from gameserver.game.maps.tilemap import TILE, ObjectKind
from gameserver.ids import Seat
from gameserver.testing.maps import map_from_rows
from tests.arena.field import Field, centre, thing

LONG = ("#" * 60, *["#" + "." * 58 + "#"] * 14, "#" * 60)


def long_field(*tiles: tuple[int, int], seats: int = 3, mode: str = "dm") -> Field:
    """Return a field with neutral spawns on these tiles, and all fighters far from them."""
    spawns = tuple(thing(1 + i, ObjectKind.SPAWN, tx, ty) for i, (tx, ty) in enumerate(tiles))
    tile_map = map_from_rows(*LONG, objects=spawns, modes=("dm", "tdm"))
    field = Field(seats=seats, tile_map=tile_map, mode=mode)
    for seat in range(seats):
        field.put(seat, 50, 12)
    return field


def places(field: Field, seat: int = 0, tries: int = 20) -> set[tuple[int, int]]:
    """Return the tiles on which a fighter comes to life, tried often enough to see all."""
    fighter = field.fighter(seat)
    found = set()
    for _ in range(tries):
        fighter.x, fighter.y = centre(50), centre(12)
        bring_to_life(field.world, fighter)
        found.add((fighter.x // TILE, fighter.y // TILE))
    return found


def test_fighter_comes_to_life_with_everything_as_at_the_start() -> None:
    field = long_field((3, 3))
    fighter = field.put(
        0,
        20,
        5,
        vx=5,
        vy=6,
        alive=False,
        hp=0,
        ammo=1,
        rockets=0,
        rifle_ready=9999,
        rocket_ready=9999,
        dash_ready=9999,
    )
    field.world.events = []
    bring_to_life(field.world, fighter)
    assert (fighter.x, fighter.y, fighter.vx, fighter.vy) == (centre(3), centre(3), 0, 0)
    assert (fighter.alive, fighter.hp) == (True, HEALTH)
    assert (fighter.ammo, fighter.rockets) == (START_AMMO, START_ROCKETS)
    assert (fighter.rifle_ready, fighter.rocket_ready, fighter.dash_ready) == (0, 0, 0)
    assert (fighter.shielded, fighter.shield_ends) == (True, field.world.tick + SHIELD_TICKS)
    (event,) = field.world.events
    assert isinstance(event, Spawned)
    assert (event.seat, event.x, event.y) == (0, centre(3), centre(3))


def test_dead_fighters_return_exactly_at_their_tick_and_the_living_stay() -> None:
    field = long_field((3, 3))
    tick = field.world.tick
    field.put(0, 20, 5, alive=False, respawns=tick + 1)
    field.put(1, 20, 6, alive=False, respawns=tick)
    field.put(2, 20, 7, respawns=tick)
    respawn(field.world)
    assert [f.alive for f in field.world.all(Fighter)] == [False, True, True]
    assert field.fighter(2).y == centre(7)


def test_spawn_farthest_from_enemies_is_taken() -> None:
    field = long_field((3, 3), (8, 3), (12, 3))
    for seat in (1, 2):
        field.put(seat, 2, 3)
    assert places(field) == {(12, 3)}
    field.put(2, 14, 3)
    assert places(field) == {(8, 3)}


def test_enemies_beyond_a_safe_distance_do_not_matter() -> None:
    far = SAFE_DISTANCE // TILE
    field = long_field((3, 3), (4, 3))
    field.put(1, 4 + far, 3)
    assert places(field) == {(3, 3), (4, 3)}
    field.put(1, 3 + far, 3)
    assert places(field) == {(3, 3)}


def test_distance_counts_in_both_directions() -> None:
    field = long_field((10, 3), (10, 9))
    field.put(1, 13, 3)
    field.put(2, 50, 12)
    assert places(field) == {(10, 9)}
    field.put(1, 13, 9)
    assert places(field) == {(10, 3)}


def test_neither_the_dead_nor_the_fighter_itself_make_a_spawn_worse() -> None:
    field = long_field((3, 3), (8, 3))
    field.put(1, 3, 3, alive=False)
    assert places(field) == {(3, 3), (8, 3)}
    fighter = field.put(0, 3, 3)
    found = set()
    for _ in range(20):
        fighter.x, fighter.y = centre(3), centre(3)
        bring_to_life(field.world, fighter)
        found.add(fighter.x // TILE)
    assert found == {3, 8}


def test_team_mates_matter_only_where_they_stand_in_the_way() -> None:
    crowded = CROWDED // TILE
    field = long_field((3, 3), (9, 3), mode="tdm")
    field.put(2, 3 + crowded, 3)
    assert places(field) == {(3, 3), (9, 3)}
    field.put(2, 3 + crowded - 1, 3)
    assert places(field) == {(9, 3)}
    field.put(2, 50, 12)
    field.put(1, 3 + crowded, 3)  # an enemy at the same distance does
    assert places(field) == {(9, 3)}


def test_in_deathmatch_nobody_is_a_team_mate() -> None:
    field = long_field((3, 3), (9, 3))
    field.put(2, 3 + CROWDED // TILE, 3)
    assert places(field) == {(9, 3)}


@pytest.mark.parametrize(
    ("teams", "given", "expected"),
    [
        ((1, 2), 1, 1),
        ((1, 2), 2, 2),
        ((1, 2), 0, 1),
        ((1, 1, 2), 0, 2),
        ((1, 2, 2), 0, 1),
        ((1, 2, 2), 3, 1),
        ((2,), 0, 1),
    ],
)
def test_player_without_a_team_joins_the_smaller_one(
    teams: tuple[int, ...], given: int, expected: int
) -> None:
    field = long_field((3, 3), seats=len(teams), mode="tdm")
    for seat, team in enumerate(teams):
        field.fighter(seat).team = team
    fighter = enter(field.world, Player(Seat(9), "Late", given, bot=True))
    assert (fighter.team, fighter.name, fighter.bot, fighter.owner) == (expected, "Late", True, 9)


def test_in_deathmatch_there_are_no_teams() -> None:
    field = long_field((3, 3))
    assert enter(field.world, Player(Seat(9), "Late", 2)).team == 0
