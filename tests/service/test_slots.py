"""Matches share a slot while they fit into it together, and are spread beyond that."""

from collections import Counter

import pytest

from gameserver.service.slots import (
    FULL_S,
    SEEN_TICKS,
    SUMMED_FOR_S,
    TOO_FULL_S,
    Slots,
    slots_of,
)
from gameserver.service.timetable import Slot, Timetable

PERIOD = 1 / 20
SLOTS = slots_of(PERIOD)


class Room:
    """Slots with matches that take what they are told to."""

    def __init__(self) -> None:
        self.slots, self.now = Slots(), 0.0

    def add(self, took_s: float = 0.0, period: float = PERIOD) -> Timetable:
        self.now += 1.0  # so that what is known by now counts
        table = Timetable(period, 0.0, slot=self.slots.choose(period, self.now))
        self.slots.enter(table)
        if took_s:
            self.play(table, took_s)
        return table

    @staticmethod
    def play(table: Timetable, took_s: float) -> None:
        table.done += SEEN_TICKS
        table.busy_s += SEEN_TICKS * took_s

    def balance(self, tables: list[Timetable]) -> None:
        self.now += 1.0
        self.slots.balance(self.now)
        for table in tables:
            self.slots.move(table)


def shares(tables: list[Timetable]) -> list[int]:
    """Return how many matches are in each slot, by slot."""
    found = Counter(table.slot for table in tables)
    return [found[slot] for slot in SLOTS]


@pytest.mark.parametrize(("rate", "slots"), [(30, 7), (100, 2), (200, 1), (1000, 1)])
def test_a_period_has_as_many_slots_as_fit_on_the_grid_and_one_at_least(
    rate: int, slots: int
) -> None:
    assert slots_of(1 / rate) == [(1 / rate, each / slots) for each in range(slots)]


def test_few_matches_share_a_slot_until_it_is_full() -> None:
    room = Room()
    room.add(0.001)
    tables = [room.add(0.001) for _ in range(8)]
    assert shares(tables) == [3, 4, 1, 0, 0, 0, 0, 0, 0, 0], "four take 4 ms"


def test_a_match_whose_ticks_take_longer_than_a_slot_has_one_by_itself() -> None:
    room = Room()
    slow = [room.add(2 * FULL_S) for _ in range(3)]
    assert len({table.slot for table in slow}) == 3


def test_when_all_slots_are_full_the_load_is_spread_evenly() -> None:
    room = Room()
    tables = [room.add(0.001) for _ in range(4 * len(SLOTS) + 21)]
    assert sorted(shares(tables)) == [6] * 9 + [7]


def test_matches_are_spread_while_nobody_knows_what_they_take() -> None:
    room = Room()
    assert shares([room.add() for _ in range(2 * len(SLOTS))]) == [2] * len(SLOTS)


def test_matches_that_have_become_slow_move_until_no_slot_takes_too_long() -> None:
    room = Room()
    tables = [room.add(0.0002) for _ in range(16)]
    assert sorted(shares(tables)) == [0] * 9 + [16]
    origins = {table: table.origin for table in tables}
    for _ in range(20):
        for table in tables:
            room.play(table, 0.001)
        room.balance(tables)
    assert max(shares(tables)) * 0.001 <= TOO_FULL_S
    for table in tables:
        late = table.origin - origins[table]
        assert late == pytest.approx(table.slot[1] * PERIOD), "later, and in its slot"
    before = shares(tables)
    room.balance(tables)
    assert shares(tables) == before, "nobody moves without need"


def test_one_match_that_is_too_slow_for_any_slot_stays_where_it_is() -> None:
    room = Room()
    slow = room.add(3 * TOO_FULL_S)
    room.balance([slow])
    assert slow.slot == SLOTS[0]


def test_a_match_that_has_ended_since_it_was_chosen_is_not_moved() -> None:
    room = Room()
    tables = [room.add(0.0002) for _ in range(10)]
    for table in tables:
        room.play(table, 0.002)
    room.slots.balance(room.now)
    for table in tables:
        room.slots.leave(table)
        room.slots.move(table)
    assert {table.slot for table in tables} == {SLOTS[0]}
    assert room.add(0.001).slot == SLOTS[0], "they are all gone"


def test_many_that_begin_at_once_are_spread_without_a_sum_for_each() -> None:
    slots, found = Slots(), Counter[Slot]()
    for _ in range(400):
        table = Timetable(PERIOD, 0.0, slot=slots.choose(PERIOD, SUMMED_FOR_S))
        slots.enter(table)
        found[table.slot] += 1
    assert set(found.values()) == {40}


def test_the_place_of_a_match_that_has_ended_is_free_at_once() -> None:
    room = Room()
    tables = [room.add(0.001) for _ in range(2 * len(SLOTS))]
    first = [table for table in tables if table.slot == SLOTS[0]]
    for table in first:
        room.slots.leave(table)
        room.slots.leave(table)
    assert shares([room.add(0.001) for _ in range(4)])[0] >= 3, "it has room again"


def test_matches_of_other_rates_do_not_count_for_a_slot() -> None:
    room = Room()
    for rate in (20, 30, 60):
        assert room.add(0.003, 1 / rate).slot == (1 / rate, 0.0)
