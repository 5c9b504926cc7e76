"""The game over Socket.IO: a session of the server for each client in the namespace ``/``.

Law: events of a client are requests, with the request's name and fields; the ack of an event is the
answer. Events of the server have the names and fields of its events and notices; a snapshot is
binary. The client confirms nothing by itself: once it has answered a ping, it has all that was sent
before the ping.

::

    connect, auth {name} or {token, last_event}    hello
    "lobby.create", {...}, ack                     request; ack {result, after} or {error, after}
    "input", [seq, tick, seen, view, field…]       input
    "seen", tick                                   seen
    "welcome", {...}                               welcome; its token is text
    "lobby.state", {...}, number                   event
    "snapshot", bytes, tick                        snapshot, steer, shift
    connect_error {code}, "goodbye", {...}         refusal, goodbye
    connect, event, ack in another namespace       namespace.join, namespace.emit, namespace.ack

Source: ``docs/protocol.md`` for names and fields.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from typing import Any, Final

import structlog
import trio
from structlog.typing import FilteringBoundLogger

from gameserver.errors import Code, ConnectionLostError, PacketError, ProtocolError
from gameserver.protocol.socketio.decoder import PacketBounds, PacketDecoder
from gameserver.protocol.socketio.engine import EngineKind, EnginePacket
from gameserver.protocol.socketio.packets import MAIN, SocketPacket, encode_packet
from gameserver.protocol.socketio.socket_session import (
    ClientEvent,
    EventAcked,
    JoinRequest,
    NamespaceLeft,
    SocketSession,
)
from gameserver.roads import spoken
from gameserver.roads.socketio.connection import NAME_BYTES, EngineConnection
from gameserver.transports import Codec, Link, ListenSettings
from gameserver.transports.queued import QueuedLink

log: FilteringBoundLogger = structlog.get_logger()

TRANSPORT: Final = "socket.io"
PROGRAM: Final = "socket.io"
"""Name of the client in logs, unless its auth tells another."""

CONNECT_TIMEOUT_S: Final = 10.0
"""How long a client may take to join the namespace (threat 2)."""

FILL_BYTES: Final = 64 * 1024
"""Most bytes of messages that are made packets at a time, if there are several."""

EMITTED: Final = "namespace.emitted"
ENDED: Final = "namespace.ended"
OWN: Final = frozenset({EMITTED, ENDED, "namespace.latest"})
"""Events of the namespaces of authors, which are Socket.IO's own here."""

MOST_HELD: Final = 256
"""Events that wait until a client that has resumed joins their namespaces again (9)."""

MOST_REFUSED: Final = 8
"""Namespaces that are not there for which a client may ask: each costs an answer (threat 8)."""

Converse = Callable[[Link], Awaitable[None]]


