"""Threats 1 to 7 against both libraries alone, without this project's guards.

Usage: ``python -m bench.spikes.websockets_sansio.threats``. The attacks are those of the tests; the
output shows the effect of each on each library.
"""

import struct
import sys
import tracemalloc
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

import attrs
import trio
from trio.testing import MockClock, memory_stream_pair
from trio_websocket import ConnectionClosed, WebSocketRequest, WebSocketServer, serve_websocket
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from bench.spikes.websockets_sansio.guard import SansIoGuard
from bench.spikes.websockets_sansio.intake import QUIET
from gameserver.messages.wire import SUBPROTOCOL
from gameserver.transports import Guard, ListenSettings, accept
from tests.transports.harness import (
    Bytes,
    close_code,
    echo,
    read_to_end,
    send_and_read,
    shake_hands,
)
from tests.transports.peers import masked, request_head
from tests.transports.websocket.test_hostile_peers import hostile_openings

LIMIT = 4096
STRIKE_S = 10.0
HANGS_S = 0.5
PATIENCE_S = 300.0
NO_ANSWER = "no answer in time"
IO_ERRORS = (trio.BrokenResourceError, trio.ClosedResourceError)

Serve = Callable[..., Awaitable[None]]
Strike = Callable[[int], Awaitable[object]]

FRAMES = {
    "text": masked(b"x", opcode=1),
    "continuation of nothing": masked(b"x", opcode=0),
    "message in a message": masked(b"x", final=False) + masked(b"y"),
    "unknown data opcode": masked(b"x", opcode=3),
    "unknown control opcode": masked(b"x", opcode=11),
    "ping in parts": masked(b"x", opcode=9, final=False),
    "long ping": masked(bytes(126), opcode=9),
    "not masked": b"\x82\x01x",
    "reserved bit": b"\xc2\x81maskx",
    "length 5 in 16 bits": b"\x82\xfe\x00\x05mask" + bytes(5),
    "length 200 in 64 bits": b"\x82\xff" + struct.pack("!Q", 200) + b"mask" + bytes(200),
    "long ping in a message with little room left": (
        masked(bytes(LIMIT - 10), final=False)
        + masked(bytes(100), opcode=9)
        + masked(b"", opcode=0)
    ),
    "close with one byte": masked(b"x", opcode=8),
    "close with code 1005": masked(struct.pack("!H", 1005), opcode=8),
    "close with a reason that is not UTF-8": masked(b"\x03\xe8\xff", opcode=8),
}


# --- the two, alone ------------------------------------------------------------------------------


async def trio_websocket_handler(request: WebSocketRequest) -> None:
    """Accept a connection and receive messages, as the library's documentation shows."""
    connection = await request.accept(subprotocol=SUBPROTOCOL)
    with suppress(ConnectionClosed):
        while True:
            await connection.get_message()


async def protocol_loop(stream: trio.abc.HalfCloseableStream) -> None:
    """Serve with the minimum that the protocol's documentation asks for."""
    protocol = ServerProtocol(max_size=LIMIT, subprotocols=[Subprotocol(SUBPROTOCOL)], logger=QUIET)
    parts: list[bytes] = []
    with suppress(*IO_ERRORS):
        while True:
            data = await stream.receive_some(LIMIT)
            protocol.receive_data(data) if data else protocol.receive_eof()
            for event in protocol.events_received():
                if isinstance(event, Request):
                    protocol.send_response(protocol.accept(event))
                elif isinstance(event, Frame) and event.opcode < 8:
                    parts.append(bytes(event.data))
                    if event.fin:
                        parts.clear()
            for piece in protocol.data_to_send():
                await (stream.send_all(piece) if piece else stream.send_eof())
            if not data:
                return


BARE: dict[str, Serve] = {
    "trio-websocket": partial(
        serve_websocket, trio_websocket_handler, "127.0.0.1", 0, None, max_message_size=LIMIT
    ),
    "websockets": partial(trio.serve_tcp, protocol_loop, 0, host="127.0.0.1"),
}


@attrs.frozen
class Started:
    """A server that listens."""

    port: int


async def serve_guarded(
    guard: type[Guard], *, task_status: trio.TaskStatus[Started] = trio.TASK_STATUS_IGNORED
) -> None:
    """Serve with this project's guards, to compare the answers to `FRAMES`."""
    settings = ListenSettings()
    serve = partial(accept, settings, guard(settings, echo, Bytes()).serve)
    async with trio.open_nursery() as nursery:
        task_status.started(Started(await nursery.start(serve)))


GUARDED: dict[str, Serve] = {
    "server's link": partial(serve_guarded, Guard),
    "trial": partial(serve_guarded, SansIoGuard),
}


