"""What a bot wants most, from its own state, the flags, the pickups and what it has seen."""

from typing import Any

import pytest

from gameserver.arena.bots import goals
from gameserver.arena.bots.goals import (
    GRAB_DISTANCE,
    GUARD_DISTANCE,
    KEPT_MAPS,
    LOW_AMMO,
    Goal,
    choose_goal,
    navigator_of,
)
from gameserver.arena.bots.levels import LEVELS
from gameserver.arena.bots.senses import Senses
from gameserver.arena.entities import Fighter, Flag, FlagState, Pickup
from gameserver.arena.tuning import HEALTH, START_AMMO, START_ROCKETS
from gameserver.game.maps.tilemap import ObjectKind
from gameserver.testing.maps import map_from_rows
from tests.arena.bots.dice import Dice
from tests.arena.field import Field, a_map, centre, thing

LEVEL = LEVELS["normal"]
ANYWHERE = Goal(centre(21), centre(2))
"""The last spawn of the map, for dice that are high."""


def pickup(number: int, kind: str, tx: int, ty: int) -> Any:
    return thing(number, ObjectKind.PICKUP, tx, ty, kind)


def field_with(*things: Any, seats: int = 2, **options: Any) -> Field:
    """Return a field on which only seat 0 of each side is near anything."""
    field = Field(seats=seats, tile_map=a_map(*things), **options)
    for seat in range(seats):
        field.put(seat, 4, 4 + seat)
    return field


def goal_of(
    field: Field, seat: int = 0, *, dice: Dice | None = None, senses: Senses | None = None
) -> Goal:
    me = field.fighter(seat)
    return choose_goal(field.world, me, LEVEL, senses or Senses(), dice or Dice(lucky=False))


def at(tx: int, ty: int, *, urgent: bool = False) -> Goal:
    return Goal(centre(tx), centre(ty), urgent)


# --- pickups --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("health", "flees"), [(LEVEL.retreat - 1, True), (LEVEL.retreat, False)])
def test_hurt_bot_goes_for_health_at_once(health: int, flees: bool) -> None:
    field = field_with(pickup(9, "health", 18, 11), pickup(10, "ammo", 5, 5))
    field.fighter(0).hp = health
    assert goal_of(field) == (at(18, 11, urgent=True) if flees else ANYWHERE)


def test_hurt_carrier_does_not_look_for_health_or_rounds() -> None:
    field = field_with(pickup(9, "health", 18, 11), pickup(10, "ammo", 5, 5))
    field.put(0, 4, 4, hp=1, ammo=0, carrying=2)
    assert goal_of(field) == at(5, 5)


def test_without_rounds_a_bot_goes_for_some_at_once_and_with_few_after_its_objective() -> None:
    for ammo, goal in (
        (0, at(18, 11, urgent=True)),
        (1, at(18, 11)),
        (LOW_AMMO - 1, at(18, 11)),
        (LOW_AMMO, ANYWHERE),
    ):
        field = field_with(pickup(9, "ammo", 18, 11), pickup(10, "haste", 5, 5))
        field.fighter(0).ammo = ammo
        assert goal_of(field) == goal


def test_nearest_of_the_ready_pickups_is_taken() -> None:
    field = field_with(*(pickup(9 + i, "haste", tx, 4) for i, tx in enumerate((12, 8, 20))))
    field.put(0, 10, 4)
    assert goal_of(field, dice=Dice()) == at(12, 4)  # of two equally near the lower number
    field.put(0, 9, 4)
    assert goal_of(field, dice=Dice()) == at(8, 4)
    field.world.all(Pickup)[1].ready = False
    assert goal_of(field, dice=Dice()) == at(12, 4)
    field.put(0, 12, 14)
    assert goal_of(field, dice=Dice()) == at(12, 4)


