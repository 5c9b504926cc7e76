"""The echo for suites of WebSocket conformance: what a peer sends comes back, whatever it is.

Law: it is on the port only if the operator asks for it, since its limits (`PROFILE`) are those of
the suites and not of a public server: a suite sends messages of 16 MiB, in 65,536 pieces. The way
of a connection is that of every WebSocket: the same opening, guard, inflater, frame walker and
library.

Source: RFC 6455 and RFC 7692, of which the suites ask everything.
"""

from typing import Final

import trio
from trio_websocket import ConnectionClosed, WebSocketConnection

from gameserver.transports.http.problems import refusal
from gameserver.transports.http.requests import (
    HttpRequest,
    HttpResponse,
    Road,
    SocketProfile,
    SocketRequest,
)

PATH: Final = "/echo"

PROFILE: Final = SocketProfile(
    message_bytes=16 * 1024 * 1024,
    fragments=1 << 17,
    receive_bytes=64 * 1024,
    control_burst=1_000,
    deflate=True,
)
"""The limits of this path alone: the largest message, the most pieces and the most pings in a row
of the suites, and compression, so that its cases are asked, too."""


async def _echo(websocket: WebSocketConnection, _request: SocketRequest) -> None:
    """Send each message back until the peer has gone."""
    try:
        while True:
            await websocket.send_message(await websocket.get_message())
    except (ConnectionClosed, trio.BrokenResourceError):
        return


async def _explain(_request: HttpRequest) -> HttpResponse:
    await trio.lowlevel.checkpoint()
    return refusal(426, "this path is an echo for WebSockets")


def echo_road() -> Road:
    """Return the road of `PATH`."""
    return Road(_explain, accept=_echo, profile=PROFILE)
