"""The stream between a socket and the WebSocket library: what comes up has been looked at.

Law: every byte from the peer is walked here first, and every byte to the peer leaves here, whole
frame by whole frame. A later fast lane for inputs is a branch of `receive_some` at a frame
boundary, and changes nothing above.
"""

from typing import Final

import trio

from gameserver.transports.frames import CloseCode, FrameFaultError, FrameWalker, close_frame
from gameserver.transports.settings import ListenSettings

LINGER_S: Final = 1.0
"""Seconds for a farewell to leave, and then for its reading."""

LINGER_BYTES: Final = 64 * 1024
"""Still read from a peer behind our farewell: closing on unread bytes resets the connection, and
the farewell would be lost."""


class GuardedStream(trio.abc.Stream):
    """A stream of WebSocket frames that ends where its peer breaks the rules.

    Attributes:
        fault: What the peer did, once the stream ended for it.
        bytes_in: Received so far.
        bytes_out: Sent so far.
    """

    def __init__(
        self, transport: trio.abc.Stream, settings: ListenSettings, *, replay: bytes = b""
    ) -> None:
        """Guard a transport; ``replay`` is received before anything the peer sends."""
        self._transport = transport
        self._settings = settings
        self._replay = replay
        self._walker = FrameWalker(settings.message_bytes, settings.fragments)
        self._opened = trio.Event()
        self._lock = trio.Lock()
        self._receiving = _Exclusive("another task is receiving from this stream")
        self._sending = _Exclusive("another task is sending on this stream")
        self._torn = False
        self._control_left = float(settings.control_burst)
        self._control_at = trio.current_time()
        self.fault: FrameFaultError | None = None
        self.bytes_in = 0
        self.bytes_out = 0

    def open(self) -> None:
        """Let the peer's frames in: the handshake is done."""
        self._opened.set()

    # --- in -------------------------------------------------------------------------------------

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """Receive, within the rules.

        Raises:
            trio.BrokenResourceError: The peer broke a rule (see ``fault``), or the connection.
        """
        with self._receiving:
            if self._replay:
                await trio.lowlevel.checkpoint()
                data = self._replay[:max_bytes]
                self._replay = self._replay[len(data) :]
                return data
            await self._opened.wait()
            most = self._settings.receive_bytes
            data = bytes(
                await self._transport.receive_some(
                    most if max_bytes is None else min(max_bytes, most)
                )
            )
            self.bytes_in += len(data)
            try:
                self._inspect(data)
            except FrameFaultError as fault:
                self.fault = fault
                await self._part(fault)
                raise trio.BrokenResourceError(fault.sentence) from fault
            return data

    def _inspect(self, data: bytes) -> None:
        control = sum(head.is_control for head in self._walker.feed(data))
        if not control:
            return
        now = trio.current_time()
        refilled = self._control_left + (now - self._control_at) * self._settings.control_per_s
        self._control_left = min(refilled, self._settings.control_burst) - control
        self._control_at = now
        if self._control_left < 0:
            raise FrameFaultError(CloseCode.POLICY, "too many pings")

    async def _part(self, fault: FrameFaultError) -> None:
        """Say why the connection ends; nothing is sent behind it."""
        with trio.move_on_after(LINGER_S):
            await self.write(close_frame(fault.code, fault.sentence))
        self._torn = True
        await linger(self._transport)

    # --- out ------------------------------------------------------------------------------------

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Send what the WebSocket library made: always whole frames."""
        with self._sending:
            await self.write(data)

    async def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send whole frames; tasks take turns.

        A send that is cancelled may have torn a frame: nothing can be sent after it.

        Raises:
            trio.BrokenResourceError: The connection is broken, or an earlier send was cut off.
        """
        async with self._lock:
            if self._torn:
                raise trio.BrokenResourceError("an earlier send was cut off")
            try:
                await self._transport.send_all(data)
            except trio.Cancelled:
                self._torn = True
                raise
            self.bytes_out += len(data)

    async def wait_send_all_might_not_block(self) -> None:
        """Wait until the transport may take something."""
        with self._sending:
            await self._transport.wait_send_all_might_not_block()

    async def aclose(self) -> None:
        """Close the transport."""
        self._opened.set()
        await self._transport.aclose()


class _Exclusive:
    """Lets one task in at a time."""

    def __init__(self, sentence: str) -> None:
        self._sentence = sentence
        self._inside = False

    def __enter__(self) -> None:
        if self._inside:
            raise trio.BusyResourceError(self._sentence)
        self._inside = True

    def __exit__(self, *_: object) -> None:
        self._inside = False


async def linger(transport: trio.abc.Stream) -> None:
    """End our side and let a peer read what it was told, for a bounded time and number of bytes."""
    left = LINGER_BYTES
    with trio.move_on_after(LINGER_S):
        try:
            if isinstance(transport, trio.abc.HalfCloseableStream):
                await transport.send_eof()
            while left > 0 and (data := await transport.receive_some(4096)):
                left -= len(data)
        except (trio.BrokenResourceError, trio.ClosedResourceError, trio.BusyResourceError):
            pass  # it is gone already, or a send hangs on it that will never end
