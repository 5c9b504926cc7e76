"""The port `Wire`: one connection to a server, whatever carries it.

Law: every failure of a connection is raised as `ConnectionLostError`, with a sentence for people.
"""

from collections.abc import Sequence
from typing import Protocol

from gameserver.errors import ConnectionLostError


class NoWayError(ConnectionLostError):
    """No network leads to the server, or nobody listens there: no road will."""


class SilentError(ConnectionLostError):
    """The server gave no answer in time."""


class Wire(Protocol):
    """Whole messages in both directions.

    Attributes:
        road: Name of what carries it, such as ``websocket``.
    """

    road: str

    @property
    def bytes_in(self) -> int:
        """Bytes received so far, those of the transport included."""
        ...

    @property
    def bytes_out(self) -> int:
        """Bytes sent so far, those of the transport included."""
        ...

    async def send(self, messages: Sequence[bytes]) -> None:
        """Send all messages, in order.

        Raises:
            ConnectionLostError: The connection is gone.
        """
        ...

    async def receive(self) -> bytes:
        """Wait for the next message.

        Raises:
            ConnectionLostError: The connection is gone.
        """
        ...

    async def close(self) -> None:
        """Tell the server that this side leaves."""
        ...

    def abort(self) -> None:
        """End the connection now, without a word to the server."""
        ...
