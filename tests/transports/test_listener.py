import contextlib
import errno
import random
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import structlog
import trio
from trio.testing import MockClock, lockstep_stream_pair, memory_stream_pair
from trio_websocket import ConnectionClosed, WebSocketConnection, wrap_client_stream

from gameserver.errors import ConnectionLostError
from gameserver.transports import Connection, ListenSettings, listen
from gameserver.transports.listener import Guard
from tests.transports.peers import masked, request_head

PATIENCE_S = 20
Handler = Callable[[Connection], Awaitable[None]]


async def echo(connection: Connection) -> None:
    while True:
        connection.send_nowait(await connection.receive(), reliable=True)


@asynccontextmanager
async def serving(
    handler: Handler = echo, settings: ListenSettings | None = None
) -> AsyncIterator[int]:
    with trio.fail_after(PATIENCE_S):
        async with trio.open_nursery() as nursery:
            yield await nursery.start(listen, settings or ListenSettings(), handler)
            nursery.cancel_scope.cancel()


@asynccontextmanager
async def dial(port: int) -> AsyncIterator[WebSocketConnection]:
    """Connect as a client does; the stream is ours, because the library leaves it open."""
    stream = await trio.open_tcp_stream("127.0.0.1", port)
    async with stream, trio.open_nursery() as nursery:
        offered = ["gameserver.v1"]
        yield (
            websocket := await wrap_client_stream(
                nursery, stream, "127.0.0.1", "/", subprotocols=offered
            )
        )
        await websocket.aclose()
        nursery.cancel_scope.cancel()


async def answer_to(port: int, opening: bytes) -> bytes:
    """Return everything that comes back for an opening that is no WebSocket's."""
    async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
        await stream.send_all(opening)
        return await read_to_end(stream)


async def assert_serves(port: int) -> None:
    async with dial(port) as websocket:
        await websocket.send_message(b"are you there")
        assert await websocket.get_message() == b"are you there"


async def read_to_end(stream: trio.SocketStream) -> bytes:
    got = bytearray()
    try:
        async for data in stream:
            got += data
    except trio.BrokenResourceError:
        pass  # reset behind what was read
    return bytes(got)


async def shake_hands(port: int) -> trio.SocketStream:
    """Open a WebSocket by hand, for frames that no library makes."""
    stream = await trio.open_tcp_stream("127.0.0.1", port)
    await stream.send_all(request_head())
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += await stream.receive_some()
    assert answer.startswith(b"HTTP/1.1 101")
    return stream


async def send_and_read(port: int, frames: bytes) -> bytes:
    stream = await shake_hands(port)
    async with stream:
        with contextlib.suppress(trio.BrokenResourceError):  # closed before it took everything
            await stream.send_all(frames)
        return await read_to_end(stream)


def close_code(frames: bytes) -> int:
    """Return the code of the close frame that the bytes end with."""
    at = frames.rindex(b"\x88")
    return int.from_bytes(frames[at + 2 : at + 4], "big")


# --- honest peers --------------------------------------------------------------------------------


async def test_messages_come_and_go_whole_and_in_order() -> None:
    async with serving() as port, dial(port) as websocket:
        sent = [bytes([i]) * (i * 200 % 4097) for i in range(1, 60)]
        for message in sent:
            await websocket.send_message(message)
        assert [await websocket.get_message() for _ in sent] == sent


async def test_a_connection_knows_its_peer_and_counts_its_bytes() -> None:
    facts = {}

    async def look(connection: Connection) -> None:
        await connection.receive()
        facts.update(peer=connection.peer, into=connection.bytes_in, out=connection.bytes_out)

    async with serving(look) as port, dial(port) as websocket:
        await websocket.send_message(bytes(100))
        with pytest.raises(ConnectionClosed):
            await websocket.get_message()
    assert facts["peer"] == "127.0.0.1"
    assert facts["into"] == 100 + 6
    assert facts["out"] > 100  # the answer to the handshake


async def test_what_was_handed_over_arrives_before_the_farewell() -> None:
    async def say_and_leave(connection: Connection) -> None:
        for number in range(200):
            assert connection.send_nowait(bytes([number]), reliable=True)
        connection.close_soon("that was all")
        assert not connection.send_nowait(b"too late", reliable=True)
        with pytest.raises(ConnectionLostError):
            await connection.receive()

    async with serving(say_and_leave) as port, dial(port) as websocket:
        for number in range(200):
            assert await websocket.get_message() == bytes([number])
        with pytest.raises(ConnectionClosed):
            await websocket.get_message()
        assert websocket.closed.code == 1000
        assert websocket.closed.reason == "that was all"


