"""A server of event streams for tests of the client: what it says goes over the newest stream."""

from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import h11
import msgpack
import trio
from trio.testing import MockClock

from gameserver.client.link.sse import SseWire, dial_sse
from tests.client.inmemory import MemoryServer
from tests.client.link.pollserver import ADDRESS, Row

EVENT_STREAM = [("content-type", "text/event-stream")]


def event(*row: Any) -> bytes:
    return b"data: " + b64encode(msgpack.packb(row)) + b"\n\n"


class Streams(MemoryServer):
    """The server: each request is applied once, and what it says goes over the newest stream.

    Attributes:
        asked: Those of the rows that asked for a stream.
        faults: What happens to the next requests: ``lost`` on the way there, ``cut`` on the way
            back.
        kept: Whether streams never bring anything, not even their head.
        answer: Given in place of every response, if not None: status, headers, body.
    """

    def __init__(self, nursery: trio.Nursery) -> None:
        super().__init__(nursery, ADDRESS)
        self.rows: list[Row] = []
        self.asked: list[Row] = []
        self.heard: list[bytes] = []
        self.applied = 0
        self.out: list[bytes] = []
        self.ending: str | None = None
        self.faults: list[str] = []
        self.kept = False
        self.answer: tuple[int, list[tuple[str, str]], bytes] | None = None
        self.stream: Any = None
        self.sent = 0

    async def serve(self, stream: Any, connection: int) -> None:
        http = h11.Connection(h11.SERVER)
        try:
            while await self.one(stream, http, connection):
                http.start_next_cycle()
        except (trio.BrokenResourceError, trio.ClosedResourceError, h11.ProtocolError):
            pass
        finally:
            await trio.aclose_forcefully(stream)

    async def request(
        self, stream: Any, http: h11.Connection, connection: int
    ) -> tuple[Row, bool] | None:
        """Return the next request, and whether it asks for a stream; None if there is none."""
        body, streams = b"", False
        while not isinstance(part := http.next_event(), h11.EndOfMessage):
            if part is h11.NEED_DATA:
                http.receive_data(bytes(await stream.receive_some(65536)))
            elif isinstance(part, h11.Request):
                streams = (b"accept", b"text/event-stream") in part.headers
            elif isinstance(part, h11.Data):
                body += part.data
            else:
                return None
        row = Row(trio.current_time(), connection, *msgpack.unpackb(body))
        self.rows.append(row)
        return row, streams

    async def one(self, stream: Any, http: h11.Connection, connection: int) -> bool:
        """Answer the next request; return whether another one may follow."""
        found = await self.request(stream, http, connection)
        if found is None:
            return False
        row, streams = found
        if streams:
            self.asked.append(row)
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "lost":
            return False
        if row.number == self.applied + 1:
            self.applied += 1
            self.heard += row.messages
        if fault == "cut":
            return False
        if self.answer is not None:
            await self.respond(stream, http, *self.answer)
            return http.our_state is h11.DONE
        if not streams:
            content = msgpack.packb([self.applied, row.confirmed + 1, [], None])
            await self.respond(stream, http, 200, [], content)
            return True
        if self.kept:
            await trio.sleep_forever()
        await stream.send_all(http.send(h11.Response(status_code=200, headers=EVENT_STREAM)))
        self.stream, self.sent = (stream, http), row.confirmed
        await self.tell(begins=True)
        if self.applied < row.number:
            return False
        await trio.sleep_forever()
        raise AssertionError

    async def respond(
        self,
        stream: Any,
        http: h11.Connection,
        status: int,
        headers: list[tuple[str, str]],
        content: bytes,
    ) -> None:
        length = ("content-length", str(len(content)))
        head = h11.Response(status_code=status, headers=[length, *headers])
        parts = [head, h11.Data(data=content), h11.EndOfMessage()]
        await stream.send_all(b"".join(http.send(part) or b"" for part in parts))

    async def tell(self, *, begins: bool = False) -> None:
        """Send what the newest stream has not brought yet."""
        fresh = self.out[self.sent :]
        if fresh or begins or self.ending is not None:
            content = event(self.applied, self.sent + 1, fresh, self.ending)
            self.sent = len(self.out)
            await self.bring(content)

    async def say(self, *messages: bytes) -> None:
        self.out += messages
        if self.stream is not None:
            await self.tell()

    async def bring(self, content: bytes) -> None:
        stream, http = self.stream
        await stream.send_all(http.send(h11.Data(data=content)))

    async def cut(self, piece: bytes = b"") -> None:
        """Break the stream, in the middle of an event if there are bytes."""
        if piece:
            await self.bring(piece)
        stream, _ = self.stream
        self.stream = None
        await trio.testing.wait_all_tasks_blocked()
        await trio.aclose_forcefully(stream)


@asynccontextmanager
async def following(clock: MockClock) -> AsyncIterator[tuple[Streams, SseWire]]:
    assert isinstance(clock, MockClock)
    async with trio.open_nursery() as nursery:
        server = Streams(nursery)
        async with dial_sse(ADDRESS, 5.0, server.opens) as wire:
            yield server, wire
        nursery.cancel_scope.cancel()
