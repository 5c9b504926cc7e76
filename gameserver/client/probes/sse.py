"""Probe of server-sent events: a stream that is opened again as a browser does, and POSTs.

Law: the ticket outlives a cut, and a POST without a response is sent again with its number.
"""

import json
from collections import deque
from collections.abc import Sequence
from typing import Any, Final, Self

import attrs
import trio

from gameserver.client.link.address import Address
from gameserver.client.probes.connection import Connection, Heard, ProbeRequest
from gameserver.client.probes.http import MOST_BYTES, HttpCaller
from gameserver.client.probes.meter import Meter
from gameserver.errors import ConnectionLostError

JSON: Final = "application/json"

AGAIN_S: Final = 0.2
"""Pause before a POST that was not taken is sent again."""


@attrs.define
class _Ticket:
    """What is kept over a cut."""

    name: str = ""
    link: str = ""
    number: int = 0
    """Of the last POST."""
    waiting: deque[dict[str, Any]] = attrs.field(factory=deque)
    """POSTs without a response, the oldest first."""


class OverSse(Connection):
    """An event stream on one connection, POSTs on another."""

    road = "sse"
    _confirmed: int = 0

    def __init__(self, address: Address, meter: Meter, nursery: trio.Nursery) -> None:
        """Prepare, without a ticket."""
        super().__init__(address, meter, nursery)
        self._ticket = _Ticket()
        self._wake = trio.Event()

    async def open(self, auth: dict[str, Any]) -> None:
        """Open the stream; without a ticket get one first."""
        self._caller = HttpCaller(self._address, self._meter.open_stream)

        async def listen() -> None:
            ticket = self._ticket
            if not ticket.name:
                found = json.loads(await self._caller.call("POST", "/sse", _dump(auth), JSON))
                ticket.name, ticket.link = str(found["ticket"]), str(found["link"])
            last = auth.get("last_event", 0)
            headers = [("last-event-id", str(last))] if last else []
            following = HttpCaller(self._address, self._meter.open_stream)
            lines = _Lines()
            try:
                await following.follow(
                    f"/sse?ticket={ticket.name}",
                    headers,
                    lambda piece: self._said(lines.feed(piece)),
                )
            except ConnectionLostError:
                self._ticket = _Ticket()  # it is not good any more
                raise
            finally:
                await following.aclose()

        self._start(listen)
        self._start(self._talk)
        if self._ticket.waiting:
            self._wake.set()
        await trio.lowlevel.checkpoint()

    async def say(self, asked: Sequence[ProbeRequest]) -> None:
        """Say requests in one POST; the server counts them."""
        said = [[each.name, each.fields] for each in asked]
        for each in said:
            self._meter.message(len(_dump(each)))
        self._ticket.number += 1
        body = {"number": self._ticket.number, "say": said, "confirmed": self._confirmed}
        self._ticket.waiting.append(body)
        await trio.lowlevel.checkpoint()
        self._wake.set()

    async def repeat(self, asked: Sequence[ProbeRequest], next_request: int) -> None:
        """Leave it to the POST that is sent again; a new ticket has none."""
        if self._ticket.number == 0:
            await super().repeat(asked, next_request)

    async def confirm(self, event: int, answer: int) -> None:
        """Confirm events with the next POST."""
        del answer
        await trio.lowlevel.checkpoint()
        self._confirmed = event

    def again(self) -> Self:
        """Return a connection with the same ticket."""
        found = super().again()
        found._ticket = self._ticket  # noqa: SLF001  it is of the same class
        return found

    async def _talk(self) -> None:
        ticket = self._ticket
        try:
            while True:
                await self._wake.wait()
                while ticket.waiting:
                    content = _dump({"link": ticket.link, **ticket.waiting[0]})
                    answer = await self._caller.call("POST", "/sse/send", content, JSON)
                    if json.loads(answer)["applied"] < ticket.waiting[0]["number"]:
                        await trio.sleep(AGAIN_S)  # there was no room for it
                    else:
                        ticket.waiting.popleft()
                self._wake = trio.Event()
        finally:
            await self._caller.aclose()

    def _said(self, events: list[tuple[str, str, int]]) -> None:
        for name, data, number in events:
            self._meter.message(len(name) + len(data.encode()))
            fields = json.loads(data)
            if name == "answer":
                self._tell(Heard(name, fields, int(fields.pop("request"))))
            else:
                self._tell(Heard(name, fields, number))


class _Lines:
    """Parses an event stream that comes in pieces."""

    def __init__(self) -> None:
        self._rest = b""
        self._fields: dict[str, str] = {}

    def feed(self, piece: bytes) -> list[tuple[str, str, int]]:
        """Return name, data and number of the events that are whole with this piece.

        Raises:
            ValueError: A line is longer than any of a game server, or is no text.
        """
        found = []
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) > MOST_BYTES:
            raise ValueError("a line is too long")
        for line in lines:
            if line:
                name, _, value = line.decode().partition(": ")
                self._fields[name] = value
            elif fields := self._fields:
                self._fields = {}
                if "data" in fields:
                    event = fields.get("event", "message")
                    found.append((event, fields["data"], int(fields.get("id", "0"))))
        return found


def _dump(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
