"""The stream between a socket and the WebSocket library: it checks all bytes from the peer.

Law: every byte from the peer passes the frame walker first, and every byte to the peer leaves
through the outbox, in whole frames.

While a lane is open, the messages that the lane takes leave the stream before the library sees
them. With a drain, the owner of the drain reads the socket, and the library's reading task sleeps
until there are bytes for it. The library cannot tell the difference.

Two values decide about the peer's bytes: the state of `SocketReading`, which task reads the socket;
and the open lane, which messages leave the stream.
"""

from collections.abc import Collection
from typing import Final

import attrs
import trio

from gameserver.accel import FrameTap, Take
from gameserver.transports.drain import Drain, direct_of
from gameserver.transports.outbox import Outbox
from gameserver.transports.settings import ListenSettings
from gameserver.transports.websocket.deflate import Inflater
from gameserver.transports.websocket.frames import (
    CloseCode,
    FrameFaultError,
    FrameHead,
    FrameWalker,
    close_frame,
)
from gameserver.transports.websocket.lane import Lane
from gameserver.transports.websocket.reading import (
    NO_DESCRIPTOR,
    Parked,
    Shut,
    SocketReading,
    Suspended,
)

LINGER_S: Final = 1.0
"""Seconds to send a farewell, and as many again for the peer to read it."""

LINGER_BYTES: Final = 64 * 1024
"""Bytes still read from a peer after our farewell. A socket that is closed with unread bytes resets
the connection, and the peer would lose the farewell."""


@attrs.frozen(eq=False)
class _LaneRequest:
    """What a lane is opened with; compared by identity."""

    heads: Collection[bytes]
    take: Take
    drain: Drain | None


