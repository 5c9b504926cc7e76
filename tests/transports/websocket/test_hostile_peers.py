import contextlib
import random
import socket
import struct

import pytest
import structlog
import trio
from trio_websocket import ConnectionClosed

from gameserver.transports import Link
from tests.transports.harness import (
    assert_serves,
    close_code,
    dial,
    read_to_end,
    send_and_read,
    serving,
    shake_hands,
)
from tests.transports.peers import masked, request_head


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


async def test_hundreds_of_mebibytes_before_the_handshake_are_not_read() -> None:
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
    async def fragile(link: Link) -> None:
        message = await link.receive()
        if message == b"break":
            raise RuntimeError("a bug")
        link.post(message)
        await link.receive()

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
