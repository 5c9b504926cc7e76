"""A server of long polling for tests of the client: each response is the script's of a test."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import attrs
import h11
import msgpack
import trio
from trio.testing import MockClock

from gameserver.client import Address
from gameserver.client.link.polling import (
    WAIT_MS,
    PollingWire,
    dial_polling,
)
from gameserver.errors import ConnectionLostError
from tests.client.inmemory import MemoryServer

ADDRESS = Address("play.example", 7777)
WAIT_S = WAIT_MS / 1000


class CutError(Exception):
    """The script cuts the connection instead of answering."""


@attrs.frozen
class Row:
    """A request as the server reads it, with the time and the connection's number."""

    at: float
    connection: int
    link: bytes
    number: int
    confirmed: int
    wait_ms: int
    messages: list[bytes]


Response = tuple[int, list[tuple[str, str]], bytes]
Script = Callable[[Row], Awaitable[Response]]


def ok(applied: int, first: int = 1, *messages: bytes, ending: str | None = None) -> Response:
    return 200, [], msgpack.packb([applied, first, list(messages), ending])


class Poll(MemoryServer):
    """The server: by default a request with messages is answered at once, and others wait."""

    def __init__(self, nursery: trio.Nursery) -> None:
        super().__init__(nursery, ADDRESS)
        self.rows: list[Row] = []
        self.heads: list[Any] = []
        self.script: Script = self.usual
        self.out: list[bytes] = []
        self.news = trio.Event()

    async def usual(self, row: Row) -> Response:
        if row.number == 1:
            return ok(1)
        if not row.messages:
            with trio.move_on_after(max(0, row.wait_ms) / 1000):
                while len(self.out) <= row.confirmed:
                    self.news = trio.Event()
                    await self.news.wait()
        return ok(row.number, row.confirmed + 1, *self.out[row.confirmed :])

    def say(self, *messages: bytes) -> None:
        self.out += messages
        self.news.set()

    @property
    def taken(self) -> list[bytes]:
        return [message for row in self.rows for message in row.messages]

    async def serve(self, stream: Any, connection: int) -> None:
        http = h11.Connection(h11.SERVER)
        body = b""
        try:
            while True:
                event = http.next_event()
                if event is h11.NEED_DATA:
                    http.receive_data(bytes(await stream.receive_some(65536)))
                elif isinstance(event, h11.Request):
                    self.heads.append(event)
                    body = b""
                elif isinstance(event, h11.Data):
                    body += event.data
                elif isinstance(event, h11.EndOfMessage):
                    row = Row(trio.current_time(), connection, *msgpack.unpackb(body))
                    self.rows.append(row)
                    status, headers, answer = await self.script(row)
                    head = h11.Response(
                        status_code=status,
                        headers=[("content-length", str(len(answer))), *headers],
                    )
                    parts = [head, h11.Data(data=answer), h11.EndOfMessage()]
                    await stream.send_all(b"".join(http.send(part) or b"" for part in parts))
                    if http.our_state is not h11.DONE:
                        return
                    http.start_next_cycle()
                else:
                    return
        except (trio.BrokenResourceError, trio.ClosedResourceError, h11.ProtocolError, CutError):
            pass
        finally:
            await trio.aclose_forcefully(stream)


@asynccontextmanager
async def polling(clock: MockClock) -> AsyncIterator[tuple[Poll, PollingWire]]:
    assert isinstance(clock, MockClock)
    async with trio.open_nursery() as nursery:
        server = Poll(nursery)
        async with dial_polling(ADDRESS, 5.0, server.opens) as wire:
            yield server, wire
        nursery.cancel_scope.cancel()


async def lost(wire: PollingWire) -> tuple[str, float]:
    """Wait for the end of a wire; return its sentence and its time."""
    try:
        while True:
            await wire.receive()
    except ConnectionLostError as error:
        return str(error), trio.current_time()
