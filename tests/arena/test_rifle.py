import attrs
import pytest

from gameserver.arena.entities import MatchPhase
from gameserver.arena.events import Hit, Killed, Shot
from gameserver.arena.options import ArenaCommand
from gameserver.arena.tuning import (
    HEALTH,
    HIT_RADIUS,
    MAX_AMMO,
    MUZZLE,
    RIFLE_COOLDOWN,
    RIFLE_DAMAGE,
    RIFLE_RANGE,
    ROCKET_COOLDOWN,
    SHIELD_TICKS,
    START_AMMO,
)
from gameserver.arena.weapons import fire, weapons_work
from gameserver.game.entity import Event
from gameserver.game.fixed import SUB
from gameserver.game.maps.tilemap import TILE, ObjectKind
from gameserver.game.schema.history import VIEW_UNITS
from tests.arena.field import (
    EAST,
    NORTH,
    ROOM,
    SOUTH,
    Field,
    a_map,
    aged,
    centre,
    launching,
    shooting,
    thing,
)


def duel(*, pickups: bool = True) -> Field:
    """Two fighters that stand face to face, three tiles from each other."""
    field = Field(pickups=pickups)
    field.put(0, 5, 7)
    field.put(1, 8, 7)
    field.step()
    return field


def test_a_shot_hits_the_fighter_in_its_path_and_ends_there() -> None:
    field = duel()
    field.step({0: shooting(EAST)})
    (hit,) = field.of(Hit)
    assert (hit.seat, hit.target, hit.damage) == (0, 1, RIFLE_DAMAGE)
    assert field.fighter(1).hp == HEALTH - RIFLE_DAMAGE
    (shot,) = field.of(Shot)
    assert abs(shot.x1 - (centre(8) - HIT_RADIUS)) <= 1
    assert shot.y1 == centre(7)


def test_a_shot_that_misses_ends_at_the_wall() -> None:
    field = duel()
    field.put(1, 8, 9)
    field.steps(2)
    field.step({0: shooting(EAST)})
    assert field.of(Hit) == []
    (shot,) = field.of(Shot)
    assert shot.x1 == 23 * TILE - 1


def test_walls_stop_shots_and_low_cover_does_not() -> None:
    for tile, hits in (("#", 0), ("=", 1)):
        row = "#" + "." * 6 + tile + "." * 15 + "#"
        field = Field(tile_map=a_map(rows=(*ROOM[:7], row, *ROOM[8:])))
        field.put(0, 5, 7)
        field.put(1, 9, 7)
        field.step()
        field.step({0: shooting(EAST)})
        assert len(field.of(Hit)) == hits


def test_the_nearer_of_two_fighters_in_the_path_is_hit() -> None:
    field = Field(seats=3)
    field.put(0, 3, 7)
    field.put(1, 9, 7)
    field.put(2, 6, 7)
    field.step()
    field.step({0: shooting(EAST)})
    assert [hit.target for hit in field.of(Hit)] == [2]


def test_while_fire_is_held_the_rifle_fires_six_times_a_second_until_it_is_empty() -> None:
    field = duel()
    field.put(1, 8, 10)
    field.steps(60, {0: shooting(NORTH)})
    assert len(field.of(Shot)) == 60 // RIFLE_COOLDOWN
    field.fighter(0).ammo = 1
    field.steps(30, {0: shooting(NORTH)})
    assert len(field.of(Shot)) == 60 // RIFLE_COOLDOWN + 1


def test_without_pickups_the_rifle_never_runs_empty() -> None:
    field = duel(pickups=False)
    field.steps(60, {0: shooting(NORTH)})
    assert field.fighter(0).ammo == START_AMMO <= MAX_AMMO


def test_seven_hits_kill_and_the_killer_gets_the_point() -> None:
    field = duel()
    field.steps(6 * RIFLE_COOLDOWN, {0: shooting(EAST)})
    assert field.of(Killed) == []
    field.steps(RIFLE_COOLDOWN, {0: shooting(EAST)})
    assert field.of(Killed) == [Killed(0, 1, "rifle")]
    killer, victim = field.fighter(0), field.fighter(1)
    assert (killer.kills, killer.score, victim.deaths) == (1, 1, 1)
    assert not victim.alive


