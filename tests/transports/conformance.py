"""Tests that every transport's link must pass.

Law: a test here knows the port `gameserver.transports.link.Link` and a peer that sends and hears
whole messages, nothing of sockets and frames. A new transport gets a `Road` in ``test_link.py`` and
passes all of them. What a handler asserts counts, too: `hearing` keeps it, where a server only logs
it.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

import pytest
import trio

from gameserver.errors import ConnectionLostError
from gameserver.transports import Link

Handler = Callable[[Link], Awaitable[None]]

LARGE = bytes(2_000)
MANY = 4_000
"""More large messages than any link keeps for a peer that does not read."""


class LeftError(Exception):
    """The connection ended; its argument is the reason that was given, if any."""


class Far(Protocol):
    """The other end of a link."""

    async def send(self, message: bytes) -> None: ...

    async def hear(self) -> bytes:
        """Return the next message, or raise `LeftError`."""
        ...

    async def leave(self) -> None: ...


Road = Callable[[Handler], AbstractAsyncContextManager[Far]]
"""Opens a link that the handler serves, and gives its other end."""


def hearing(road: Road, faults: list[BaseException]) -> Road:
    """Return a road that keeps what handlers assert: a server would only log it."""

    @asynccontextmanager
    async def heard(handler: Handler) -> AsyncIterator[Far]:
        async def watched(link: Link) -> None:
            try:
                await handler(link)
            except (AssertionError, pytest.fail.Exception) as fault:
                faults.append(fault)
                raise

        async with road(watched) as far:
            yield far

    return heard


async def messages_arrive_whole_and_in_order(road: Road) -> None:
    sent = [bytes([number]) * (1 + number * 197 % 3000) for number in range(1, 60)]

    async def echo(link: Link) -> None:
        while True:
            assert link.post(await link.receive())

    async with road(echo) as far:
        for message in sent:
            await far.send(message)
        assert [await far.hear() for _ in sent] == sent


async def sent_messages_arrive_before_the_end_and_nothing_after(road: Road) -> None:
    async def say_and_leave(link: Link) -> None:
        for number in range(100):
            assert link.post(bytes([number]))
        link.close_soon("that was all")
        link.close_soon("not this")
        assert not link.post(b"late")
        assert not link.queue(b"late", reliable=True)
        assert not link.offer(b"late")
        with pytest.raises(ConnectionLostError):
            await link.receive()

    async with road(say_and_leave) as far:
        assert [await far.hear() for _ in range(100)] == [bytes([n]) for n in range(100)]
        with pytest.raises(LeftError, match="that was all"):
            await far.hear()


async def every_way_of_sending_keeps_the_order(road: Road) -> None:
    async def say(link: Link) -> None:
        for number in range(0, 90, 6):
            one, two, three, four, five, six = (bytes([number + n]) for n in range(6))
            link.post(one)
            link.queue(two, reliable=True)
            link.queue(three, reliable=False)
            link.flush()
            assert link.offer(four)
            assert link.post_all([five, six]) == 2
        await link.receive()

    async with road(say) as far:
        assert [await far.hear() for _ in range(90)] == [bytes([n]) for n in range(90)]


async def a_peer_that_does_not_read_costs_little_and_blocks_nothing(road: Road) -> None:
    done = trio.Event()

    async def insist(link: Link) -> None:
        taken = 0
        while link.offer(LARGE):
            taken += 1
            assert taken < MANY
            await trio.lowlevel.checkpoint()
        assert link.is_open, "what a newer message replaces is refused, and nothing else happens"
        done.set()
        await link.receive()

    async with road(insist) as far:
        await done.wait()
        assert await far.hear() == LARGE


async def of_messages_with_a_key_the_newest_comes_as_soon_as_there_is_room(road: Road) -> None:
    filled = trio.Event()

    async def tell(link: Link) -> None:
        while link.offer(LARGE):
            await trio.lowlevel.checkpoint()
        for number in range(1, 1001):
            for key in b"xy":
                assert link.queue_newest(key, bytes([key]) + number.to_bytes(2, "big"))
            link.flush()
        filled.set()
        await link.receive()

    async with road(tell) as far:
        await filled.wait()
        heard: dict[int, list[int]] = {}
        while heard.get(ord("y"), [0])[-1] < 1000:
            message = await far.hear()
            if message != LARGE:
                heard.setdefault(message[0], []).append(int.from_bytes(message[1:], "big"))
        assert set(heard) == set(b"xy")
        for numbers in heard.values():
            assert numbers == sorted(numbers), "an older one never follows"
            assert numbers[-1] == 1000
            assert len(numbers) < 50, "the others were replaced"


async def a_peer_that_does_not_read_reliable_messages_is_disconnected(road: Road) -> None:
    cancelled = trio.Event()

    async def insist(link: Link) -> None:
        try:
            for _ in range(MANY):
                if not link.post(LARGE):
                    break
                await trio.lowlevel.checkpoint()
            await trio.sleep_forever()
        finally:
            assert not link.is_open
            cancelled.set()

    async with road(insist) as far:
        await cancelled.wait()
        with pytest.raises(LeftError):
            await _hear_out(far)


async def _hear_out(far: Far) -> None:
    while True:
        await far.hear()


async def messages_sent_before_the_peer_left_are_received(road: Road) -> None:
    received: list[bytes] = []
    ended = trio.Event()

    async def collect(link: Link) -> None:
        try:
            while True:
                received.append(await link.receive())
        except ConnectionLostError:
            ended.set()
            raise

    async with road(collect) as far:
        for number in range(10):
            await far.send(bytes([number]))
        await far.leave()
        await ended.wait()
    assert received == [bytes([number]) for number in range(10)]


async def bytes_are_counted_and_properties_have_their_values(road: Road) -> None:
    async def look(link: Link) -> None:
        assert link.transport
        assert isinstance(link.direct, bool)
        assert link.round_trip_s is None
        assert not link.held
        assert link.controls == 0
        before = link.bytes_in, link.bytes_out
        assert await link.receive() == bytes(500)
        assert link.bytes_in >= before[0] + 500
        link.post(bytes(900))
        assert await link.receive() == b"got it"
        assert link.bytes_out >= before[1] + 900

    async with road(look) as far:
        await far.send(bytes(500))
        assert await far.hear() == bytes(900)
        await far.send(b"got it")
        with pytest.raises(LeftError):
            await far.hear()


async def abort_cancels_the_handler_and_ends_the_connection_at_once(road: Road) -> None:
    cancelled = trio.Event()

    async def doomed(link: Link) -> None:
        await link.receive()
        link.abort()
        try:
            await trio.sleep_forever()
        finally:
            cancelled.set()

    async with road(doomed) as far:
        await far.send(b"now")
        with pytest.raises(LeftError):
            await far.hear()
        await cancelled.wait()


async def wait_closed_returns_when_everything_has_left(road: Road) -> None:
    async def part(link: Link) -> None:
        link.post(LARGE)
        link.close_soon("bye")
        await link.wait_closed()

    async with road(part) as far:
        assert await far.hear() == LARGE
        with pytest.raises(LeftError, match="bye"):
            await far.hear()


ALL = (
    messages_arrive_whole_and_in_order,
    sent_messages_arrive_before_the_end_and_nothing_after,
    every_way_of_sending_keeps_the_order,
    a_peer_that_does_not_read_costs_little_and_blocks_nothing,
    of_messages_with_a_key_the_newest_comes_as_soon_as_there_is_room,
    a_peer_that_does_not_read_reliable_messages_is_disconnected,
    messages_sent_before_the_peer_left_are_received,
    bytes_are_counted_and_properties_have_their_values,
    abort_cancels_the_handler_and_ends_the_connection_at_once,
    wait_closed_returns_when_everything_has_left,
)