async def test_a_pending_receive_ends_when_this_side_closes() -> None:
    ended = trio.Event()
    held: list[Connection] = []

    async def wait_for_ever(connection: Connection) -> None:
        held.append(connection)
        connection.send_nowait(b"ready", reliable=True)
        try:
            await connection.receive()
        except ConnectionLostError:
            ended.set()

    async with serving(wait_for_ever) as port, dial(port) as websocket:
        await websocket.get_message()
        held[0].close_soon("enough")
        await ended.wait()


async def test_messages_sent_just_before_the_peer_leaves_are_received() -> None:
    received: list[bytes] = []
    ended = trio.Event()

    async def collect(connection: Connection) -> None:
        try:
            while True:
                received.append(await connection.receive())
        finally:
            ended.set()

    async with serving(collect) as port:
        async with dial(port) as websocket:
            for number in range(10):
                await websocket.send_message(bytes([number]))
        await ended.wait()
    assert received == [bytes([number]) for number in range(10)]


async def test_abort_ends_handler_and_connection_at_once() -> None:
    cancelled = trio.Event()

    async def doomed(connection: Connection) -> None:
        connection.send_nowait(b"ready", reliable=True)
        try:
            await connection.receive()
            connection.abort()
            assert not connection.send_nowait(b"never", reliable=True)
            await trio.sleep_forever()
        finally:
            cancelled.set()

    async with serving(doomed) as port, dial(port) as websocket:
        assert await websocket.get_message() == b"ready"
        await websocket.send_message(b"now")
        with pytest.raises(ConnectionClosed):
            await websocket.get_message()
        await cancelled.wait()
        await trio.testing.wait_all_tasks_blocked()


# --- openings that are refused -------------------------------------------------------------------


async def test_other_subprotocols_are_refused_with_400() -> None:
    async with serving() as port:
        for offered in (None, "gameserver.v2"):
            answer = await answer_to(port, request_head(**{"Sec-WebSocket-Protocol": offered}))
            assert answer.startswith(b"HTTP/1.1 400")
            assert b"gameserver.v1" in answer


async def test_a_browser_gets_a_page() -> None:
    async with serving() as port:
        answer = await answer_to(port, request_head(Upgrade=None))
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"To play" in answer


async def test_a_full_server_says_so_and_takes_the_next_when_one_leaves() -> None:
    async with serving(settings=ListenSettings(max_connections=2)) as port, dial(port):
        async with dial(port):
            answer = await answer_to(port, request_head())
            assert answer.startswith(b"HTTP/1.1 503")
            assert b"Retry-After" in answer
        while True:
            stream = await trio.open_tcp_stream("127.0.0.1", port)
            async with stream:
                await stream.send_all(request_head())
                if (await stream.receive_some()).startswith(b"HTTP/1.1 101"):
                    break


async def test_a_silent_opening_is_ended_after_its_time(autojump_clock: MockClock) -> None:  # noqa: ARG001
    ours, theirs = memory_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Guard(ListenSettings(), echo).serve, ours)
        assert (await theirs.receive_some()).startswith(b"HTTP/1.1 408")
        assert trio.current_time() == pytest.approx(5.0)
        with contextlib.suppress(trio.BrokenResourceError):
            while True:
                await theirs.send_all(b"x")
                await trio.sleep(0.1)
    assert trio.current_time() <= 5.0 + 1.1


async def test_a_dripping_opening_gets_no_more_time(autojump_clock: MockClock) -> None:  # noqa: ARG001
    ours, theirs = memory_stream_pair()
    async with trio.open_nursery() as nursery:

        async def drip() -> None:
            with contextlib.suppress(trio.BrokenResourceError):
                for byte in request_head() * 10:
                    await theirs.send_all(bytes([byte]))
                    await trio.sleep(0.9)

        nursery.start_soon(drip)
        await Guard(ListenSettings(), echo).serve(ours)
        assert trio.current_time() <= 5.0 + 1.0


async def test_a_peer_who_does_not_take_the_answer_holds_nothing(
    autojump_clock: MockClock,  # noqa: ARG001
) -> None:
    ours, theirs = lockstep_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(theirs.send_all, request_head())
        await Guard(ListenSettings(), echo).serve(ours)
    assert trio.current_time() == pytest.approx(5.0)


# --- hostile peers -------------------------------------------------------------------------------


def hostile_openings() -> list[bytes]:
    chance = random.Random(7)
    head = request_head()
    corpus = [
        request_head(Host="gäme"),
        request_head(Host="\xff\xfe"),
        request_head(Host="a..b"),
        request_head(Host="." * 64),
        request_head(**{"Sec-WebSocket-Key": "\x80" * 24}),
        request_head(**{"Sec-WebSocket-Protocol": "\xe4, gameserver.v1"}),
        request_head(**{"Sec-WebSocket-Extensions": "permessage-deflate; x=\xff"}),
        request_head(Origin="null"),
        head.replace(b"GET / ", b"GET /\xff "),
        head.replace(b"\r\n", b"\n"),
        head[:-2] + b"X" * 30_000,
        b"\x00" * 64,
        b"\x16\x03\x01" + bytes(100),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        head + masked(b"early"),
        b"",
    ]
    for _ in range(60):
        at = chance.randrange(len(head))
        corpus.append(head[:at] + chance.randbytes(chance.randrange(1, 60)) + head[at:])
        corpus.append(chance.randbytes(chance.randrange(1, 200)))
    return corpus


