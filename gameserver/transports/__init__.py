"""Transports: listen, accept, check and frame bytes, without knowledge of messages' meanings.

`accept` takes connections and `Guard` guards them; a handler gets each as a `Link`::

    guard = Guard(settings, handler, codec)
    port = await nursery.start(accept, settings, guard.serve)

    async def handler(link: Link) -> None:
        while True:
            message = await link.receive()    # ConnectionLostError when it ends
            link.post(link.codec.decode(message))
"""

from gameserver.transports.addresses import is_loopback, own_address, shown
from gameserver.transports.answers import HttpAnswer, Page, PageRequest
from gameserver.transports.connection_limits import ConnectionLimits, subscriber
from gameserver.transports.drain import Drain
from gameserver.transports.link import Codec, Link, ServeLink
from gameserver.transports.listener import Guard, accept
from gameserver.transports.settings import ListenSettings
from gameserver.transports.tls import certificate_end, certificate_problems, load_certificate
from gameserver.transports.websocket.lane import LANE_BYTES

__all__ = [
    "LANE_BYTES",
    "Codec",
    "ConnectionLimits",
    "Drain",
    "Guard",
    "HttpAnswer",
    "Link",
    "ListenSettings",
    "Page",
    "PageRequest",
    "ServeLink",
    "accept",
    "certificate_end",
    "certificate_problems",
    "is_loopback",
    "load_certificate",
    "own_address",
    "shown",
    "subscriber",
]
