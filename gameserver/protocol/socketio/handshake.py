"""What client and server of Engine.IO v4 agree on at the beginning of a session.

Source: Engine.IO Protocol v4, "Query parameters", "Handshake".
"""

import json
from enum import StrEnum
from typing import Final

import attrs

from gameserver.protocol.socketio.engine import EngineKind, EnginePacket

PROTOCOL: Final = "4"
"""The only value of the query parameter ``EIO`` that is served."""


class Transport(StrEnum):
    """Values of the query parameter ``transport``."""

    POLLING = "polling"
    WEBSOCKET = "websocket"


@attrs.frozen
class Handshake:
    """What the first packet tells a client.

    Attributes:
        sid: The session's id, which the client repeats in each request. It is a secret.
        upgrades: Transports that the client may change to from this one.
        max_payload: Most bytes of a payload or a frame of the client.

    Source: Engine.IO Protocol v4, "Handshake".
    """

    sid: str
    upgrades: tuple[Transport, ...]
    ping_interval_s: float
    ping_timeout_s: float
    max_payload: int

    def packet(self) -> EnginePacket:
        """Return the packet to send before all others."""
        fields = {
            "sid": self.sid,
            "upgrades": self.upgrades,
            "pingInterval": round(self.ping_interval_s * 1000),
            "pingTimeout": round(self.ping_timeout_s * 1000),
            "maxPayload": self.max_payload,
        }
        return EnginePacket(EngineKind.OPEN, json.dumps(fields, separators=(",", ":")))
