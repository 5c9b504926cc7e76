"""Requests take turns: however many come at once, everything else has its time between them."""

from itertools import count

import pytest
import trio
from trio.testing import MockClock

from gameserver.service.overload.turns import ROUND_S, WOKEN, Turns
from tests.service.peers import assert_serves, serving

ASKED = 200


async def ask_at_once(turns: Turns, order: list[str], asked: int = ASKED) -> None:
    """Have many ask in one moment, and a match tick whenever the loop comes around."""

    async def ask(number: int) -> None:
        await turns.wait()
        with turns.counted():
            order.append(str(number))

    async def tick() -> None:
        while True:
            order.append("tick")
            await trio.lowlevel.checkpoint()

    async with trio.open_nursery() as always:
        always.start_soon(turns.run)
        async with trio.open_nursery() as nursery:
            for number in range(asked):
                nursery.start_soon(ask, number)
            always.start_soon(tick)
        always.cancel_scope.cancel()


def runs(order: list[str]) -> list[int]:
    """Return how many requests stood between two ticks."""
    lengths, length = [], 0
    for each in order:
        if each == "tick":
            lengths.append(length)
            length = 0
        else:
            length += 1
    return [*lengths, length]


async def test_expensive_requests_never_run_longer_than_a_round_without_a_pause() -> None:
    step = ROUND_S / 4
    times = count(0)
    order: list[str] = []
    await ask_at_once(Turns(lambda: next(times) * step), order)
    assert max(runs(order)) <= 2 * 4  # one round, and another before the tick is its turn
    assert len(set(order)) == ASKED + 1


async def test_cheap_requests_do_not_wait() -> None:
    order: list[str] = []
    await ask_at_once(Turns(lambda: 0.0), order)
    until_all = order[: 1 + max(at for at, each in enumerate(order) if each != "tick")]
    assert until_all.count("tick") <= 1  # wherever in the one round it came


async def test_waiting_requests_continue_in_order_of_arrival_and_not_all_at_once() -> None:
    clock = [0.0]
    turns = Turns(lambda: clock[0])
    order: list[int] = []

    async def ask(number: int) -> None:
        await turns.wait()
        order.append(number)

    with turns.counted():
        clock[0] += ROUND_S
    async with trio.open_nursery() as nursery:
        for number in range(3 * WOKEN):
            nursery.start_soon(ask, number)
            await trio.testing.wait_all_tasks_blocked()
        assert order == []
        nursery.start_soon(turns.run)
        while len(order) < 3 * WOKEN:
            before = len(order)
            await trio.lowlevel.checkpoint()
            assert len(order) - before <= WOKEN
        nursery.cancel_scope.cancel()
    assert [number // WOKEN for number in order] == sorted(number // WOKEN for number in order)


@pytest.mark.parametrize("peers", [40])
async def test_a_server_answers_all_of_many_simultaneous_requests(
    autojump_clock: MockClock, peers: int
) -> None:
    async with serving(autojump_clock) as house:
        house.server._router.turns._stopwatch = lambda: next(times) * ROUND_S
        times = count(0)
        guests = [await house.guest(f"Guest {number}") for number in range(peers)]
        async with trio.open_nursery() as nursery:
            for guest in guests:
                nursery.start_soon(assert_serves, guest)
