"""Which fighters a blast or a shot hurts, how much, and what a death changes."""

import pytest

from gameserver.arena.damage import hurt_by_events
from gameserver.arena.entities import Fighter, Rocket
from gameserver.arena.events import Exploded, Hit, Hurt, Killed
from gameserver.arena.harm import may_hurt, strike_owner, throw
from gameserver.arena.tuning import (
    BLAST_RADIUS,
    DASH_SPEED,
    DIRECT_BONUS,
    HEALTH,
    HIT_RADIUS,
    KNOCK,
    OWN_BLAST_PERCENT,
    RESPAWN_TICKS,
    RIFLE_DAMAGE,
    ROCKET_DAMAGE,
    ROCKET_RADIUS,
    ROCKET_SPEED,
)
from gameserver.arena.weapons import struck
from gameserver.game.entity import Event
from gameserver.ids import Seat
from tests.arena.field import EAST, ROOM, Field, a_map, centre

HERE = centre(10), centre(7)


def boom(seat: int = 0, *, direct: int = -1) -> Exploded:
    return Exploded(seat, 0, 0, *HERE, direct)


def hurt(field: Field, *events: Event) -> list[tuple[int, int]]:
    """Apply events of one tick; return the seats of victims and killers."""
    field.world.events = list(events)
    return [(victim.owner, killer.owner) for victim, killer in hurt_by_events(field.world)]


def at(field: Field, seat: int, dx: int, dy: int = 0, **changes: int) -> Fighter:
    """Put a fighter at a distance from the blast, in sub-units."""
    fighter = field.put(seat, 10, 7, **changes)
    fighter.x += dx
    fighter.y += dy
    return fighter


# --- who may hurt whom ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "friendly_fire", "target", "expected"),
    [
        ("dm", False, 2, True),
        ("tdm", False, 1, True),
        ("tdm", False, 2, False),
        ("tdm", True, 2, True),
        ("tdm", False, 0, True),
        ("ctf", False, 2, False),
    ],
)
def test_only_team_mates_are_spared(
    mode: str, friendly_fire: bool, target: int, expected: bool
) -> None:
    field = Field(seats=3, mode=mode, friendly_fire=friendly_fire)
    fighters = [field.put(seat, 5 + seat, 7) for seat in range(3)]
    assert may_hurt(field.world, fighters[0], fighters[target]) is expected


@pytest.mark.parametrize("state", [{"alive": False}, {"shielded": True}])
def test_neither_the_dead_nor_the_shielded_are_hurt(state: dict[str, bool]) -> None:
    field = Field()
    shooter, target = field.put(0, 5, 7), field.put(1, 8, 7, **state)
    assert not may_hurt(field.world, shooter, target)
    assert not may_hurt(field.world, target, target)
    assert may_hurt(field.world, target, shooter)


# --- the blast ------------------------------------------------------------------------------------


