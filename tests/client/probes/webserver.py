"""A web server in memory for tests of probes: the test says what each request is answered."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import attrs
import h11
import trio

from gameserver.client.link.address import Address
from tests.client.inmemory import MemoryServer

ADDRESS = Address("localhost", 7777)


@attrs.frozen
class Asked:
    """A request as the server reads it."""

    method: str
    target: str
    body: str
    headers: dict[str, str]


Answer = Callable[[Asked], Awaitable[tuple[int, str]]]
"""Returns status and body."""


class WebServer(MemoryServer):
    """Keeps all requests."""

    def __init__(self, nursery: trio.Nursery, answer: Answer) -> None:
        super().__init__(nursery, ADDRESS)
        self.answer = answer
        self.asked: list[Asked] = []

    async def serve(self, stream: Any, connection: int) -> None:
        del connection
        http = h11.Connection(h11.SERVER)
        head, body = h11.Request(method="GET", target="/", headers=[("host", "x")]), b""
        while True:
            event = http.next_event()
            if event is h11.NEED_DATA:
                http.receive_data(bytes(await stream.receive_some()))
            elif isinstance(event, h11.Request):
                head, body = event, b""
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                fields = {name.decode(): value.decode() for name, value in head.headers}
                asked = Asked(head.method.decode(), head.target.decode(), body.decode(), fields)
                self.asked.append(asked)
                status, said = await self.answer(asked)
                length = ("content-length", str(len(said.encode())))
                parts = [
                    h11.Response(status_code=status, headers=[length]),
                    h11.Data(data=said.encode()),
                    h11.EndOfMessage(),
                ]
                await stream.send_all(b"".join(http.send(part) or b"" for part in parts))
                http.start_next_cycle()
            else:
                await trio.aclose_forcefully(stream)
                return


@asynccontextmanager
async def web(answer: Answer) -> AsyncIterator[WebServer]:
    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            yield WebServer(nursery, answer)
            nursery.cancel_scope.cancel()
