"""The listener's guard with the sans-I/O protocol in the place of trio-websocket and wsproto.

With ``everywhere/`` on ``PYTHONPATH`` it replaces the server's own guard in every new process, so
that unchanged tests and benchmarks run with this protocol.
"""

import trio
from websockets.http11 import Request
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

import gameserver.transports
import gameserver.transports.listener
import gameserver.transports.websocket.link
from bench.spikes.websockets_sansio.intake import QUIET
from bench.spikes.websockets_sansio.link import SansIoLink
from gameserver.transports.http.opening import Opening
from gameserver.transports.listener import Guard
from gameserver.transports.settings import ListenSettings


def shake(opening: Opening, settings: ListenSettings) -> ServerProtocol:
    """Return a protocol that has accepted a request; `data_to_send` returns its answer."""
    protocol = ServerProtocol(
        subprotocols=[Subprotocol(opening.subprotocol)],
        max_size=settings.message_bytes,
        logger=QUIET,
    )
    protocol.receive_data(opening.encode())
    (request,) = protocol.events_received()
    assert isinstance(request, Request)
    protocol.send_response(protocol.accept(request))
    return protocol


class SansIoGuard(Guard):
    """Serves accepted streams; limits, deadline and request checks are those of `Guard`."""

    link = SansIoLink

    async def _open(
        self, transport: trio.abc.Stream, opening: Opening, deadline: float, peer: str
    ) -> None:
        protocol = shake(opening, self._settings)
        link = self.link(
            protocol, transport, self._settings, self._codec, peer, direct=opening.direct
        )
        with trio.CancelScope(deadline=deadline) as scope:
            await link.answer()  # within the deadline: the peer may not read it
        if not scope.cancelled_caught:
            await link.run(self._handler)


def install() -> None:
    """Replace the server's guard and link; must be called before a module imports them by name."""
    gameserver.transports.Guard = SansIoGuard  # type: ignore[misc]
    gameserver.transports.listener.Guard = SansIoGuard  # type: ignore[misc]
    gameserver.transports.websocket.link.WebSocketLink = SansIoLink  # type: ignore[assignment,misc]
