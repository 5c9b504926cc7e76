"""The hall's time, ids, and what a hall begins with."""

import base64

import pytest

from gameserver.rooms.limits.rules import RoomRules
from gameserver.rooms.state.hall_state import ID_BYTES, HallState
from tests.rooms.party import Tag


def state(*drawn: bytes, delay_s: float = 0.0) -> HallState:
    left = iter(drawn)

    def entropy(size: int) -> bytes:
        found = next(left)
        assert len(found) == size
        return found

    return HallState(Tag(), {}, RoomRules(spectator_delay_s=delay_s), entropy, entropy)


def test_a_hall_begins_at_no_time_open_and_with_nothing_to_tell() -> None:
    new = state()
    assert (new.now, new.wall_ms, new.matches_refused_for_s) == (0.0, 0, 0.0)
    assert [new.stopping, new.draining, new.list_changed] == [False] * 3
    assert (new.effects, new.take_effects()) == (0, [])


def test_the_wall_time_moves_with_the_time_of_the_calls_unless_it_is_told() -> None:
    hall = state()
    times = []
    for now, wall_ms in ((2.5, None), (1.0, None), (3.0, 77), (2.0, 80), (3.25, None)):
        hall.set_time(now, wall_ms)
        times.append((hall.now, hall.wall_ms))
    assert times == [(2.5, 2500), (2.5, 2500), (3.0, 77), (3.0, 80), (3.25, 330)]


def test_an_id_is_drawn_until_it_is_a_new_one() -> None:
    first, second = b"a" * ID_BYTES, b"z" * ID_BYTES
    names = ["p-" + base64.b32encode(each).decode().rstrip("=").lower() for each in (first, second)]
    assert state(first).fresh_id("p-", ()) == names[0]
    assert state(first, first, second).fresh_id("p-", names[:1]) == names[1]


@pytest.mark.parametrize(
    ("delay_s", "stopping", "delays"),
    [(0.0, False, False), (0.5, False, True), (0.5, True, False)],
)
def test_spectators_are_told_later_if_there_is_a_delay_and_time_for_it(
    delay_s: float, stopping: bool, delays: bool
) -> None:
    hall = state(delay_s=delay_s)
    hall.stopping = stopping
    assert hall.delays is delays
