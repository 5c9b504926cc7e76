"""The byte stream below a WebSocket of the client."""

import trio
from trio.testing import MockClock

from gameserver.client.link.dial import Tap


class Slow(trio.abc.Stream):
    """A stream that takes one byte a second."""

    def __init__(self) -> None:
        self.taken = b""

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        for byte in bytes(data):
            await trio.sleep(1.0)
            self.taken += bytes([byte])

    async def wait_send_all_might_not_block(self) -> None:
        await trio.lowlevel.checkpoint()

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        raise NotImplementedError

    async def aclose(self) -> None:
        await trio.lowlevel.checkpoint()


async def test_the_frames_of_several_tasks_are_sent_whole_and_in_order(
    autojump_clock: MockClock,
) -> None:
    assert isinstance(autojump_clock, MockClock)
    slow = Slow()
    tap = Tap(slow)

    async def send(frame: bytes, at: float) -> None:
        await trio.sleep(at)
        await tap.send_all(frame)

    async with trio.open_nursery() as nursery:
        for number, frame in enumerate((b"aaa", b"bb", b"cc")):
            nursery.start_soon(send, frame, 0.1 * number)
    await tap.send_all(b"d")
    assert slow.taken == b"aaabbccd"
    assert tap.bytes_out == 8


async def test_a_cancelled_send_lets_the_next_one_pass(autojump_clock: MockClock) -> None:
    assert isinstance(autojump_clock, MockClock)
    slow = Slow()
    tap = Tap(slow)
    with trio.move_on_after(1.5):
        await tap.send_all(b"aaa")
    with trio.fail_after(5):
        await tap.send_all(b"b")
    assert slow.taken == b"ab"
