"""A connection by long polling, where neither a WebSocket nor an event stream passes.

Law: two HTTP connections carry it. On one a request waits at the server for messages; the other is
free for messages of this side, whose request the server answers as soon as it has something, while
it lets the older one return.
"""

import math
from contextlib import AbstractAsyncContextManager
from typing import Final

from gameserver.client.link import streams
from gameserver.client.link.address import Address
from gameserver.client.link.exchange import ExchangeWire, carried
from gameserver.client.link.posting import CutError
from gameserver.client.link.streams import OpenStream
from gameserver.errors import ConnectionLostError

WAIT_MS: Final = 20_000
"""Time for which a request waits at the server; proxies allow at least 30 s."""


class PollingWire(ExchangeWire):
    """One connection by long polling."""

    def __init__(self, address: Address, opens: OpenStream) -> None:
        """Prepare; nothing is sent before `open`."""
        super().__init__("long-polling", address, opens, WAIT_MS)

    async def open(self) -> None:
        """Make the first request, which waits for nothing; raises as `ExchangeWire.open`."""
        there = self._address.host_header
        try:
            status, headers, body = await self._callers[0].post(self._body(self._next(0)))
        except CutError:
            raise ConnectionLostError(f"{there} does not answer a request by HTTP") from None
        self._take(status, headers, body)

    @property
    def _due_at(self) -> float:
        """A request is needed at once while none waits at the server."""
        return math.inf if self._flying else -math.inf


def dial_polling(
    address: Address, timeout_s: float, opens: OpenStream | None = None
) -> AbstractAsyncContextManager[PollingWire]:
    """Open a connection by long polling; it is aborted at the end of the block.

    Raises:
        ConnectionLostError: The server was not reached within ``timeout_s``, or refused.
    """
    wire = PollingWire(address, opens or streams.open_stream)
    return carried(wire, address, timeout_s)
