"""A network in memory: streams with delays, cuts and stalls, in virtual time.

Law: a stream behaves like a socket. It can be written and read without waiting (`Direct`), so
outbox and drain use it as they use sockets. Unread bytes fill a bounded buffer; when it is full, no
more bytes are accepted. All random numbers come from one generator, and events at the same time
happen in a fixed order.
"""

import heapq
from collections.abc import Callable
from math import inf
from random import Random
from typing import Final

import trio

from gameserver.accel import DrainMember
from gameserver.testing.memoryway import BUFFER_BYTES, Arriving, Way, Weather
from gameserver.transports.drain import DRAIN_BYTES, Direct, Drain

FIRST_DESCRIPTOR: Final = 1 << 20
"""Lowest number of the descriptors of memory streams, above all real descriptors."""

NotePiece = Callable[[int, str, bytes], None]
"""Called with each piece that arrives: the connection's number, ``up`` or ``down``, the bytes."""


class MemoryNet:
    """All connections of one simulation."""

    def __init__(
        self,
        random: Random,
        told: NotePiece = lambda *_: None,
        *,
        weather: Weather | None = None,
        clocked: bool = False,
    ) -> None:
        """Start without connections; ``told`` is called with every piece that arrives.

        With ``clocked`` a `gameserver.testing.clock.LeapClock` delivers the pieces, not `run`.
        """
        self.weather: Weather = weather or Weather()
        self.random = random
        self.links: list[MemoryLink] = []
        self.by_descriptor: dict[int, MemoryStream] = {}
        self.told = told
        self._drains: list[MemoryDrain] = []
        self._clocked = clocked
        self._due: list[tuple[float, int, Arriving]] = []
        self._count = 0
        self._wake = trio.Event()

    async def run(self) -> None:
        """Deliver pieces at their times, until cancelled; return at once if the clock does so."""
        while not self._clocked:
            self.happen()
            self._wake = trio.Event()
            with trio.CancelScope(deadline=self.next_due()):
                await self._wake.wait()

    def next_due(self) -> float:
        """Return the time at which the next piece arrives; infinity if none is in flight."""
        return self._due[0][0] if self._due else inf

    def happen(self) -> None:
        """Deliver the pieces that are due."""
        now = trio.current_time()
        while self._due and self._due[0][0] <= now:
            _, _, arriving = heapq.heappop(self._due)
            arriving.arrive()

    def connect(self) -> "MemoryLink":
        """Return a new connection."""
        link = MemoryLink(self, len(self.links))
        self.links.append(link)
        return link

    def carry(self, arriving: Arriving, when: float) -> None:
        """Let the next piece of a way, or whatever it is, arrive at this time."""
        self._count += 1
        entry = (when, self._count, arriving)
        heapq.heappush(self._due, entry)
        if self._due[0] is entry:  # else `run` waits for an earlier piece, and looks again then
            self._wake.set()

    def tell(self, number: int, way: str, data: bytes) -> None:
        """Report a piece that arrives to ``told``."""
        self.told(number, way, data)

    def drain(self) -> "MemoryDrain":
        """Return a set of streams that are read together."""
        self._drains.append(drain := MemoryDrain(self))
        return drain

    def drained(self) -> int:
        """Return the number of streams that are in sets that are read together."""
        return sum(len(drain) for drain in self._drains)


class MemoryLink:
    """A connection: the client's end and the server's."""

    def __init__(self, net: MemoryNet, number: int) -> None:
        """Make both ends of connection ``number``."""
        self._up, self._down = Way(net, number, "up"), Way(net, number, "down")
        self.client: MemoryStream = MemoryStream(self._up, self._down, None)
        self.server: MemoryStream = MemoryStream(self._down, self._up, FIRST_DESCRIPTOR + number)
        net.by_descriptor[FIRST_DESCRIPTOR + number] = self.server

    @property
    def is_open(self) -> bool:
        """Whether neither end has closed the connection, and it is neither cut nor half open."""
        up, down = self._up, self._down
        return not (up.cut or up.lost or up.closed or down.closed)

    def cut(self) -> None:
        """Break the connection; both ends get an error."""
        self._up.break_off()
        self._down.break_off()

    def half_open(self, *, client_knows: bool) -> None:
        """Break the connection so that one end gets an error, and the other nothing any more.

        An end that writes gets an error, too, when nobody has acknowledged that for long.
        """
        self._up.lose(self.cut, writer_knows=client_knows, reader_knows=not client_knows)
        self._down.lose(self.cut, reader_knows=client_knows, writer_knows=not client_knows)

    def stall(self, seconds: float) -> None:
        """Deliver nothing to either end for this time."""
        until = trio.current_time() + seconds
        self._up.stalled_until = self._down.stalled_until = until

    def flow(self) -> None:
        """End a stall early."""
        self._up.flow()
        self._down.flow()

    def read_slowly(self, *, slow: bool) -> None:
        """Make the client stop reading, or read again."""
        self._down.set_slow(slow=slow)