@pytest.mark.parametrize(
    ("kind", "needy", "content"),
    [
        ("health", {"hp": HEALTH - 1}, {"hp": HEALTH}),
        ("ammo", {"ammo": START_AMMO - 1}, {"ammo": START_AMMO}),
        ("rockets", {"rockets": 2 * START_ROCKETS - 1}, {"rockets": 2 * START_ROCKETS}),
        ("haste", {"hasty": False}, {"hasty": True}),
    ],
)
def test_only_useful_pickups_are_goals(
    kind: str, needy: dict[str, int], content: dict[str, int]
) -> None:
    field = field_with(pickup(9, kind, 8, 8))
    field.put(0, 4, 4, **needy)
    assert goal_of(field, dice=Dice()) == at(8, 8)
    field.put(0, 4, 4, **content)
    assert goal_of(field, dice=Dice()) == ANYWHERE


def test_half_of_the_bots_with_nothing_to_do_go_for_pickups() -> None:
    field = field_with(pickup(9, "haste", 8, 8))
    dice = Dice(lucky=False)
    assert goal_of(field, dice=dice) == ANYWHERE
    assert dice.asked == [("chance", 1, 2)]


# --- enemies and places ---------------------------------------------------------------------------


def test_enemy_that_was_seen_is_looked_for() -> None:
    field, senses = field_with(pickup(9, "haste", 8, 8)), Senses()
    field.put(1, 9, 6)
    senses.look(field.world, field.fighter(0))
    assert goal_of(field, dice=Dice(), senses=senses) == at(9, 6)


@pytest.mark.parametrize(("tx", "ty", "expected"), [(3, 3, (21, 13)), (20, 12, (2, 2))])
def test_farther_one_of_two_spawns_is_somewhere_to_go(
    tx: int, ty: int, expected: tuple[int, int]
) -> None:
    class Two(Dice):
        """Chooses the first spawn, then the second."""

        def choice(self, items: Any) -> Any:
            self.asked.append(("choice", 0, 0))
            return items[len(self.asked) % 2]

    field = field_with()
    field.put(0, tx, ty)
    goal = goal_of(field, dice=Two(lucky=False))
    assert goal == at(*expected)


# --- flags ----------------------------------------------------------------------------------------

FLAGS = (thing(8, ObjectKind.FLAG, 3, 7, "", team=1), thing(9, ObjectKind.FLAG, 20, 7, "", team=2))


def ctf(seats: int = 2) -> tuple[Field, Flag, Flag]:
    field = field_with(*FLAGS, seats=seats, mode="ctf")
    own, theirs = field.world.all(Flag)
    return field, own, theirs


def carried(field: Field, flag: Flag, seat: int) -> Fighter:
    flag.state, flag.carrier = FlagState.CARRIED, seat
    carrier = field.fighter(seat)
    carrier.carrying = flag.team
    flag.x, flag.y = carrier.x, carrier.y
    return carrier


def test_map_with_one_flag_has_no_objective() -> None:
    for flag in FLAGS:
        field = field_with(flag, mode="ctf")
        assert goal_of(field) == ANYWHERE


@pytest.mark.parametrize("team", [1, 2])
def test_enemys_flag_is_the_objective(team: int) -> None:
    field, own, theirs = ctf()
    assert (own.team, theirs.team) == (1, 2)
    assert goal_of(field, team - 1)[:2] == (at(20, 7) if team == 1 else at(3, 7))[:2]


@pytest.mark.parametrize("seat", [0, 2])
@pytest.mark.parametrize(("beyond", "urgent"), [(1, True), (0, False)])
def test_bot_near_the_enemys_flag_does_not_stop_for_a_fight(
    seat: int, beyond: int, urgent: bool
) -> None:
    field, _, theirs = ctf(seats=4)
    for along in ("x", "y"):
        me = field.put(1, 4, 4)
        me.x, me.y = field.world.all(Flag)[0].x, field.world.all(Flag)[0].y
        setattr(me, along, getattr(me, along) + GRAB_DISTANCE - beyond)
        assert goal_of(field, 1) == at(3, 7, urgent=urgent)
    assert goal_of(field, seat) == Goal(theirs.x, theirs.y, True)  # even seats never stop


def test_carrier_brings_the_flag_home() -> None:
    field, _, theirs = ctf()
    carried(field, theirs, 0)
    assert goal_of(field) == at(3, 7, urgent=True)


