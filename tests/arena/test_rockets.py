from gameserver.arena.entities import Rocket
from gameserver.arena.events import Exploded, Hurt, Killed, Launched
from gameserver.arena.tuning import (
    BLAST_RADIUS,
    DIRECT_BONUS,
    HEALTH,
    RADIUS,
    ROCKET_COOLDOWN,
    ROCKET_DAMAGE,
    ROCKET_SPEED,
    START_ROCKETS,
)
from gameserver.game.fixed import SUB
from gameserver.game.maps.tilemap import TILE
from gameserver.ids import Seat
from tests.arena.field import EAST, NORTH, ROOM, SOUTH, WEST, Field, a_map, centre, launching


def test_a_rocket_flies_straight_at_its_speed_and_explodes_at_a_wall() -> None:
    field = Field()
    field.put(0, 16, 7)
    field.step({0: launching(EAST)})
    (rocket,) = field.world.all(Rocket)
    before = rocket.x
    field.step()
    assert (rocket.x - before, rocket.y) == (ROCKET_SPEED, centre(7))
    field.steps(15)
    (boom,) = field.of(Exploded)
    assert (boom.x, boom.y) == (23 * TILE - 1, centre(7))
    assert field.world.all(Rocket) == []


def test_a_direct_hit_hurts_most_and_the_hurt_falls_with_the_distance() -> None:
    field = Field(seats=3)
    field.put(0, 5, 7)
    field.put(1, 10, 7)
    field.put(2, 10, 9)
    field.step({0: launching(EAST)})
    field.steps(20)
    (boom,) = field.of(Exploded)
    assert boom.direct == 1
    direct, splash = (HEALTH - field.fighter(i).hp for i in (1, 2))
    assert ROCKET_DAMAGE // 2 + DIRECT_BONUS <= direct <= ROCKET_DAMAGE + DIRECT_BONUS
    assert 0 < splash < direct - DIRECT_BONUS


def test_a_single_rocket_kills_nobody_in_full_health() -> None:
    assert ROCKET_DAMAGE + DIRECT_BONUS < HEALTH <= 2 * (ROCKET_DAMAGE + DIRECT_BONUS)


def test_nobody_is_hurt_beyond_the_blast_or_behind_a_wall() -> None:
    row = "#" + "." * 9 + "#" * 13 + "#"
    field = Field(seats=3, tile_map=a_map(rows=(*ROOM[:8], row, *ROOM[9:])))
    field.put(0, 16, 7)
    field.put(1, 22, 9)
    field.put(2, 19, 7)
    field.fighter(2).y -= BLAST_RADIUS
    field.step({0: launching(EAST)})
    field.steps(20)
    assert len(field.of(Exploded)) == 1
    assert field.of(Hurt) == []


def test_a_blast_pushes_people_away_from_its_middle() -> None:
    field = Field()
    field.put(0, 10, 7)
    target = field.put(1, 16, 7)
    field.step({0: launching(EAST)})
    while not field.of(Exploded):
        field.step()
    assert target.vx > 4 * SUB
    assert target.vy == 0


def test_the_own_rocket_does_half_damage_and_pushes_far() -> None:
    field = Field()
    shooter = field.put(0, 2, 7, x=TILE + RADIUS)
    other = field.put(1, 2, 10)
    field.step({0: launching(WEST)})
    field.steps(10)
    assert 0 < HEALTH - shooter.hp <= ROCKET_DAMAGE // 2
    assert shooter.x > TILE + RADIUS + 40 * SUB
    assert other.hp == HEALTH


def test_killing_oneself_is_reported_and_gives_no_point() -> None:
    field = Field()
    field.put(0, 2, 7, hp=1)
    field.put(1, 20, 12)
    field.step({0: launching(WEST)})
    field.steps(5)
    assert field.of(Killed) == [Killed(0, 0, "rocket")]
    assert (field.fighter(0).score, field.fighter(0).kills, field.fighter(0).deaths) == (0, 0, 1)


def test_rockets_run_out_and_need_time_to_load() -> None:
    field = Field()
    field.put(0, 5, 7)
    for _ in range(ROCKET_COOLDOWN - 1):
        field.step({0: launching(NORTH)})
    assert len(field.of(Launched)) == 1
    for _ in range(START_ROCKETS * ROCKET_COOLDOWN):
        field.step({0: launching(SOUTH)})
    assert len(field.of(Launched)) == START_ROCKETS
    assert field.fighter(0).rockets == 0


def test_a_rocket_in_free_flight_ends_by_itself_and_with_its_owner() -> None:
    field = Field(tile_map=a_map(rows=("#" * 60, *["#" + "." * 58 + "#"] * 14, "#" * 60)))
    field.put(0, 3, 7)
    field.step({0: launching(EAST)})
    field.steps(76)
    (boom,) = field.of(Exploded)
    assert boom.x < 50 * TILE
    field.step({0: launching(EAST)})
    field.run.begin()
    field.run.leave(Seat(0))
    assert field.world.all(Rocket) == []
