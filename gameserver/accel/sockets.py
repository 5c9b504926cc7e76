"""The part of the hot path's port that is about sockets: what is read from and sent to them."""

from collections.abc import Callable
from typing import Protocol, TypeAlias

Take: TypeAlias = Callable[[bytes], object]
"""Called with one message of a lane, within a tick, so it must not block.

It returns False to reject a message, which then goes to `Link.receive`, in order with the others.
Any other value accepts the message."""


class FrameTap(Protocol):
    """Takes the wanted short frames at the front of what was read from one peer.

    Attributes:
        ready: Whether the next byte begins a frame, and nothing before it waits. Only then is
            anything taken.
        bytes_in: Bytes of the frames that were taken.
    """

    ready: bool
    bytes_in: int

    def take(self, data: bytes) -> int:
        """Take whole frames with wanted payloads; return how many bytes they were.

        It may stop before a frame that is wanted.
        """
        ...


class DrainMember(Protocol):
    """A connection whose socket is drained.

    Attributes:
        tap: Takes the front of what is read from its socket; None if nothing may be taken.
    """

    @property
    def tap(self) -> FrameTap | None: ...  # noqa: D102  described by the class

    def received_nowait(self, data: bytes) -> None:
        """Process bytes that were read; empty if the connection has ended or is broken."""
        ...


class Sender(Protocol):
    """What is known of the way to one peer's socket.

    Attributes:
        clear: Whether no bytes wait before the next frame, so that it may be sent at once.
        bytes_out: Bytes that the kernel has taken.
    """

    clear: bool
    bytes_out: int


class Outlet(Protocol):
    """Accepts the messages for one viewer."""

    def offer(self, message: bytes) -> bool:
        """Hand over one WebSocket message's payload; it is sent whole and in order.

        Returns:
            False if the connection is gone or too much is queued: the message was not accepted, so
            the viewer misses a link of its chains and needs a keyframe.
        """
        ...


class DirectOutlet(Outlet, Protocol):
    """An outlet past which frames may be sent, while its sender is clear: to its socket at once.

    Attributes:
        sender: What is known of the way to the socket.
    """

    @property
    def sender(self) -> Sender: ...  # noqa: D102  described by the class

    def sent_in_part(self, frame: bytes, sent: int) -> None:
        """Take care of the rest of a frame of which the kernel took this many bytes."""
        ...
