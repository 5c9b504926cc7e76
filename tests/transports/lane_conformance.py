"""Tests of the lanes of links that every transport's link must pass; see `conformance`."""

import pytest
import trio

from gameserver.transports import Drain, Link
from tests.transports.conformance import LeftError, Road

WANTED = b"\x98\x01"


async def the_lane_takes_wanted_messages_and_the_others_are_received(road: Road) -> None:
    taken: list[bytes] = []
    received: list[bytes] = []
    drain = Drain()

    async def play(link: Link) -> None:
        link.rest_in_lane([b"\x92\x05"], taken.append, None)
        link.open_lane([WANTED], taken.append, drain)
        link.post(b"ready")
        while len(received) < 3:
            received.append(await link.receive())
        link.close_lane()
        assert not len(drain), "its owner may close the drain at once"
        link.close_lane()
        link.post(b"closed")
        while len(received) < 5:
            received.append(await link.receive())

    async def read_often() -> None:
        while True:
            drain.drain()
            await trio.sleep(0.001)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(read_often)
        async with road(play) as far:
            assert await far.hear() == b"ready"
            for message in (WANTED + b"a", b"one", WANTED + b"b", b"two", b"\x92\x05c", b"three"):
                await far.send(message)
            assert await far.hear() == b"closed"
            assert taken == [WANTED + b"a", WANTED + b"b"]
            await far.send(b"\x92\x05d")
            await far.send(WANTED + b"e")
            with pytest.raises(LeftError):
                await far.hear()
        nursery.cancel_scope.cancel()
    assert taken[2:] == [b"\x92\x05d"], "the lane to rest in is open again"
    assert received == [b"one", b"two", b"\x92\x05c", b"three", WANTED + b"e"]


async def a_lane_does_not_overtake_the_messages_before_it(road: Road) -> None:
    order: list[bytes] = []

    async def play(link: Link) -> None:
        assert await link.receive() == b"enter"
        await trio.sleep(0.1)  # two more come
        link.open_lane([WANTED], order.append, None)
        link.post(b"opened")
        while (message := await link.receive()) != b"end":
            order.append(message)
            await trio.sleep(0.05)  # those behind "opened" come

    wanted = [WANTED + bytes([number]) for number in range(4)]
    async with road(play) as far:
        for message in (b"enter", *wanted[:2]):
            await far.send(message)
        assert await far.hear() == b"opened"
        for message in (*wanted[2:], b"end"):
            await far.send(message)
        with pytest.raises(LeftError):
            await far.hear()
    assert order == wanted


async def the_lane_to_rest_in_overtakes_what_is_not_received_yet(road: Road) -> None:
    taken: list[bytes] = []
    ahead = trio.Event()
    wanted = [WANTED + bytes([number]) for number in range(8)]

    def take(message: bytes) -> bool:
        assert link_in_use is not None
        if link_in_use.messages == before:
            return False  # nothing that must be received came before it
        taken.append(message)
        if len(taken) == len(wanted):
            ahead.set()
        return True

    link_in_use: Link | None = None
    before = 0

    async def rest(link: Link) -> None:
        nonlocal link_in_use, before
        link_in_use, before = link, link.messages
        link.rest_in_lane([WANTED], take, None)
        link.post(b"ready")
        await ahead.wait()  # though nothing is received
        assert link.messages == before + 2
        assert [await link.receive(), await link.receive()] == [WANTED + b"first", b"hello"]
        link.post(b"done")
        assert await link.receive() == b"end"
        assert link.messages == before + 3

    async with road(rest) as far:
        assert await far.hear() == b"ready"
        for message in (WANTED + b"first", b"hello", *wanted):
            await far.send(message)
        assert await far.hear() == b"done"
        assert taken == wanted
        await far.send(b"end")
        with pytest.raises(LeftError):
            await far.hear()


async def what_came_before_the_lane_to_rest_in_is_taken_or_received_once(road: Road) -> None:
    seen: list[bytes] = []

    async def rest(link: Link) -> None:
        assert await link.receive() == b"hello"
        await trio.sleep(0.1)  # the others come
        link.rest_in_lane([WANTED], seen.append, None)
        others: list[bytes] = []
        while (message := await link.receive()) != b"end":
            (seen if message.startswith(WANTED) else others).append(message)
        assert others == [b"enter"]

    wanted = [WANTED + bytes([number]) for number in range(4)]
    async with road(rest) as far:
        for message in (b"hello", b"enter", *wanted, b"end"):
            await far.send(message)
        with pytest.raises(LeftError):
            await far.hear()
    assert sorted(seen) == wanted


async def a_link_that_is_held_reads_nothing_until_a_lane_opens(road: Road) -> None:
    taken: list[bytes] = []

    async def hold(link: Link) -> None:
        assert await link.receive() == b"one"
        link.hold(60.0)
        link.post(b"held")
        with trio.move_on_after(0.2) as scope:
            while True:  # the reading task may have had one message in its hands
                await link.receive()
        assert scope.cancelled_caught
        link.open_lane([WANTED], taken.append, None)
        assert not link.held
        # "two" came, or comes now: it may have been in the hands of the reading task.
        while (received := await link.receive()) == b"two":
            pass
        assert received == b"three"

    async with road(hold) as far:
        await far.send(b"one")
        assert await far.hear() == b"held"
        await far.send(b"two")
        await trio.sleep(0.05)
        await far.send(b"three")
        with pytest.raises(LeftError):
            await far.hear()


async def a_link_that_closes_is_not_held(road: Road) -> None:
    """It must read the peer's answer to its farewell."""

    async def part(link: Link) -> None:
        held: list[bool] = []
        link.hold(60.0)
        held.append(link.held)
        link.close_soon("bye")
        held.append(link.held)
        link.hold(60.0)
        held.append(link.held)
        assert held == [True, False, False]
        await link.wait_closed()

    async with road(part) as far:
        with pytest.raises(LeftError, match="bye"):
            await far.hear()


LANES = (
    the_lane_takes_wanted_messages_and_the_others_are_received,
    a_lane_does_not_overtake_the_messages_before_it,
    the_lane_to_rest_in_overtakes_what_is_not_received_yet,
    what_came_before_the_lane_to_rest_in_is_taken_or_received_once,
    a_link_that_is_held_reads_nothing_until_a_lane_opens,
    a_link_that_closes_is_not_held,
)
