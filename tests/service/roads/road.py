"""A client of one road that speaks its bytes by itself, so that the road is what is tested.

Law: every road gives and takes the same things: requests with a name, fields and a number go in;
`Heard` comes out, in the order in which the server said it. Nothing is repeated or passed over
here: what comes twice on the wire comes twice out of `Client.hear`.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, ClassVar

import attrs
import trio

Dial = Callable[[], Awaitable[trio.abc.Stream]]
"""Opens a stream to the server."""

GONE = (trio.BrokenResourceError, trio.ClosedResourceError, EOFError)
"""How a stream says that it is cut or at its end."""

SEND_S = 0.05
"""Shortest time between two POSTs of a client."""


@attrs.frozen
class Heard:
    """One thing that the server said.

    ``welcome`` (its token as bytes), ``goodbye``, the names of events and notices, ``answer`` with
    ``result`` or ``error`` and perhaps ``after``, or ``snapshot`` with the bytes of the message.
    """

    name: str
    fields: Any
    number: int = 0
    """Of an event; of an answer: its request's, 0 for a hello's; of a snapshot: its tick."""


class RefusedError(Exception):
    """The hello was refused."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code


class Client(ABC):
    """One connection of a session over one road.

    Attributes:
        next_request: Number of the next request; the welcome sets it.
        confirms: Whether it confirms by itself what has come, where its road does that.
    """

    road: ClassVar[str]
    numbers_itself: ClassVar[bool]
    """Whether the client gives a request its number; if not, the server counts."""

    def __init__(self, dial: Dial, nursery: trio.Nursery) -> None:
        self._dial = dial
        self._nursery = nursery
        self._streams: list[trio.abc.Stream] = []
        self._said, self._heard = trio.open_memory_channel[Heard](math.inf)
        self.next_request = 1
        self.confirms = True
        self._is_lost = False

    # --- for tests --------------------------------------------------------------------------------

    async def sign_in(
        self, name: str = "", *, token: bytes = b"", last_event: int = 0
    ) -> dict[str, Any]:
        """Connect and say hello; return the fields of the welcome.

        Raises:
            RefusedError: The server refused.
            EndOfChannel: The road was cut.
        """
        await self._open(name, token, last_event)
        first = await self.hear()
        if first.name == "welcome":
            welcome: dict[str, Any] = first.fields
            self.next_request = max(self.next_request, welcome.get("next_request", 1))
            return welcome
        assert (first.name, first.number) == ("answer", 0), first
        raise RefusedError(first.fields["error"]["code"], first.fields["error"]["sentence"])

    async def hear(self) -> Heard:
        """Return the next thing that the server said.

        Raises:
            EndOfChannel: There is nothing more, and never will be.
        """
        return await self._heard.receive()

    def rest(self) -> list[Heard]:
        """Return what has come and was not heard; what comes from now on is not confirmed."""
        self.confirms = False
        found: list[Heard] = []
        with suppress(trio.WouldBlock, trio.EndOfChannel):
            while True:
                found.append(self._heard.receive_nowait())
        return found

    async def ask(self, name: str, fields: dict[str, Any], number: int | None = None) -> int:
        """Say a request; return its number. Only some roads can repeat an earlier ``number``."""
        if number is None:
            number, self.next_request = self.next_request, self.next_request + 1
        else:
            assert self.numbers_itself
        await self._ask(number, name, fields)
        return number

    @abstractmethod
    async def numbers(self, name: str, row: list[int]) -> None:
        """Say an ``input`` or a ``seen``."""

    @abstractmethod
    async def confirm(self, event: int, reply: int) -> None:
        """Say which events and answers have come, if the road has words for that."""

    async def oversize(self) -> None:
        """Say a request above the limit of 4 KiB."""
        await self.ask("chat.send", {"channel": "global", "text": "x" * 5000})

    @abstractmethod
    async def junk(self) -> str:
        """Say what is no message at all in this road's own form; return the code of the error."""

    async def cut(self) -> None:
        """Break all connections at once, as a lost network does."""
        self.lost()
        for stream in self._streams:
            await trio.aclose_forcefully(stream)

    def lost(self) -> None:
        """Know that nothing more will come."""
        self._is_lost = True
        self._said.close()

    async def close(self) -> None:
        """Leave as a client does in order."""
        await self.cut()

    # --- for roads --------------------------------------------------------------------------------

    @abstractmethod
    async def _open(self, name: str, token: bytes, last_event: int) -> None:
        """Connect and say hello."""

    @abstractmethod
    async def _ask(self, number: int, name: str, fields: dict[str, Any]) -> None:
        """Say a request."""

    async def _connect(self) -> trio.abc.Stream:
        stream = await self._dial()
        self._streams.append(stream)
        if self._is_lost:  # meanwhile
            await trio.aclose_forcefully(stream)
            raise trio.ClosedResourceError
        return stream

    def _tell(self, heard: Heard) -> None:
        with suppress(*GONE):  # it was cut here
            self._said.send_nowait(heard)

    def _start(self, work: Callable[[], Awaitable[None]]) -> None:
        """Run a task until the road ends; its end ends the road."""
        self._nursery.start_soon(self._until_gone, work)

    async def _until_gone(self, work: Callable[[], Awaitable[None]]) -> None:
        with suppress(*GONE):
            await work()
        self._said.close()


class Outbox:
    """What a client that sends by POST has not sent yet."""

    def __init__(self) -> None:
        self._put, self._take = trio.open_memory_channel[Any](math.inf)

    def put(self, message: Any) -> None:
        """Queue a message."""
        self._put.send_nowait(message)

    async def take(self, most: int) -> list[Any]:
        """Wait for messages; return all there are, at most so many."""
        found = [await self._take.receive()]
        while len(found) < most:
            try:
                found.append(self._take.receive_nowait())
            except trio.WouldBlock:
                break
        return found
