"""A `Link` over the sans-I/O protocol: a task reads, or a drain instead; another task sends.

Law: as in `gameserver.transports.websocket.link`; the same conformance suite tests both. All bytes
are sent through the server's own outbox. The reading task sleeps while a drain reads the socket,
even if a message for `receive` arrives, since the protocol parses without a task.
"""

from collections.abc import Collection, Sequence
from typing import Any

import trio
from websockets.frames import CloseCode
from websockets.server import ServerProtocol

from bench.spikes.websockets_sansio.intake import Intake
from gameserver.accel import hot
from gameserver.errors import ConnectionLostError
from gameserver.transports.drain import Drain, direct_of
from gameserver.transports.link import Codec, ServeLink, Take
from gameserver.transports.outbox import Outbox
from gameserver.transports.settings import ListenSettings
from gameserver.transports.websocket.guarded import LINGER_S, linger

Lane = tuple[Collection[bytes], Take, Drain | None]


class SansIoLink:
    """One peer's WebSocket, a `Link`."""

    def __init__(
        self,
        protocol: ServerProtocol,
        transport: trio.abc.Stream,
        settings: ListenSettings,
        codec: Codec,
        peer: str,
        *,
        direct: bool = True,
    ) -> None:
        """Use a protocol that has accepted the handshake; the outbox gets its answer."""
        self.transport = "websocket"
        self.codec = codec
        self.peer = peer
        self.direct = direct
        self.round_trip_s: float | None = None
        self._stream = transport
        self._settings = settings
        self._intake = Intake(protocol, settings)
        self._outbox = Outbox(transport)
        self._outbox.put(b"".join(protocol.data_to_send()))
        straight = direct_of(transport)
        self._descriptor = straight.descriptor if straight is not None and straight.plain else -1
        self._received = 0
        self._lane: Lane | None = None
        self._resting: Lane | None = None
        self._parked: Drain | None = None
        self._held_until = 0.0
        self._reader = trio.Event()
        self._arrived = trio.Event()
        self._read_out = trio.Event()
        self._written = trio.Event()
        self._wake = trio.Event()
        self._allowed_bytes = 0
        self._farewell: tuple[CloseCode, str] | None = None
        self._open = True
        self._writing = trio.CancelScope()
        self._running = trio.CancelScope()

    # --- for services ---------------------------------------------------------------------------

    @property
    def bytes_in(self) -> int:
        """Bytes received since the handshake, frames included."""
        return self._intake.bytes_in

    @property
    def controls(self) -> int:
        """Number of control frames received: pings, pongs and close frames."""
        return self._intake.controls

    @property
    def messages(self) -> int:
        """Messages that came for `receive`, also those that it has not returned yet."""
        return self._received + len(self._intake.messages)

    @property
    def bytes_out(self) -> int:
        """Bytes sent, frames and handshake included."""
        return self._outbox.bytes_out

    @property
    def is_open(self) -> bool:
        """Whether messages can still be sent."""
        return self._open

    async def receive(self) -> bytes:
        """Wait for the next binary message.

        Raises:
            ConnectionLostError: The connection ended, from either side.
        """
        await trio.lowlevel.checkpoint()
        messages = self._intake.messages
        while self._farewell is None and not messages:
            if self._read_out.is_set():
                raise ConnectionLostError(self._ending())
            self._arrived = trio.Event()
            await self._arrived.wait()
        if self._farewell is not None:
            raise ConnectionLostError("this side closed the connection")
        message = messages.popleft()
        self._received += 1
        if len(messages) == self._settings.queued_messages - 1:
            self._reader.set()
        return message

    def post(self, message: Any) -> bool:
        """Hand over a message that must not be lost; it is sent whole and in order.

        When full: the connection is ended as too slow.
        """
        taken = self.queue(self.codec.encode(message), reliable=True)
        if taken:
            self._wake.set()
        return taken

    def post_all(self, messages: Sequence[Any]) -> int:
        """Hand over messages that belong together; return their bytes without frames."""
        if not self._open:
            return 0
        encoded = [self.codec.encode(message) for message in messages]
        for data in encoded:
            self._outbox.put(self._frame(data))
        self._allowed_bytes = self._outbox.waiting_bytes
        self._wake.set()
        return sum(map(len, encoded))

    def queue(self, data: bytes, *, reliable: bool) -> bool:
        """Hand over an encoded message; `flush` must be called to send it.

        When full: an unreliable message is refused; a reliable one ends the connection.
        """
        if not self._has_room(reliable=reliable):
            return False
        self._outbox.put(self._frame(data))
        return True

    def flush(self) -> None:
        """Send queued messages at once, without waking a task."""
        if not self._outbox.offer_waiting():
            self._wake.set()

    def offer(self, data: bytes) -> bool:
        """Send at once one encoded message that a newer one will replace.

        When full: it is refused.
        """
        outbox = self._outbox
        if not (self._open and outbox.clear) and not self._has_room(reliable=False):
            return False
        if not outbox.offer(self._frame(data)):
            self._wake.set()
        return True

    def _frame(self, data: bytes) -> bytes:
        return hot.binary_frame(data)

    def _has_room(self, *, reliable: bool) -> bool:
        if not self._open:
            return False
        waiting = self._outbox.waiting_bytes
        if reliable:
            if waiting > self._settings.reliable_bytes + self._allowed_bytes:
                self.abort()
                return False
        elif waiting > self._settings.unreliable_bytes:
            return False
        return True

    # --- the lane -------------------------------------------------------------------------------

    def open_lane(self, heads: Collection[bytes], take: Take, drain: Drain | None) -> None:
        """Give messages that begin with one of ``heads`` to ``take`` instead of to `receive`."""
        self._release()
        self._set_lane((heads, take, drain))

    def rest_in_lane(self, heads: Collection[bytes], take: Take, drain: Drain | None) -> None:
        """Set the lane that is open whenever no lane of `open_lane` is."""
        rests = self._lane is self._resting
        self._resting = (heads, take, drain)
        if rests:
            self.open_lane(*self._resting)
            self._lane = self._resting

    def close_lane(self) -> None:
        """Let `receive` return all messages again, except those of `rest_in_lane`. Idempotent."""
        self._set_lane(self._resting)

    def _set_lane(self, lane: Lane | None) -> None:
        self._lane = lane
        heads, take, drain = lane or ((), None, None)
        self._intake.sort_by(heads, take)
        if drain is not self._parked:
            self._leave_drain()

    @property
    def held(self) -> bool:
        """Whether reading is suspended by `hold`."""
        return self._held_until > trio.current_time()

    def hold(self, seconds: float) -> None:
        """Read nothing from the peer for this long, or until a lane is opened."""
        self._held_until = trio.current_time() + seconds
        self._reader.set()

    def _release(self) -> None:
        self._held_until = 0.0
        self._reader.set()

    # --- reading --------------------------------------------------------------------------------

    def received_nowait(self, data: bytes) -> None:
        """Take bytes that the drain read."""
        self._feed(data)
        if self._intake.ended or len(self._intake.messages) >= self._settings.queued_messages:
            self._reader.set()

    def _feed(self, data: bytes) -> None:
        answer = self._intake.feed(data)
        if answer:
            self._outbox.put(answer)
            self._wake.set()
        if self._intake.messages:
            self._arrived.set()

    async def _read(self) -> None:
        """Read until the end of the stream; after a fault, send the close frame and linger."""
        intake = self._intake
        try:
            while not intake.ended:
                self._reader = trio.Event()
                if self._farewell is None and self._must_wait():
                    with trio.move_on_at(self._held_until if self.held else float("inf")):
                        await self._reader.wait()
                elif self._park():
                    await self._drained()
                else:
                    self._feed(bytes(await self._stream.receive_some(self._settings.receive_bytes)))
            if intake.fault:
                await self._part()
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass
        finally:
            self._read_out.set()
            self._arrived.set()

    def _must_wait(self) -> bool:
        return self.held or len(self._intake.messages) >= self._settings.queued_messages

    def _park(self) -> bool:
        drain = self._lane[2] if self._lane is not None else None
        if drain is None or self._descriptor < 0 or not drain.add(self._descriptor, self):
            return False
        self._parked = drain
        return True

    async def _drained(self) -> None:
        """Sleep while the drain reads the socket."""
        try:
            await self._reader.wait()
        finally:
            self._leave_drain()

    def _leave_drain(self) -> None:
        """Leave the drain and wake the reading task.

        It must happen at once: the drain or the socket may be closed next.
        """
        if self._parked is not None:
            self._parked.remove(self._descriptor)
            self._parked = None
        self._reader.set()

    async def _part(self) -> None:
        """Send the protocol's answer to a fault, then nothing more."""
        self._open = False
        with trio.move_on_after(LINGER_S):
            await self._outbox.flush()
        self._outbox.tear()
        await linger(self._stream)

    def _ending(self) -> str:
        if self._intake.fault:
            return f"the peer broke a rule: {self._intake.fault}"
        closed = self._intake.closed_with
        if closed is None:
            return "the connection was lost"
        return f"the peer closed the connection with code {closed.code}"

    # --- the end --------------------------------------------------------------------------------

    def close_soon(self, reason: str = "", code: CloseCode = CloseCode.NORMAL_CLOSURE) -> None:
        """Close after all queued messages are sent, within ``close_s``; return at once."""
        if self._farewell is None:
            self._open = False
            self._farewell = (code, reason)
            self._writing.deadline = trio.current_time() + self._settings.close_s
            self._arrived.set()
            self._release()  # or the peer's close frame would not be read
            self._wake.set()

    async def wait_closed(self) -> None:
        """Wait until all messages are sent and the connection is closed, or the time is over."""
        await self._written.wait()

    def abort(self) -> None:
        """End the connection now: unsent messages are lost, and the handler is cancelled."""
        self._open = False
        self._running.cancel()

    async def answer(self) -> None:
        """Send the answer to the handshake."""
        await self._outbox.flush()

    async def run(self, handler: ServeLink) -> None:
        """Run the handler with both tasks, and close when it has returned."""
        try:
            with self._running:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self._write)
                    nursery.start_soon(self._read)
                    try:
                        await handler(self)
                    except ConnectionLostError:
                        pass  # a handler usually ends this way
                    finally:
                        self.close_soon()
                        self.close_lane()
                    await self._written.wait()
                    nursery.cancel_scope.cancel()
        finally:
            # Before the socket closes: a new socket may get its descriptor at once.
            self._outbox.detach()

    async def _write(self) -> None:
        """Send the outbox's bytes until the link is closed, then the close frame."""
        with self._writing:
            try:
                await self._flush()
                while self._farewell is None:
                    await self._wake.wait()
                    await self._flush()
                await self._outbox.write(self._intake.close(*self._farewell))
                await self._read_out.wait()
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                self._open = False
            finally:
                self._written.set()
        if self._farewell is not None:
            self.abort()

    async def _flush(self) -> None:
        await self._outbox.flush()
        # No await between the end of the flush and the new event: a wake-up would be lost.
        self._allowed_bytes = 0
        self._wake = trio.Event()
