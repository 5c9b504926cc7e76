"""The port `Link`: all that services know of a connection, whatever transport carries its bytes.

Law: handing something over never waits, and what may wait for a slow peer is bounded: a link that
cannot keep up refuses what a newer message will replace, and ends where a message must not be lost.
A service that uses only this port works over every transport; ``tests/transports/conformance.py``
holds what each of them must do.

A link has a codec, its own wire form. What goes to many players is encoded once for each codec by
whoever sends it (`gameserver.service.connections`), and is handed over as bytes.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, Protocol, TypeAlias

from gameserver.transports.drain import Drain

Take: TypeAlias = Callable[[bytes], object]
"""Gets one message of a lane; called within a tick, so it must not block.

It returns False for a message that it does not want; that one goes to `Link.receive`, in its place
among the others. Any other value means that it took the message."""


class Codec(Protocol):
    """A wire form: messages to bytes, and back."""

    def encode(self, message: Any) -> bytes:
        """Return a message of the server as bytes."""
        ...

    def decode(self, data: bytes) -> Sequence[Any]:
        """Return the messages that a client put into one message of its transport.

        Raises:
            ProtocolError: The bytes are no message of this form.
        """
        ...


class Link(Protocol):
    """One peer's connection.

    Attributes:
        transport: What carries the bytes, such as ``websocket``.
        codec: The wire form of its messages.
        peer: The address of the other end; empty where it has none.
        direct: Whether the other end is a program and no proxy shows; else ``peer`` may be anybody.
        round_trip_s: How long a sign of life took there and back the last time; None before.
    """

    transport: str
    codec: Codec
    peer: str
    direct: bool
    round_trip_s: float | None

    @property
    def is_open(self) -> bool:
        """Whether messages are still taken."""
        ...

    @property
    def bytes_in(self) -> int:
        """Bytes received so far, with what the transport adds."""
        ...

    @property
    def bytes_out(self) -> int:
        """Bytes sent so far, with what the transport adds."""
        ...

    @property
    def controls(self) -> int:
        """Signs of life of the transport itself that came, which no message tells of."""
        ...

    @property
    def held(self) -> bool:
        """Whether nothing is read, since `hold` said so."""
        ...

    async def receive(self) -> bytes:
        """Wait for the next message, for the codec to decode.

        Raises:
            ConnectionLostError: The connection ended, from either side.
        """
        ...

    # --- out ------------------------------------------------------------------------------------

    def post(self, message: Any) -> bool:
        """Hand over a message that must not be lost; it is sent whole and in order.

        Returns:
            Whether it was taken.

        When full: the connection is ended as too slow.
        """
        ...

    def post_all(self, messages: Sequence[Any]) -> int:
        """Hand over messages that only make sense together, such as a welcome and what was missed.

        They are bounded by the caller; the bound of `post` begins to count behind them.

        Returns:
            Their bytes.
        """
        ...

    def queue(self, data: bytes, *, reliable: bool) -> bool:
        """Hand over an encoded message, to leave with `flush`, which must follow.

        Returns:
            Whether it was taken.

        When full: an unreliable message is refused, because a newer one will replace it; a
        reliable one ends the connection as too slow.
        """
        ...

    def flush(self) -> None:
        """Send what was queued at once, as far as the peer takes it; no task wakes for it."""
        ...

    def offer(self, data: bytes) -> bool:
        """Hand over an encoded message that a newer one will replace; it leaves at once.

        Returns:
            Whether it was taken.

        When full: it is refused.
        """
        ...

    # --- the fast lane --------------------------------------------------------------------------

    def open_lane(self, heads: Collection[bytes], take: Take, drain: Drain | None) -> None:
        """Give messages that begin with one of ``heads`` to ``take`` instead of to `receive`.

        With a drain they are read when it drains; all other messages are received after that.
        """
        ...

    def rest_in_lane(self, heads: Collection[bytes], take: Take, drain: Drain | None) -> None:
        """Set the lane that is open whenever no other lane is."""
        ...

    def close_lane(self) -> None:
        """Close the lane; the one to rest in opens again. Twice is safe."""
        ...

    def hold(self, seconds: float) -> None:
        """Read nothing for this long, or until a lane is opened; the peer's bytes wait."""
        ...

    # --- the end --------------------------------------------------------------------------------

    def close_soon(self, reason: str = "") -> None:
        """Close in order behind what was handed over, within a bounded time; return at once.

        Nothing more is sent or received; a pending `receive` raises. The first call counts.
        """
        ...

    async def wait_closed(self) -> None:
        """Wait until everything handed over has left and the connection is closed, or gave up."""
        ...

    def abort(self) -> None:
        """End the connection now; what was not sent yet is lost. Its handler is cancelled."""
        ...


ServeLink: TypeAlias = Callable[[Link], Awaitable[None]]
"""Serves one connection; when it returns, the connection is closed in order."""