@pytest.mark.parametrize("high", [False, True])
def test_carrier_waits_near_its_stand_while_its_flag_is_away(high: bool) -> None:
    field, own, theirs = ctf(seats=4)
    carried(field, theirs, 0)
    carried(field, own, 1)
    dice = Dice(high=high)
    away = GUARD_DISTANCE if high else -GUARD_DISTANCE
    assert goal_of(field, dice=dice) == Goal(centre(3) + away, centre(7) + away, urgent=True)
    assert dice.asked == [("between", -GUARD_DISTANCE, GUARD_DISTANCE)] * 2


def test_lonely_carrier_goes_for_its_flag_itself() -> None:
    field, own, theirs = ctf()
    carried(field, theirs, 0)
    carried(field, own, 1)
    field.put(1, 12, 12)
    own.x, own.y = centre(12), centre(12)
    assert goal_of(field) == at(12, 12, urgent=True)


def test_dropped_flag_is_returned_by_everybody() -> None:
    field, own, _ = ctf(seats=8)
    own.state, own.x, own.y = FlagState.DROPPED, centre(12), centre(10)
    assert {goal_of(field, seat) for seat in (0, 2, 4, 6)} == {at(12, 10, urgent=True)}


def test_half_of_a_team_hunts_the_carrier_of_its_flag() -> None:
    field, own, theirs = ctf(seats=8)
    field.put(1, 12, 12)
    carried(field, own, 1)
    hunts = [goal_of(field, seat) == at(12, 12, urgent=True) for seat in (0, 2, 4, 6)]
    assert hunts == [True, False, True, False]
    theirs.state = FlagState.DROPPED
    assert goal_of(field, 2) == at(12, 12, urgent=True)
    assert goal_of(field, 3)[:2] != (centre(12), centre(12))


@pytest.mark.parametrize(("seat", "hunts"), [(1, True), (2, False), (5, True), (6, False)])
def test_hunters_are_the_first_two_of_four_seats(seat: int, hunts: bool) -> None:
    field, own, theirs = ctf(seats=8)
    if seat % 2:
        own, theirs = theirs, own
    carrier = 0 if seat % 2 else 7
    field.put(carrier, 12, 12)
    carried(field, own, carrier)
    assert (goal_of(field, seat) == at(12, 12, urgent=True)) is hunts
    assert theirs.state == FlagState.HOME


def test_others_go_beside_the_carrier_of_their_team() -> None:
    field, _, theirs = ctf(seats=4)
    field.put(2, 9, 9)
    carried(field, theirs, 2)
    assert goal_of(field, 0) == at(9, 9)
    theirs.carrier = 77  # it has left, which a client learns later than the flag's state
    assert goal_of(field, 0) == ANYWHERE


def test_flag_that_a_bot_itself_seems_to_carry_is_no_place_to_go() -> None:
    field, _, theirs = ctf()
    theirs.state, theirs.carrier = FlagState.CARRIED, 0
    assert goal_of(field, 0) == ANYWHERE


@pytest.mark.parametrize(("size", "defenders"), [(2, []), (3, [4]), (5, [4]), (6, [4, 10])])
def test_every_third_of_a_large_team_defends(size: int, defenders: list[int]) -> None:
    field, _, _ = ctf(seats=2 * size)
    dice = Dice(lucky=False)
    guard = Goal(centre(3) + GUARD_DISTANCE, centre(7) + GUARD_DISTANCE)
    mine = [2 * number for number in range(size)]
    assert [seat for seat in mine if goal_of(field, seat, dice=dice) == guard] == defenders


# --- navigators -----------------------------------------------------------------------------------


def test_navigator_is_made_once_and_the_oldest_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(goals, "_navigators", type(goals._navigators)())
    maps = [map_from_rows(*["." * (8 + number)] * 8) for number in range(KEPT_MAPS + 1)]
    made = [navigator_of(each) for each in maps[:KEPT_MAPS]]
    assert [navigator_of(each) for each in maps[:KEPT_MAPS]] == made
    assert len(set(map(id, made))) == KEPT_MAPS
    navigator_of(maps[KEPT_MAPS])
    assert [navigator_of(each) for each in maps[1:KEPT_MAPS]] == made[1:]
    assert navigator_of(maps[0]) is not made[0]
