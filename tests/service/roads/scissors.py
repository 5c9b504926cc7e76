"""Cut all streams of a client at one byte of its traffic, as a network does.

Law: up to the cut every byte passes, and behind it none, in either direction, on any stream of the
client. The client learns of the cut at once; what the server learns depends on its kind.
"""

import contextlib
import socket
import struct
from collections.abc import Callable
from enum import Enum
from random import Random

import trio

from gameserver.testing.memorynet import MemoryStream
from tests.service.roads.road import Dial


class Kind(Enum):
    """How a connection ends for the server."""

    CLOSED = "closed"
    """In order, behind the bytes that passed."""
    RESET = "reset"
    """By an error, which may overtake bytes that passed."""
    SILENT = "silent"
    """Not at all: no more comes, and nothing is said of it."""


class Scissors:
    """Opens streams, and cuts all of them together.

    Attributes:
        is_cut: Whether nothing passes any more.
        told: Called at the cut.
    """

    def __init__(self, dial: Dial, kind: Kind, up: int, down: int) -> None:
        """Cut when so many bytes have passed to the server, or from it."""
        self.is_cut = False
        self.told: Callable[[], None] = lambda: None
        self.kind = kind
        self.left = {"up": up, "down": down}
        self._dial = dial
        self._streams: list[trio.abc.Stream] = []

    @classmethod
    def anywhere(cls, dial: Dial, random: Random) -> "Scissors":
        """Cut somewhere: in the opening, or after some seconds of a match."""
        up, down = (round(10 ** random.uniform(2.0, 4.7)) for _ in range(2))
        return cls(dial, random.choice(list(Kind)), up, down)

    async def dial(self) -> trio.abc.Stream:
        """Open a stream that can be cut."""
        self.check()
        stream = await self._dial()
        self._streams.append(stream)
        try:
            self.check()
        except trio.BrokenResourceError:  # it was cut meanwhile
            await trio.aclose_forcefully(stream)
            raise
        return _Cuttable(self, stream)

    def check(self) -> None:
        """Raise what a stream raises behind the cut.

        Raises:
            BrokenResourceError: It is cut.
        """
        if self.is_cut:
            raise trio.BrokenResourceError

    async def cut(self) -> None:
        """Cut now."""
        self.is_cut = True
        self.told()
        for stream in self._streams:
            if self.kind is Kind.RESET:
                _reset(stream)
            if self.kind is not Kind.SILENT:
                await trio.aclose_forcefully(stream)

    async def discard(self) -> None:
        """Close what a silent cut has left open."""
        for stream in self._streams:
            await trio.aclose_forcefully(stream)

    async def judge(self) -> None:
        """Cut if as many bytes have passed as may."""
        if not all(self.left.values()) and not self.is_cut:
            await self.cut()


class _Cuttable(trio.abc.Stream):
    def __init__(self, scissors: Scissors, stream: trio.abc.Stream) -> None:
        self._scissors = scissors
        self._stream = stream

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        self._scissors.check()
        part = bytes(data)[: self._scissors.left["up"]]
        self._scissors.left["up"] -= len(part)
        await self._stream.send_all(part)
        await self._scissors.judge()
        self._scissors.check()

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        self._scissors.check()
        most = min(max_bytes or 65_536, self._scissors.left["down"])
        data = await self._stream.receive_some(most)
        self._scissors.check()
        data = data[: self._scissors.left["down"]]  # another stream has spent some meanwhile
        self._scissors.left["down"] -= len(data)
        await self._scissors.judge()
        return data

    async def wait_send_all_might_not_block(self) -> None:
        await self._stream.wait_send_all_might_not_block()

    async def aclose(self) -> None:
        if self._scissors.is_cut and self._scissors.kind is Kind.SILENT:
            await trio.lowlevel.checkpoint()
            return
        await self._stream.aclose()


def _reset(stream: trio.abc.Stream) -> None:
    if isinstance(stream, trio.SocketStream):
        with contextlib.suppress(OSError, trio.ClosedResourceError):
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    elif isinstance(stream, MemoryStream):
        stream._out.break_off()
        stream.into.break_off()