async def test_no_opening_ends_the_server() -> None:
    async with serving() as port:
        async with trio.open_nursery() as nursery:

            async def attack(data: bytes) -> None:
                async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
                    await stream.send_all(data)
                    await stream.send_eof()
                    await read_to_end(stream)

            for data in hostile_openings():
                nursery.start_soon(attack, data)
        await assert_serves(port)


async def test_a_reset_at_any_stage_ends_that_connection_only() -> None:
    head = request_head()
    stages = [b"", head[:40], head, head + masked(b"hello"), head + masked(b"hello")[:5]]
    async with serving() as port:
        for data in stages:
            stream = await trio.open_tcp_stream("127.0.0.1", port)
            await stream.send_all(data)
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            stream.socket.close()
            await assert_serves(port)


async def test_random_frames_end_that_connection_only() -> None:
    chance = random.Random(11)
    async with serving() as port:
        for _ in range(60):
            junk = chance.randbytes(chance.randrange(1, 400))
            stream = await shake_hands(port)
            async with stream:
                await stream.send_all(junk)
                await stream.send_eof()
                await read_to_end(stream)
        await assert_serves(port)


async def test_hundreds_of_mebibytes_before_the_handshake_are_not_taken() -> None:
    async with serving() as port:
        stream = await trio.open_tcp_stream("127.0.0.1", port)
        block = b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * (1 << 20)
        pushed = 0
        async with stream:
            with contextlib.suppress(trio.BrokenResourceError):
                while pushed < 300 << 20:
                    await stream.send_all(block)
                    pushed += len(block)
        assert pushed < 32 << 20  # what the kernel's own buffers take, and no more
        await assert_serves(port)


async def test_message_limits_are_exact_and_hold_in_one_segment() -> None:
    async with serving() as port:
        for size in (4095, 4096):
            stream = await shake_hands(port)
            async with stream:
                await stream.send_all(masked(bytes(size)) + masked(bytes(size)))
                got = b""
                while len(got) < 2 * (size + 4):
                    got += await stream.receive_some()
        assert close_code(await send_and_read(port, masked(bytes(4097)))) == 1009
        assert close_code(await send_and_read(port, masked(bytes(4097)) * 2)) == 1009
        await assert_serves(port)


async def test_text_is_refused_with_1003() -> None:
    async with serving() as port:
        assert close_code(await send_and_read(port, masked(b"hi", opcode=1))) == 1003


async def test_ten_thousand_pings_end_that_connection_only() -> None:
    async with serving() as port, dial(port) as honest:
        answer = await send_and_read(port, masked(b"ping", opcode=9) * 10_000)
        assert close_code(answer) == 1008
        assert answer.count(b"\x8a\x04ping") <= 20
        await honest.send_message(b"still here")
        assert await honest.get_message() == b"still here"


async def test_a_few_pings_are_answered() -> None:
    async with serving() as port:
        stream = await shake_hands(port)
        async with stream:
            await stream.send_all(masked(b"ping", opcode=9) * 3)
            got = b""
            while len(got) < 3 * 6:
                got += await stream.receive_some()
        assert got == b"\x8a\x04ping" * 3


async def test_tens_of_thousands_of_empty_fragments_end_that_connection_only() -> None:
    async with serving() as port, dial(port) as honest:
        flood = masked(b"", final=False) + masked(b"", opcode=0, final=False) * 50_000
        assert close_code(await send_and_read(port, flood)) == 1008
        await honest.send_message(b"still here")
        assert await honest.get_message() == b"still here"


async def test_an_exception_in_a_handler_ends_that_connection_only() -> None:
    async def fragile(connection: Connection) -> None:
        message = await connection.receive()
        if message == b"break":
            raise RuntimeError("a bug")
        connection.send_nowait(message, reliable=True)
        await connection.receive()

    async with serving(fragile) as port, dial(port) as honest:
        await honest.send_message(b"one")
        assert await honest.get_message() == b"one"
        with structlog.testing.capture_logs() as logs:
            async with dial(port) as websocket:
                await websocket.send_message(b"break")
                with pytest.raises(ConnectionClosed):
                    await websocket.get_message()
            await trio.testing.wait_all_tasks_blocked()
        assert [line["event"] for line in logs] == ["connection failed"]
        await honest.send_message(b"two")


# --- peers who do not read -----------------------------------------------------------------------


