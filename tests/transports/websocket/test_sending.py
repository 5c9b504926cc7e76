"""Whatever is handed over leaves without another call, and an end is told with its cause."""

from collections.abc import Callable

import pytest
import trio
from trio.testing import wait_all_tasks_blocked
from trio_websocket import ConnectionClosed

from gameserver.errors import ConnectionLostError
from gameserver.transports import Link, ListenSettings
from tests.transports.harness import dial, serving, shake_hands
from tests.transports.peers import masked

LARGE = 512 * 1024
"""Bytes that no kernel takes at once, so that the connection's own task must send the rest."""


def post(link: Link, data: bytes) -> None:
    assert link.post(data)


def post_all(link: Link, data: bytes) -> None:
    assert link.post_all([data]) == len(data)


def queue_and_flush(link: Link, data: bytes) -> None:
    assert link.queue(data, reliable=True)
    link.flush()


def offer(link: Link, data: bytes) -> None:
    assert link.offer(data)


@pytest.mark.parametrize("hand_over", [post, post_all, queue_and_flush, offer])
@pytest.mark.parametrize("size", [10, LARGE])
async def test_queued_messages_are_sent_without_another_call(
    hand_over: Callable[[Link, bytes], None], size: int
) -> None:
    data = bytes(size)

    async def say(link: Link) -> None:
        # The connection's task sleeps by now: only the call can wake it.
        await wait_all_tasks_blocked(0.01)
        hand_over(link, data)
        await trio.sleep_forever()

    settings = ListenSettings(send_buffer_bytes=16 * 1024)
    async with serving(say, settings) as port, await shake_hands(port) as raw:
        head = 2 if size < 126 else 10
        left = head + size
        while left > 0:
            came = await raw.receive_some()
            assert came, "the connection ended"
            left -= len(came)
        assert left == 0


async def test_what_is_posted_by_a_handler_that_returns_at_once_is_sent() -> None:
    async def say(link: Link) -> None:
        link.post(b"bye")

    async with serving(say) as port, dial(port) as websocket:
        assert await websocket.get_message() == b"bye"


async def test_a_lane_is_open_at_once_though_nobody_receives() -> None:
    took: list[bytes] = []
    taken = trio.Event()

    def take(data: bytes, _bytes: object = None) -> None:
        took.append(bytes(data))
        taken.set()

    async def play(link: Link) -> None:
        link.open_lane([b"\x98\x01"], take, None)
        await trio.sleep_forever()

    async with serving(play) as port, dial(port) as websocket:
        await websocket.send_message(b"\x98\x01x")
        await taken.wait()
    assert took == [b"\x98\x01x"]


async def test_a_newest_message_that_waits_for_room_leaves_with_the_flush_that_makes_it() -> None:
    async def say(link: Link) -> None:
        await wait_all_tasks_blocked(0.01)
        assert link.queue(bytes(200), reliable=True)
        assert link.queue_newest("place", b"old")
        assert link.queue_newest("place", b"new")
        link.flush()
        await trio.sleep_forever()

    settings = ListenSettings(unreliable_bytes=100)
    async with serving(say, settings) as port, dial(port) as websocket:
        assert [await websocket.get_message() for _ in range(2)] == [bytes(200), b"new"]


class Ending:
    """A handler that keeps how the end of its connection was told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.heard = trio.Event()

    async def listen(self, link: Link) -> None:
        try:
            await link.receive()
        except ConnectionLostError as lost:
            self.told.append(str(lost))
            self.heard.set()
            raise


@pytest.mark.parametrize("code", [1000, 1001, 4000])
async def test_a_close_by_the_peer_is_reported_with_its_code(code: int) -> None:
    ending = Ending()
    async with serving(ending.listen) as port:
        async with dial(port) as websocket:
            await websocket.aclose(code)
        await ending.heard.wait()
    assert ending.told == [f"the peer closed the connection with code {code}"]


@pytest.mark.parametrize(
    ("last", "words"),
    [(b"", "the connection was lost"), (masked(b"hi", opcode=1), "the peer broke a rule: ")],
)
async def test_an_end_without_a_close_frame_is_reported_with_its_cause(
    last: bytes, words: str
) -> None:
    ending = Ending()
    async with serving(ending.listen) as port:
        async with await shake_hands(port) as raw:
            if last:
                await raw.send_all(last)
        await ending.heard.wait()
    assert ending.told[0].startswith(words)


async def test_after_the_farewell_nothing_is_sent_or_received() -> None:
    seen: list[object] = []

    async def part(link: Link) -> None:
        assert link.is_open
        link.close_soon("bye")
        seen.append(link.is_open)
        seen.append(link.post(b"late"))
        seen.append(link.post_all([b"late"]))
        seen.append(link.queue(b"late", reliable=False))
        seen.append(link.offer(b"late"))
        with pytest.raises(ConnectionLostError, match="this side closed the connection"):
            await link.receive()
        link.close_soon("once more")
        await link.wait_closed()

    async with serving(part) as port, dial(port) as websocket:
        with pytest.raises(ConnectionClosed):
            await websocket.get_message()
        assert websocket.closed is not None
        assert websocket.closed.reason == "bye"
    assert seen == [False, False, 0, False, False]
