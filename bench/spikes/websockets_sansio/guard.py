"""The listener's guard with the sans-I/O protocol in the place of trio-websocket and wsproto.

With ``everywhere/`` on ``PYTHONPATH`` it takes the place of the server's own guard in every process
that is started, so that tests and benchmarks try the protocol without knowing of it.
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
    """Return a protocol that has accepted a request; its answer waits in `data_to_send`."""
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
    """Serves accepted streams; limits, deadline and the judgement of the request are as before."""

    link = SansIoLink

    async def _open(
        self, transport: trio.abc.Stream, opening: Opening, deadline: float, peer: str
    ) -> None:
        protocol = shake(opening, self._settings)
        link = self.link(
            protocol, transport, self._settings, self._codec, peer, direct=opening.direct
        )
        with trio.CancelScope(deadline=deadline) as scope:
            await link.answer()  # a peer that does not take it gets no more time
        if not scope.cancelled_caught:
            await link.run(self._handler)


def install() -> None:
    """Put guard and link in the place of the server's; before anything imports these by name."""
    gameserver.transports.Guard = SansIoGuard  # type: ignore[misc]
    gameserver.transports.listener.Guard = SansIoGuard  # type: ignore[misc]
    gameserver.transports.websocket.link.WebSocketLink = SansIoLink  # type: ignore[assignment,misc]
