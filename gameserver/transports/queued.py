"""A link whose messages wait until the peer fetches them: the base of all roads over plain HTTP.

Law: messages to the peer are numbered from 1 and kept until it has confirmed them, so a response
that is lost on its way loses nothing: the next one repeats it. The kept bytes are bounded as those
of a WebSocket's outbox (threat 9).

A transport calls `deliver` with each message of the peer, and `waiting` or `take` for those to the
peer.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from math import inf
from typing import Any, Final

import trio

from gameserver.accel import Take
from gameserver.errors import ConnectionLostError
from gameserver.transports.drain import Drain
from gameserver.transports.link import Codec, ServeLink
from gameserver.transports.newest import Key
from gameserver.transports.settings import ListenSettings
from gameserver.transports.unfetched import Unconfirmed, Unfetched

HEAD_SIZES: Final = (2, 4)
"""Lengths of the heads of a lane."""


class QueuedLink:
    """One peer's messages in both directions, a `Link`; `run` runs its handler.

    Attributes:
        transport, codec, peer, direct, round_trip_s: As in `gameserver.transports.link.Link`.
        bytes_in, bytes_out, controls: The same; the transport counts them.
        notify: Called when there is something for the peer, besides waking `wait_ready`.
        silent_since: When the peer's last request ended; infinite during a request.
    """

    def __init__(
        self,
        transport: str,
        settings: ListenSettings,
        codec: Codec,
        peer: str,
        *,
        direct: bool = True,
    ) -> None:
        """Prepare a link that `run` opens."""
        self.transport = transport
        self.codec = codec
        self.peer = peer
        self.direct = direct
        self.round_trip_s: float | None = None
        self.bytes_in = 0
        self.bytes_out = 0
        self.controls = 0
        self._settings = settings
        self._visitors = 0
        self._kept = Unfetched(settings)
        self._fresh = False
        self._in: deque[bytes] = deque()
        self._returned = 0  # messages that `receive` has returned
        self._lane: tuple[frozenset[bytes], Take] | None = None
        self._due_lane: tuple[frozenset[bytes], Take] | None = None
        self._resting: tuple[frozenset[bytes], Take] | None = None
        self._held_until = -inf
        self._ending: str | None = None
        self._left = False
        self._open = True
        self._received = trio.lowlevel.ParkingLot()
        self._room = trio.lowlevel.ParkingLot()
        """Woken when a message of the peer may be taken that could not be before."""
        self._ready = trio.lowlevel.ParkingLot()
        """Woken when there is something for the peer."""
        self._fetched = trio.Event()
        """Set when the peer has everything, its link's end included."""
        self._running = trio.CancelScope()
        self.notify: Callable[[], None] | None = None
        self.silent_since: float = trio.current_time()

    # --- for services -----------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether messages can still be sent."""
        return self._open

    @property
    def messages(self) -> int:
        """Messages that came for `receive`, also those that it has not returned yet."""
        return self._returned + len(self._in)

    @property
    def held(self) -> bool:
        """Whether nothing is taken from the peer, since `hold` said so."""
        return self._held_until > trio.current_time()

    @property
    def waiting_bytes(self) -> int:
        """Bytes handed over that the peer has not confirmed yet."""
        return self._kept.waiting_bytes

    async def receive(self) -> bytes:
        """Wait for the peer's next message.

        Raises:
            ConnectionLostError: The connection ended, from either side.
        """
        await trio.lowlevel.checkpoint_if_cancelled()
        self._open_due_lane()
        while self._ending is None:
            if self._in:
                message = self._in.popleft()
                self._returned += 1
                self._room.unpark_all()
                await trio.lowlevel.cancel_shielded_checkpoint()
                return message
            if self._left:
                raise ConnectionLostError("the peer left")
            await self._received.park()
        raise ConnectionLostError("this side closed the connection")

    def post(self, message: Any) -> bool:
        """Hand over a message that must not be lost; it is sent whole and in order.

        Returns:
            Whether it was taken.

        When full: the connection is ended as too slow.
        """
        return self._put(self.codec.encode(message), reliable=True) and self._announce()

    def post_all(self, messages: Sequence[Any]) -> int:
        """Hand over messages that belong together, whose size the caller bounds; return it."""
        if not self._open:
            return 0
        size = self._kept.add_all([self.codec.encode(message) for message in messages])
        self._announce()
        return size

    def queue(self, data: bytes, *, reliable: bool) -> bool:
        """Hand over an encoded message; `flush` must be called to send it.

        Returns:
            Whether it was taken.

        When full: an unreliable message is refused; a reliable one ends the connection.
        """
        return self._put(data, reliable=reliable)

    def queue_newest(self, key: Key, data: bytes) -> bool:
        """Hand over an encoded message of which only the newest with its key counts.

        Returns: as `queue`.

        When full: it waits for room; a newer one with the same key takes its place.
        """
        # Behind those that wait already, or an older message with this key would come after it.
        newest = self._kept.newest
        if not newest and self._put(data, reliable=False):
            return True
        return self._open and newest.put(key, data)

    def queue_public(self, data: bytes) -> bool:
        """Hand over an encoded reliable message; nothing is compressed here."""
        return self.queue(data, reliable=True)

    def flush(self) -> None:
        """Let the peer have the queued messages."""
        self._announce()

    def offer(self, data: bytes) -> bool:
        """Hand over one encoded message that a newer one will replace.

        When full: it is refused.
        """
        return self._put(data, reliable=False) and self._announce()

    def _put(self, data: bytes, *, reliable: bool) -> bool:
        if not self._open:
            return False
        if reliable:
            if self._kept.is_full:
                self.abort()
                return False
        elif not self._kept.has_room:
            return False
        self._kept.add(data)
        return True

    def _announce(self) -> bool:
        self._fresh = bool(self._kept)
        self.wake()
        return True

    # --- the lane ---------------------------------------------------------------------------------

    def open_lane(self, heads: Collection[bytes], take: Take, drain: Drain | None) -> None:
        """Give messages that begin with one of ``heads`` to ``take`` as soon as they come.

        No drain is needed: a transport over HTTP reads its own requests.
        """
        del drain
        self._due_lane = frozenset(heads), take
        self._open_due_lane()
        self._release()

    def _open_due_lane(self) -> None:
        """Open the lane unless earlier messages wait: it must not overtake its own kind."""
        if self._due_lane is not None and not self._in:
            self._lane, self._due_lane = self._due_lane, None

    def rest_in_lane(self, heads: Collection[bytes], take: Take, drain: Drain | None) -> None:
        """Set the lane that is open whenever no lane of `open_lane` is.

        What it wants of the messages that came before it is taken now.
        """
        del drain
        self._resting = frozenset(heads), take
        came, self._in = self._in, deque()
        self._in.extend(message for message in came if not self._laned(message))
        self._room.unpark_all()

    def close_lane(self) -> None:
        """Close the lane; the one of `rest_in_lane` opens again. Idempotent."""
        self._lane = self._due_lane = None

    def hold(self, seconds: float) -> None:
        """Take nothing from the peer for this long, or until a lane is opened."""
        if self._ending is None:
            self._held_until = trio.current_time() + seconds

    def _release(self) -> None:
        self._held_until = -inf
        self._room.unpark_all()

    def _laned(self, message: bytes) -> bool:
        lane = self._lane or self._resting
        if lane is None:
            return False
        heads, take = lane
        return any(message[:size] in heads for size in HEAD_SIZES) and take(message) is not False

    # --- closing ----------------------------------------------------------------------------------

    def close_soon(self, reason: str = "") -> None:
        """Begin to close: the peer may fetch what was handed over within ``close_s``.

        It returns at once. No further message is sent or received, and a pending `receive` raises.
        Only the first call has an effect.
        """
        if self._ending is None:
            self._open = False
            self._ending = reason
            self._received.unpark_all()
            self._release()
            self._announce()

    async def wait_closed(self) -> None:
        """Wait until the peer has everything and knows of the end, or the time is over."""
        with trio.move_on_after(self._settings.close_s):
            await self._fetched.wait()

    def abort(self) -> None:
        """End the connection now: unconfirmed messages are lost, and the handler is cancelled."""
        self._open = False
        self._fetched.set()
        self._running.cancel()

    async def run(self, handler: ServeLink) -> None:
        """Run the handler until it has returned and the peer knows of it."""
        try:
            with self._running:
                try:
                    await handler(self)
                except ConnectionLostError:
                    pass  # the usual way in which a handler ends
                finally:
                    self.close_soon()
                    self.close_lane()
                await self.wait_closed()
        finally:
            self._open = False
            if self._running.cancel_called:
                self._kept.drop()  # the peer may have some, and may say so
            self.leave()

    # --- for the transport ------------------------------------------------------------------------

    @contextmanager
    def visiting(self) -> Iterator[None]:
        """Count a request of the peer while the block runs; without one the peer is silent."""
        self._visitors += 1
        self.silent_since = inf
        try:
            yield
        finally:
            self._visitors -= 1
            if not self._visitors:
                self.silent_since = trio.current_time()

    async def deliver(self, message: bytes) -> None:
        """Take a message of the peer, as soon as there is room for it.

        It is taken whole or, if the call is cancelled, not at all.

        Raises:
            ConnectionLostError: The link has ended.
        """
        await trio.lowlevel.checkpoint_if_cancelled()
        while self._ending is None and not self._left:
            if self.held:
                with trio.move_on_at(self._held_until):
                    await self._room.park()
            elif self._laned(message):
                return
            elif len(self._in) < self._settings.queued_messages:
                self._in.append(message)
                self._received.unpark_all()
                return
            else:
                await self._room.park()
        raise ConnectionLostError("the connection has ended")

    def leave(self) -> None:
        """Note that the peer has left: `receive` raises behind the messages that came before."""
        self._left = True
        self._fetched.set()
        self._received.unpark_all()
        self._room.unpark_all()
        self.wake()

    def confirm(self, number: int) -> bool:
        """Forget the messages up to this number, which the peer has.

        Returns:
            False if no message has this number yet.
        """
        if not self._kept.confirm(number):
            return False
        if self._kept.let_newest_in():
            self._announce()
        return True

    def waiting(self, most: int, after: int = 0) -> Unconfirmed:
        """Return unconfirmed messages of at most ``most`` bytes, but at least one if there is one.

        Those up to number ``after`` are passed over. The end is told with the last of them.
        """
        kept = self._kept
        first = max(kept.first, after + 1)
        found = kept.oldest(most, after)
        whole = first + len(found) == kept.first + len(kept)
        self._fresh = not whole
        return Unconfirmed(first, found, self._ending if whole else None)

    def take(self, most: int) -> Unconfirmed:
        """Return and forget messages, for a transport whose own order makes them certain."""
        found = self.waiting(most)
        self.confirm(found.first + len(found.messages) - 1)
        return found

    def tell_end(self) -> None:
        """Note that the peer was told of the end; `wait_closed` waits for it no longer."""
        self._fetched.set()

    async def wait_ready(self, superseded: Callable[[], bool]) -> None:
        """Wait until there is something that `waiting` has not returned yet.

        It also returns if ``superseded`` does, which is asked after each `wake`.
        """
        while not (self.is_ready or superseded()):
            await self._ready.park()

    @property
    def is_ready(self) -> bool:
        """Whether there is something that `waiting` has not returned yet, or an end to tell."""
        return self._fresh or self._ending is not None or self._left

    @property
    def has_left(self) -> bool:
        """Whether the peer has left, as `leave` says."""
        return self._left

    @property
    def oldest(self) -> int:
        """Number of the oldest message that is not confirmed, or of the next one."""
        return self._kept.first

    def wake(self) -> None:
        """Let those in `wait_ready` ask whether they are superseded."""
        self._ready.unpark_all()
        if self.notify is not None:
            self.notify()