class GuardedStream(trio.abc.Stream):
    """A stream of WebSocket frames that ends when its peer breaks a rule.

    Attributes:
        outbox: The queue that all bytes to the peer go through, those of `send_all` included.
        fault: The rule that the peer broke; None while it has broken none.
        tap: Takes the wanted messages while a lane is open that sees the peer's own bytes.
        controls: Pings and pongs received so far.
    """

    def __init__(
        self,
        transport: trio.abc.Stream,
        settings: ListenSettings,
        *,
        replay: bytes = b"",
        deflate: bool = False,
    ) -> None:
        """Guard a transport.

        Args:
            transport: The peer's bytes.
            settings: The limits.
            replay: Bytes that `receive_some` returns before any of the peer.
            deflate: Whether the peer may send compressed messages.
        """
        self.outbox: Outbox = Outbox(transport)
        self._transport = transport
        self._direct = direct_of(transport)
        self._reading = SocketReading(
            NO_DESCRIPTOR if self._direct is None else self._direct.descriptor
        )
        self._settings = settings
        self._up = replay
        self._walker = FrameWalker(settings.message_bytes, settings.fragments, text=settings.text)
        self._inflater = Inflater(settings.message_bytes, settings.fragments) if deflate else None
        self._lane: Lane | None = None
        self._requested: _LaneRequest | None = None
        """The request for the open lane; None exactly if no lane is open."""
        self._resting: _LaneRequest | None = None
        """The request for the lane that opens whenever another one is closed."""
        self._receiving = _Exclusive("another task is receiving from this stream")
        self._sending = _Exclusive("another task is sending on this stream")
        self._control_left = float(settings.control_burst)
        self._control_at = trio.current_time()
        self.fault: FrameFaultError | None = None
        self.tap: FrameTap | None = None
        self._bytes_in = 0
        """Bytes received so far, but for those that the present tap took."""
        self.controls: int = 0

    @property
    def bytes_in(self) -> int:
        """Bytes received so far."""
        return self._bytes_in + (0 if self.tap is None else self.tap.bytes_in)

    @property
    def messages(self) -> int:
        """Messages that went to the library so far."""
        return self._walker.messages

    def open(self) -> None:
        """Start to read the peer's frames, since the handshake is done."""
        self._reading.open()

    # --- the lane -------------------------------------------------------------------------------

    def open_lane(self, heads: Collection[bytes], take: Take, drain: Drain | None) -> None:
        """Give messages that begin with one of ``heads`` to ``take``; replaces an open lane.

        Without a drain, or if the transport cannot be drained, ``take`` is called while the
        library's reading task receives.
        """
        self._open_lane(_LaneRequest(heads, take, drain))

    def rest_in_lane(self, heads: Collection[bytes], take: Take, drain: Drain | None) -> None:
        """Set the lane that is open whenever no other lane is; replaces an earlier such lane."""
        other_is_open = self._requested is not None and self._requested is not self._resting
        self._resting = _LaneRequest(heads, take, drain)
        if not other_is_open:
            self._open_lane(self._resting)

    def close_lane(self) -> None:
        """Close the lane; the lane of `rest_in_lane` opens again if there is one. Idempotent."""
        self._leave_lane()
        if self._resting is not None:
            self._open_lane(self._resting)

    def _open_lane(self, request: _LaneRequest) -> None:
        # The old lane first: it may hold the start of a frame that the new one must begin with.
        self._leave_lane(request.drain)
        self._reading.release()
        self._lane, self._requested = Lane(self._walker, request.heads, request.take), request
        # The inflater must see all bytes: those inside a compressed message may look like a frame.
        self.tap = self._lane.tap if self._inflater is None else None

    def _leave_lane(self, following: Drain | None = None) -> None:
        """Close the lane; the library's reader sleeps on if the following drain is the same."""
        lane, self._lane, self._requested = self._lane, None, None
        if lane is None:
            return
        if self.tap is not None:
            self._bytes_in += self.tap.bytes_in
            self.tap = None
        self._sorted(*lane.close())
        state = self._reading.state
        if self._up or not (isinstance(state, Parked) and state.drain is following):
            self._reading.wake()

    def received_nowait(self, data: bytes) -> None:
        """Take bytes that the drain read; wake the library's reader for those not for the lane."""
        if not data:
            self._reading.end()
            return
        taken = 0 if self.tap is None else self.tap.take(data)
        if taken == len(data):
            return
        self._bytes_in += len(data) - taken
        self._sort(data[taken:])
        if self._up or self.fault is not None:
            self._reading.wake()

    def _sort(self, data: bytes) -> None:
        try:
            if self._inflater is not None:
                data = self._inflater.feed(data)
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
            self._count(heads)

    def _park(self) -> Parked | None:
        """Leave the reading of the socket to the drain, if there is one that can read it."""
        drain = None if self._requested is None else self._requested.drain
        if drain is None or self._direct is None:
            return None
        reader = self._direct.reader(self)
        return None if reader is None else self._reading.park(drain, reader)

    # --- in -------------------------------------------------------------------------------------

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """Return bytes for the library; those that the lane took are not among them.

        Raises:
            trio.BrokenResourceError: The peer broke a rule (see ``fault``), or the connection is
                broken.
        """
        with self._receiving:
            if self._up:
                await trio.lowlevel.checkpoint()
            elif not await self._fill(max_bytes):
                return b""
            # Before the bytes that came ahead of the fault: a peer that broke a rule is not
            # answered any more.
            if self.fault is not None:
                await self._part(self.fault)
                raise trio.BrokenResourceError(self.fault.sentence) from self.fault
            data = self._up[:max_bytes]
            self._up = self._up[len(data) :]
            return data

    async def _fill(self, max_bytes: int | None) -> bool:
        """Wait for bytes for the library or for a fault; return False at the end of the stream."""
        most = self._settings.receive_bytes
        if max_bytes is not None:
            most = min(max_bytes, most)
        while not self._up and self.fault is None:
            state = self._reading.state
            if isinstance(state, Shut):
                await state.woken.wait()
                continue
            if isinstance(state, Suspended):
                await self._pass_hold(state)
                continue
            # A new value for each sleep: the event of the last one is set already.
            if (parked := self._park()) is not None:
                try:
                    await parked.woken.wait()
                finally:
                    # Also when cancelled: the drain must not go on reading a socket that this
                    # task reads next, or that is closed.
                    self._reading.wake()
                continue
            data = bytes(await self._transport.receive_some(most))
            if not data:
                return False
            self._bytes_in += len(data)
            self._sort(data)
        return True

    def hold(self, seconds: float) -> None:
        """Read nothing for this long, unless a lane is opened before."""
        self._reading.hold(trio.current_time() + seconds)

    def release(self) -> None:
        """Read again at once."""
        self._reading.release()

    @property
    def held(self) -> bool:
        """Whether nothing is read just now."""
        state = self._reading.state
        return isinstance(state, Suspended) and state.until > trio.current_time()

    async def _pass_hold(self, held: Suspended) -> None:
        """Sleep until the time of this hold is over, or the hold is replaced or released."""
        with trio.move_on_at(held.until):
            await held.woken.wait()
        # Not a hold that has replaced this one: the task comes back for it.
        if self._reading.state is held:
            self._reading.release()

    def _inspect(self, data: bytes) -> None:
        self._count(self._walker.feed(data))

    def _count(self, heads: list[FrameHead]) -> None:
        control = sum(head.is_control for head in heads)
        if not control:
            return
        self.controls += control
        now = trio.current_time()
        refilled = self._control_left + (now - self._control_at) * self._settings.control_per_s
        self._control_left = min(refilled, self._settings.control_burst) - control
        self._control_at = now
        if self._control_left < 0:
            raise FrameFaultError(CloseCode.POLICY, "too many pings")

    async def _part(self, fault: FrameFaultError) -> None:
        """Send the reason in a close frame, then refuse to send any more bytes."""
        with trio.move_on_after(LINGER_S):
            await self.outbox.write(close_frame(fault.code, fault.sentence))
        self.outbox.tear()
        await linger(self._transport)

    # --- out ------------------------------------------------------------------------------------

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Send bytes of the WebSocket library, which are always whole frames."""
        with self._sending:
            await self.outbox.write(data)

    async def wait_send_all_might_not_block(self) -> None:
        """Wait until the transport may accept bytes."""
        with self._sending:
            await self._transport.wait_send_all_might_not_block()

    async def aclose(self) -> None:
        """Close the transport; a task that waits for `open` goes on and finds it closed."""
        # Detached first: a closed descriptor's number may belong to another socket at once.
        self.detach()
        await self._transport.aclose()

    def detach(self) -> None:
        """Stop to use the descriptor directly, since the socket is about to be closed."""
        # Forgotten too, or a later `close_lane` would open the resting lane on a dead socket.
        self._resting = None
        self._leave_lane()
        self._reading.close()
        self.outbox.detach()


class _Exclusive:
    """A context that only one task may be inside; a second one gets `trio.BusyResourceError`."""

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
    """Send the end of our side, then read on for a bounded time and number of bytes.

    Reading on gives the peer time to read our last bytes; see `LINGER_BYTES`.
    """
    left = LINGER_BYTES
    with trio.move_on_after(LINGER_S):
        try:
            if isinstance(transport, trio.abc.HalfCloseableStream):
                await transport.send_eof()
            while left > 0 and (data := await transport.receive_some(4096)):
                left -= len(data)
        except (trio.BrokenResourceError, trio.ClosedResourceError, trio.BusyResourceError):
            pass  # the peer is gone, or another task hangs in a send that will never end
