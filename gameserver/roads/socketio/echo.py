"""Applications for the official test suites of Engine.IO and Socket.IO.

Source: the test suites beside the documents of both protocols, which say how a server under test
must behave.
"""

from collections import deque
from math import inf
from typing import Final

import trio

from gameserver.protocol.socketio.decoder import PacketBounds, PacketDecoder
from gameserver.protocol.socketio.engine import EngineKind, EnginePacket
from gameserver.protocol.socketio.packets import SocketPacket, encode_packet
from gameserver.protocol.socketio.socket_session import ClientEvent, JoinRequest, SocketSession
from gameserver.roads.socketio.connection import (
    NAME_BYTES,
    EngineConnection,
    EngineSettings,
)

SUITE: Final = EngineSettings(ping_interval_s=0.3, ping_timeout_s=0.2, max_payload=1_000_000)
CONNECT_TIMEOUT_S: Final = 1.0
NAMESPACES: Final = frozenset({"/", "/custom"})

APART_S: Final = 0.02
"""Between the answer to a connect and the event behind it: the suite listens for one message at a
time, and misses the second of two that its WebSocket library reads at once."""


class _Base:
    """An application with a queue of its own."""

    def __init__(self, connection: EngineConnection) -> None:
        self.late_s: float = inf
        self._connection = connection
        self._waiting: deque[EnginePacket] = deque()

    def fill(self, queue: deque[EnginePacket]) -> bool:
        """Append what waits."""
        queue += self._waiting
        self._waiting.clear()
        return True

    def _put(self, data: str | bytes) -> None:
        self._waiting.append(EnginePacket(EngineKind.MESSAGE, data))
        self._connection.wake()

    def beaten(self) -> None:
        """Do nothing."""

    async def ponged(self) -> None:
        """Do nothing."""

    def closed(self) -> None:
        """Do nothing."""


class EngineEcho(_Base):
    """Sends each message back."""

    async def receive(self, data: str | bytes) -> None:
        """Send it back."""
        await trio.lowlevel.checkpoint()
        self._put(data)


class SocketEcho(_Base):
    """Tells what a client gave when it connected, and sends back events and acks."""

    def __init__(self, connection: EngineConnection) -> None:
        """Wait for the client to join a namespace."""
        super().__init__(connection)
        self._decoder = PacketDecoder(PacketBounds(text=100_000, binary_bytes=1_000_000))
        self._session: SocketSession[None] = SocketSession(
            NAMESPACES, CONNECT_TIMEOUT_S, trio.current_time()
        )
        self.late_s: float = self._session.late_s

    async def receive(self, data: str | bytes) -> None:
        """Do what the suite expects.

        Raises:
            PacketError: The packet is not allowed.
        """
        await trio.lowlevel.checkpoint()
        packet = self._decoder.receive(data)
        if packet is None:
            return
        session = self._session
        match session.receive(packet, trio.current_time()):
            case SocketPacket() as reply:
                self._send(reply)
            case JoinRequest(namespace, auth):
                self._send(session.accept(namespace, self._connection.draws.name(NAME_BYTES)))
                await trio.sleep(APART_S)
                self._send(session.emit(namespace, "auth", dict(auth)))
            case ClientEvent(namespace, "message", args, _):
                self._send(session.emit(namespace, "message-back", *args))
            case ClientEvent(namespace, "message-with-ack", args, ack_id) if ack_id is not None:
                self._send(session.answer(namespace, ack_id, *args))
        self.late_s = session.late_s

    def _send(self, packet: SocketPacket | None) -> None:
        if packet is not None:
            text, attachments = encode_packet(packet)
            self._put(text)
            for attachment in attachments:
                self._put(attachment)
