"""The server's end of one Engine.IO v4 session: handshake, heartbeat, polling, upgrade and close.

Law: no I/O and no queue. The transports ask what they may do and carry it out; what a packet or a
request does to the session is decided here. Seconds are arguments.

::

    polling ──begin_upgrade──► upgrading ──"2probe"──► probed ──"5"──► websocket
       ▲                           │                     │
       └───────────────── abandon_upgrade ───────────────┘

Source: Engine.IO Protocol v4, "Transports", "Protocol".
"""

from collections import deque
from enum import Enum, auto
from math import inf
from typing import Final

from gameserver.errors import Code, PacketError
from gameserver.protocol.socketio.engine import EngineKind, EnginePacket
from gameserver.protocol.socketio.engine_heartbeat import EngineHeartbeat
from gameserver.protocol.socketio.handshake import Handshake, Transport

PROBE: Final = "probe"
"""Data of the ping and the pong that test a WebSocket before the upgrade."""

MOST_ANSWERED: Final = 16
"""Packets in the answer to one poll. A client library in Python, python-engineio, takes a payload
of more for an attack; the others have no bound."""

_PING: Final = EnginePacket(EngineKind.PING)
_NOOP: Final = EnginePacket(EngineKind.NOOP)
_CLOSE: Final = EnginePacket(EngineKind.CLOSE)
_PROBE_PING: Final = EnginePacket(EngineKind.PING, PROBE)
_PROBE_PONG: Final = EnginePacket(EngineKind.PONG, PROBE)
_UPGRADE: Final = EnginePacket(EngineKind.UPGRADE)


class PollingVerdict(Enum):
    """What becomes of a polling request."""

    GO = auto()
    """Carry it out."""

    REFUSE = auto()
    """Answer with status 400; the session goes on as it was."""

    CLOSE = auto()
    """Answer with status 400; the session is closed now, and a waiting poll is to be answered."""


