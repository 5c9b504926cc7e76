import pytest

from gameserver.arena.entities import Fighter, Pickup
from gameserver.arena.events import PickedUp
from gameserver.arena.pickups import take
from gameserver.arena.tuning import (
    GIVES_AMMO,
    GIVES_HEALTH,
    GIVES_ROCKETS,
    HASTE_TICKS,
    MAX_AMMO,
    MAX_HEALTH,
    MAX_ROCKETS,
    PICKUP_REACH,
    PICKUP_RETURNS,
    START_AMMO,
    START_ROCKETS,
)
from gameserver.game.maps.tilemap import ObjectKind
from tests.arena.field import Field, a_map, centre, thing

KINDS = ("health", "ammo", "rockets", "haste")


def with_pickup(kind: str, **options: bool) -> Field:
    tile_map = a_map(thing(9, ObjectKind.PICKUP, 10, 7, kind))
    return Field(tile_map=tile_map, **options)


def state(fighter: Fighter, tick: int) -> tuple[int, ...]:
    return fighter.hp, fighter.ammo, fighter.rockets, max(0, fighter.haste_ends - tick)


@pytest.mark.parametrize(
    ("kind", "gain"),
    [
        ("health", (GIVES_HEALTH, 0, 0, 0)),
        ("ammo", (0, GIVES_AMMO, 0, 0)),
        ("rockets", (0, 0, GIVES_ROCKETS, 0)),
        ("haste", (0, 0, 0, HASTE_TICKS)),
    ],
)
def test_each_kind_of_pickup_has_its_effect_and_disappears(
    kind: str, gain: tuple[int, ...]
) -> None:
    field = with_pickup(kind)
    fighter = field.put(0, 10, 7, hp=50)
    field.step()
    tick = field.world.tick
    before = (50, START_AMMO, START_ROCKETS, 0)
    assert state(fighter, tick) == tuple(a + b for a, b in zip(before, gain, strict=True))
    (pickup,) = field.world.all(Pickup)
    assert field.of(PickedUp) == [PickedUp(0, pickup.id, kind)]
    assert not pickup.ready


@pytest.mark.parametrize("kind", KINDS)
def test_a_taken_pickup_returns_after_its_time(kind: str) -> None:
    field = with_pickup(kind)
    field.put(0, 10, 7, hp=50)
    field.step()
    field.put(0, 3, 3)
    (pickup,) = field.world.all(Pickup)
    field.steps(PICKUP_RETURNS[kind] - 1)
    assert not pickup.ready
    field.steps(1)
    assert pickup.ready


@pytest.mark.parametrize(
    ("kind", "full"),
    [
        ("health", {"hp": MAX_HEALTH}),
        ("ammo", {"ammo": MAX_AMMO}),
        ("rockets", {"rockets": MAX_ROCKETS}),
    ],
)
def test_a_fighter_who_cannot_use_a_pickup_does_not_take_it(
    kind: str, full: dict[str, int]
) -> None:
    field = with_pickup(kind)
    field.put(0, 10, 7, **full)
    field.steps(3)
    assert field.of(PickedUp) == []
    assert field.world.all(Pickup)[0].ready


def test_a_pickup_that_two_reach_in_one_tick_goes_to_one_of_them() -> None:
    field = with_pickup("health")
    field.put(0, 10, 7, hp=10)
    field.put(1, 10, 7, hp=10)
    field.step()
    assert len(field.of(PickedUp)) == 1
    assert sorted(field.fighter(i).hp for i in (0, 1)) == [10, 10 + GIVES_HEALTH]


def test_dead_fighters_take_no_pickups() -> None:
    field = with_pickup("health")
    field.put(0, 10, 7, hp=0, alive=False, respawns=field.world.tick + 50)
    field.steps(10)
    assert field.of(PickedUp) == []


def test_without_the_option_there_are_no_pickups() -> None:
    assert with_pickup("health", pickups=False).world.all(Pickup) == []


def test_pickups_are_where_the_map_says() -> None:
    (pickup,) = with_pickup("haste").world.all(Pickup)
    assert (pickup.kind, pickup.x, pickup.y) == ("haste", centre(10), centre(7))


@pytest.mark.parametrize(("dx", "dy"), [(1, 0), (-1, 0), (0, 1), (0, -1)])
@pytest.mark.parametrize("beyond", [0, 1])
def test_pickup_is_in_reach_up_to_its_bound(dx: int, dy: int, beyond: int) -> None:
    field = with_pickup("haste")
    fighter = field.put(0, 10, 7)
    fighter.x += dx * (PICKUP_REACH + beyond)
    fighter.y += dy * (PICKUP_REACH + beyond)
    take(field.world, fighter)
    assert field.world.all(Pickup)[0].ready is bool(beyond)


def test_reach_is_a_circle() -> None:
    field = with_pickup("haste")
    fighter = field.put(0, 10, 7)
    fighter.x += PICKUP_REACH * 3 // 4
    fighter.y -= PICKUP_REACH * 3 // 4
    take(field.world, fighter)
    assert field.world.all(Pickup)[0].ready


@pytest.mark.parametrize(
    ("kind", "field_name", "most"),
    [("health", "hp", MAX_HEALTH), ("ammo", "ammo", MAX_AMMO), ("rockets", "rockets", MAX_ROCKETS)],
)
def test_pickup_fills_up_to_the_most_and_is_useful_if_one_is_missing(
    kind: str, field_name: str, most: int
) -> None:
    field = with_pickup(kind)
    fighter = field.put(0, 10, 7, **{field_name: most - 1})
    field.world.events = []
    take(field.world, fighter)
    assert getattr(fighter, field_name) == most
    assert len(field.world.events) == 1


def test_pickup_of_a_kind_that_is_not_known_is_left_out() -> None:
    assert with_pickup("cake").world.all(Pickup) == []


def test_taken_pickup_is_not_taken_again_and_others_can_be() -> None:
    tile_map = a_map(*(thing(9 + i, ObjectKind.PICKUP, 10, 7, "haste") for i in range(2)))
    field = Field(tile_map=tile_map)
    first, second = field.world.all(Pickup)
    first.ready, first.returns = False, field.world.tick + 50
    field.put(0, 10, 7)
    field.step()
    assert [event.pickup for event in field.of(PickedUp)] == [second.id]
    field.step()
    assert len(field.of(PickedUp)) == 1
    first.returns = second.returns = field.world.tick
    first.ready = second.ready = True
    field.step()
    assert [event.pickup for event in field.of(PickedUp)[1:]] == [first.id, second.id]


def test_haste_begins_again_with_each_pickup() -> None:
    field = with_pickup("haste")
    fighter = field.put(0, 10, 7, haste_ends=field.world.tick + 5)
    take(field.world, fighter)
    assert fighter.haste_ends == field.world.tick + HASTE_TICKS
