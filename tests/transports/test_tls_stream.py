"""TLS over a stream of ours: records cut anywhere, full kernels, ends, and misuse of TLS."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from random import Random

import attrs
import pytest
import trio
from trio.testing import MockClock, memory_stream_pair, wait_all_tasks_blocked

from gameserver.transports import Drain
from gameserver.transports.outbox import Outbox
from gameserver.transports.tls_stream import (
    ANSWER_BYTES,
    RECORD_BYTES,
    SILENT_BYTES,
    SILENT_PER_S,
    TlsStream,
)
from tests.transports.harness import PATIENCE_S
from tests.transports.tls_peer import Ends, KeyChanger, TlsPeer, certified

LONG_S = 10_000
"""In virtual time."""


class Member:
    """A member of a drain."""

    def __init__(self) -> None:
        self.got: list[bytes] = []

    def received_nowait(self, data: bytes) -> None:
        self.got.append(data)


@attrs.frozen
class Pair:
    """A connection whose handshake is done, and a drain that reads the server's end."""

    server: TlsStream
    peer: TlsPeer
    drain: Drain
    member: Member

    def join(self) -> None:
        """Leave the reading to the drain."""
        assert self.server.direct is not None
        reader = self.server.direct.reader(self.member)
        assert reader is not None
        assert self.drain.add(self.server.direct.descriptor, reader)

    async def deliver(self, raw: bytes) -> None:
        """Send bytes and drain them; both ends are of one machine, so they are there at once."""
        await self.peer.stream.send_all(raw)
        self.drain.drain()


@pytest.fixture(scope="module")
def ends() -> Ends:
    return certified()


@asynccontextmanager
async def connected(ends: Ends, patience_s: float = PATIENCE_S) -> AsyncIterator[Pair]:
    ours, theirs = trio.socket.socketpair()
    server = TlsStream(trio.SocketStream(ours), ends.server)
    peer = TlsPeer(trio.SocketStream(theirs), ends.client)
    drain = Drain()
    with trio.fail_after(patience_s):
        assert server.direct is not None
        member = Member()
        assert server.direct.reader(member) is None, "the handshake is not done"
        # Its last bytes bring content along: one byte is taken, and the rest waits.
        assert await peer.shake_hands(server, b"go", 1) == b"g"
        assert server.direct.reader(member) is None, "a byte is here already"
        assert await server.receive_some() == b"o"
        try:
            yield Pair(server, peer, drain, member)
        finally:
            drain.remove(server.direct.descriptor)
            drain.close()
            await server.aclose()
            await peer.stream.aclose()


async def test_records_cut_anywhere_come_whole_and_once_from_the_drain(ends: Ends) -> None:
    async with connected(ends) as pair:
        pair.join()
        one, two = pair.peer.sealed(b"one"), pair.peer.sealed(b"two")
        for byte in one[:-1]:
            await pair.deliver(bytes([byte]))
        assert pair.member.got == []
        await pair.deliver(one[-1:] + two[:9])
        assert pair.member.got == [b"one"]
        await pair.deliver(two[9:] + pair.peer.sealed(b"three") + pair.peer.sealed(b"four"))
        assert pair.member.got == [b"one", b"twothreefour"]


async def test_a_large_record_is_read_a_bounded_piece_in_each_drain(ends: Ends) -> None:
    content = Random(1).randbytes(RECORD_BYTES)
    async with connected(ends) as pair:
        pair.join()
        await pair.deliver(pair.peer.sealed(content))
        drains = 1
        while not pair.member.got:
            pair.drain.drain()
            drains += 1
        assert pair.member.got == [content]
        assert drains > 8


async def test_a_record_that_announces_more_than_a_record_may_have_ends_the_connection(
    ends: Ends,
) -> None:
    async with connected(ends) as pair:
        pair.join()
        await pair.deliver(b"\x17\x03\x03\x7f\xff" + bytes(500))
        assert pair.member.got == [b""]
        with pytest.raises(trio.BrokenResourceError):
            await pair.server.receive_some()


@pytest.mark.parametrize("drained", [True, False])
@pytest.mark.parametrize("notified", [True, False], ids=["close_notify", "cut"])
async def test_an_end_with_or_without_farewell_comes_behind_the_last_bytes(
    ends: Ends, notified: bool, drained: bool
) -> None:
    async with connected(ends) as pair:
        if drained:
            pair.join()
        last = pair.peer.sealed(b"last") + (pair.peer.farewell() if notified else b"")
        await pair.peer.stream.send_all(last)
        if not notified:
            await pair.peer.stream.send_eof()
        if drained:
            pair.drain.drain()
            pair.drain.drain()
            assert pair.member.got[:2] == [b"last", b""]
            assert pair.server.direct is not None
            assert pair.server.direct.reader(pair.member) is None, "it would wait for ever"
        else:
            assert await pair.server.receive_some() == b"last"
        assert await pair.server.receive_some() == b""
        # The peer has closed its own direction only.
        await pair.server.send_all(b"heard")
        assert await pair.peer.read_exactly(5) == b"heard"


