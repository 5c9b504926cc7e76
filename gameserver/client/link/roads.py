"""Choose the road to a server: a WebSocket, or the best of the others where none passes.

The others are server-sent events with POST, and long polling where these are kept back.

Law: a road that worked is taken first the next time. While it is not the best one,
`Roads.better` looks whether the best one has opened.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from typing import Final, TypeAlias

import trio

from gameserver.client.link.address import Address
from gameserver.client.link.dial import dial
from gameserver.client.link.polling import dial_polling
from gameserver.client.link.sse import dial_sse
from gameserver.client.link.streams import OpenStream
from gameserver.client.link.wire import NoWayError, SilentError, Wire
from gameserver.errors import ConfigError, ConnectionLostError

WEBSOCKET: Final = "websocket"
SSE: Final = "sse"
LONG_POLLING: Final = "long-polling"

ALL: Final = (WEBSOCKET, SSE, LONG_POLLING)
"""All roads, the best one first."""

PATIENCE_S: Final = {WEBSOCKET: 1.2, SSE: 0.9, LONG_POLLING: 1.2}
"""Longest wait for the answer on a road while another one is left to be tried: with the last one a
client is to be online within 3 s."""

IMPROVE_S: Final = (3.0, 60.0)
"""First and longest wait between two looks at the best road; it doubles."""

MOST_DOUBLINGS: Final = 16

_Dial: TypeAlias = Callable[[Address, float, OpenStream | None], AbstractAsyncContextManager[Wire]]
_DIALS: Final[dict[str, _Dial]] = {
    WEBSOCKET: dial,
    SSE: dial_sse,
    LONG_POLLING: dial_polling,
}


class Roads:
    """The roads of one client to one server.

    Attributes:
        current: The road that was taken last; "" before the first.
    """

    def __init__(
        self, address: Address, allowed: tuple[str, ...], opens: OpenStream | None
    ) -> None:
        """Use these roads, the best one first; ``opens`` replaces the connection by TCP.

        Raises:
            ConfigError: There is no such road, or none is given.
        """
        if not allowed or not set(allowed) <= set(ALL):
            raise ConfigError(f"roads are {', '.join(ALL)}, not {allowed!r}")
        self.current: str = ""
        self._address = address
        self._order = list(dict.fromkeys(allowed))
        self._best = allowed[0]
        self._opens = opens
        self._looks: int
        """Looks at the best road since `dial` took the last one, which sets it to 0."""

    @asynccontextmanager
    async def dial(self, timeout_s: float) -> AsyncIterator[Wire]:
        """Open a connection on the first road that leads there; it ends with the block.

        Raises:
            ConnectionLostError: None does within ``timeout_s``; the sentence is that of the best.
        """
        async with AsyncExitStack() as stack:
            wire = await self._open(stack, timeout_s)
            self.take(wire)
            self._looks = 0
            yield wire

    async def _open(self, stack: AsyncExitStack, timeout_s: float) -> Wire:
        ends_at = trio.current_time() + timeout_s
        failures: dict[str, ConnectionLostError] = {}
        for road in list(self._order):
            left_s = max(0.0, ends_at - trio.current_time())
            if len(failures) < len(self._order) - 1:
                left_s = min(left_s, PATIENCE_S[road])
            try:
                context = _DIALS[road](self._address, left_s, self._opens)
                return await stack.enter_async_context(context)
            except NoWayError:
                raise
            except ConnectionLostError as failure:
                failures[road] = failure
        best = failures[self._best]
        if isinstance(best, SilentError):
            there = self._address.host_header
            raise SilentError(f"{there} did not answer within {timeout_s:g} s") from None
        raise best

    @property
    def can_improve(self) -> bool:
        """Whether the best road was not the last one taken."""
        return self.current != self._best

    @asynccontextmanager
    async def better(self, timeout_s: float) -> AsyncIterator[Wire]:
        """Wait until the best road is open; give a connection on it, which ends with the block."""
        first_s, longest_s = IMPROVE_S
        async with AsyncExitStack() as stack:
            while True:
                await trio.sleep(min(first_s * 2**self._looks, longest_s))
                self._looks = min(self._looks + 1, MOST_DOUBLINGS)
                context = _DIALS[self._best](self._address, timeout_s, self._opens)
                with suppress(ConnectionLostError):  # it is still closed
                    wire = await stack.enter_async_context(context)
                    break
            yield wire

    def take(self, wire: Wire) -> None:
        """Note that a wire carries the session now; its road is tried first the next time."""
        self.current = wire.road
        self._order.remove(wire.road)
        self._order.insert(0, wire.road)