class MemoryStream(trio.abc.HalfCloseableStream):
    """One end of a connection."""

    def __init__(self, out: Way, into: Way, descriptor: int | None) -> None:
        """Send by ``out``, receive by ``into``; with a descriptor, a drain may read the stream."""
        self.direct: Direct | None = (
            None if descriptor is None else Direct(descriptor, out.write, plain=False)
        )
        """Access without waiting; None for the client's end."""
        self.into = into
        self._out = out
        self._aborted = False

    @property
    def closed(self) -> bool:
        """Whether this end has closed the connection."""
        return self._aborted

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Send everything, waiting for room."""
        await trio.lowlevel.checkpoint()
        left = bytes(data)
        while left:
            self._check_open()
            try:
                left = left[self._out.write(left) :]
            except BlockingIOError:
                await self._out.wait_room()
            except OSError as error:
                raise trio.BrokenResourceError(str(error)) from error

    async def wait_send_all_might_not_block(self) -> None:
        """Wait until there is room."""
        await trio.lowlevel.checkpoint()
        await self._out.wait_room()

    async def send_eof(self) -> None:
        """Close the sending direction."""
        await trio.lowlevel.checkpoint()
        self._out.close()

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        """Return bytes that have arrived; empty at the end."""
        if self.into.readable:
            await trio.lowlevel.checkpoint()
        while True:
            self._check_open()
            try:
                return self.into.read(max_bytes or BUFFER_BYTES)
            except BlockingIOError:
                await self.into.wait_change()
            except OSError as error:
                raise trio.BrokenResourceError(str(error)) from error

    async def aclose(self) -> None:
        """Close both directions."""
        self.close()
        await trio.lowlevel.checkpoint()

    def _check_open(self) -> None:
        if self._aborted:
            raise trio.ClosedResourceError

    def close(self) -> None:
        """Close at once; the other end reads what was sent, then the end.

        What it sends from then on breaks the connection.
        """
        self._aborted = True
        self._out.close()
        self.into.unwanted = True
        self.into.wake()


class MemoryDrain(Drain):
    """Reads memory streams as `Drain` reads sockets: each readable stream once, in order."""

    def __init__(self, net: MemoryNet) -> None:
        """Start without members."""
        super().__init__()
        self._net = net
        self._readers: dict[int, DrainMember] = {}
        self._ready: dict[int, None] = {}
        self._readable = trio.Event()

    def __len__(self) -> int:
        """Return the number of members."""
        return len(self._readers)

    def add(self, descriptor: int, member: DrainMember) -> bool:
        """Read this stream from now on."""
        stream = self._net.by_descriptor.get(descriptor)
        if stream is None:
            return False
        self._readers[descriptor] = member

        def note() -> None:
            self._ready[descriptor] = None
            self._readable.set()

        stream.into.on_readable = note
        if stream.into.readable:
            note()
        return True

    def remove(self, descriptor: int) -> None:
        """Stop to read this stream. Idempotent."""
        if self._readers.pop(descriptor, None) is not None:
            self._net.by_descriptor[descriptor].into.on_readable = None
        self._ready.pop(descriptor, None)

    def drain(self, most: int | None = None) -> None:
        """Read each readable stream once; with ``most`` only that many, the others next time."""
        for descriptor in list(self._ready)[:most]:
            member = self._readers.get(descriptor)
            self._ready.pop(descriptor, None)
            if member is None:
                continue
            way = self._net.by_descriptor[descriptor].into
            try:
                data = way.read(DRAIN_BYTES)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            member.received_nowait(data)
            if way.readable and descriptor in self._readers:
                self._ready[descriptor] = None

    async def wait_readable(self) -> bool:
        """Wait until a member is readable."""
        while not self._ready:
            self._readable = trio.Event()
            await self._readable.wait()
        return True

    def close(self) -> None:
        """Remove all members."""
        for descriptor in list(self._readers):
            self.remove(descriptor)
