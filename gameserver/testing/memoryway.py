"""One direction of a connection in memory: pieces on their way, and what was not read yet.

Law: it keeps what a kernel keeps. What nobody reads fills a buffer of bounded size, and then no
more is taken; pieces keep their order; what is cut off is lost.
"""

from collections import deque
from collections.abc import Callable
from math import ceil
from random import Random
from typing import Final, Protocol

import attrs
import trio

BUFFER_BYTES: Final = 64 * 1024
"""On the way and unread, in one direction: what two kernels keep for a connection."""

GRAIN_S: Final = 1 / 120
"""Things arrive at multiples of this time, so that fewer moments are to be simulated."""


@attrs.define
class Weather:
    """How bad the way is just now, in seconds: for all connections that have none of their own."""

    delay_s: float = 0.02
    jitter_s: float = 0.005
    split: float = 0.0
    """Share of pieces that arrive as two, cut anywhere, as TCP may."""


class Carrier(Protocol):
    """What carries pieces in virtual time, as `gameserver.testing.memorynet.MemoryNet` does."""

    weather: Weather
    random: Random

    def carry(self, way: "Way", when: float) -> None:
        """Let the next piece of a way arrive at this time."""
        ...

    def tell(self, number: int, way: str, data: bytes) -> None:
        """Tell of a piece that arrives."""
        ...


class Way:
    """One direction of a connection."""

    def __init__(self, net: Carrier, number: int, name: str) -> None:
        """Belong to the connection of this number; ``name`` is ``up`` or ``down``."""
        self.stalled_until: float = 0.0
        self.slow: bool = False
        """Whether the reader takes nothing just now."""
        self.cut: bool = False
        self._net = net
        self._number = number
        self._name = name
        self._last = 0.0
        self._held = 0
        self._flight: deque[bytes | None] = deque()
        self._buffer = bytearray()
        self._ended = False
        self.closed: bool = False
        self._changed = trio.Event()
        self.on_readable: Callable[[], None] | None = None

    # --- the writer -----------------------------------------------------------------------------

    def write(self, data: bytes) -> int:
        """Take as much as there is room for.

        Raises:
            BlockingIOError: There is no room.
            OSError: The connection is cut or closed.
        """
        if self.cut or self.closed:
            raise BrokenPipeError("the connection is gone")
        taken = data[: BUFFER_BYTES - self._held]
        if not taken:
            raise BlockingIOError
        self._held += len(taken)
        random, split = self._net.random, self._net.weather.split
        cut = random.randrange(len(taken)) if split and random.random() < split else 0
        for piece in (taken[:cut], taken[cut:]):
            if piece:
                self._send(piece)
        return len(taken)

    async def wait_room(self) -> None:
        """Wait until something may be written, or never can be."""
        while not (self.cut or self.closed) and self._held >= BUFFER_BYTES:
            await self._wait_change()

    def close(self) -> None:
        """Send the end behind what was written."""
        if not self.closed:
            self.closed = True
            self._send(None)

    def _send(self, piece: bytes | None) -> None:
        """Put a piece on the way; None is the end of what is sent."""
        self._flight.append(piece)
        weather = self._net.weather
        if len(self._flight) == 1 and not (weather.delay_s or weather.jitter_s):
            self.arrive()
        else:
            self._net.carry(self, self._arrival())

    def _arrival(self) -> float:
        weather, random = self._net.weather, self._net.random
        delay = weather.delay_s + random.uniform(0.0, weather.jitter_s)
        now = trio.current_time()
        arrival = ceil((now + delay) / GRAIN_S) * GRAIN_S
        self._last = max(self._last, arrival, self.stalled_until)
        return self._last

    # --- the way --------------------------------------------------------------------------------

    def arrive(self) -> None:
        """Let the piece that was sent first come to the reader."""
        if self.cut or not self._flight:
            return
        if self.stalled_until > trio.current_time():
            self._net.carry(self, self.stalled_until)
            return
        data = self._flight.popleft()
        if data is None:
            self._ended = True
        else:
            self._net.tell(self._number, self._name, data)
            self._buffer += data
        self._change()

    def flow(self) -> None:
        """End a stall: what waits for its end arrives now."""
        self.stalled_until = 0.0
        while self._flight:
            self.arrive()

    def break_off(self) -> None:
        """Lose all that is on the way, and whatever comes after it."""
        self.cut = True
        self._flight.clear()
        self._buffer.clear()
        self._change()

    def set_slow(self, *, slow: bool) -> None:
        """Let the reader take nothing, or again what there is."""
        self.slow = slow
        self._change()

    def wake(self) -> None:
        """Let whoever waits look again."""
        self._change()

    def _change(self) -> None:
        changed, self._changed = self._changed, trio.Event()
        changed.set()
        if self.on_readable is not None and self.readable:
            self.on_readable()

    async def _wait_change(self) -> None:
        await self._changed.wait()

    # --- the reader -----------------------------------------------------------------------------

    @property
    def readable(self) -> bool:
        """Whether reading gives something: bytes, the end, or an error."""
        return self.cut or (not self.slow and (bool(self._buffer) or self._ended))

    def read(self, most: int) -> bytes:
        """Return bytes that came; none at the end.

        Raises:
            BlockingIOError: There are none now.
            OSError: The connection is cut.
        """
        if self.cut:
            raise ConnectionResetError("the connection was cut")
        if not self.readable:
            raise BlockingIOError
        data = bytes(self._buffer[:most])
        del self._buffer[: len(data)]
        self._held -= len(data)
        if data:
            self._change()
        return data

    async def wait_readable(self) -> None:
        """Wait until reading gives something."""
        while not self.readable:
            await self._wait_change()