async def struck(
    serve: Serve, strike: Strike, most_s: float = STRIKE_S
) -> tuple[object, BaseException | None]:
    """Return what the strike returned, and the exception that ended the server if one did."""
    told: object = NO_ANSWER
    try:
        async with trio.open_nursery() as nursery:
            started = await nursery.start(serve)
            listener = started[0] if isinstance(started, list) else None
            port = listener.socket.getsockname()[1] if listener else started.port
            with trio.move_on_after(most_s):
                told = await strike(port)
            await trio.sleep(0.01)
            nursery.cancel_scope.cancel()
    except BaseExceptionGroup as group:
        error: BaseException = group
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        return told, error
    return told, None


# --- attacks -------------------------------------------------------------------------------------


async def throw(data: bytes, port: int) -> bytes:
    """Send an opening and read the answer."""
    async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
        with suppress(*IO_ERRORS):
            await stream.send_all(data)
            await stream.send_eof()
        return await read_to_end(stream)


async def reset(data: bytes, port: int) -> None:
    """Send bytes and reset the connection."""
    stream = await trio.open_tcp_stream("127.0.0.1", port)
    await stream.send_all(data)
    await trio.sleep(0.01)
    stream.setsockopt(trio.socket.SOL_SOCKET, trio.socket.SO_LINGER, struct.pack("ii", 1, 0))
    stream.socket.close()
    await trio.sleep(0.02)


async def malformed(serve: Serve) -> str:
    """Threat 1: openings of the corpus, and resets at five stages, each against a new server."""
    head = request_head()
    hello = masked(b"hello")
    stages = [b"", head[:40], head, head + hello, head + hello[:5]]
    strikes: list[Strike] = [partial(throw, data) for data in hostile_openings()]
    strikes += [partial(reset, data) for data in stages]
    outcomes = [await struck(serve, strike, HANGS_S) for strike in strikes]
    ended = [error for _, error in outcomes if error]
    kinds = sorted({type(error).__name__ for error in ended})
    hanging = sum(told == NO_ANSWER and not error for told, error in outcomes)
    return (
        f"{len(ended)} of {len(strikes)} end the server {' '.join(kinds)},"
        f" {hanging} hold it after the peer's end"
    )


async def early(serve: Serve) -> str:
    """Threats 1 and 4: frames that come in one segment with the request."""
    said = []
    for name, frames in (("ping", masked(b"now", opcode=9)), ("unmasked", b"\x82\x01x")):
        told, error = await struck(serve, partial(throw, request_head() + frames))
        got = told if isinstance(told, bytes) else b""
        said.append(f"{name}: {error!r}" if error else f"{name}: {got[:14]!r}…{got[-5:]!r}")
    return "; ".join(said)


async def before_accept(serve: Serve) -> str:
    """Threat 4: an endless head, as one line and as short lines; bytes taken, and peak memory."""
    said = []
    for name, block in (("one line", b"y" * 65_536), ("lines", b"X: " + b"y" * 4000 + b"\r\n")):
        pushed = [0]

        async def push(port: int, block: bytes = block, pushed: list[int] = pushed) -> None:
            async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
                with suppress(*IO_ERRORS):
                    await stream.send_all(b"GET / HTTP/1.1\r\nX: ")
                    while pushed[0] < 64 << 20:
                        await stream.send_all(block)
                        pushed[0] += len(block)

        tracemalloc.start()
        _, error = await struck(serve, push)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        said.append(
            f"{name}: {pushed[0] / 2**20:.1f} MiB sent, peak {peak / 2**20:.1f} MiB"
            + (f", {error!r}" if error else "")
        )
    return "; ".join(said)


async def long_head(serve: Serve) -> str:
    """Threat 4: a head of 120 lines of 8,000 bytes without an end; memory kept for it."""

    async def push(port: int) -> float:
        async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
            tracemalloc.start()
            try:
                with suppress(*IO_ERRORS):
                    await stream.send_all(b"GET / HTTP/1.1\r\n")
                    for number in range(120):
                        await stream.send_all(b"X%d: " % number + b"y" * 8000 + b"\r\n")
                    await trio.sleep(0.5)
                return tracemalloc.get_traced_memory()[0] / 2**20
            finally:
                tracemalloc.stop()

    kept, error = await struck(serve, push)
    return f"{kept:.2f} MiB kept" if isinstance(kept, float) else repr(error)


async def oversize(serve: Serve) -> str:
    """Threat 5: messages at the limit, one byte above it, and two of the latter in a segment."""
    said = []
    for name, frames in (
        ("4096", masked(bytes(LIMIT))),
        ("4097", masked(bytes(LIMIT + 1))),
        ("4097 twice", masked(bytes(LIMIT + 1)) * 2),
    ):
        ending = masked(struct.pack("!H", 1000), opcode=8)
        said.append(f"{name}: {await code_of(serve, frames + ending)}")
    return "; ".join(said)