class EngineSession:
    """One session, from the handshake to the close.

    Attributes:
        handshake: What the client was told.
        transport: The transport that carries packets now.
        closed: Whether the session is over; nothing is received any more.
        lingers: Whether polls are still answered after the close, until the queue is empty.
    """

    def __init__(
        self, handshake: Handshake, transport: Transport, now: float, upgrade_timeout_s: float = 10
    ) -> None:
        """Open a session; ``upgrade_timeout_s`` bounds the time from `begin_upgrade` to the end."""
        self.handshake = handshake
        self.transport: Transport = transport
        self.closed: bool = False
        self.lingers: bool = False
        self._closed_by_peer = False
        self._polls = False
        self._posts = False
        self._upgrade_timeout_s = upgrade_timeout_s
        self._upgrade_deadline = inf
        self._probed = False
        self._heart = EngineHeartbeat(handshake.ping_interval_s, handshake.ping_timeout_s, now)

    # --- time ------------------------------------------------------------------------------

    @property
    def next_beat_s(self) -> float:
        """When to call `beat` next; infinite for a closed session."""
        return inf if self.closed else min(self._heart.next_s, self._upgrade_deadline)

    def beat(self, now: float) -> EnginePacket | None:
        """Do what is due: close a session whose pong is late, give up an upgrade that hangs.

        Call it before a request of the client is judged, too: the timer may come second.

        Returns:
            A ping, if it is to be sent now.
        """
        if now >= self._upgrade_deadline:
            self.abandon_upgrade()
        if self._heart.is_dead(now):
            self.close()
        return _PING if not self.closed and self._heart.wants_ping(now) else None

    # --- packets ---------------------------------------------------------------------------

    def receive(self, packet: EnginePacket, now: float) -> str | bytes | None:
        """Take a packet that came over the session's transport.

        Returns:
            The data of a message; None for other packets, and behind the close.

        Raises:
            PacketError: ``bad_message``: a client must not send it here. The session is closed.

        Source: Engine.IO Protocol v4, "Heartbeat", "Upgrade", "Message".
        """
        if self.closed:
            return None
        self._heart.heard(now, pong=packet.kind is EngineKind.PONG)
        match packet.kind:
            case EngineKind.MESSAGE:
                return packet.data
            case EngineKind.CLOSE:
                # A poll that the client sent before may come on another connection after this.
                self._closed_by_peer = True
                self.close(linger=True)
            case EngineKind.OPEN | EngineKind.PING | EngineKind.UPGRADE:
                self.close()
                raise _illegal(packet)
        return None

    def close(self, *, linger: bool = False) -> None:
        """End the session, at once or after polls have taken what is queued."""
        if self.closed:
            return
        self.closed = True
        self.lingers = linger and self.transport is Transport.POLLING
        self.abandon_upgrade()

    # --- polling ---------------------------------------------------------------------------

    def begin_poll(self) -> PollingVerdict:
        """Judge a GET; if it may go on, call `poll_answer` until it answers, then `end_poll`.

        Source: Engine.IO Protocol v4, "Receiving data".
        """
        if self.transport is not Transport.POLLING or (self.closed and not self.lingers):
            return PollingVerdict.REFUSE
        if self._polls:
            self.close()
            return PollingVerdict.CLOSE
        self._polls = True
        return PollingVerdict.GO

    def poll_answer(self, queue: deque[EnginePacket]) -> list[EnginePacket] | None:
        """Return the packets that answer the waiting poll now; None if it waits on.

        Ask again when a packet is queued, after `receive_probe`, and after the session closed.

        Args:
            queue: The packets that wait to be sent; those that are returned are taken out.

        Source: Engine.IO Protocol v4, "Receiving data", "Upgrade".
        """
        if self._closed_by_peer or self.transport is not Transport.POLLING:
            self.lingers = False
            return [_NOOP]
        packets = [queue.popleft() for _ in range(min(len(queue), MOST_ANSWERED))]
        if self.closed and len(packets) < MOST_ANSWERED:
            self.lingers = False
            packets.append(_CLOSE)
        if packets:
            return packets
        return [_NOOP] if self._probed else None

    def end_poll(self, *, lost: bool = False) -> None:
        """Note that the poll was answered, or that its connection was ``lost`` before the answer.

        A poll that is lost closes the session, since packets may be lost with it. After the answer
        nothing is lost.
        """
        if not self._polls:
            return
        self._polls = False
        if lost and self.transport is Transport.POLLING:
            self.lingers = False
            self.close()

    def begin_post(self) -> PollingVerdict:
        """Judge a POST; if it may go on, read it, `receive` its packets, and call `end_post`.

        Source: Engine.IO Protocol v4, "Sending data".
        """
        if self.closed or self.transport is not Transport.POLLING:
            return PollingVerdict.REFUSE
        if self._posts:
            self.close()
            return PollingVerdict.CLOSE
        self._posts = True
        return PollingVerdict.GO

    def end_post(self) -> None:
        """Note that a POST is answered."""
        self._posts = False

    # --- upgrade ---------------------------------------------------------------------------

    @property
    def upgrading(self) -> bool:
        """Whether a WebSocket is tested; after that it is the transport, or is to be closed."""
        return self._upgrade_deadline < inf

    def begin_upgrade(self, now: float) -> bool:
        """Tell whether a WebSocket with the session's id may try to become its transport.

        If not, the WebSocket is to be closed; the session goes on as it was.

        Source: Engine.IO Protocol v4, "WebSocket", "Upgrade".
        """
        offered = Transport.WEBSOCKET in self.handshake.upgrades
        if self.closed or self.upgrading or self.transport is not Transport.POLLING or not offered:
            return False
        self._upgrade_deadline = now + self._upgrade_timeout_s
        return True

    def receive_probe(self, packet: EnginePacket, now: float) -> EnginePacket | None:
        """Take a packet of the WebSocket that is being tested.

        Returns:
            The packet to send over that WebSocket; None when it has become the session's transport:
            the queue is sent over it, and a waiting poll is to be answered.

        Raises:
            PacketError: ``bad_message``: the upgrade failed. The WebSocket is to be closed; the
                session goes on with polling.

        Source: Engine.IO Protocol v4, "Upgrade".
        """
        if self.upgrading and packet == _PROBE_PING:
            self._heart.heard(now, pong=False)
            self._probed = True
            return _PROBE_PONG
        probed = self._probed
        self.abandon_upgrade()
        if not probed or packet != _UPGRADE:
            raise _illegal(packet)
        self._heart.heard(now, pong=False)
        self.transport = Transport.WEBSOCKET
        return None

    def abandon_upgrade(self) -> None:
        """Go on with polling; the WebSocket that was tested is to be closed."""
        self._upgrade_deadline = inf
        self._probed = False


def _illegal(packet: EnginePacket) -> PacketError:
    return PacketError(
        Code.BAD_MESSAGE, f"a client must not send a packet of kind {packet.kind.name} now"
    )
