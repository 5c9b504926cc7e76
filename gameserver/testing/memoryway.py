"""One direction of a connection in memory: pieces in flight, and bytes that were not read yet.

Law: it behaves like a kernel's buffers. Unread bytes fill a bounded buffer; when it is full, no
more bytes are accepted. Pieces keep their order. A cut loses everything that was not read.
"""

from collections import deque
from collections.abc import Callable
from math import ceil
from random import Random
from typing import Final, Protocol

import attrs
import trio

BUFFER_BYTES: Final = 64 * 1024
"""Most bytes in flight and unread, in one direction, like the buffers of two kernels."""

GRAIN_S: Final = 1 / 120
"""Pieces arrive at multiples of this time, so that there are fewer moments to simulate."""


UNACKED_S: Final = 30.0
"""Time without an acknowledgement after which a kernel breaks a connection; servers set it."""


@attrs.frozen(eq=False)
class _GivesUp:
    """The moment in which a kernel breaks a connection that does not answer."""

    arrive: Callable[[], None]


@attrs.define
class Weather:
    """The present conditions of all connections of a network."""

    delay_s: float = 0.02
    jitter_s: float = 0.005
    split: float = 0.0
    """Part of the pieces, 0..1, that arrive split in two at a random place, as with TCP."""


class Arriving(Protocol):
    """Something that happens at a time without a task, such as the arrival of a piece."""

    @property
    def arrive(self) -> Callable[[], None]:
        """Happen now."""
        ...


class Carrier(Protocol):
    """Delivers pieces in virtual time; see `gameserver.testing.memorynet.MemoryNet`."""

    weather: Weather
    random: Random

    def carry(self, arriving: Arriving, when: float) -> None:
        """Let the next piece of a way, or whatever it is, arrive at this time."""
        ...

    def tell(self, number: int, way: str, data: bytes) -> None:
        """Report a piece that arrives."""
        ...


class Way:
    """One direction of a connection."""

    def __init__(self, net: Carrier, number: int, name: str) -> None:
        """Start empty; ``number`` is the connection's, ``name`` is ``up`` or ``down``."""
        self.stalled_until: float = 0.0
        self.slow: bool = False
        """Whether the reader does not read at present."""
        self.cut: bool = False
        self.lost: bool = False
        """Whether nothing arrives any more, although not both ends know it; see `lose`."""
        self.unwanted: bool = False
        """Whether the reader has closed its end: bytes that arrive break the connection."""
        self._reader_knows = self._writer_knows = False
        self._gives_up: Callable[[], None] | None = None
        self._net = net
        self._number = number
        self._name = name
        self._last = 0.0
        self._held = 0
        self._flight: deque[tuple[float, bytes | None]] = deque()
        """The pieces in flight with the times of their arrival; None is the end."""
        self._buffer = bytearray()
        self._ended = False
        self.closed: bool = False
        self._changed = trio.Event()
        self.on_readable: Callable[[], None] | None = None

    # --- the writer -----------------------------------------------------------------------------

    def write(self, data: bytes) -> int:
        """Accept as many bytes as fit the buffer; return their number.

        Raises:
            BlockingIOError: The buffer is full.
            OSError: The connection is cut or closed.
        """
        if self.cut or self.closed or self._writer_knows:
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
        """Wait until there is room, or the direction is cut or closed."""
        while not (self.cut or self.closed or self._writer_knows) and self._held >= BUFFER_BYTES:
            await self.wait_change()

    def close(self) -> None:
        """Send the end, after everything that was written."""
        if not self.closed:
            self.closed = True
            self._send(None)

    def _send(self, piece: bytes | None) -> None:
        """Put a piece in flight; None is the end."""
        weather = self._net.weather
        if self.lost:
            self._retransmit()
            return
        if not self._flight and not (weather.delay_s or weather.jitter_s):
            self._flight.append((0.0, piece))
            self.arrive()
        else:
            arrival = self._arrival()
            self._flight.append((arrival, piece))
            self._net.carry(self, arrival)

    def _retransmit(self) -> None:
        """Break the connection of a writer whose bytes nobody has acknowledged for long."""
        if self._gives_up is not None:
            self._net.carry(_GivesUp(self._gives_up), trio.current_time() + UNACKED_S)
            self._gives_up = None

    def _arrival(self) -> float:
        weather, random = self._net.weather, self._net.random
        delay = weather.delay_s + random.uniform(0.0, weather.jitter_s)
        now = trio.current_time()
        arrival = ceil((now + delay) / GRAIN_S) * GRAIN_S
        self._last = max(self._last, arrival, self.stalled_until)
        return self._last

    # --- in flight ------------------------------------------------------------------------------

    def arrive(self) -> None:
        """Move the oldest piece in flight to the reader's buffer, if its time has come."""
        now = trio.current_time()
        # After `flow` there are times at which no piece arrives any more.
        if self.cut or not self._flight or self._flight[0][0] > now:
            return
        if self.stalled_until > now:
            self._net.carry(self, self.stalled_until)
            return
        self._take_in()

    def _take_in(self) -> None:
        _, data = self._flight.popleft()
        if data is None:
            self._ended = True
        elif self.unwanted:
            self._writer_knows = True  # a kernel answers so to bytes for a closed socket
        else:
            self._net.tell(self._number, self._name, data)
            self._buffer += data
        self._change()

    def flow(self) -> None:
        """End a stall: all pieces in flight arrive now."""
        # The next piece need not wait for the end of the stall either.
        self.stalled_until = self._last = 0.0
        while self._flight and not self.cut:
            self._take_in()

    def break_off(self) -> None:
        """Cut the direction: everything in flight and unread is lost."""
        self.cut = True
        self._flight.clear()
        self._buffer.clear()
        self._change()

    def lose(
        self,
        gives_up: Callable[[], None],
        *,
        reader_knows: bool,
        writer_knows: bool,
    ) -> None:
        """Let nothing arrive any more; an end that knows of it gets an error, the other silence.

        ``gives_up`` is called when the writer has got no acknowledgement for `UNACKED_S`.
        """
        self.lost, self._gives_up = True, gives_up
        self._reader_knows, self._writer_knows = reader_knows, writer_knows
        self._flight.clear()
        if reader_knows:
            self._buffer.clear()
        self._change()

    def set_slow(self, *, slow: bool) -> None:
        """Make the reader stop reading, or read again."""
        self.slow = slow
        self._change()

    def wake(self) -> None:
        """Let waiting tasks check their conditions again."""
        self._change()

    def _change(self) -> None:
        changed, self._changed = self._changed, trio.Event()
        changed.set()
        if self.on_readable is not None and self.readable:
            self.on_readable()

    # --- the reader -----------------------------------------------------------------------------

    @property
    def readable(self) -> bool:
        """Whether `read` would not block: there are bytes, the end, or an error."""
        if self.cut or self._reader_knows:
            return True
        return not self.slow and (bool(self._buffer) or self._ended)

    def read(self, most: int) -> bytes:
        """Return bytes that have arrived; none at the end.

        Raises:
            BlockingIOError: There are none at present.
            OSError: The connection is cut.
        """
        if self.cut or self._reader_knows:
            raise ConnectionResetError("the connection was cut")
        if not self.readable:
            raise BlockingIOError
        data = bytes(self._buffer[:most])
        del self._buffer[: len(data)]
        self._held -= len(data)
        if data:
            self._change()
        return data

    async def wait_change(self) -> None:
        """Wait until something arrives, ends, or is woken."""
        await self._changed.wait()