async def code_of(serve: Serve, frames: bytes) -> str:
    """Return the close code of the answer to frames, or a description of another outcome."""
    told, error = await struck(serve, lambda port: send_and_read(port, frames))
    if error is not None:
        return f"ends the server: {type(error).__name__}"
    has_code = isinstance(told, bytes) and b"\x88" in told
    return str(close_code(told)) if has_code and isinstance(told, bytes) else repr(told)[:40]


async def flood(serve: Serve, frames: bytes, answer: bytes) -> str:
    """Threats 6 and 7: many small frames; whether all are taken, peak memory, and answers."""

    async def push(port: int) -> bytes:
        got = bytearray()
        async with await shake_hands(port) as stream, trio.open_nursery() as nursery:

            async def read() -> None:
                with suppress(*IO_ERRORS):
                    while b"done" not in got and (data := await stream.receive_some()):
                        got.extend(data)
                nursery.cancel_scope.cancel()

            nursery.start_soon(read)
            with suppress(*IO_ERRORS):
                await stream.send_all(frames + masked(b"done", opcode=9))
        return bytes(got)

    tracemalloc.start()
    told, error = await struck(serve, push)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    got = told if isinstance(told, bytes) else b"?"
    closed = "all taken" if b"done" in got else "closed or not done in time"
    answers = f", {got.count(answer)} answers" if answer else ""
    return f"{closed}{answers}, peak {peak / 2**20:.1f} MiB" + (f", {error!r}" if error else "")


def slow(name: str) -> str:
    """Threat 2: one byte every 0.9 s; seconds until the library ends the opening."""

    async def run() -> str:
        ours, theirs = memory_stream_pair()
        async with trio.open_nursery() as nursery:
            if name == "websockets":
                nursery.start_soon(protocol_loop, ours)
            else:
                listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
                server = WebSocketServer(trio_websocket_handler, listeners, handler_nursery=nursery)
                nursery.start_soon(server._handle_connection, ours)  # noqa: SLF001  has no listener
            try:
                while trio.current_time() < PATIENCE_S:
                    await theirs.send_all(b"G")
                    await trio.sleep(0.9)
                ended = "not ended after"
            except IO_ERRORS:
                ended = "ended after"
            nursery.cancel_scope.cancel()
        return f"{ended} {trio.current_time():.0f} s"

    try:
        return trio.run(run, clock=MockClock(autojump_threshold=0))
    except BaseExceptionGroup as group:
        return repr(group.exceptions[0])


async def crowd(serve: Serve) -> str:
    """Threat 3: 400 silent connections of one address; the number that stays open."""

    async def open_many(port: int) -> int:
        streams = [await trio.open_tcp_stream("127.0.0.1", port) for _ in range(400)]
        await trio.sleep(0.1)
        held = 0
        for stream in streams:
            with trio.move_on_after(0.001) as scope:
                with suppress(*IO_ERRORS):
                    await stream.receive_some()
            held += scope.cancelled_caught
            await trio.aclose_forcefully(stream)
        return held

    told, _ = await struck(serve, open_many)
    return f"holds {told} of 400"


async def frames(name: str, serve: Serve) -> None:
    """Print the close code for each frame, most of which no client may send."""
    ending = masked(struct.pack("!H", 1000), opcode=8)
    for kind, data in FRAMES.items():
        say(name, f"frame: {kind}", await code_of(serve, data + ending))


async def main(name: str) -> None:
    """Run all attacks that need no clock of their own."""
    serve = BARE[name]
    fragments = masked(b"", final=False) + masked(b"", opcode=0, final=False) * 20_000
    pings = masked(b"ping", opcode=9) * 10_000
    say(name, "1 malformed openings", await malformed(serve))
    say(name, "1, 4 frames with the request", await early(serve))
    say(name, "3 connections", await crowd(serve))
    say(name, "4 before accept", await before_accept(serve))
    say(name, "4 a long head", await long_head(serve))
    say(name, "5 oversize", await oversize(serve))
    say(name, "6 20,000 empty fragments", await flood(serve, fragments, b""))
    say(name, "7 10,000 pings", await flood(serve, pings, b"\x8a\x04ping"))
    await frames(name, serve)


def say(*columns: str) -> None:
    """Print a line."""
    sys.stdout.write(" | ".join(columns) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    for library in BARE:
        say(library, "2 slow opening", slow(library))
        trio.run(main, library)
    for link, guarded in GUARDED.items():
        trio.run(frames, link, guarded)
