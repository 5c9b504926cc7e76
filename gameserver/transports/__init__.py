"""Byte pipes: listen, guard, frame. Nothing here knows what a message means.

``listen`` accepts and guards connections; a handler gets each as a `Connection`::

    port = await nursery.start(listen, ListenSettings(port=0), handler)

    async def handler(connection: Connection) -> None:
        while True:
            message = await connection.receive()    # ConnectionLostError when it ends
            connection.send_nowait(message, reliable=True)
"""

from gameserver.transports.addresses import shown
from gameserver.transports.answers import HttpAnswer, Page, PageRequest
from gameserver.transports.connection_limits import subscriber
from gameserver.transports.listener import listen
from gameserver.transports.settings import ListenSettings
from gameserver.transports.tls import load_certificate
from gameserver.transports.websocket.connection import Connection
from gameserver.transports.websocket.drain import Drain
from gameserver.transports.websocket.lane import LANE_BYTES

__all__ = [
    "LANE_BYTES",
    "Connection",
    "Drain",
    "HttpAnswer",
    "ListenSettings",
    "Page",
    "PageRequest",
    "listen",
    "load_certificate",
    "shown",
    "subscriber",
]
