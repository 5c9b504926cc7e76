"""What waits to be sent to one peer: frames in order, never torn, never mixed.

Law: all bytes to a peer pass here, the WebSocket library's included. A frame is offered to the
kernel at once where nothing waits before it; what the kernel does not take waits here, and only
then a task waits for the socket.
"""

from os import write

import trio

from gameserver.transports.websocket.drain import HAS_EPOLL


class Outbox:
    """Sends whole frames over a transport.

    Attributes:
        clear: Whether nothing waits and a frame may go to the kernel at once.
        waiting_bytes: Handed over and not taken by the kernel yet.
        bytes_out: Taken by the kernel so far.
    """

    def __init__(self, transport: trio.abc.Stream) -> None:
        """Send over ``transport``; without waiting where that is a plain socket."""
        self._transport = transport
        self._descriptor = descriptor_of(transport)
        self._waiting: list[bytes] = []
        self._lock = trio.Lock()
        self._torn = False
        self.clear = self._descriptor >= 0
        self.waiting_bytes = 0
        self.bytes_out = 0

    def put(self, frame: bytes) -> None:
        """Let a frame wait for the next `flush` or `offer`."""
        self.clear = False
        self._waiting.append(frame)
        self.waiting_bytes += len(frame)

    def offer(self, frame: bytes) -> bool:
        """Send a frame behind all that waits, as far as the kernel takes it now.

        Returns:
            Whether nothing waits any more; otherwise a `flush` is owed.
        """
        if not self.clear:
            if not self._takes_now:
                self.put(frame)
                return False
            frame = self._take_waiting() + frame
        return self._write_now(frame)

    def offer_waiting(self) -> bool:
        """Send what waits, as far as the kernel takes it now; return as `offer` does."""
        if not self._waiting:
            return True
        return self._takes_now and self._write_now(self._take_waiting())

    @property
    def _takes_now(self) -> bool:
        """Whether the kernel may be offered something: no task is in the midst of a send."""
        return self._descriptor >= 0 and not self._torn and not self._lock.locked()

    def _take_waiting(self) -> bytes:
        taken = b"".join(self._waiting)
        self._waiting.clear()
        self.waiting_bytes = 0
        self.clear = True
        return taken

    def _write_now(self, frame: bytes) -> bool:
        try:
            sent = write(self._descriptor, frame)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._torn = True  # broken; the reader finds out in its own way
            sent = 0
        self.bytes_out += sent
        if sent == len(frame):
            return True
        self.put(frame[sent:])
        return False

    async def flush(self) -> None:
        """Send all that waits.

        Raises:
            trio.BrokenResourceError: The connection is broken, or an earlier send was cut off.
        """
        async with self._lock:
            self.clear = False
            await self._flush()
            self._settle()

    async def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send whole frames behind all that waits; tasks take turns.

        A send that is cancelled may have torn a frame: nothing can be sent after it.

        Raises:
            trio.BrokenResourceError: The connection is broken, or an earlier send was cut off.
        """
        async with self._lock:
            self.clear = False
            await self._flush()
            await self._send(data)
            self._settle()

    def tear(self) -> None:
        """Send nothing more."""
        self._torn = True
        self.clear = False

    def detach(self) -> None:
        """Forget the socket: it is about to be closed."""
        self._descriptor = -1
        self.clear = False

    def _settle(self) -> None:
        """Let frames go to the kernel at once again, unless nothing may be sent any more."""
        self.clear = self._descriptor >= 0 and not self._torn and not self._waiting

    async def _flush(self) -> None:
        while self._waiting:
            batch = b"".join(self._waiting)
            self._waiting.clear()
            await self._send(batch)
            self.waiting_bytes -= len(batch)

    async def _send(self, data: bytes | bytearray | memoryview) -> None:
        if self._torn:
            raise trio.BrokenResourceError("an earlier send was cut off")
        try:
            await self._transport.send_all(data)
        except trio.Cancelled:
            self._torn = True
            raise
        self.bytes_out += len(data)


def descriptor_of(transport: trio.abc.Stream) -> int:
    """Return the descriptor of a plain socket that may be read and written directly, or -1."""
    if HAS_EPOLL and isinstance(transport, trio.SocketStream):
        descriptor: int = transport.socket.fileno()
        return descriptor
    return -1