class GameSocket:
    """One client of Socket.IO.

    Attributes:
        late_s: When a client that has not joined by then is disconnected.
    """

    def __init__(
        self,
        connection: EngineConnection,
        settings: ListenSettings,
        codec: Codec,
        converse: Converse,
        namespaces: Collection[str] = (),
    ) -> None:
        """Wait for the client to join; ``converse`` serves its link then.

        ``namespaces`` are those of authors, besides ``/``.
        """
        self._connection = connection
        self._settings = settings
        self._codec = codec
        self._converse = converse
        self._decoder = PacketDecoder(PacketBounds())
        self._session: SocketSession[int] = SocketSession(
            {MAIN, *namespaces}, CONNECT_TIMEOUT_S, trio.current_time()
        )
        self.late_s: float = self._session.late_s
        self._link: QueuedLink | None = None
        self._replies: list[EnginePacket] = []
        """Packets besides the link's messages."""
        self._refused = 0
        self._request = 0
        self._first = MAIN
        """The namespace whose connect began the session."""
        self._welcome: spoken.Told | None = None
        self._asked: list[tuple[str, dict[str, Any]]] = []
        """Namespaces to join once the session has begun."""
        self._joins: dict[int, str] = {}
        """Namespaces that are being joined, by number of the request."""
        self._held: list[spoken.Told] = []
        """Events of namespaces that the client has not joined again since it resumed."""
        self._acks: dict[int, tuple[str, int]] = {}
        """Acks that the client waits for, by number of the request."""
        self._told = (0, 0)
        self._translator = spoken.Translator()
        """Number of the last event and of the last answer that were sent."""
        self._at_ping = (0, 0)
        self._pinged_at: float | None = None
        self._confirmed = (0, 0)

    # --- from the client --------------------------------------------------------------------------

    async def receive(self, data: str | bytes) -> None:
        """Take the data of a message of Engine.IO.

        Raises:
            PacketError: The client breaks a rule; its connection ends.
        """
        packet = self._decoder.receive(data)
        if packet is None:
            return
        session = self._session
        match session.receive(packet, trio.current_time()):
            case SocketPacket() as reply:
                self._refused += 1
                if self._refused > MOST_REFUSED:
                    raise PacketError(Code.RATE_LIMITED, "there is only the namespace /")
                self._reply(reply)
            case JoinRequest(namespace, auth):
                await self._join(namespace, dict(auth))
            case EventAcked(namespace, ack, args):
                fields = {"namespace": namespace, "ack": ack, "args": list(args)}
                await self._ask("namespace.ack", fields)
            case ClientEvent() as event:
                await self._event(event)
            case NamespaceLeft(namespace):
                if self._link is not None and not session.joined:
                    self._link.leave()
                elif namespace != MAIN:
                    await self._ask("namespace.leave", {"namespace": namespace})
            case _:
                self._connection.idle()
        self.late_s = session.late_s

    async def _join(self, namespace: str, auth: dict[str, Any]) -> None:
        if namespace != MAIN or self._link is not None:
            self._asked.append((namespace, auth))
        if self._link is not None:
            if self._welcome is not None:
                self._join_asked()
            return
        self._first = namespace
        try:
            hello = spoken.hello(auth, PROGRAM)
        except ProtocolError as error:
            self._asked.clear()
            self._reply(self._refusal(error.code, error.sentence, {}, namespace))
            return
        connection = self._connection
        link = self._link = QueuedLink(
            TRANSPORT, self._settings, self._codec, connection.peer, direct=connection.direct
        )
        link.notify = connection.wake
        connection.nursery.start_soon(self._run, link)
        await self._deliver(hello)

    def _join_asked(self) -> None:
        """Join the namespaces that the client asked for, now that there is a session."""
        asked, self._asked = self._asked, []
        for namespace, auth in asked:
            if namespace == MAIN:
                for packet in self._accept(MAIN):
                    self._reply(packet)
            else:
                self._joins[self._request + 1] = namespace
                fields = {"namespace": namespace, "auth": auth}
                self._connection.nursery.start_soon(
                    self._deliver, self._new("namespace.join", fields)
                )

    def _accept(self, namespace: str) -> list[SocketPacket]:
        """Let the client into a namespace, with what it needs to resume and what was held."""
        session, welcome = self._session, self._welcome
        packets = [session.accept(namespace, self._connection.draws.name(NAME_BYTES))]
        if welcome is not None and namespace in (MAIN, self._first):
            packets.append(session.emit(namespace, welcome.name, *welcome.args))
        held = [each for each in self._held if each.args[0]["namespace"] == namespace]
        for told in held:
            self._held.remove(told)
            packets += self._own(told)
        return packets

    def _new(self, name: str, fields: object) -> bytes:
        self._request += 1
        return spoken.request(self._request, name, fields)

    async def _ask(self, name: str, fields: object) -> None:
        await self._deliver(self._new(name, fields))

    async def _run(self, link: QueuedLink) -> None:
        """Run the link to its end; no exception but cancellation is raised."""
        try:
            await link.run(self._converse)
        except Exception:
            log.exception("connection failed", address=link.peer)

    async def _event(self, event: ClientEvent) -> None:
        try:
            await self._deliver(self._message(event))
        except ProtocolError as error:
            if event.ack_id is None or isinstance(error, PacketError):
                raise PacketError(error.code, error.sentence) from error
            self._connection.idle()
            told = {"error": {"code": error.code, "sentence": error.sentence}}
            self._reply(self._session.answer(event.namespace, event.ack_id, told))

    def _message(self, event: ClientEvent) -> bytes:
        name, args = event.name, event.args
        if not isinstance(name, str):
            raise ProtocolError(Code.BAD_MESSAGE, "an event's name is a text")
        if event.namespace == MAIN and name in spoken.NUMBERS:
            return spoken.numbers(name, args)
        if event.ack_id is not None:
            self._acks[self._request + 1] = (event.namespace, event.ack_id)
        if event.namespace == MAIN:
            return self._new(name, args[0] if args else None)
        wants = event.ack_id is not None
        fields = {"namespace": event.namespace, "event": name, "args": list(args), "ack": wants}
        return self._new("namespace.emit", fields)

    async def _deliver(self, message: bytes) -> None:
        link = self._link
        if link is not None:
            link.bytes_in = self._connection.bytes_in
            with suppress(ConnectionLostError):  # `fill` tells the client of the end
                await link.deliver(message)

    # --- to the client ----------------------------------------------------------------------------

    def fill(self, queue: deque[EnginePacket]) -> bool:
        """Append packets for what the server has said; return False once its link has ended."""
        queue += self._replies
        self._replies.clear()
        link = self._link
        if link is None:
            return True
        found = link.take(FILL_BYTES)
        for message in found.messages:
            for said in self._translator.spoken(message):
                for packet in self._said(said):
                    queue += _packets(packet)
        link.bytes_out = self._connection.bytes_out
        if found.ending is not None:
            link.tell_end()
        return found.ending is None or bool(queue)

    def _said(
        self, said: spoken.Told | spoken.SpokenAnswer | spoken.SpokenPing
    ) -> list[SocketPacket]:
        session = self._session
        if isinstance(said, spoken.SpokenPing):
            return []  # pings of Engine.IO are answered, and count as well
        if isinstance(said, spoken.SpokenAnswer):
            return self._answered(said)
        if len(said.args) > 1 and said.name != "snapshot":
            self._told = (said.args[1], self._told[1])
        first: list[SocketPacket] = []
        if said.name == "welcome":
            self._request = max(self._request, said.args[0].get("next_request", 1) - 1)
            self._welcome = said
            if self._first == MAIN:
                first.append(session.accept(MAIN, self._connection.draws.name(NAME_BYTES)))
            self._join_asked()
        if said.name in OWN:
            return self._own(said)
        if MAIN not in session.joined:
            return []
        return [*first, session.emit(MAIN, said.name, *said.args)]

    def _own(self, said: spoken.Told) -> list[SocketPacket]:
        """Return the packets for an event of an author's namespace."""
        session, fields = self._session, said.args[0]
        namespace = fields["namespace"]
        if namespace not in session.joined:
            if MAIN in session.joined and namespace not in self._joins.values():
                return [session.emit(MAIN, said.name, *said.args)]
            if said.name == EMITTED:
                self._held.append(said)
                del self._held[:-MOST_HELD]
            return []
        if said.name == ENDED:
            return [session.leave(namespace, trio.current_time())[0]]
        args = fields.get("args", [])
        try:
            waiter = fields.get("ack") or None
            return [session.emit(namespace, fields["event"], *args, waiter=waiter)]
        except PacketError:  # it leaves too many unanswered, so this ack will not come either
            return [session.emit(namespace, fields["event"], *args)]

    def _answered(self, answer: spoken.SpokenAnswer) -> list[SocketPacket]:
        self._told = (self._told[0], max(self._told[1], answer.id))
        error = answer.value.get("error")
        joining = self._joins.pop(answer.id, None)
        if joining is None and self._welcome is None:  # the answer to the hello
            joining, error = self._first, error or {}
        if joining is not None and error is None:
            return self._accept(joining)
        if joining is not None and error is not None:
            details = error.get("details", {})
            code, sentence = error.get("code", ""), error.get("sentence", "")
            return [self._refusal(code, sentence, details, joining)]
        namespace, ack_id = self._acks.pop(answer.id, (MAIN, None))
        if ack_id is None:
            return []
        args = [answer.value]
        if namespace != MAIN and error is None:
            args = answer.value["result"].get("args", [])
        packet = self._session.answer(namespace, ack_id, *args)
        return [] if packet is None else [packet]

    def _refusal(
        self, code: str, sentence: str, details: dict[str, Any], namespace: str
    ) -> SocketPacket:
        return self._session.refuse(namespace, sentence, {"code": code, "details": details})

    def _reply(self, packet: SocketPacket | None) -> None:
        if packet is not None:
            self._replies += _packets(packet)
            self._connection.wake()

    # --- time -------------------------------------------------------------------------------------

    def beaten(self) -> None:
        """Remember what was sent before this ping."""
        self._at_ping, self._pinged_at = self._told, trio.current_time()

    async def ponged(self) -> None:
        """Confirm what was sent before the ping that is answered now."""
        link = self._link
        if link is None:
            return
        link.controls += 1
        if self._pinged_at is not None:
            link.round_trip_s = trio.current_time() - self._pinged_at
        if self._at_ping != self._confirmed:
            self._confirmed = self._at_ping
            await self._deliver(spoken.ack(*self._confirmed))

    def closed(self) -> None:
        """Note that the client is gone."""
        if self._link is not None:
            self._link.leave()


def _packets(packet: SocketPacket) -> list[EnginePacket]:
    text, attachments = encode_packet(packet)
    parts: list[str | bytes] = [text, *attachments]
    return [EnginePacket(EngineKind.MESSAGE, data) for data in parts]
