"""The stream between a socket and the WebSocket library: what comes up has been looked at.

Law: every byte from the peer is walked here first, and every byte to the peer leaves through the
outbox, whole frame by whole frame.

While a lane is open, messages that it wants leave the stream before the library sees them; with a
drain the socket is read by whoever drains, and the library's reader sleeps until there is
something for it. Nothing above this module sees a difference.
"""

from collections.abc import Collection
from typing import Final

import trio

from gameserver.transports.settings import ListenSettings
from gameserver.transports.websocket.drain import Drain
from gameserver.transports.websocket.frames import (
    CloseCode,
    FrameFaultError,
    FrameHead,
    FrameWalker,
    close_frame,
)
from gameserver.transports.websocket.lane import Lane, Take
from gameserver.transports.websocket.outbox import Outbox, descriptor_of

LINGER_S: Final = 1.0
"""Seconds for a farewell to leave, and then for its reading."""

LINGER_BYTES: Final = 64 * 1024
"""Still read from a peer behind our farewell: closing on unread bytes resets the connection, and
the farewell would be lost."""


class GuardedStream(trio.abc.Stream):
    """A stream of WebSocket frames that ends where its peer breaks the rules.

    Attributes:
        outbox: What is sent, this stream's `send_all` included.
        fault: What the peer did, once the stream ended for it.
        bytes_in: Received so far.
    """

    def __init__(
        self, transport: trio.abc.Stream, settings: ListenSettings, *, replay: bytes = b""
    ) -> None:
        """Guard a transport; ``replay`` is received before anything the peer sends."""
        self.outbox = Outbox(transport)
        self._transport = transport
        self._descriptor = descriptor_of(transport)
        self._settings = settings
        self._up = replay
        self._walker = FrameWalker(settings.message_bytes, settings.fragments)
        self._lane: Lane | None = None
        self._drain: Drain | None = None
        self._resting: tuple[Collection[bytes], Take, Drain | None] | None = None
        self._parked: Drain | None = None
        self._ended = False
        self._woken = trio.Event()
        self._opened = trio.Event()
        self._receiving = _Exclusive("another task is receiving from this stream")
        self._sending = _Exclusive("another task is sending on this stream")
        self._control_left = float(settings.control_burst)
        self._control_at = trio.current_time()
        self.fault: FrameFaultError | None = None
        self.bytes_in = 0

    def open(self) -> None:
        """Let the peer's frames in: the handshake is done."""
        self._opened.set()

    # --- the lane -------------------------------------------------------------------------------

    def open_lane(self, heads: Collection[bytes], take: Take, drain: Drain | None) -> None:
        """Give messages that begin with one of ``heads`` to ``take``; replaces an open lane.

        Without a drain, or where the transport cannot be drained, that happens whenever the
        library's reader receives.
        """
        self._leave_lane()
        self._lane, self._drain = Lane(self._walker, heads, take), drain

    def rest_in_lane(self, heads: Collection[bytes], take: Take, drain: Drain | None) -> None:
        """Open a lane whenever no other is open, from now on."""
        self._resting = (heads, take, drain)
        if self._lane is None:
            self.open_lane(*self._resting)

    def close_lane(self) -> None:
        """Let messages up again, but for those of the lane to rest in. Twice is safe."""
        self._leave_lane()
        if self._resting is not None:
            self.open_lane(*self._resting)

    def _leave_lane(self) -> None:
        lane, self._lane, self._drain = self._lane, None, None
        if lane is not None:
            self._sorted(*lane.close())
            self._wake()

    def received_nowait(self, data: bytes) -> None:
        """Take what the drain read; wake the library's reader if any of it is for him."""
        self.bytes_in += len(data)
        lane = self._lane
        if lane is not None and lane.take_one(data):
            return
        if not data:
            self._ended = True
            self._wake()
            return
        self._sort(data)
        if self._up or self.fault is not None:
            self._wake()

    def _sort(self, data: bytes) -> None:
        try:
            if self._lane is None:
                self._inspect(data)
                self._up += data
            else:
                self._sorted(*self._lane.feed(data))
        except FrameFaultError as fault:
            self.fault = fault

    def _sorted(self, up: bytes, heads: list[FrameHead]) -> None:
        if up:
            self._up += up
            self._count_controls(heads)

    def _park(self) -> bool:
        """Let the drain read instead of us, if it can."""
        drain = self._drain
        if drain is None or self._descriptor < 0 or self._ended:
            return False
        if not drain.add(self._descriptor, self):
            return False
        self._parked = drain
        self._woken = trio.Event()
        return True

    def _wake(self) -> None:
        if self._parked is not None:
            self._parked.remove(self._descriptor)
            self._parked = None
            self._woken.set()

    # --- in -------------------------------------------------------------------------------------

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """Receive, within the rules.

        Raises:
            trio.BrokenResourceError: The peer broke a rule (see ``fault``), or the connection.
        """
        with self._receiving:
            if self._up:
                await trio.lowlevel.checkpoint()
            else:
                await self._opened.wait()
                if not await self._fill(max_bytes):
                    return b""
            if self.fault is not None:
                await self._part(self.fault)
                raise trio.BrokenResourceError(self.fault.sentence) from self.fault
            data = self._up[:max_bytes]
            self._up = self._up[len(data) :]
            return data

    async def _fill(self, max_bytes: int | None) -> bool:
        """Wait for bytes that go up, or for a fault; return False at the stream's end."""
        most = self._settings.receive_bytes
        if max_bytes is not None:
            most = min(max_bytes, most)
        while not self._up and self.fault is None:
            if self._park():
                try:
                    await self._woken.wait()
                finally:
                    self._wake()
                continue
            data = bytes(await self._transport.receive_some(most))
            if not data:
                return False
            self.bytes_in += len(data)
            self._sort(data)
        return True

    def _inspect(self, data: bytes) -> None:
        self._count_controls(self._walker.feed(data))

    def _count_controls(self, heads: list[FrameHead]) -> None:
        control = sum(head.is_control for head in heads)
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
            await self.outbox.write(close_frame(fault.code, fault.sentence))
        self.outbox.tear()
        await linger(self._transport)

    # --- out ------------------------------------------------------------------------------------

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Send what the WebSocket library made: always whole frames."""
        with self._sending:
            await self.outbox.write(data)

    async def wait_send_all_might_not_block(self) -> None:
        """Wait until the transport may take something."""
        with self._sending:
            await self._transport.wait_send_all_might_not_block()

    async def aclose(self) -> None:
        """Close the transport."""
        self.detach()
        self._opened.set()
        await self._transport.aclose()

    def detach(self) -> None:
        """Touch the socket no more: it is about to be closed."""
        self._resting = None
        self._leave_lane()
        self._descriptor = -1
        self.outbox.detach()


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