async def test_closing_says_farewell_and_the_peer_is_heard_after_a_half_of_it(ends: Ends) -> None:
    async with connected(ends) as pair:
        await pair.server.send_eof()
        assert await pair.peer.read() == b""
        await pair.peer.stream.send_all(pair.peer.sealed(b"well then"))
        assert await pair.server.receive_some() == b"well then"
    async with connected(ends) as pair:
        await pair.server.send_all(b"bye")
        await pair.server.aclose()
        assert await pair.peer.read() == b"bye"
        assert await pair.peer.read() == b""


@pytest.mark.parametrize("drained", [True, False])
async def test_garbage_below_tls_ends_the_connection_with_an_alert(
    ends: Ends, drained: bool
) -> None:
    async with connected(ends) as pair:
        whole = pair.peer.sealed(b"whole")
        bad = bytearray(pair.peer.sealed(b"changed on its way"))
        bad[-1] ^= 1
        if drained:
            pair.join()
            await pair.deliver(whole + bytes(bad))
            assert pair.member.got == [b"whole", b""]
        else:
            await pair.peer.stream.send_all(whole + bytes(bad))
            assert await pair.server.receive_some() == b"whole"
        for _ in range(2):
            with pytest.raises(trio.BrokenResourceError):
                await pair.server.receive_some()
        with pytest.raises(ssl.SSLError, match=r"(?i)bad.record.mac"):
            await pair.peer.read()


async def test_garbage_instead_of_a_handshake_is_answered_by_an_alert(ends: Ends) -> None:
    ours, theirs = memory_stream_pair()
    server = TlsStream(ours, ends.server)
    await theirs.send_all(b"\x16\x03\x01\x00\x05hello")
    for _ in range(2):
        with pytest.raises(trio.BrokenResourceError):
            await server.receive_some()
    assert (await theirs.receive_some())[:1] == b"\x15"
    with pytest.raises(trio.BrokenResourceError):
        await server.send_all(b"HTTP/1.1 408")


async def test_frames_keep_their_order_when_the_kernel_takes_records_in_part(ends: Ends) -> None:
    random = Random(2)
    async with connected(ends) as pair, trio.open_nursery() as nursery:
        outbox = Outbox(pair.server)
        sent = b""
        refused = 0
        for number in range(400):
            frame = b"%06d" % number + random.randbytes(random.choice((10, 3000, 40_000)))
            sent += frame
            refused += not outbox.offer(frame)
        assert refused
        assert not outbox.sender.clear
        nursery.start_soon(outbox.flush)
        assert await pair.peer.read_exactly(len(sent)) == sent
    assert outbox.waiting_bytes == 0
    assert outbox.sender.bytes_out == len(sent)


async def test_the_rest_of_the_last_record_is_sent_though_no_frame_follows(ends: Ends) -> None:
    async with connected(ends) as pair, trio.open_nursery() as nursery:
        outbox = Outbox(pair.server)
        frames = 1
        while outbox.offer(bytes(1000)):
            frames += 1
        assert outbox.waiting_bytes == 0, "all of it is encrypted; the kernel lacks a part"
        nursery.start_soon(outbox.flush)
        assert await pair.peer.read_exactly(1000 * frames) == bytes(1000 * frames)
    assert outbox.sender.clear


async def test_a_send_that_was_cut_off_lets_no_other_record_follow(ends: Ends) -> None:
    async with connected(ends) as pair:
        with trio.move_on_after(0.05) as scope:
            await pair.server.send_all(bytes(2_000_000))
        assert scope.cancelled_caught
        assert pair.server.direct is not None
        with pytest.raises(trio.BrokenResourceError):
            await pair.server.send_all(b"later")
        with pytest.raises(OSError, match="cannot be written"):
            pair.server.direct.write(b"later")


# --- new keys -------------------------------------------------------------------------------------


@asynccontextmanager
async def changing(ends: Ends, folder: Path) -> AsyncIterator[tuple[Pair, KeyChanger]]:
    log = folder / "keys"
    ends.client.keylog_filename = str(log)
    async with connected(ends, LONG_S) as pair:
        pair.join()
        yield pair, KeyChanger(log, 1)


async def test_new_keys_are_used_and_answered_at_once(tmp_path: Path) -> None:
    async with changing(certified(), tmp_path) as (pair, keys):
        await pair.deliver(keys.request() + keys.record(b"one") + keys.request())
        assert pair.member.got == [b"one"]
        await pair.deliver(keys.record(b"two"))
        assert pair.member.got == [b"one", b"two"]
        await pair.server.send_all(b"heard")
        assert await pair.peer.read_exactly(5) == b"heard"


