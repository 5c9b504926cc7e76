"""The port `Link`: one connection as services use it, independent of its transport.

Law: sending never waits, and the bytes that wait for a slow peer are bounded. If a link cannot keep
up, it refuses messages that a newer one will replace, and ends if a message must not be lost. A
service that uses only this port works over every transport; ``tests/transports/conformance.py``
and ``lane_conformance.py`` test each of them.

A link has a codec, its wire form. A message to many players is encoded once for each codec by the
sender (`gameserver.service.connections`), and handed over as bytes.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, Protocol, TypeAlias

from gameserver.accel import Take
from gameserver.transports.drain import Drain
from gameserver.transports.newest import Key


class Codec(Protocol):
    """A wire form: encodes the server's messages, decodes a client's."""

    def encode(self, message: Any) -> bytes:
        """Return a message of the server as bytes."""
        ...

    def decode(self, data: bytes) -> Sequence[Any]:
        """Return the messages of a client in one message of the transport.

        Raises:
            ProtocolError: The bytes are malformed.
        """
        ...


class Link(Protocol):
    """One peer's connection.

    Attributes:
        transport: Name of the transport, such as ``websocket``.
        codec: The wire form of its messages.
        peer: Address of the peer; "" if it has none.
        direct: Whether no browser and no proxy is seen: only then ``peer`` is the client's address.
        round_trip_s: Last measured round trip of a ping in seconds; None before the first.
    """

    transport: str
    codec: Codec
    peer: str
    direct: bool
    round_trip_s: float | None

    @property
    def is_open(self) -> bool:
        """Whether messages can still be sent."""
        ...

    @property
    def bytes_in(self) -> int:
        """Bytes received so far, the transport's own included."""
        ...

    @property
    def bytes_out(self) -> int:
        """Bytes sent so far, the transport's own included."""
        ...

    @property
    def controls(self) -> int:
        """Pings and pongs of the transport itself received so far; they are not in `receive`."""
        ...

    @property
    def messages(self) -> int:
        """Messages that came for `receive` so far, also those that it has not returned yet."""
        ...

    @property
    def held(self) -> bool:
        """Whether reading is suspended by `hold`."""
        ...

    async def receive(self) -> bytes:
        """Wait for the next message and return its bytes.

        Raises:
            ConnectionLostError: The connection ended, from either side.
        """
        ...

    # --- sending --------------------------------------------------------------------------------

    def post(self, message: Any) -> bool:
        """Hand over a message that must not be lost; it is sent whole and in order.

        Returns:
            Whether it was taken.

        When full: the connection is ended as too slow.
        """
        ...

    def post_all(self, messages: Sequence[Any]) -> int:
        """Hand over messages that belong together, such as a welcome and missed events.

        The caller must bound their size; the bound of `post` applies to the bytes after them.

        Returns:
            Their size in bytes.
        """
        ...

    def queue(self, data: bytes, *, reliable: bool) -> bool:
        """Hand over an encoded message; `flush` must be called to send it.

        Returns:
            Whether it was taken.

        When full: an unreliable message is refused, because a newer one will replace it; a
        reliable one ends the connection as too slow.
        """
        ...

    def queue_newest(self, key: Key, data: bytes) -> bool:
        """Hand over an encoded message of which only the newest with its key counts, as `queue`.

        When full: it waits until there is room, and a newer one with the same key takes its place;
        see `gameserver.transports.newest.Newest`.
        """
        ...

    def queue_public(self, data: bytes) -> bool:
        """Hand over an encoded reliable message without a secret, as `queue`.

        A transport may compress it: with a secret in it, its length would tell of the secret to
        whoever can place text beside it.
        """
        ...

    def flush(self) -> None:
        """Send queued messages at once, as far as the peer accepts bytes, without waking a task."""
        ...

    def offer(self, data: bytes) -> bool:
        """Send at once one encoded message that a newer one will replace.

        Returns:
            Whether it was taken.

        When full: it is refused.
        """
        ...

    # --- the fast lane --------------------------------------------------------------------------

    def open_lane(self, heads: Collection[bytes], take: Take, drain: Drain | None) -> None:
        """Give messages that begin with one of ``heads`` to ``take`` instead of to `receive`.

        With a drain they are read when it drains; other messages go to `receive` afterwards. The
        lane opens once the messages that came before are received, so it overtakes none of them.
        """
        ...

    def rest_in_lane(self, heads: Collection[bytes], take: Take, drain: Drain | None) -> None:
        """Set the lane that is open whenever no other lane is.

        It takes messages as soon as they are read, ahead of those that `receive` has not returned
        yet: all that come in one read are taken in one pass of the loop.
        """
        ...

    def close_lane(self) -> None:
        """Close the lane; the lane of `rest_in_lane` opens again. Idempotent."""
        ...

    def hold(self, seconds: float) -> None:
        """Suspend reading for this time, or until a lane is opened; the peer's bytes wait.

        A link that closes is not held, since it must read the peer's answer to its farewell.
        """
        ...

    # --- closing --------------------------------------------------------------------------------

    def close_soon(self, reason: str = "") -> None:
        """Begin to close: send what was handed over, then close, within a bounded time.

        It returns at once. No further message is sent or received, and a pending `receive` raises.
        Only the first call has an effect.
        """
        ...

    async def wait_closed(self) -> None:
        """Wait until all messages are sent and the connection is closed, or the time is over."""
        ...

    def abort(self) -> None:
        """End the connection now: unsent messages are lost, and the handler is cancelled."""
        ...


ServeLink: TypeAlias = Callable[[Link], Awaitable[None]]
"""Serves one connection; when it returns, the connection is closed in order. A transport without
connections of its own calls it with the peer's first message, so the peer speaks first."""
