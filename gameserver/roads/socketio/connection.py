"""One session of Engine.IO: its state, its queue, and the application that talks over it.

Law: what a packet does to a session is decided by
:mod:`gameserver.protocol.socketio.engine_session`; here it is carried out. An application fills the
queue only when its client takes something, so nothing piles up here.
"""

from collections import deque
from collections.abc import Callable
from math import inf
from typing import Final, Protocol

import attrs
import trio

from gameserver.errors import Code, PacketError
from gameserver.protocol.socketio.engine import EngineKind, EnginePacket
from gameserver.protocol.socketio.engine_session import EngineSession
from gameserver.protocol.socketio.handshake import Handshake, Transport
from gameserver.roads.draws import RoadDraws


@attrs.frozen(kw_only=True)
class EngineSettings:
    """Times and sizes that clients are told."""

    ping_interval_s: float = 5.0
    """Short, since the answer to a ping also tells which events have come."""
    ping_timeout_s: float = 20.0
    upgrade_timeout_s: float = 10.0
    max_payload: int = 64 * 1024
    """Most bytes of a POST or a WebSocket message (threat 5)."""


SID_BYTES: Final = 18
"""Random bytes of a session's id."""

NAME_BYTES: Final = 15
"""Random bytes of a name that an application gives, such as of a namespace's connection."""

IDLE_PER_S: Final = 5.0
IDLE_BURST: Final = 20.0
"""Packets that do nothing for the game and that no limit of its messages counts: pongs, noops, late
acks, wrong events. More of them end the session, as with a WebSocket's own (threats 7 and 8)."""


class Application(Protocol):
    """What talks over one session."""

    late_s: float
    """When the session is closed unless this changes; infinite usually."""

    async def receive(self, data: str | bytes) -> None:
        """Take the data of a message.

        Raises:
            PacketError: The session must be closed.
        """
        ...

    def fill(self, queue: deque[EnginePacket]) -> bool:
        """Append what waits for the client; return False if nothing more will ever come."""
        ...

    def beaten(self) -> None:
        """Note that a ping is sent now."""
        ...

    async def ponged(self) -> None:
        """Note that the client has answered a ping: it has all that was sent before."""
        ...

    def closed(self) -> None:
        """Note that the session is over."""
        ...


MakeApplication = Callable[["EngineConnection"], Application]


class EngineConnection:
    """One session: its state, its queue, and its application.

    Attributes:
        peer, direct: Of the request that opened it.
        nursery: Runs the application's tasks.
        draws: For names that the application gives.
        due_s: When it is to be told the time next, as far as `Beats` knows.
        ends: Whether it is being ended.
        websockets: WebSockets with its id, from before their handshake is answered to their end.
    """

    def __init__(
        self,
        settings: EngineSettings,
        transport: Transport,
        peer: str,
        nursery: trio.Nursery,
        draws: RoadDraws,
        *,
        direct: bool,
        changed: Callable[["EngineConnection"], None],
    ) -> None:
        """Open a session; ``changed`` is called at each `wake`."""
        self.sid: str = draws.name(SID_BYTES)
        self.draws = draws
        self.peer = peer
        self.direct = direct
        self.nursery = nursery
        upgrades = (Transport.WEBSOCKET,) if transport is Transport.POLLING else ()
        handshake = Handshake(
            self.sid,
            upgrades,
            settings.ping_interval_s,
            settings.ping_timeout_s,
            settings.max_payload,
        )
        self.session: EngineSession = EngineSession(
            handshake, transport, trio.current_time(), settings.upgrade_timeout_s
        )
        self.queue: deque[EnginePacket] = deque([handshake.packet()])
        self.bytes_in = 0
        self.bytes_out = 0
        self._changed = trio.lowlevel.ParkingLot()
        self._receiving = trio.StrictFIFOLock()
        self._idle = IDLE_BURST
        self._idle_at = trio.current_time()
        self._tell_change = changed
        self.due_s: float = inf
        self.ends: bool = False
        self.websockets: int = 0
        self.application: Application

    def wake(self) -> None:
        """Let those who wait for something to send look again."""
        self._changed.unpark_all()
        self._tell_change(self)

    async def changed(self) -> None:
        """Wait for `wake`."""
        await self._changed.park()

    @property
    def may_upgrade(self) -> bool:
        """Whether a WebSocket may yet become the transport."""
        session = self.session
        return self.websockets > 0 and not session.closed and session.transport is Transport.POLLING

    def idle(self) -> None:
        """Count a packet that does nothing.

        Raises:
            PacketError: ``rate_limited``: there are too many; the session must be closed.
        """
        now = trio.current_time()
        self._idle += (now - self._idle_at) * IDLE_PER_S
        self._idle = min(self._idle, IDLE_BURST) - 1
        self._idle_at = now
        if self._idle < 0:
            raise PacketError(Code.RATE_LIMITED, "too many packets that do nothing")

    def fill(self) -> None:
        """Take what the application has for the client, once all that it had is sent."""
        if not self.queue and not self.session.closed and not self.application.fill(self.queue):
            self.session.close(linger=True)
            self.wake()

    def beat(self) -> None:
        """Do what is due by now."""
        now = trio.current_time()
        ping = self.session.beat(now)
        if now >= self.application.late_s:
            self.session.close()
        if ping is not None:
            self.fill()
            self.queue.append(ping)
            self.application.beaten()
            self.wake()
        if self.session.closed:
            self.wake()

    @property
    def next_s(self) -> float:
        """When to call `beat` next."""
        return min(self.session.next_beat_s, self.application.late_s)

    async def receive(self, packet: EnginePacket) -> None:
        """Take a packet of the client.

        Raises:
            PacketError: It is not allowed; the session is closed.
        """
        async with self._receiving:
            try:
                if packet.kind is not EngineKind.MESSAGE:
                    self.idle()
                data = self.session.receive(packet, trio.current_time())
                if packet.kind is EngineKind.PONG:
                    await self.application.ponged()
                if data is not None:
                    await self.application.receive(data)
            except PacketError:
                self.session.close()
                raise
            finally:
                self.wake()