async def test_requests_for_new_keys_without_end_end_the_connection(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    async with changing(certified(), tmp_path) as (pair, keys):
        sent = 0
        while pair.member.got[-1:] != [b""]:
            await pair.deliver(record := keys.request())
            sent += len(record)
            if not sent % 500:  # content does not pay for them
                await pair.deliver(keys.record(b"x"))
            assert sent <= SILENT_BYTES + 2 * len(record)
        with pytest.raises(trio.BrokenResourceError):
            await pair.server.receive_some()
    del autojump_clock


async def test_a_request_for_new_keys_now_and_then_is_answered_for_ever(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    async with changing(certified(), tmp_path) as (pair, keys):
        for number in range(2000):
            await pair.deliver(keys.request())
            await trio.sleep(0.03)
            assert pair.member.got == []
            if number % 100 == 0:
                await pair.server.send_all(b"x")
                await pair.peer.read_exactly(1)
    assert len(keys.request()) < 0.03 * SILENT_PER_S
    del autojump_clock


async def test_a_peer_that_reads_no_answers_of_tls_is_ended(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    """Its requests come slowly; the answers fill the kernel first."""
    async with changing(certified(), tmp_path) as (pair, keys):
        while pair.server.direct is not None:  # fill the kernel
            try:
                pair.server.direct.write(bytes(1000))
            except BlockingIOError:
                break
        asked = 0
        while pair.member.got == []:
            await pair.deliver(record := keys.request())
            asked += len(record)
            await trio.sleep(0.1)
            assert asked < 2 * ANSWER_BYTES
    assert asked > ANSWER_BYTES // 2
    del autojump_clock


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_the_smallest_records_are_no_silence(version: ssl.TLSVersion) -> None:
    ends = certified()
    ends.client.maximum_version = version
    ours, theirs = trio.socket.socketpair()
    server = TlsStream(trio.SocketStream(ours), ends.server)
    peer = trio.SSLStream(trio.SocketStream(theirs), ends.client, server_hostname="localhost")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(peer.send_all, b"x")
        assert await server.receive_some() == b"x"
    before = server._silent  # what came with the handshake
    for _ in range(20):
        await peer.send_all(b"x")
        assert await server.receive_some() == b"x"
    assert server._silent <= before
    for stream in (server, peer):
        await trio.aclose_forcefully(stream)


# --- misuse and ends ------------------------------------------------------------------------------


async def test_a_peer_that_leaves_during_the_handshake_breaks_the_stream(ends: Ends) -> None:
    ours, theirs = memory_stream_pair()
    server = TlsStream(ours, ends.server)
    await theirs.send_eof()
    with pytest.raises(trio.BrokenResourceError, match="left during the TLS handshake"):
        await server.receive_some()


async def test_nothing_is_sent_before_the_handshake_and_behind_the_own_farewell(
    ends: Ends,
) -> None:
    ours, _theirs = memory_stream_pair()
    with pytest.raises(trio.BrokenResourceError, match="cannot be sent on"):
        await TlsStream(ours, ends.server).send_all(b"too early")
    async with connected(ends) as pair:
        await pair.server.send_eof()
        with pytest.raises(trio.BrokenResourceError, match="takes no more bytes"):
            await pair.server.send_all(b"too late")


async def test_a_farewell_that_answers_ours_is_an_end_that_stays(ends: Ends) -> None:
    async with connected(ends) as pair:
        await pair.server.send_eof()
        await pair.peer.stream.send_all(pair.peer.farewell())
        for _ in range(3):
            assert await pair.server.receive_some() == b""


async def test_two_tasks_cannot_send_at_once(ends: Ends) -> None:
    async with connected(ends) as pair, trio.open_nursery() as nursery:
        nursery.start_soon(pair.server.send_all, bytes(2_000_000))
        await wait_all_tasks_blocked()
        with pytest.raises(trio.BusyResourceError):
            await pair.server.send_all(b"second")
        assert pair.server.direct is not None
        with pytest.raises(OSError, match="cannot be written"):
            pair.server.direct.write(b"third")
        assert await pair.peer.read_exactly(2_000_000) == bytes(2_000_000)
    async with connected(ends) as pair:
        await pair.server.send_all(b"")
        await pair.server.send_all(b"again")
        assert await pair.peer.read_exactly(5) == b"again"


async def test_a_send_might_not_block_as_soon_as_the_kernel_has_room(ends: Ends) -> None:
    async with connected(ends) as pair:
        assert pair.server.direct is not None
        await pair.server.wait_send_all_might_not_block()
        with suppress(BlockingIOError):
            while True:
                pair.server.direct.write(bytes(1000))
        free = trio.Event()

        async def wait() -> None:
            await pair.server.wait_send_all_might_not_block()
            free.set()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(wait)
            await wait_all_tasks_blocked(0.01)
            assert not free.is_set()
            while not free.is_set():
                await pair.peer.stream.receive_some()
                await wait_all_tasks_blocked(0.01)
