"""The queue of frames to one peer: whole frames in order; bytes of two frames never mix.

Law: all bytes to a peer pass through the outbox, those of a protocol library included. A frame
is offered to the kernel at once if no frame waits before it. Bytes that the kernel does not take
wait in the outbox, and only then does a task wait for the socket.
"""

import trio

from gameserver.accel import Sender, hot
from gameserver.transports.drain import direct_of, taken


class Outbox:
    """Sends whole frames over a transport.

    Attributes:
        waiting_bytes: Bytes handed over that the kernel has not taken yet.
        sender: The part that the hot path knows: ``clear``, and ``bytes_out``, the bytes that the
            kernel has taken so far.
    """

    def __init__(self, transport: trio.abc.Stream) -> None:
        """Send over ``transport``; a plain socket is written to without waiting for it."""
        self._transport = transport
        self._direct = direct_of(transport)
        self._waiting: list[bytes] = []
        self._lock = trio.Lock()
        self._torn = False
        self._retired = False
        direct = self._direct
        self.sender: Sender = hot.sender(direct.descriptor if direct and direct.plain else -1)
        self.sender.clear = direct is not None
        self.waiting_bytes: int = 0

    def put(self, frame: bytes) -> None:
        """Queue a frame; the next `flush` or `offer` sends it."""
        self.sender.clear = False
        self._waiting.append(frame)
        self.waiting_bytes += len(frame)

    def offer(self, frame: bytes) -> bool:
        """Send a frame behind all queued bytes, as far as the kernel takes it now.

        Returns:
            Whether the queue is empty now; if not, the caller must arrange a `flush`.
        """
        if not self.sender.clear:
            if not self._takes_now:
                self.put(frame)
                return False
            # Queued bytes first: they may be the rest of a frame that the kernel took in part.
            frame = self._take_waiting() + frame
        return self._write_now(frame)

    def offer_waiting(self) -> bool:
        """Send the queued bytes, as far as the kernel takes them now; return as `offer` does."""
        if not self._waiting:
            return True
        return self._takes_now and self._write_now(self._take_waiting())

    @property
    def _takes_now(self) -> bool:
        """Whether the kernel may be written to directly.

        It may not while a task holds the lock: that task may have sent half of a frame.
        """
        return self._direct is not None and not self._torn and not self._lock.locked()

    def _take_waiting(self) -> bytes:
        taken = b"".join(self._waiting)
        self._waiting.clear()
        self.waiting_bytes = 0
        self.sender.clear = not self._retired
        return taken

    def _write_now(self, frame: bytes) -> bool:
        assert self._direct is not None
        try:
            sent = self._direct.write(frame)
        except BlockingIOError as full:
            sent = taken(full)
        except OSError:
            self._torn = True  # the connection is broken; the reading task gets its own error
            sent = 0
        else:
            if sent == len(frame):
                self.sender.bytes_out += sent
                return True
        self.sender.bytes_out += sent
        self.put(frame[sent:])  # also if nothing is left: see `taken`
        return False

    async def flush(self) -> None:
        """Send all queued bytes, and wait until the kernel has taken them.

        Raises:
            trio.BrokenResourceError: The connection is broken, or an earlier send was cut off.
        """
        async with self._lock:
            # Before the first await: an `offer` meanwhile must queue behind these bytes.
            self.sender.clear = False
            await self._flush()
            self._settle()

    async def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send whole frames behind all queued bytes; one task at a time.

        A cancelled send may have sent half of a frame, so nothing can be sent after it.

        Raises:
            trio.BrokenResourceError: The connection is broken, or an earlier send was cut off.
        """
        async with self._lock:
            self.sender.clear = False
            await self._flush()
            await self._send(data)
            self._settle()

    def tear(self) -> None:
        """Refuse to send any more bytes."""
        self._torn = True
        self.sender.clear = False

    def retire(self) -> None:
        """Let frames leave by `offer` and `flush` only: nobody may send past them any more."""
        self._retired = True
        self.sender.clear = False

    def detach(self) -> None:
        """Stop to write to the socket directly; its number may be reused once it is closed."""
        self._direct = None
        self.retire()

    def _settle(self) -> None:
        """Allow direct writes again, unless the outbox is torn or detached.

        Frames may have been queued while the lock was held: they keep the way closed.
        """
        usable = self._direct is not None and not self._torn and not self._retired
        self.sender.clear = usable and not self._waiting

    async def _flush(self) -> None:
        while self._waiting:
            # Cleared before the await: frames that are queued during it make the next batch.
            # Their size counts until they are sent: the bound on waiting bytes includes the batch.
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
        except trio.BrokenResourceError:
            # Half of a frame may have been sent. The transport refuses further sends by itself,
            # but direct writes do not pass through it.
            self.detach()
            raise
        self.sender.bytes_out += len(data)
