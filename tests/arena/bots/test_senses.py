"""What a bot sees, and for how long it remembers."""

import pytest

from gameserver.arena.bots.senses import BLINK_TICKS, MEMORY_TICKS, SIGHT, Senses, in_sight
from gameserver.game.maps.tilemap import TILE
from gameserver.ids import Tick
from tests.arena.field import ROOM, Field, a_map, centre

WIDE = ("#" * 60, *["#" + "." * 58 + "#"] * 58, "#" * 60)


@pytest.mark.parametrize(("dx", "dy"), [(1, 0), (-1, 0), (0, 1), (0, -1)])
def test_sight_ends_at_its_distance(dx: int, dy: int) -> None:
    field = Field(tile_map=a_map(rows=WIDE))
    me = field.put(0, 30, 30)
    for distance, seen in ((SIGHT - 1, True), (SIGHT, False)):
        assert in_sight(field.world, me, me.x + dx * distance, me.y + dy * distance) is seen


def test_wall_hides_and_low_cover_does_not() -> None:
    for tile, seen in (("#", False), ("=", True)):
        row = "#" + "." * 6 + tile + "." * 15 + "#"
        field = Field(tile_map=a_map(rows=(*ROOM[:7], row, *ROOM[8:])))
        assert in_sight(field.world, field.put(0, 5, 7), centre(9), centre(7)) is seen


def test_enemies_in_sight_are_told_nearest_first() -> None:
    field = Field(seats=5)
    me = field.put(0, 10, 7)
    for seat, tx in ((1, 16), (2, 7), (3, 13)):
        field.put(seat, tx, 7)
    field.put(4, 11, 7, alive=False)
    seen = Senses().look(field.world, me)
    near = sorted(field.fighter(seat).id for seat in (2, 3))  # equally near: the lower number first
    assert [sighting.id for sighting in seen] == [*near, field.fighter(1).id]
    assert {sighting.x // TILE for sighting in seen} == {7, 13, 16}


@pytest.mark.parametrize(("mode", "seen"), [("dm", 3), ("tdm", 2)])
def test_only_team_mates_are_no_enemies(mode: str, seen: int) -> None:
    field = Field(seats=4, mode=mode)
    for seat in range(4):
        field.put(seat, 10 + seat, 7)
    assert len(Senses().look(field.world, field.fighter(0))) == seen


def looked(field: Field, senses: Senses, tick: int, tx: int | None, dx: int = 0) -> tuple[int, ...]:
    """Look at a tick at an enemy on a tile, or out of sight; return what is known of its way."""
    field.world.tick = Tick(tick)
    field.put(1, tx or 3, 7 if tx else 14)
    field.fighter(1).x += dx
    field.fighter(1).y += dx // 2
    found = senses.look(field.world, field.fighter(0))
    assert bool(found) is bool(tx)
    return (found[0].since, found[0].last, found[0].vx, found[0].vy) if found else ()


def hidden() -> Field:
    """Return a field whose lower row is out of sight of seat 0."""
    rows = (*ROOM[:13], "#" * 24, *ROOM[14:])
    field = Field(tile_map=a_map(rows=rows))
    field.put(0, 5, 7)
    return field


def test_enemy_is_in_sight_since_it_was_seen_without_a_longer_break() -> None:
    field, senses = hidden(), Senses()
    assert looked(field, senses, 100, 12) == (100, 100, 0, 0)
    assert looked(field, senses, 101, 12, 40) == (100, 101, 40, 20)
    looked(field, senses, 102, None)
    later = 101 + BLINK_TICKS
    assert looked(field, senses, later, 12, 100) == (100, later, 20, 10)
    assert looked(field, senses, later + BLINK_TICKS + 1, 12)[0] == later + BLINK_TICKS + 1


def test_second_look_in_a_tick_does_not_divide_by_nothing() -> None:
    field, senses = hidden(), Senses()
    looked(field, senses, 100, 12)
    assert looked(field, senses, 100, 12, 8) == (100, 100, 8, 4)


@pytest.mark.parametrize(("age", "known"), [(MEMORY_TICKS, True), (MEMORY_TICKS + 1, False)])
def test_enemy_is_remembered_for_a_time(age: int, known: bool) -> None:
    field, senses = hidden(), Senses()
    looked(field, senses, 100, 12)
    looked(field, senses, 100 + age, None)
    remembered = senses.remembered(field.world)
    assert (remembered is not None) is known
    if remembered is not None:
        assert (remembered.x, remembered.y, remembered.last) == (centre(12), centre(7), 100)


def test_dead_and_gone_enemies_are_forgotten() -> None:
    field, senses = hidden(), Senses()
    looked(field, senses, 100, 12)
    field.fighter(1).alive = False
    assert senses.remembered(field.world) is None
    field.world.despawn(field.fighter(1))
    assert senses.remembered(field.world) is None


def test_enemy_that_was_seen_last_is_remembered_first() -> None:
    field, senses = Field(seats=3), Senses()
    me = field.put(0, 5, 7)
    field.put(1, 8, 7)
    field.put(2, 9, 7)
    senses.look(field.world, me)
    first = senses.remembered(field.world)
    assert first is not None
    assert first.id == min(field.fighter(1).id, field.fighter(2).id)
    field.world.tick = Tick(field.world.tick + 1)
    field.put(1, 8, 7, alive=False)
    senses.look(field.world, me)
    field.fighter(1).alive = True
    newest = senses.remembered(field.world)
    assert newest is not None
    assert newest.id == field.fighter(2).id
