import contextlib
import os

import pytest
import trio
from trio.testing import (
    MockClock,
    check_two_way_stream,
    lockstep_stream_pair,
    memory_stream_pair,
    wait_all_tasks_blocked,
)

from gameserver.transports.settings import ListenSettings
from gameserver.transports.websocket.frames import CloseCode, FrameHead, Opcode
from gameserver.transports.websocket.guarded import LINGER_BYTES, GuardedStream
from tests.transports.peers import masked

SETTINGS = ListenSettings()


class Transparent(GuardedStream):
    """A guarded stream that lets any bytes pass, for checks that know no frames."""

    def _inspect(self, data: bytes) -> None:
        pass


def guarded(transport: trio.abc.Stream, kind: type[GuardedStream] = GuardedStream) -> GuardedStream:
    stream = kind(transport, SETTINGS)
    stream.open()
    return stream


async def test_a_guarded_stream_conforms_to_trios_stream_interface() -> None:
    async def make() -> tuple[GuardedStream, GuardedStream]:
        left, right = memory_stream_pair()
        return guarded(left, Transparent), guarded(right, Transparent)

    async def make_clogged() -> tuple[GuardedStream, GuardedStream]:
        left, right = lockstep_stream_pair()
        return guarded(left, Transparent), guarded(right, Transparent)

    await check_two_way_stream(make, make_clogged)


async def test_valid_frames_pass_unchanged_and_are_counted() -> None:
    ours, theirs = memory_stream_pair()
    stream = guarded(ours)
    frames = masked(b"hello") + masked(b"", opcode=9)
    await theirs.send_all(frames)
    assert await stream.receive_some() == frames
    assert stream.bytes_in == len(frames)


async def test_the_replay_is_received_first_and_the_peers_bytes_after_opening() -> None:
    ours, theirs = memory_stream_pair()
    stream = GuardedStream(ours, SETTINGS, replay=b"GET")
    await theirs.send_all(masked(b"x"))
    assert await stream.receive_some(2) == b"GE"
    assert await stream.receive_some() == b"T"
    got: list[bytes] = []

    async def receive() -> None:
        got.append(await stream.receive_some())

    async with trio.open_nursery() as nursery:
        nursery.start_soon(receive)
        await trio.testing.wait_all_tasks_blocked()
        assert not got
        stream.open()
    assert got == [masked(b"x")]


async def test_an_invalid_frame_is_answered_with_its_code_and_ends_the_stream(
    autojump_clock: MockClock,  # noqa: ARG001
) -> None:
    ours, theirs = memory_stream_pair()
    stream = guarded(ours)
    await theirs.send_all(masked(b"text", opcode=1))
    with pytest.raises(trio.BrokenResourceError):
        await stream.receive_some()
    assert stream.fault is not None
    assert stream.fault.code is CloseCode.UNSUPPORTED
    answer = bytes(await theirs.receive_some())
    assert answer[0] == 0x88
    assert answer[2:4] == (1003).to_bytes(2, "big")
    with pytest.raises(trio.BrokenResourceError):
        await stream.send_all(b"nothing comes behind a close frame")


async def test_a_bad_peer_that_neither_reads_nor_stops_is_disconnected_in_time(
    autojump_clock: MockClock,  # noqa: ARG001
) -> None:
    ours, theirs = lockstep_stream_pair()
    stream = guarded(ours)
    sent = 0

    async def push() -> None:
        nonlocal sent
        with contextlib.suppress(trio.BrokenResourceError):
            while True:
                await theirs.send_all(b"\x00" * 4096)
                sent += 4096

    async with trio.open_nursery() as nursery:
        nursery.start_soon(push)
        start = trio.current_time()
        with pytest.raises(trio.BrokenResourceError):
            await stream.receive_some()
        assert trio.current_time() - start <= 2.5
        await stream.aclose()
    assert sent <= LINGER_BYTES + 3 * 4096


@pytest.mark.parametrize("plays", [False, True])
async def test_pings_beyond_the_rate_end_the_stream_and_others_do_not(
    autojump_clock: MockClock,  # noqa: ARG001
    plays: bool,
) -> None:
    ours, theirs = memory_stream_pair()
    stream = guarded(ours)
    if plays:
        stream.open_lane({b"\x98\x01"}, lambda _: None, None)
    ping = masked(b"", opcode=9)
    await theirs.send_all(ping * SETTINGS.control_burst)
    await stream.receive_some()
    for _ in range(50):
        await trio.sleep(1.01 / SETTINGS.control_per_s)
        await theirs.send_all(ping)
        assert await stream.receive_some() == ping
    await theirs.send_all(ping * 3)
    with pytest.raises(trio.BrokenResourceError):
        await stream.receive_some()
    assert stream.fault is not None
    assert stream.fault.code is CloseCode.POLICY


async def test_nothing_goes_to_the_next_socket_with_the_descriptor_of_a_closed_one() -> None:
    ours, theirs = trio.socket.socketpair()
    other, others_peer = trio.socket.socketpair()
    with theirs, other, others_peer:
        stream = guarded(trio.SocketStream(ours))
        number = ours.fileno()
        await stream.aclose()
        os.dup2(other.fileno(), number)
        try:
            assert not stream.outbox.offer(b"for the peer that left")
        finally:
            os.close(number)
        other.shutdown(trio.socket.SHUT_WR)
        assert await others_peer.recv(100) == b""


async def test_after_a_cancelled_send_nothing_more_is_sent() -> None:
    ours, _theirs = lockstep_stream_pair()
    stream = guarded(ours)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(stream.outbox.write, b"a frame that nobody takes")
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    with pytest.raises(trio.BrokenResourceError):
        await stream.outbox.write(b"a frame behind half a frame")


async def test_frames_of_two_tasks_do_not_interleave() -> None:
    ours, theirs = lockstep_stream_pair()
    stream = guarded(ours)
    got = bytearray()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(stream.outbox.write, b"a" * 50)
        nursery.start_soon(stream.send_all, b"b" * 50)
        while len(got) < 100:
            got += await theirs.receive_some(7)
    assert bytes(got) in (b"a" * 50 + b"b" * 50, b"b" * 50 + b"a" * 50)


def test_a_head_distinguishes_control_from_data_frames() -> None:
    assert FrameHead(Opcode.PING, True, 0).is_control
    assert not FrameHead(Opcode.CONTINUATION, True, 0).is_control


async def test_behind_a_fault_the_peer_is_read_so_that_it_can_read_the_reason() -> None:
    ours, theirs = memory_stream_pair()
    stream = guarded(ours)
    ended: list[float] = []

    async def receive() -> None:
        with pytest.raises(trio.BrokenResourceError):
            await stream.receive_some()
        ended.append(trio.current_time())

    async with trio.open_nursery() as nursery:
        nursery.start_soon(receive)
        await wait_all_tasks_blocked()
        await theirs.send_all(b"\x82\x01x")  # not masked
        await wait_all_tasks_blocked()
        assert ended == [], "what the peer still sends is taken first"
        await theirs.send_all(bytes(500))
        await theirs.send_eof()
    assert len(ended) == 1
    assert await ours.receive_some() == b""
    assert (await theirs.receive_some())[:1] == b"\x88"
