"""A link whose messages wait for the peer's requests: what it keeps, what it refuses, who waits."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from math import inf
from typing import Any

import pytest
import trio
from trio.testing import MockClock, assert_checkpoints, wait_all_tasks_blocked

from gameserver.errors import ConnectionLostError
from gameserver.transports import Link, ListenSettings
from gameserver.transports.queued import QueuedLink
from gameserver.transports.unfetched import Unconfirmed

SETTINGS = ListenSettings(reliable_bytes=100, unreliable_bytes=20, queued_messages=2, close_s=3.0)


class Plain:
    """Messages are bytes already."""

    def encode(self, message: Any) -> bytes:
        return bytes(message)

    def decode(self, data: bytes) -> Sequence[Any]:
        return [data]


def fresh(settings: ListenSettings = SETTINGS) -> QueuedLink:
    return QueuedLink("test", settings, Plain(), "192.0.2.1")


@asynccontextmanager
async def running(
    handler: Callable[[Link], Any] | None = None,
) -> AsyncIterator[tuple[QueuedLink, trio.Nursery]]:
    async def idle(_link: Link) -> None:
        await trio.sleep(inf)

    link = fresh()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(link.run, handler or idle)
        await wait_all_tasks_blocked()
        yield link, nursery
        nursery.cancel_scope.cancel()


async def test_a_new_link_is_open_and_has_nothing_for_its_peer(mock_clock: MockClock) -> None:
    mock_clock.jump(5.0)
    link = fresh()
    assert (link.transport, link.peer, link.direct, link.round_trip_s) == (
        "test", "192.0.2.1", True, None,
    )  # fmt: skip
    assert (link.bytes_in, link.bytes_out, link.controls, link.oldest) == (0, 0, 0, 1)
    assert link.waiting_bytes == 0
    assert (link.is_open, link.held, link.silent_since) == (True, False, 5.0)
    assert link.waiting(99) == Unconfirmed(1, (), None)
    assert not QueuedLink("test", SETTINGS, Plain(), "", direct=False).direct


# --- to the peer ----------------------------------------------------------------------------------


async def test_messages_are_repeated_until_they_are_confirmed() -> None:
    link = fresh()
    for text in (b"aaaa", b"bbbb", b"cccc"):
        assert link.post(text)
    assert link.waiting_bytes == 12
    assert link.waiting(8) == Unconfirmed(1, (b"aaaa", b"bbbb"), None)
    assert link.waiting(7) == link.waiting(1) == Unconfirmed(1, (b"aaaa",), None)
    assert link.confirm(0)
    assert link.confirm(1)
    assert link.confirm(1)
    assert link.oldest == 2
    assert link.waiting_bytes == 8
    assert link.waiting(99) == Unconfirmed(2, (b"bbbb", b"cccc"), None)
    assert not link.confirm(4), "no message has this number yet"
    assert link.confirm(3)
    assert link.waiting(99) == Unconfirmed(4, (), None)
    assert not link.confirm(4)
    link.post(b"dd")
    assert link.take(99) == Unconfirmed(4, (b"dd",), None)
    assert link.take(99) == Unconfirmed(5, (), None)


async def test_reliable_messages_over_the_limit_end_the_link() -> None:
    link = fresh()
    assert link.post(bytes(100))
    assert link.post(b"x"), "the limit counts what waits already"
    assert not link.post(b"y")
    assert not link.is_open
    assert not link.post(b"z")
    assert link.post_all([b"z"]) == 0
    assert not link.offer(b"z")
    assert not link.queue(b"z", reliable=True)


async def test_unreliable_messages_over_their_limit_are_refused_and_nothing_ends() -> None:
    link = fresh()
    assert link.offer(bytes(20))
    assert link.queue(b"x", reliable=False)
    assert not link.queue(b"y", reliable=False)
    assert not link.offer(b"y")
    assert link.is_open
    assert link.queue(b"important", reliable=True)
    assert link.take(999).messages == (bytes(20), b"x", b"important")
    assert link.offer(b"y")


async def test_a_batch_is_allowed_whole_and_its_size_as_long_as_it_waits() -> None:
    link = fresh()
    assert link.post_all([bytes(300), bytes(200)]) == 500
    assert link.post(bytes(100))
    assert link.post(b"x"), "100 bytes more than the batch"
    link.confirm(1)
    assert link.post(b"y")
    assert link.waiting(999).messages == (bytes(200), bytes(100), b"x", b"y")
    link.confirm(4)
    assert link.post(bytes(100))
    assert link.post(b"z")
    assert not link.post(b"z"), "the batch is gone, so the limit is the usual one"


async def test_newest_messages_and_public_ones_are_taken_as_long_as_the_link_is_open() -> None:
    link = fresh()
    assert link.queue_newest("a", b"1" * 20)
    assert link.queue_newest("a", b"2" * 20), "it waits for room"
    assert link.queue_public(b"public")
    assert sorted(link.waiting(99).messages) == [b"1" * 20, b"2" * 20, b"public"]
    assert not all(link.queue_public(b"x" * 60) for _ in range(3))
    assert not link.is_open
    assert not link.queue_newest("b", b"3")


async def test_waiting_ends_with_each_message_and_not_again_for_the_same(
    autojump_clock: MockClock,
) -> None:
    link = fresh()
    notes: list[str] = []
    link.notify = lambda: notes.append("")
    superseded = False

    async def ready(within_s: float = 1.0) -> bool:
        with trio.move_on_after(within_s) as waited:
            await link.wait_ready(lambda: superseded)
        return not waited.cancelled_caught

    assert not await ready()
    link.queue(b"aaaa", reliable=True)
    assert (await ready(), len(notes)) == (False, 0), "it is not flushed"
    link.flush()
    assert (await ready(), len(notes)) == (True, 1)
    link.waiting(99)
    assert not await ready()
    link.post(b"bbbb")
    assert link.waiting(4).messages == (b"aaaa",)
    assert await ready(), "there is more than what was returned"
    link.take(99)
    link.flush()
    assert not await ready(), "there is nothing"
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ready)
        await wait_all_tasks_blocked()
        superseded = True
        link.wake()
    assert await ready()
    superseded = False
    link.leave()
    assert await ready()
    assert isinstance(autojump_clock, MockClock)


# --- from the peer --------------------------------------------------------------------------------


async def test_few_messages_wait_for_the_handler_and_the_next_one_for_room(
    autojump_clock: MockClock,
) -> None:
    link = fresh()
    await link.deliver(b"a")
    await link.deliver(b"b")
    with trio.move_on_after(1.0) as waited:
        await link.deliver(b"cut")
    assert waited.cancelled_caught
    async with trio.open_nursery() as nursery:
        nursery.start_soon(link.deliver, b"c")
        await trio.sleep(1.0)
        assert await link.receive() == b"a"
    assert [await link.receive() for _ in range(2)] == [b"b", b"c"]
    assert isinstance(autojump_clock, MockClock)


async def test_a_peer_that_leaves_is_heard_to_its_last_message(autojump_clock: MockClock) -> None:
    link = fresh()
    await link.deliver(b"last but one")
    await link.deliver(b"last")
    link.leave()
    with assert_checkpoints():
        assert await link.receive() == b"last but one"
    assert await link.receive() == b"last"
    with pytest.raises(ConnectionLostError, match="the peer left"):
        await link.receive()
    with pytest.raises(ConnectionLostError, match="the connection has ended"):
        await link.deliver(b"more")
    other, full = fresh(), fresh()
    for text in (b"a", b"b"):
        await full.deliver(text)
    async with trio.open_nursery() as nursery:

        async def receive() -> None:
            with pytest.raises(ConnectionLostError):
                await other.receive()

        async def deliver() -> None:
            with pytest.raises(ConnectionLostError):
                await full.deliver(b"c")

        nursery.start_soon(receive)
        nursery.start_soon(deliver)
        await trio.sleep(1.0)
        other.leave()
        full.leave()
    assert isinstance(autojump_clock, MockClock)


async def test_while_a_link_is_held_nothing_is_taken(autojump_clock: MockClock) -> None:
    link = fresh()
    began = trio.current_time()
    assert [link.hold(4.0), link.held] == [None, True]  # type: ignore[func-returns-value]
    await link.deliver(b"late")
    assert await link.receive() == b"late"
    assert trio.current_time() - began == 4.0
    assert not link.held
    link.hold(40.0)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(link.deliver, b"lane")
        await trio.sleep(1.0)
        lane: list[bytes] = []
        link.open_lane({b"la"}, lane.append, None)
    assert (lane, link.held) == ([b"lane"], False)
    assert trio.current_time() - began == 5.0
    link.close_soon()
    link.hold(9.0)
    assert not link.held
    assert isinstance(autojump_clock, MockClock)


async def test_a_lane_opens_once_the_messages_before_it_are_received() -> None:
    link, lane = fresh(), list[bytes]()
    await link.deliver(b"la1")
    link.open_lane({b"la"}, lane.append, None)
    await link.deliver(b"la2")
    assert [await link.receive(), await link.receive()] == [b"la1", b"la2"]
    await link.deliver(b"la3")  # the handler may be busy with the one before
    assert (await link.receive(), lane) == (b"la3", [])
    with trio.move_on_after(0.01):
        await link.receive()
    await link.deliver(b"la4")
    assert lane == [b"la4"]
    link.close_lane()
    await link.deliver(b"la5")
    link.open_lane({b"la"}, lane.append, None)
    link.close_lane()
    assert await link.receive() == b"la5"
    await link.deliver(b"la6")
    assert (await link.receive(), lane) == (b"la6", [b"la4"])


async def test_the_lane_takes_what_begins_with_one_of_its_heads() -> None:
    link, lane, resting = fresh(), list[bytes](), list[bytes]()

    def picky(message: bytes) -> bool:
        lane.append(message)
        return not message.endswith(b"no")

    link.rest_in_lane({b"ab"}, resting.append, None)
    await link.deliver(b"ab1")
    link.open_lane({b"ab", b"abcd"}, picky, None)
    await link.deliver(b"ab2")
    await link.deliver(b"abcd")
    await link.deliver(b"abno")
    assert (lane, await link.receive()) == ([b"ab2", b"abcd", b"abno"], b"abno")
    await link.deliver(b"xab")
    assert await link.receive() == b"xab"
    link.close_lane()
    link.close_lane()
    await link.deliver(b"ab3")
    assert resting == [b"ab1", b"ab3"]
    four = fresh()
    taken: list[bytes] = []
    four.open_lane({b"abcd"}, taken.append, None)
    await four.deliver(b"abcde")
    await four.deliver(b"abce")
    assert (taken, await four.receive()) == ([b"abcde"], b"abce")


async def test_a_peer_is_silent_between_its_requests(mock_clock: MockClock) -> None:
    link = fresh()
    with link.visiting():
        mock_clock.jump(2.0)
        with link.visiting():
            assert link.silent_since == inf
        assert link.silent_since == inf, "one request is left"
        mock_clock.jump(1.0)
    assert link.silent_since == 3.0


# --- the end --------------------------------------------------------------------------------------


async def test_the_end_is_told_behind_the_last_message_and_waited_for(
    autojump_clock: MockClock,
) -> None:
    async with running() as (link, nursery):
        link.post(b"last")
        link.close_soon("enough")
        link.close_soon("again")
        assert not link.is_open
        assert link.waiting(99) == Unconfirmed(1, (b"last",), "enough")
        assert not link.post(b"more")
        with pytest.raises(ConnectionLostError, match="this side closed"):
            await link.receive()
        began = trio.current_time()
        await link.wait_closed()
        assert trio.current_time() - began == SETTINGS.close_s
        nursery.start_soon(link.wait_closed)
        await trio.sleep(1.0)
        link.tell_end()
        await link.wait_closed()
        assert trio.current_time() - began == SETTINGS.close_s + 1.0
    assert isinstance(autojump_clock, MockClock)


async def test_a_long_backlog_tells_the_end_with_its_last_part() -> None:
    link = fresh()
    link.post(bytes(60))
    link.post(bytes(30))
    link.close_soon("enough")
    assert link.take(60) == Unconfirmed(1, (bytes(60),), None)
    assert link.take(60) == Unconfirmed(2, (bytes(30),), "enough")


async def test_a_peer_that_leaves_is_not_waited_for(autojump_clock: MockClock) -> None:
    del autojump_clock
    link = fresh()
    link.post(b"aaaa")
    link.close_soon()
    began = trio.current_time()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(link.wait_closed)
        await wait_all_tasks_blocked()
        link.leave()
    assert trio.current_time() == began


async def test_a_handler_that_returns_closes_its_link_and_waits_for_the_peer(
    autojump_clock: MockClock,
) -> None:
    async def brief(link: Link) -> None:
        link.post(b"bye")

    async with running(brief) as (link, _):
        assert not link.is_open
        assert link.waiting(99) == Unconfirmed(1, (b"bye",), "")
        await trio.sleep(SETTINGS.close_s / 2)
        seen = [link._left]
        await trio.sleep(SETTINGS.close_s)
        assert [*seen, link._left] == [False, True]
        assert link.waiting(99).messages == (b"bye",), "a later request may still ask for it"
    assert isinstance(autojump_clock, MockClock)


async def test_an_abort_cancels_the_handler_and_drops_what_waits(
    autojump_clock: MockClock,
) -> None:
    async with running() as (link, _):
        link.post(b"lost")
        link.abort()
        with trio.fail_after(1.0):
            await link.wait_closed()
            await trio.sleep(0.5)
        assert not link.is_open
        assert link.waiting(99) == Unconfirmed(2, (), ""), "it may have come, and be confirmed"
        with pytest.raises(ConnectionLostError):
            await link.deliver(b"x")
    assert isinstance(autojump_clock, MockClock)
