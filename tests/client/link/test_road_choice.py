"""Which road is tried when, how long each may take, and whose failure is told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from gameserver.client import Address
from gameserver.client.link import roads
from gameserver.client.link.roads import (
    ALL,
    IMPROVE_S,
    LONG_POLLING,
    PATIENCE_S,
    SSE,
    WEBSOCKET,
    Roads,
)
from gameserver.client.link.wire import NoWayError, SilentError
from gameserver.errors import ConfigError, ConnectionLostError

ADDRESS = Address("play.example", 7777)


class Way:
    """One road: open, closed by an error, or silent; notes each attempt and each end."""

    def __init__(self, road: str) -> None:
        self.road = road
        self.error: ConnectionLostError | None = None
        self.silent = False
        self.attempts: list[tuple[float, float]] = []
        self.ends = 0
        self.opens: Any = None

    @asynccontextmanager
    async def dial(self, address: Address, timeout_s: float, opens: Any) -> AsyncIterator["Way"]:
        assert address == ADDRESS
        self.attempts.append((trio.current_time(), timeout_s))
        self.opens = opens
        if self.silent:
            await trio.sleep(timeout_s)
            raise SilentError("only a part of the time")
        await trio.lowlevel.checkpoint()
        if self.error is not None:
            raise self.error
        try:
            yield self
        finally:
            self.ends += 1


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> dict[str, Way]:
    made = {road: Way(road) for road in ALL}
    monkeypatch.setattr(roads, "_DIALS", {road: way.dial for road, way in made.items()})
    return made


def every(opens: Any = None) -> Roads:
    return Roads(ADDRESS, ALL, opens)


async def failure(some: Roads, timeout_s: float = 5.0) -> ConnectionLostError:
    with pytest.raises(ConnectionLostError) as lost:
        async with some.dial(timeout_s):
            pass
    return lost.value


async def test_the_best_road_is_taken_if_it_is_open(
    autojump_clock: MockClock, ways: dict[str, Way]
) -> None:
    del autojump_clock  # moves time by being there

    def opens() -> None:
        """Stand for a function that opens streams."""

    some = every(opens)
    assert (some.current, some.can_improve) == ("", True)
    async with some.dial(5.0) as wire:
        assert wire.road == some.current == WEBSOCKET
        assert ways[WEBSOCKET].ends == 0
    assert ways[WEBSOCKET].ends == 1
    assert ways[WEBSOCKET].opens is opens
    assert not some.can_improve
    assert ways[WEBSOCKET].attempts == [(0.0, PATIENCE_S[WEBSOCKET])]
    assert ways[SSE].attempts == ways[LONG_POLLING].attempts == []


async def test_a_road_that_worked_is_taken_first_the_next_time(
    autojump_clock: MockClock, ways: dict[str, Way]
) -> None:
    del autojump_clock  # moves time by being there
    some = every()
    ways[WEBSOCKET].error = ConnectionLostError("refused")
    for number in (1, 2):
        async with some.dial(5.0) as wire:
            assert wire.road == SSE
        assert len(ways[SSE].attempts) == number
        assert len(ways[WEBSOCKET].attempts) == 1
        assert some.can_improve
    ways[SSE].error = ConnectionLostError("kept back")
    for number in (1, 2):
        async with some.dial(5.0) as wire:
            assert wire.road == LONG_POLLING
        assert len(ways[LONG_POLLING].attempts) == number
        assert (len(ways[WEBSOCKET].attempts), len(ways[SSE].attempts)) == (2, 3)
    ways[WEBSOCKET].error, ways[LONG_POLLING].error = None, ConnectionLostError("gone")
    async with some.dial(5.0) as wire:
        assert wire.road == WEBSOCKET
    assert not some.can_improve
    assert len(ways[SSE].attempts) == 4, "the one that worked before the last comes next"


async def test_silent_roads_leave_time_for_the_last_so_that_a_client_is_online_within_3_s(
    autojump_clock: MockClock, ways: dict[str, Way]
) -> None:
    del autojump_clock  # moves time by being there
    ways[WEBSOCKET].silent = ways[SSE].silent = True
    async with every().dial(5.0) as wire:
        assert wire.road == LONG_POLLING
    first_s, second_s = PATIENCE_S[WEBSOCKET], PATIENCE_S[SSE]
    assert ways[WEBSOCKET].attempts == [(0.0, first_s)]
    assert ways[SSE].attempts[0] == pytest.approx((first_s, second_s))
    ((began, seconds),) = ways[LONG_POLLING].attempts
    assert (began, seconds) == pytest.approx((first_s + second_s, 5.0 - first_s - second_s))
    assert began < 3


async def test_the_only_road_has_all_the_time(
    autojump_clock: MockClock, ways: dict[str, Way]
) -> None:
    del autojump_clock  # moves time by being there
    some = Roads(ADDRESS, (WEBSOCKET,), None)
    ways[WEBSOCKET].silent = True
    error = await failure(some)
    assert isinstance(error, SilentError)
    assert str(error) == "play.example:7777 did not answer within 5 s"
    assert ways[WEBSOCKET].attempts == [(0.0, 5.0)]


async def test_a_short_time_is_not_exceeded(
    autojump_clock: MockClock, ways: dict[str, Way]
) -> None:
    del autojump_clock  # moves time by being there
    for way in ways.values():
        way.silent = True
    began = trio.current_time()
    await failure(every(), 1.0)
    assert trio.current_time() - began == pytest.approx(1.0)
    assert ways[WEBSOCKET].attempts == [(0.0, 1.0)]


async def test_the_failure_of_the_best_road_is_told(
    autojump_clock: MockClock, ways: dict[str, Way]
) -> None:
    del autojump_clock  # moves time by being there
    best, other = ConnectionLostError("the best's"), ConnectionLostError("the other's")
    ways[WEBSOCKET].error, ways[SSE].error = best, other
    ways[LONG_POLLING].error = other
    some = every()
    assert await failure(some) is best
    some._order.reverse()
    assert await failure(some) is best


async def test_without_any_way_no_other_road_is_tried(
    autojump_clock: MockClock, ways: dict[str, Way]
) -> None:
    del autojump_clock  # moves time by being there
    ways[WEBSOCKET].error = NoWayError("connection refused")
    assert await failure(every()) is ways[WEBSOCKET].error
    assert ways[SSE].attempts == ways[LONG_POLLING].attempts == []


async def test_the_best_road_is_looked_at_less_and_less_often_until_it_opens(
    autojump_clock: MockClock, ways: dict[str, Way]
) -> None:
    del autojump_clock  # moves time by being there
    some = every()
    ways[WEBSOCKET].error = ConnectionLostError("refused")
    async with some.dial(5.0):
        pass
    ways[WEBSOCKET].attempts.clear()
    first_s, longest_s = IMPROVE_S
    waits = [min(longest_s, first_s * 2**n) for n in range(8)]
    looks = [sum(waits[: n + 1]) for n in range(8)]

    async def opens_later() -> None:
        await trio.sleep(looks[-1] - 1)
        ways[WEBSOCKET].error = None

    began = trio.current_time()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(opens_later)
        async with some.better(4.0) as wire:
            assert wire.road == WEBSOCKET
            assert (ways[WEBSOCKET].ends, some.can_improve) == (0, True)
            some.take(wire)
            assert not some.can_improve
    times = [at - began for at, _ in ways[WEBSOCKET].attempts]
    assert times == pytest.approx(looks)
    assert {seconds for _, seconds in ways[WEBSOCKET].attempts} == {4.0}
    assert ways[WEBSOCKET].ends == 1
    async with some.dial(5.0) as wire:
        assert wire.road == WEBSOCKET
    assert not some.can_improve
    again = trio.current_time()
    async with some.better(4.0):
        assert trio.current_time() - again == pytest.approx(first_s), "the waits begin anew"


@pytest.mark.parametrize("allowed", [(), ("polling",), (WEBSOCKET, "polling")])
def test_roads_that_do_not_exist_are_refused_with_the_names_of_those_that_do(
    allowed: tuple[str, ...],
) -> None:
    with pytest.raises(ConfigError, match="roads are websocket, sse, long-polling, not"):
        Roads(ADDRESS, allowed, None)


async def test_a_program_that_was_held_up_beyond_the_time_has_not_got_an_answer(
    mock_clock: MockClock,
) -> None:
    async def opens(_address: Address) -> trio.abc.Stream:
        mock_clock.jump(60.0)  # as when the process was stopped, or had no processor
        await trio.sleep_forever()
        raise AssertionError

    error = await failure(every(opens))
    assert isinstance(error, SilentError)
    assert str(error) == "play.example:7777 did not answer within 5 s"