@pytest.mark.parametrize("distance", [1, BLAST_RADIUS // 2, BLAST_RADIUS - 100])
@pytest.mark.parametrize(("sign_x", "sign_y"), [(1, 0), (-1, 0), (0, 1), (0, -1)])
def test_damage_and_push_fall_with_the_distance(distance: int, sign_x: int, sign_y: int) -> None:
    field = Field()
    shooter = field.put(0, 3, 3)
    target = at(field, 1, sign_x * distance, sign_y * distance)
    near = BLAST_RADIUS - distance
    assert throw(field.world, boom(), shooter, target) == ROCKET_DAMAGE * near // BLAST_RADIUS
    push = KNOCK * near // BLAST_RADIUS
    assert abs(target.vx - sign_x * push) <= 1
    assert abs(target.vy - sign_y * push) <= 1


@pytest.mark.parametrize(
    ("distance", "reached"), [(BLAST_RADIUS - 25, True), (BLAST_RADIUS, False)]
)
def test_blast_ends_at_its_radius(distance: int, reached: bool) -> None:
    field = Field()
    target = at(field, 1, distance)
    assert (throw(field.world, boom(), field.put(0, 3, 3), target) > 0) is reached
    assert (target.vx > 0) is reached


@pytest.mark.parametrize(("direct", "bonus"), [(1, DIRECT_BONUS), (2, 0), (-1, 0)])
def test_fighter_that_the_rocket_itself_hit_is_hurt_more(direct: int, bonus: int) -> None:
    field = Field()
    shooter, target = field.put(0, 3, 3), at(field, 1, 0)
    assert throw(field.world, boom(direct=direct), shooter, target) == ROCKET_DAMAGE + bonus
    assert (target.vx, target.vy) == (0, 0)  # in the middle there is no direction


def test_owner_is_hurt_by_half_and_never_by_a_direct_hit() -> None:
    field = Field(mode="tdm")
    owner = at(field, 0, BLAST_RADIUS // 2)
    expected = (ROCKET_DAMAGE // 2) * OWN_BLAST_PERCENT // 100
    assert throw(field.world, boom(direct=0), owner, owner) == expected
    field.world.events = []
    owner.vx = 0
    strike_owner(field.world, boom(), owner)
    assert owner.hp == HEALTH - expected
    assert owner.vx > 0
    assert field.world.events == [Hurt(0, 0, expected)]
    assert [event.damage for event in field.world.events if isinstance(event, Hurt)] == [expected]


def test_owner_out_of_reach_is_not_reported_as_hurt() -> None:
    field = Field()
    field.world.events = []
    owner = at(field, 0, BLAST_RADIUS)
    strike_owner(field.world, boom(), owner)
    assert (owner.hp, field.world.events) == (HEALTH, [])


def test_health_of_the_owner_does_not_fall_below_nothing() -> None:
    field = Field()
    owner = at(field, 0, 0, hp=3)
    strike_owner(field.world, boom(), owner)
    assert (owner.hp, owner.alive) == (0, True)


def test_wall_stops_a_blast_and_low_cover_does_not() -> None:
    for tile, reached in (("#", False), ("=", True)):
        row = "#" + "." * 10 + tile + "." * 11 + "#"
        field = Field(tile_map=a_map(rows=(*ROOM[:7], row, *ROOM[8:])))
        target = field.put(1, 12, 7)
        damage = throw(field.world, boom(), field.put(0, 3, 3), target)
        assert (damage > 0) is reached
        assert (target.vx > 0) is reached


def test_speed_by_a_blast_is_bounded() -> None:
    field = Field()
    for sign in (1, -1):
        target = at(field, 1, sign * 16, sign * 16, vx=sign * DASH_SPEED, vy=sign * DASH_SPEED)
        throw(field.world, boom(), field.put(0, 3, 3), target)
        assert (target.vx, target.vy) == (sign * DASH_SPEED, sign * DASH_SPEED)


def test_speed_by_a_blast_is_added_to_the_fighters_own() -> None:
    field = Field(seats=3)
    shooter, still, moving = field.put(0, 3, 3), at(field, 1, 300), at(field, 2, 300, vx=-40, vy=30)
    for target in (still, moving):
        throw(field.world, boom(), shooter, target)
    assert (moving.vx, moving.vy) == (still.vx - 40, still.vy + 30)


# --- damage ---------------------------------------------------------------------------------------


def test_blast_hurts_all_in_reach_and_reports_each() -> None:
    field = Field(seats=4)
    field.put(0, 3, 3)
    near, far, away = at(field, 1, 0), at(field, 2, BLAST_RADIUS // 2), at(field, 3, 3000)
    assert hurt(field, boom()) == []
    assert (near.hp, far.hp, away.hp) == (
        HEALTH - ROCKET_DAMAGE,
        HEALTH - ROCKET_DAMAGE // 2,
        HEALTH,
    )
    told = [event for event in field.world.events if isinstance(event, Hurt)]
    assert [(e.seat, e.target, e.damage) for e in told] == [
        (0, 1, ROCKET_DAMAGE),
        (0, 2, ROCKET_DAMAGE // 2),
    ]


def test_health_does_not_fall_below_nothing() -> None:
    field = Field(seats=3)
    field.put(0, 3, 3)
    shot, blasted = field.put(1, 20, 3, hp=1), at(field, 2, 0, hp=1)
    assert hurt(field, Hit(0, 1, RIFLE_DAMAGE, 0, 0), boom()) == [(1, 0), (2, 0)]
    assert (shot.hp, blasted.hp) == (0, 0)
    killed = [event for event in field.world.events if isinstance(event, Killed)]
    assert killed == [Killed(0, 1, "rifle"), Killed(0, 2, "rocket")]


def test_fighter_dies_exactly_when_its_health_is_spent() -> None:
    for health, deaths in ((RIFLE_DAMAGE + 1, []), (RIFLE_DAMAGE, [(1, 0)])):
        field = Field()
        field.put(0, 3, 3)
        target = field.put(1, 20, 3, hp=health)
        assert hurt(field, Hit(0, 1, RIFLE_DAMAGE, 0, 0)) == deaths
        assert target.alive is not bool(deaths)


def test_shots_count_before_blasts_and_a_fighter_dies_once() -> None:
    field = Field(seats=3)
    for seat in (0, 2):
        field.put(seat, 3, 3 + seat)
    victim = at(field, 1, 0, hp=1)
    blast, shot = boom(seat=2), Hit(0, 1, RIFLE_DAMAGE, 0, 0)
    assert hurt(field, blast, shot, shot) == [(1, 0)]
    assert victim.deaths == 1


def test_kills_that_were_predicted_are_forgotten_if_the_victim_lives() -> None:
    field = Field()
    field.put(0, 3, 3)
    field.put(1, 20, 3)
    shot = Hit(0, 1, RIFLE_DAMAGE, 0, 0)
    assert hurt(field, shot, Killed(0, 1, "rifle")) == []
    assert field.world.events == [shot]


def test_dead_owner_of_a_rocket_does_not_die_again() -> None:
    field = Field()
    owner = at(field, 0, 0, hp=0, alive=False)
    other = at(field, 1, 0)
    assert hurt(field, boom()) == []
    assert other.hp == HEALTH - ROCKET_DAMAGE
    assert owner.deaths == 0


def test_owner_whose_own_blast_spent_its_health_dies_by_itself() -> None:
    field = Field()
    owner = at(field, 0, 0, hp=0)
    field.put(1, 20, 3)
    assert hurt(field, boom()) == [(0, 0)]
    assert not owner.alive
    assert Killed(0, 0, "rocket") in field.world.events


def test_damage_of_a_seat_that_has_left_does_nothing() -> None:
    field = Field()
    field.run.begin()
    field.run.leave(Seat(0))
    target = at(field, 1, 0)
    assert hurt(field, boom(), Hit(0, 1, 5, 0, 0), Hit(1, 0, 5, 0, 0)) == []
    assert target.hp == HEALTH


def test_death_ends_movement_dash_and_haste_and_sets_the_time_of_return() -> None:
    field = Field()
    field.put(0, 3, 3)
    later = field.world.tick + 100
    victim = field.put(
        1, 20, 3, hp=1, vx=5, vy=6, dashing=True, hasty=True, dash_ends=later, haste_ends=later
    )
    hurt(field, Hit(0, 1, RIFLE_DAMAGE, 0, 0))
    assert (victim.vx, victim.vy, victim.dashing, victim.hasty) == (0, 0, False, False)
    assert (victim.dash_ends, victim.haste_ends) == (0, 0)
    assert (victim.deaths, victim.respawns) == (1, field.world.tick + RESPAWN_TICKS)


# --- what a rocket touches ------------------------------------------------------------------------


def rocket_at(field: Field, owner: int = 0) -> Rocket:
    """Return a rocket that has flown east to the place of the blasts in this tick."""
    rocket = Rocket(x=HERE[0], y=HERE[1], angle=EAST)
    field.world.spawn(rocket, owner=Seat(owner))
    return rocket


REACH = HIT_RADIUS + ROCKET_RADIUS


@pytest.mark.parametrize(
    ("dx", "dy", "touched"),
    [
        (0, 0, True),
        (REACH, 0, True),
        (REACH + 1, 0, False),
        (0, REACH, True),
        (0, REACH + 1, False),
        (0, -REACH, True),
        (-ROCKET_SPEED - REACH, 0, True),
        (-ROCKET_SPEED - REACH - 1, 0, False),
    ],
)
def test_rocket_touches_any_fighter_on_its_path_of_one_tick(
    dx: int, dy: int, touched: bool
) -> None:
    field = Field()
    field.put(0, 3, 3)
    target = at(field, 1, dx, dy)
    assert struck(field.world, rocket_at(field)) is (target if touched else None)


def test_rocket_touches_the_first_on_its_way_and_neither_its_owner_nor_the_dead() -> None:
    field = Field(seats=4)
    at(field, 0, -100)
    at(field, 1, -90, alive=False)
    late, first = at(field, 2, 250), at(field, 3, 200)
    rocket = rocket_at(field)
    assert struck(field.world, rocket) is first
    late.x = first.x
    assert struck(field.world, rocket) is late  # of equally near ones the lower number