def test_both_die_when_both_shoot_in_the_same_tick() -> None:
    field = duel()
    field.fighter(0).hp = field.fighter(1).hp = RIFLE_DAMAGE
    field.step({0: shooting(EAST), 1: shooting(512)})
    assert field.of(Killed) == [Killed(0, 1, "rifle"), Killed(1, 0, "rifle")]
    assert [field.fighter(i).score for i in (0, 1)] == [1, 1]


def test_if_two_hit_the_same_victim_in_one_tick_one_of_them_killed_it() -> None:
    field = Field(seats=3)
    field.put(0, 5, 7)
    field.put(1, 8, 7, hp=RIFLE_DAMAGE)
    field.put(2, 8, 10)
    field.step()
    field.step({0: shooting(EAST), 2: shooting(NORTH)})
    assert field.of(Killed) == [Killed(0, 1, "rifle")]
    assert field.fighter(1).deaths == 1


def test_a_victim_that_heals_in_the_tick_of_the_shot_survives_and_no_death_is_reported() -> None:
    field = Field(tile_map=a_map(thing(9, ObjectKind.PICKUP, 9, 7, "health")))
    field.put(0, 5, 7)
    field.put(1, 8, 7, hp=RIFLE_DAMAGE)
    field.step()
    field.fighter(1).x = centre(9)
    field.step({0: shooting(EAST)})
    assert len(field.of(Hit)) == 1
    assert field.of(Killed) == []
    assert field.fighter(1).alive


def test_nobody_is_hurt_while_shielded_and_firing_ends_the_shield() -> None:
    field = duel()
    field.fighter(1).shield_ends = field.world.tick + SHIELD_TICKS
    field.step()
    field.step({0: shooting(EAST)})
    assert field.fighter(1).hp == HEALTH
    field.steps(RIFLE_COOLDOWN)
    field.step({1: shooting(NORTH)})
    assert not field.fighter(1).shielded
    field.step({0: shooting(EAST)})
    assert field.fighter(1).hp < HEALTH


def test_team_mates_are_spared_unless_friendly_fire_is_on() -> None:
    for friendly_fire in (False, True):
        field = Field(seats=3, mode="tdm", friendly_fire=friendly_fire)
        field.put(0, 5, 7)
        field.put(2, 8, 7, hp=RIFLE_DAMAGE)
        field.step()
        field.step({0: shooting(EAST)})
        assert field.fighter(2).alive is not friendly_fire
        assert field.fighter(0).score == field.fighter(0).kills == 0


def test_nothing_fires_before_play_begins() -> None:
    field = Field(warm_up=True)
    field.steps(85, {0: shooting(EAST), 1: ArenaCommand(rocket=True)})
    assert field.of(Shot) == []


@pytest.mark.parametrize(("view", "hits"), [(0, 0), (6 * VIEW_UNITS, 1)])
def test_a_shot_hits_where_the_shooter_saw_the_target(view: int, hits: int) -> None:
    field = Field()
    field.put(0, 5, 7)
    field.put(1, 8, 7)
    field.steps(3)
    # It runs down out of the ray; the shooter's picture is six ticks old.
    for _ in range(6):
        field.step({1: ArenaCommand(move=3)})
    assert field.fighter(1).y > centre(7) + HIT_RADIUS + SUB
    field.step({0: aged(shooting(EAST), view), 1: ArenaCommand(move=3)})
    assert len(field.of(Hit)) == hits


def test_a_target_that_died_after_the_view_is_not_hit_again() -> None:
    field = duel()
    field.steps(6)
    field.fighter(1).hp = RIFLE_DAMAGE
    field.step({0: shooting(EAST)})
    field.steps(RIFLE_COOLDOWN)
    field.step({0: aged(shooting(EAST), 8 * VIEW_UNITS)})
    assert len(field.of(Hit)) == 1
    assert field.fighter(1).deaths == 1


# --- exact bounds ---------------------------------------------------------------------------------


def fired(field: Field, command: ArenaCommand) -> list[Event]:
    """Let seat 0 fire once, without the damage; return what its client would be shown."""
    field.world.events = []
    field.fighter(0).aim = command.aim
    fire(field.world, field.fighter(0), command)
    return list(field.world.events)


