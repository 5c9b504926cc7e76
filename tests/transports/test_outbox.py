"""Queued messages of one peer are offered to the kernel together, without a task."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import trio
import trio.testing

from gameserver.transports import outbox as outbox_module
from gameserver.transports.drain import Direct
from gameserver.transports.outbox import Outbox


@contextmanager
def socket_pair() -> Iterator[tuple[trio.SocketStream, trio.SocketStream]]:
    ours, theirs = trio.socket.socketpair()
    with ours, theirs:
        yield trio.SocketStream(ours), trio.SocketStream(theirs)


async def test_waiting_frames_are_sent_together(monkeypatch: pytest.MonkeyPatch) -> None:
    sends: list[bytes] = []

    def write(data: bytes) -> int:
        sends.append(data)
        return len(data)

    monkeypatch.setattr(outbox_module, "direct_of", lambda _transport: Direct(3, write))
    with socket_pair() as (ours, _):
        outbox = Outbox(ours)
        for frame in (b"one", b"two", b"three"):
            outbox.put(frame)
        assert outbox.offer_waiting()
        assert outbox.offer_waiting()  # nothing waits: nothing is sent
        assert sends == [b"onetwothree"]
        assert (outbox.sender.clear, outbox.waiting_bytes) == (True, 0)


async def test_bytes_that_the_kernel_does_not_accept_wait_in_order() -> None:
    with socket_pair() as (ours, theirs):
        outbox = Outbox(ours)
        sent = b""
        while outbox.sender.clear:
            frame = bytes([len(sent) % 251]) * 65536
            sent += frame
            outbox.offer(frame)
        sent += b"last"
        outbox.put(b"last")
        assert not outbox.offer_waiting()
        assert outbox.waiting_bytes > len(b"last")
        received = b""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(outbox.flush)
            while len(received) < len(sent):
                received += bytes(await theirs.receive_some(65536))
        assert received == sent


@pytest.mark.parametrize("by", ["flush", "write"])
async def test_an_outbox_whose_send_failed_halfway_stays_closed(by: str) -> None:
    with socket_pair() as (ours, theirs):
        outbox = Outbox(ours)
        much = bytes(4 << 20)
        async with trio.open_nursery() as nursery:
            if by == "flush":
                outbox.put(much)
                nursery.start_soon(outbox.flush)
            else:
                nursery.start_soon(outbox.write, much)
            await trio.testing.wait_all_tasks_blocked()
            outbox.tear()
            received = 0
            while received < len(much):
                received += len(await theirs.receive_some(1 << 20))
        assert not outbox.sender.clear
        assert not outbox.offer(b"never sent")


class SendsOnly(trio.abc.Stream):
    """A stream from which nothing comes."""

    async def wait_send_all_might_not_block(self) -> None:
        await trio.lowlevel.checkpoint()

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        del max_bytes
        await trio.sleep_forever()
        raise AssertionError

    async def aclose(self) -> None:
        await trio.lowlevel.checkpoint()


class BreaksOff(SendsOnly):
    """Sends half of what it is given, then fails; its socket takes direct writes afterwards."""

    def __init__(self) -> None:
        self.sent = b""
        self.direct = Direct(-1, self._write)

    def _write(self, data: bytes) -> int:
        self.sent += data
        return len(data)

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        await trio.lowlevel.checkpoint()
        self._write(bytes(data)[: len(data) // 2])
        raise trio.BrokenResourceError


async def test_nothing_follows_the_half_of_a_frame_that_a_failed_send_left() -> None:
    stream = BreaksOff()
    outbox = Outbox(stream)
    with pytest.raises(trio.BrokenResourceError):
        await outbox.write(b"halfhalf")
    assert not outbox.offer(b"frame")
    assert not outbox.offer_waiting()
    assert stream.sent == b"half"


class Halting(SendsOnly):
    """Sends to a list, and halts in the middle of each send until it is told to go on.

    ``refuses`` is raised by the next direct write.
    """

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.refuses: OSError | None = None
        self.go_on = trio.Event()
        self.direct = Direct(3, self.write)

    def write(self, data: bytes) -> int:
        if self.refuses is not None:
            error, self.refuses = self.refuses, None
            raise error
        self.sent.append(data)
        return len(data)

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        half = len(data) // 2
        self.sent.append(bytes(data[:half]))
        await self.go_on.wait()
        self.sent.append(bytes(data[half:]))


@pytest.mark.parametrize("by", ["flush", "write"])
async def test_no_frame_is_written_into_the_middle_of_another_tasks_frame(by: str) -> None:
    stream = Halting()
    outbox = Outbox(stream)
    async with trio.open_nursery() as nursery:
        if by == "flush":
            outbox.put(b"first!")
            nursery.start_soon(outbox.flush)
        else:
            nursery.start_soon(outbox.write, b"first!")
        await trio.testing.wait_all_tasks_blocked()
        assert not outbox.offer(b"second")
        outbox.put(b"third!")
        assert not outbox.offer_waiting()
        assert stream.sent == [b"fir"]
        stream.go_on.set()
    if by == "write":
        assert not outbox.sender.clear, "frames wait: a new one must not overtake them"
        assert outbox.offer(b"fourth")
    else:
        assert outbox.sender.clear
        assert outbox.offer(b"fourth")
    assert b"".join(stream.sent) == b"first!secondthird!fourth"
    assert (outbox.waiting_bytes, outbox.sender.bytes_out) == (0, 24)


async def test_bytes_that_wait_behind_a_batch_count_until_they_are_sent() -> None:
    stream = Halting()
    outbox = Outbox(stream)
    outbox.put(b"first!")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(outbox.flush)
        await trio.testing.wait_all_tasks_blocked()
        assert outbox.waiting_bytes == 6, "the batch is not sent yet"
        outbox.put(b"second")
        assert outbox.waiting_bytes == 12
        stream.go_on.set()
        stream.go_on = trio.Event()
        await trio.testing.wait_all_tasks_blocked()
        assert outbox.waiting_bytes == 6, "the second frame is halfway"
        stream.go_on.set()
    assert outbox.waiting_bytes == 0


async def test_a_broken_connection_is_written_to_no_more() -> None:
    stream = Halting()
    outbox = Outbox(stream)
    stream.refuses = ConnectionResetError()
    assert not outbox.offer(b"lost")
    assert not outbox.offer(b"also lost")
    assert not outbox.offer_waiting()
    assert stream.sent == []
    with pytest.raises(trio.BrokenResourceError):
        await outbox.flush()


async def test_a_full_kernel_is_tried_again_behind_the_same_bytes() -> None:
    stream = Halting()
    outbox = Outbox(stream)
    stream.refuses = BlockingIOError()
    assert not outbox.offer(b"one")
    assert outbox.offer(b"two")
    assert stream.sent == [b"onetwo"]
