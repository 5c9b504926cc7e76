"""Bodies of polls: what each element may be, at its bounds."""

from types import SimpleNamespace
from typing import Any

import msgpack
import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from gameserver.transports.polling.exchange import (
    LEAVES,
    LINK_BYTES,
    LONGEST_WAIT_S,
    MOST_MESSAGES,
    Exchange,
    ExchangeError,
    decode,
)
from gameserver.transports.polling.road import LongPolling

LINK = bytes(LINK_BYTES)
GOOD: list[Any] = [LINK, 1, 0, 0, []]


def decoded(at: int, value: object) -> Exchange:
    row = [*GOOD[:at], value, *GOOD[at + 1 :]]
    return decode(msgpack.packb(row), longest=64)


@pytest.mark.parametrize(
    ("at", "values"),
    [
        (0, (LINK[1:], LINK + b"x", None, 7)),
        (1, (0, -1, True, 1.0, None, "1")),
        (2, (-1, True, 1.0, None)),
        (3, (LEAVES - 1, True, 1.0, None)),
        (4, ({}, None, [b"x", "y"], [7], [bytes(65)], [b""] * (MOST_MESSAGES + 1))),
    ],
)
def test_an_element_out_of_bounds_or_of_another_kind_is_refused(
    at: int, values: tuple[object, ...]
) -> None:
    for value in values:
        with pytest.raises(ExchangeError):
            decoded(at, value)


def test_elements_at_their_bounds_are_taken() -> None:
    assert decoded(1, 1) == Exchange(LINK, 1, 0, 0.0, ())
    assert decoded(1, 2**40).number == 2**40
    assert decoded(2, 2**40).confirmed == 2**40
    assert decoded(3, LEAVES).wait_s == LEAVES / 1000
    assert decoded(3, 250).wait_s == 0.25
    assert decoded(3, 2**40).wait_s == LONGEST_WAIT_S
    assert decoded(4, [bytes(64)] * MOST_MESSAGES).messages == (bytes(64),) * MOST_MESSAGES


def test_a_body_of_another_length_or_with_more_behind_it_is_refused() -> None:
    rows: tuple[object, ...] = (GOOD[:4], [*GOOD, 0], {}, 7)
    for row in rows:
        with pytest.raises(ExchangeError):
            decode(msgpack.packb(row), longest=64)
    for body in (b"", msgpack.packb(GOOD) + b"\0", msgpack.packb(GOOD)[:-1]):
        with pytest.raises(ExchangeError):
            decode(body, longest=64)


async def test_a_request_without_a_link_lets_the_next_one_go_on() -> None:
    nothing: Any = None
    polled: Any = SimpleNamespace(number=0, link=None, applied=trio.lowlevel.ParkingLot())
    first, second = Exchange(LINK, 1, 0, 0.0, ()), Exchange(LINK, 2, 0, 0.0, ())
    async with trio.open_nursery() as nursery:
        nursery.start_soon(LongPolling._apply, nothing, polled, second)
        await wait_all_tasks_blocked()
        assert polled.number == 0
        await LongPolling._apply(nothing, polled, first)
        assert polled.number == 1
        with trio.fail_after(1):
            await wait_all_tasks_blocked()
    assert polled.number == 2