async def stall(port: int) -> trio.SocketStream:
    stream = await shake_hands(port)
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    await stream.send_all(masked(b"go"))
    return stream


async def test_a_stalled_reader_costs_little_and_delays_nobody() -> None:
    settings = ListenSettings()
    held: list[Connection] = []

    async def flood(connection: Connection) -> None:
        if await connection.receive() == b"go":
            while connection.lost_messages < 10:
                connection.send_nowait(bytes(1000), reliable=False)
                await trio.lowlevel.checkpoint()
            held.append(connection)
            await trio.sleep_forever()
        await echo(connection)

    async with serving(flood, settings) as port, await stall(port):
        while not held:
            async with dial(port) as websocket:
                await websocket.send_message(b"skip")
                await websocket.send_message(b"prompt")
                assert await websocket.get_message() == b"prompt"
        assert held[0].outbox_bytes <= settings.unreliable_bytes + 1004
        held[0].close_soon()


async def test_a_reliable_message_too_many_ends_a_stalled_connection() -> None:
    settings = ListenSettings()
    ended = trio.Event()
    most = 0

    async def insist(connection: Connection) -> None:
        nonlocal most
        try:
            await connection.receive()
            while connection.send_nowait(bytes(10_000), reliable=True):
                most = max(most, connection.outbox_bytes)
                await trio.lowlevel.checkpoint()
            await trio.sleep_forever()
        finally:
            ended.set()

    async with serving(insist, settings) as port, await stall(port):
        await ended.wait()
    assert most <= settings.reliable_bytes + 10_004


async def test_a_large_reliable_message_passes_an_empty_outbox() -> None:
    large = bytes(500_000)

    async def give(connection: Connection) -> None:
        assert connection.send_nowait(large, reliable=True)
        await connection.receive()

    async with serving(give) as port, dial(port) as websocket:
        assert await websocket.get_message() == large


async def test_closing_a_stalled_connection_is_over_in_time(
    autojump_clock: MockClock,  # noqa: ARG001
) -> None:
    ours, theirs = lockstep_stream_pair()

    async def say_and_leave(connection: Connection) -> None:
        connection.send_nowait(bytes(100), reliable=True)
        await trio.sleep(1)
        connection.close_soon("bye")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(Guard(ListenSettings(), say_and_leave).serve, ours)
        await theirs.send_all(request_head())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += await theirs.receive_some()
    assert trio.current_time() == pytest.approx(1 + ListenSettings().close_s)


async def test_a_pending_receive_ends_at_once_though_the_farewell_cannot_leave(
    autojump_clock: MockClock,  # noqa: ARG001
) -> None:
    ours, theirs = lockstep_stream_pair()
    ended_at = 0.0

    async def wait_for_ever(connection: Connection) -> None:
        nonlocal ended_at
        connection.send_nowait(bytes(100), reliable=True)
        nursery.start_soon(close_later, connection)
        with contextlib.suppress(ConnectionLostError):
            await connection.receive()
        ended_at = trio.current_time()

    async def close_later(connection: Connection) -> None:
        await trio.sleep(1)
        connection.close_soon()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(Guard(ListenSettings(), wait_for_ever).serve, ours)
        await theirs.send_all(request_head())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += await theirs.receive_some()
    assert ended_at == pytest.approx(1)


async def test_stalled_connections_do_not_hold_up_a_stop() -> None:
    async def flood(connection: Connection) -> None:
        await connection.receive()
        while connection.send_nowait(bytes(10_000), reliable=False):
            pass
        await trio.sleep_forever()

    async with trio.open_nursery() as nursery:
        with trio.fail_after(PATIENCE_S):
            port = await nursery.start(listen, ListenSettings(), flood)
            streams = [await stall(port) for _ in range(5)]
            await trio.testing.wait_all_tasks_blocked()
            nursery.cancel_scope.cancel()
    for stream in streams:
        await trio.aclose_forcefully(stream)


# --- accepting -----------------------------------------------------------------------------------


async def test_accepting_goes_on_when_descriptors_run_out_or_a_peer_hangs_up_early(
    autojump_clock: MockClock,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    troubles = [errno.EMFILE, errno.ENFILE, errno.ENOBUFS]
    accept = trio.SocketListener.accept

    async def troubled(listener: trio.SocketListener) -> trio.SocketStream:
        if troubles:
            raise OSError(troubles.pop(), "as the kernel says it")
        return await accept(listener)

    monkeypatch.setattr(trio.SocketListener, "accept", troubled)
    async with trio.open_nursery() as nursery:
        port = await nursery.start(listen, ListenSettings(), echo)
        stream = await shake_hands(port)
        assert not troubles
        await stream.aclose()
        nursery.cancel_scope.cancel()


async def test_a_name_with_several_addresses_has_one_port() -> None:
    async with serving(settings=ListenSettings(host="localhost")) as port:
        await assert_serves(port)
