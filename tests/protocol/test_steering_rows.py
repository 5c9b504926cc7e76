"""Rows of the server about time: which are taken, and what is wrong with the others."""

from collections.abc import Callable
from typing import Any

import pytest

from gameserver.errors import ProtocolError
from gameserver.messages.wire import Kind, Shift, Steer
from gameserver.protocol import limits
from gameserver.protocol.hot import shift_of, steer_of

STEER, SHIFT = int(Kind.STEER), int(Kind.SHIFT)
LAST = limits.TICK - 1


@pytest.mark.parametrize("ticks", [-(1 << 15), -1, 0, 1, (1 << 15) - 1])
def test_a_lead_changes_in_both_directions_within_bounds(ticks: int) -> None:
    assert steer_of([STEER, LAST, ticks]) == Steer(LAST, ticks)


@pytest.mark.parametrize("ticks", [0, 1, LAST])
def test_a_shift_of_all_ticks_is_forward_only(ticks: int) -> None:
    assert shift_of([SHIFT, LAST, ticks]) == Shift(LAST, ticks)


@pytest.mark.parametrize(
    ("read", "row", "part"),
    [
        (steer_of, (STEER, 1, 1), "a steer is [3, tick, ticks]"),
        (steer_of, [STEER, 1], "a steer is [3, tick, ticks]"),
        (steer_of, [STEER, 1, 1, 1], "a steer is [3, tick, ticks]"),
        (steer_of, [SHIFT, 1, 1], "a steer is [3, tick, ticks]"),
        (steer_of, None, "a steer is [3, tick, ticks]"),
        (steer_of, [STEER, -1, 1], "a steer's tick"),
        (steer_of, [STEER, LAST + 1, 1], "a steer's tick"),
        (steer_of, [STEER, 1, 1 << 15], "a steer's ticks"),
        (steer_of, [STEER, 1, -(1 << 15) - 1], "a steer's ticks"),
        (shift_of, (SHIFT, 1, 1), "a shift is [7, tick, ticks]"),
        (shift_of, [SHIFT, 1], "a shift is [7, tick, ticks]"),
        (shift_of, [SHIFT, 1, 1, 1], "a shift is [7, tick, ticks]"),
        (shift_of, [STEER, 1, 1], "a shift is [7, tick, ticks]"),
        (shift_of, None, "a shift is [7, tick, ticks]"),
        (shift_of, [SHIFT, LAST + 1, 1], "a shift's tick"),
        (shift_of, [SHIFT, 1, -1], "a shift's ticks"),
        (shift_of, [SHIFT, 1, LAST + 1], "a shift's ticks"),
    ],
)
def test_other_rows_are_refused_with_their_fault(
    read: Callable[[Any], object], row: Any, part: str
) -> None:
    with pytest.raises(ProtocolError) as caught:
        read(row)
    assert caught.value.sentence.startswith(part)
