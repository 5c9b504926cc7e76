"""The link over a WebSocket: it receives whole messages and sends by an outbox.

Law: sending never waits. One task per connection sends the bytes that the kernel does not take at
once. So a peer that does not read delays no other peer, and its memory is bounded (threat 9).
"""

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any, Final

import trio
from trio_websocket import ConnectionClosed, WebSocketConnection

from gameserver.accel import Sender, Take, hot
from gameserver.errors import ConnectionLostError
from gameserver.transports.drain import Drain
from gameserver.transports.link import Codec, ServeLink
from gameserver.transports.newest import Key, Newest
from gameserver.transports.settings import ListenSettings
from gameserver.transports.websocket.deflate import deflated_frame
from gameserver.transports.websocket.frames import CloseCode, cut_reason
from gameserver.transports.websocket.guarded import GuardedStream


class WebSocketLink:
    """One peer's WebSocket, a `Link`. `Guard` makes it, runs it and ends it.

    Attributes:
        transport, codec, peer, direct, round_trip_s: As in `gameserver.transports.link.Link`.
        sender: Takes frames at once while it is clear; see `sent_in_part`.
    """

    def __init__(
        self,
        websocket: WebSocketConnection,
        stream: GuardedStream,
        settings: ListenSettings,
        codec: Codec,
        peer: str,
        *,
        direct: bool = True,
        deflate_bits: int = 0,
    ) -> None:
        """Use a WebSocket whose handshake is done; ``stream`` is the stream below it.

        ``deflate_bits`` is the window for compressed messages; 0 if there are none.
        """
        self.transport = "websocket"
        self.codec = codec
        self.peer = peer
        self.direct = direct
        self.round_trip_s: float | None = None
        self._websocket = websocket
        self._stream = stream
        self._settings = settings
        self._deflate_bits = deflate_bits
        self._outbox = stream.outbox
        self.sender: Sender = stream.outbox.sender
        self._newest = Newest(settings)
        self._written = trio.Event()
        self._wake = trio.Event()
        self._allowed_bytes = 0
        self._received = 0
        """Messages that `receive` has returned."""
        self._due_lane: tuple[Collection[bytes], Take, Drain | None] | None = None
        """The lane that opens once `receive` has returned all messages so far."""
        self._farewell: tuple[CloseCode, str] | None = None
        self._open = True
        self._receiving = trio.CancelScope()
        self._writing = trio.CancelScope()
        self._running = trio.CancelScope()

    # --- for services ---------------------------------------------------------------------------

    @property
    def bytes_in(self) -> int:
        """Bytes received since the handshake, frames included."""
        return self._stream.bytes_in

    @property
    def controls(self) -> int:
        """Pings and pongs of WebSocket itself that came, which no message tells of."""
        return self._stream.controls

    @property
    def messages(self) -> int:
        """Messages that came for `receive`, also those that it has not returned yet."""
        return self._stream.messages

    @property
    def waiting_bytes(self) -> int:
        """Bytes handed over that the peer has not taken yet."""
        return self._outbox.waiting_bytes

    @property
    def bytes_out(self) -> int:
        """Bytes sent, frames and handshake included."""
        return self.sender.bytes_out

    @property
    def is_open(self) -> bool:
        """Whether messages can still be sent."""
        return self._open

    async def receive(self) -> bytes:
        """Wait for the next binary message.

        Raises:
            ConnectionLostError: The connection ended, from either side.
        """
        if self._farewell is None:
            self._open_due_lane()
            with trio.CancelScope() as self._receiving:
                try:
                    message = await self._websocket.get_message()
                except ConnectionClosed as closed:
                    raise ConnectionLostError(self._ending(closed)) from None
                assert isinstance(message, bytes)  # the guard lets no text pass
                self._received += 1
                return message
        raise ConnectionLostError("this side closed the connection")

    def post(self, message: Any) -> bool:
        """Hand over a message that must not be lost; it is sent whole and in order.

        It is sent by the next `flush`, or by this connection's task: several messages of one moment
        share a send.

        Returns:
            Whether the outbox took it.

        When full: the connection is ended as too slow.
        """
        taken = self.queue(self.codec.encode(message), reliable=True)
        if taken:
            self._wake.set()
        return taken

    def post_all(self, messages: Sequence[Any]) -> int:
        """Hand over messages that belong together, such as a welcome and missed events.

        The caller must bound their size; `reliable_bytes` limits only the bytes after them.

        Returns:
            Their bytes, without frames.
        """
        if not self._open:
            return 0
        encoded = [self.codec.encode(message) for message in messages]
        for data in encoded:
            self._outbox.put(hot.binary_frame(data))
        self._allowed_bytes = self._outbox.waiting_bytes
        self._wake.set()
        return sum(map(len, encoded))

    def queue(self, data: bytes, *, reliable: bool) -> bool:
        """Hand over an encoded message; `flush` must be called to send it.

        Returns:
            Whether the outbox took it.

        When full: an unreliable message is refused, because a newer one will replace it; a
        reliable one ends the connection as too slow.
        """
        if not self._has_room(reliable=reliable):
            return False
        self._outbox.put(hot.binary_frame(data))
        return True

    def queue_newest(self, key: Key, data: bytes) -> bool:
        """Hand over an encoded message of which only the newest with its key counts.

        Returns: as `queue`.

        When full: it waits for room; a newer one with the same key takes its place.
        """
        # Behind those that wait already, or an older message with this key would come after it.
        if not self._newest and self._has_room(reliable=False):
            self._outbox.put(hot.binary_frame(data))
            return True
        return self._open and self._newest.put(key, data)

    def _let_newest_in(self) -> bool:
        """Queue waiting messages as far as there is room; return whether there was one."""
        found = bool(self._newest)
        while self._newest and self._has_room(reliable=False):
            self._outbox.put(hot.binary_frame(self._newest.pop()))
        return found and self._open

    def queue_public(self, data: bytes) -> bool:
        """Hand over an encoded reliable message without a secret, which may be compressed.

        Returns, and when full: as `queue`.
        """
        bits = self._deflate_bits
        if not bits or len(data) < self._settings.deflate_bytes:
            return self.queue(data, reliable=True)
        if not self._has_room(reliable=True):
            return False
        self._outbox.put(deflated_frame(data, bits) or hot.binary_frame(data))
        return True

    def flush(self) -> None:
        """Send queued messages at once, without waking a task.

        The connection's task sends the bytes that the kernel does not take now.
        """
        if not self._outbox.offer_waiting() or self._newest:
            self._wake.set()

    def offer(self, data: bytes) -> bool:
        """Send at once one encoded message that a newer one will replace.

        When full: it is refused.
        """
        if not (self._open and self.sender.clear) and not self._has_room(reliable=False):
            return False
        if not self._outbox.offer(_frame_of_last(data)):
            self._wake.set()
        return True

    def sent_in_part(self, frame: bytes, sent: int) -> None:
        """Queue the rest of a frame of which the kernel took the first bytes from `sender`."""
        self._outbox.put(frame[sent:])
        self._wake.set()

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

    def open_lane(self, heads: Collection[bytes], take: Take, drain: Drain | None) -> None:
        """Give messages that begin with one of ``heads`` to ``take`` instead of to `receive`.

        With a drain they are read when it drains; other messages go to `receive` afterwards. While
        earlier messages wait for `receive` the lane stays closed: it must not overtake those of its
        own kind among them.
        """
        self._due_lane = (heads, take, drain)
        self._stream.release()
        self._open_due_lane()

    def _open_due_lane(self) -> None:
        if self._due_lane is not None and self._received >= self._stream.messages:
            due, self._due_lane = self._due_lane, None
            self._stream.open_lane(*due)

    def rest_in_lane(self, heads: Collection[bytes], take: Take, drain: Drain | None) -> None:
        """Set the lane that is open whenever no lane of `open_lane` is."""
        self._stream.rest_in_lane(heads, take, drain)

    def close_lane(self) -> None:
        """Let `receive` return all messages again, except those of `rest_in_lane`. Idempotent."""
        self._due_lane = None
        self._stream.close_lane()

    @property
    def held(self) -> bool:
        """Whether nothing is read, since `hold` said so."""
        return self._stream.held

    def hold(self, seconds: float) -> None:
        """Read nothing from the peer for this long; what it sends waits in its own kernel.

        A lane with a drain that is opened meanwhile is read at once: a match never waits. A link
        that closes is not held: the peer's answer to the farewell must be read.
        """
        if self._farewell is None:
            self._stream.hold(seconds)

    def close_soon(self, reason: str = "", code: CloseCode = CloseCode.NORMAL) -> None:
        """Begin to close: send what was handed over, then a close frame, within ``close_s``.

        It returns at once. No further message is sent or received, and a pending `receive` raises.
        Only the first call has an effect.
        """
        if self._farewell is None:
            self._shut()
            self._farewell = (code, cut_reason(reason))
            self._writing.deadline = trio.current_time() + self._settings.close_s
            self._receiving.cancel()
            self._stream.release()  # see `hold`
            self._wake.set()

    async def wait_closed(self) -> None:
        """Wait until all messages are sent and the connection is closed, or the time is over."""
        await self._written.wait()

    def abort(self) -> None:
        """End the connection now: unsent messages are lost, and the handler is cancelled."""
        self._shut()
        self._running.cancel()

    def _shut(self) -> None:
        self._open = False
        self._outbox.retire()

    # --- for the listener -----------------------------------------------------------------------

    async def run(self, handler: ServeLink) -> None:
        """Run the handler and the sending task, and close when the handler has returned."""
        with self._running:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._write)
                try:
                    await handler(self)
                except ConnectionLostError:
                    pass  # the usual way in which a handler ends
                finally:
                    # Closing begins first: bytes that the closed lane gives back are not received.
                    self.close_soon()
                    self.close_lane()

    async def _write(self) -> None:
        """Send the outbox's bytes until the farewell, then close.

        If the connection breaks, the handler may still receive the messages before the break.
        """
        with self._writing:
            try:
                await self._flush()
                while self._farewell is None:
                    await self._wake.wait()
                    await self._flush()
                code, reason = self._farewell
                await self._websocket.aclose(code, reason or None)
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                self._shut()
            finally:
                self._written.set()
        if self._farewell is not None:
            self.abort()

    async def _flush(self) -> None:
        await self._outbox.flush()
        while self._let_newest_in():
            await self._outbox.flush()
        # No await between the end of the flush and the new event: a wake-up would be lost.
        self._allowed_bytes = 0
        self._wake = trio.Event()

    def _ending(self, closed: ConnectionClosed) -> str:
        if self._stream.fault is not None:
            return f"the peer broke a rule: {self._stream.fault.sentence}"
        reason = closed.reason
        if reason is None or reason.code == _ABNORMAL:
            return "the connection was lost"
        return f"the peer closed the connection with code {reason.code}"


# A match offers one message to all of its viewers, one after the other: it is framed for the first.
_frame_of_last: Final = lru_cache(maxsize=1)(hot.binary_frame)

_ABNORMAL: Final = 1006
"""WebSocket's code for an end without a farewell (RFC 6455, 7.1.5)."""
