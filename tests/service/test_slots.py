"""Matches share a slot while they fit into it together, and are spread beyond that."""

from collections import Counter

import pytest

from gameserver.service.slots import FULL_S, GUESS_S, SUMMED_FOR_S, Slots, slots_of
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
        if took_s:
            table.done, table.busy_s = 10, 10 * took_s
        self.slots.enter(table)
        return table


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


def test_what_matches_take_is_guessed_while_none_was_seen() -> None:
    room = Room()
    tables = [room.add() for _ in range(round(FULL_S / GUESS_S) + 1)]
    assert shares(tables)[:3] == [len(tables) - 1, 1, 0]


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
