from gameserver.arena.entities import Rocket
from gameserver.arena.events import Exploded, Hurt, Killed, Launched
from gameserver.arena.tuning import (
    BLAST_RADIUS,
    DIRECT_BONUS,
    HEALTH,
    MUZZLE,
    RADIUS,
    ROCKET_COOLDOWN,
    ROCKET_DAMAGE,
    ROCKET_SPEED,
    ROCKET_TICKS,
    START_ROCKETS,
)
from gameserver.arena.weapons import explode
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


def test_rocket_starts_at_the_muzzle_or_at_the_wall_before_it() -> None:
    field = Field(mode="tdm")
    field.put(1, 10, 3)
    field.step({1: launching(SOUTH)})
    (rocket,) = field.world.all(Rocket)
    assert (rocket.x, rocket.y) == (centre(10), centre(3) + MUZZLE)
    assert (rocket.owner, rocket.team, rocket.angle) == (1, 2, SOUTH)
    (launched,) = field.of(Launched)
    assert (launched.seat, launched.x, launched.y) == (1, rocket.x, rocket.y)
    field = Field()
    field.put(0, 2, 7, x=TILE + RADIUS)
    field.step({0: launching(WEST)})
    assert [(event.x, event.y) for event in field.of(Launched)] == [(TILE, centre(7))]


def test_rocket_in_free_flight_explodes_exactly_at_the_end_of_its_time() -> None:
    field = Field(tile_map=a_map(rows=("#" * 60, *["#" + "." * 58 + "#"] * 14, "#" * 60)))
    field.put(0, 3, 7)
    field.put(1, 3, 3)
    field.step({0: launching(EAST)})
    born, x = field.world.tick, field.world.all(Rocket)[0].x
    ordinal = field.world.all(Rocket)[0].ordinal
    field.steps(ROCKET_TICKS - 1)
    assert field.of(Exploded) == []
    field.steps(1)
    (boom,) = field.of(Exploded)
    assert (boom.seat, boom.born, boom.ordinal, boom.direct) == (0, born, ordinal, -1)
    assert (boom.x, boom.y) == (x + ROCKET_TICKS * ROCKET_SPEED, centre(7))


def test_rocket_of_a_seat_without_a_fighter_explodes_without_hurting_its_owner() -> None:
    field = Field()
    target = field.put(1, 10, 7)
    rocket = Rocket(x=centre(10), y=centre(7), angle=EAST)
    field.world.spawn(rocket, owner=Seat(9))
    field.world.events = []
    explode(field.world, rocket)
    assert field.world.events == [Exploded(9, rocket.born, rocket.ordinal, 0, 0)]
    assert field.world.all(Rocket) == []
    assert target.hp == HEALTH


def test_direct_hit_names_the_seat_that_was_hit_and_the_owners_place_does_not_matter() -> None:
    field = Field()
    owner = field.put(0, 5, 7)
    field.put(1, 8, 7)
    field.step({0: launching(EAST)})
    field.steps(20)
    (boom,) = field.of(Exploded)
    assert (boom.seat, boom.direct) == (0, 1)
    assert owner.hp == HEALTH - sum(e.damage for e in field.of(Hurt) if e.target == 0)


def test_leaving_removes_the_own_rockets_alone() -> None:
    field = Field()
    field.put(0, 3, 5)
    field.put(1, 3, 9)
    field.step({0: launching(EAST), 1: launching(EAST)})
    field.run.begin()
    field.run.leave(Seat(0))
    assert [rocket.owner for rocket in field.world.all(Rocket)] == [1]