def test_rifle_and_launcher_fire_again_exactly_when_they_are_ready() -> None:
    field = duel()
    tick, fighter = field.world.tick, field.fighter(0)
    both = attrs.evolve(shooting(NORTH), rocket=True)
    for early in (1, 0):
        fighter.rifle_ready = fighter.rocket_ready = tick + early
        assert len(fired(field, both)) == (0 if early else 2)
    assert fighter.rifle_ready == tick + RIFLE_COOLDOWN
    assert fighter.rocket_ready == tick + ROCKET_COOLDOWN


@pytest.mark.parametrize("left", [0, 1, 2])
def test_last_round_and_last_rocket_can_be_fired(left: int) -> None:
    field = duel()
    fighter = field.put(0, 5, 7, ammo=left, rockets=left)
    events = fired(field, attrs.evolve(shooting(NORTH), rocket=True))
    assert len(events) == 2 * min(left, 1)
    assert (fighter.ammo, fighter.rockets) == (max(0, left - 1), max(0, left - 1))


@pytest.mark.parametrize("command", [shooting(NORTH), launching(NORTH)])
def test_each_weapon_ends_the_shield_of_its_owner(command: ArenaCommand) -> None:
    field = duel()
    fighter = field.put(0, 5, 7, shielded=True, shield_ends=field.world.tick + 20)
    field.step({0: ArenaCommand()})
    assert fighter.shielded
    field.step({0: command})
    assert (fighter.shielded, fighter.shield_ends) == (False, 0)


def test_shot_begins_at_the_muzzle_and_ends_where_it_hit() -> None:
    field = duel()
    field.put(1, 5, 10)
    field.step()
    field.put(0, 5, 7)
    (shot, hit) = fired(field, shooting(SOUTH))
    assert isinstance(shot, Shot)
    assert isinstance(hit, Hit)
    assert (shot.x, shot.y) == (centre(5), centre(7) + MUZZLE)
    assert (shot.x1, shot.y1) == (hit.x, hit.y) == (centre(5), centre(10) - HIT_RADIUS)


def test_shot_ends_at_its_range_where_nothing_stops_it() -> None:
    wide = tuple("#" * 60 if row in (0, 15) else "#" + "." * 58 + "#" for row in range(16))
    field = Field(tile_map=a_map(rows=wide))
    field.put(0, 3, 7)
    (shot,) = fired(field, shooting(EAST))
    assert isinstance(shot, Shot)
    assert (shot.x1, shot.y1) == (centre(3) + RIFLE_RANGE, centre(7))


@pytest.mark.parametrize(("health", "told"), [(RIFLE_DAMAGE, True), (RIFLE_DAMAGE + 1, False)])
def test_shooter_is_shown_a_kill_at_once_if_the_shot_spends_the_health(
    health: int, told: bool
) -> None:
    field = duel()
    field.put(0, 5, 7)
    field.put(1, 8, 7, hp=health)
    events = fired(field, shooting(EAST))
    assert (Killed(0, 1, "rifle") in events) is told


@pytest.mark.parametrize("state", [{"shielded": True}, {"alive": False}])
def test_shot_goes_through_those_it_cannot_hurt(state: dict[str, bool]) -> None:
    field = Field(seats=3)
    field.put(0, 3, 7)
    field.put(1, 6, 7, **state)
    field.put(2, 9, 7)
    field.run.history.record(field.world)
    assert [event.target for event in fired(field, shooting(EAST)) if isinstance(event, Hit)] == [2]


def test_of_two_at_the_same_place_the_lower_number_is_hit() -> None:
    field = Field(seats=3)
    field.put(0, 3, 7)
    for seat in (1, 2):
        field.put(seat, 9, 7)
    field.step()
    field.put(0, 3, 7)
    assert [event.target for event in fired(field, shooting(EAST)) if isinstance(event, Hit)] == [1]


@pytest.mark.parametrize(
    ("phase", "late", "works"),
    [
        (MatchPhase.WARMUP, -1, False),
        (MatchPhase.WARMUP, 0, False),
        (MatchPhase.WARMUP, 1, True),
        (MatchPhase.PLAY, -1, True),
        (MatchPhase.OVER, 1, False),
    ],
)
def test_weapons_work_from_the_tick_after_the_warm_up(phase: int, late: int, works: bool) -> None:
    field = Field()
    field.board.phase, field.board.phase_ends = phase, field.world.tick - late
    assert weapons_work(field.world) is works
    assert bool(fired(field, shooting(NORTH))) is works
