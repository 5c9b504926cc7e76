"""Engine.IO v4 on the game's port: HTTP long polling, WebSocket, and the upgrade between them.

Law: what a request may do is decided by :mod:`gameserver.protocol.socketio.engine_session`; here it
is carried out. A session outlives the connections that carry it.

Source: Engine.IO Protocol v4.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import parse_qs

import attrs
import structlog
import trio
from structlog.typing import FilteringBoundLogger
from trio_websocket import ConnectionClosed, WebSocketConnection

from gameserver.errors import PacketError
from gameserver.protocol.socketio.engine import (
    decode_frame,
    decode_payload,
    encode_frame,
    encode_payload,
)
from gameserver.protocol.socketio.engine_session import PollingVerdict
from gameserver.protocol.socketio.handshake import PROTOCOL, Transport
from gameserver.roads.draws import RoadDraws
from gameserver.roads.socketio.beats import Beats
from gameserver.roads.socketio.connection import (
    EngineConnection,
    EngineSettings,
    MakeApplication,
)
from gameserver.transports.connection_limits import ConnectionLimits
from gameserver.transports.http.problems import refusal
from gameserver.transports.http.requests import HttpRequest, HttpResponse, Road, SocketRequest

log: FilteringBoundLogger = structlog.get_logger()

TEXT: Final = "text/plain; charset=UTF-8"

MOST_PACKETS: Final = 1000
"""Most packets in one POST; a client sends in one what it queued while it was connecting."""

UPGRADE_GRACE_S: Final = 0.02
"""How long a poll waits for the end of an upgrade that goes on, before it is answered."""

GRACE_PARTS: Final = 10
"""In how many parts: the time may pass while a busy machine gives this process no processor. Then
one part has passed, and what came meanwhile is read in the next."""

CLOSE_S: Final = 2.0
"""How long a WebSocket may take its last packets after its session was closed (threat 9)."""

LINGER_S: Final = 5.0
"""How long polls of a closed session are answered."""


class Engine:
    """All sessions of one path."""

    def __init__(
        self,
        settings: EngineSettings,
        make: MakeApplication,
        draws: RoadDraws,
        limits: ConnectionLimits | None = None,
    ) -> None:
        """Serve sessions with these settings.

        Args:
            settings: What clients are told.
            make: Makes the application of a session.
            draws: For the ids of sessions.
            limits: Counts sessions like connections; None counts none.
        """
        self._settings = settings
        self._limits = limits
        self._make = make
        self._draws = draws
        self._connections: dict[str, EngineConnection] = {}
        self._beats = Beats(self._connections)
        self._nursery: trio.Nursery | None = None

    def __len__(self) -> int:
        """Return the number of sessions."""
        return len(self._connections)

    @property
    def road(self) -> Road:
        """The road of this path."""
        return Road(
            self.answer,
            self._settings.max_payload,
            watches=True,
            accept=self.accept,
            expect=self._expect,
        )

    async def run(self, *, task_status: "trio.TaskStatus[None]" = trio.TASK_STATUS_IGNORED) -> None:
        """Run the sessions until cancelled."""
        async with trio.open_nursery() as self._nursery:
            task_status.started()
            await self._beats.run()

    def _open(self, transport: Transport, peer: str, *, direct: bool) -> EngineConnection | str:
        """Open a session, or return the sentence that refuses it."""
        assert self._nursery is not None
        # Judged before anything is kept: refused sessions would use up the memory of others.
        if self._limits is not None and (refusal := self._limits.enter(peer)):
            return refusal
        connection = EngineConnection(
            self._settings,
            transport,
            peer,
            self._nursery,
            self._draws,
            direct=direct,
            changed=self._changed,
        )
        connection.application = self._make(connection)
        self._connections[connection.sid] = connection
        self._beats.note(connection)
        return connection

    def _changed(self, connection: EngineConnection) -> None:
        if not connection.session.closed:
            self._beats.note(connection)
        elif not connection.ends and self._nursery is not None:
            connection.ends = True
            self._nursery.start_soon(self._finish, connection)

    async def _finish(self, connection: EngineConnection) -> None:
        """Let polls take the rest of a session that is over; only cancellation is raised."""
        try:
            connection.application.closed()
            with trio.move_on_after(LINGER_S):
                while connection.session.lingers:
                    await connection.changed()
        except Exception:
            log.exception("connection failed", address=connection.peer)
        finally:
            del self._connections[connection.sid]
            if self._limits is not None:
                self._limits.leave(connection.peer)

    # --- polling ----------------------------------------------------------------------------------

    async def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer a GET or a POST of polling."""
        asked = _Query.parse(request.query)
        connection = self._find(asked)
        if (connection is None and asked.sid) or not asked.valid or asked.transport != "polling":
            return _refused("the query must have EIO=4, a transport, and the sid of a session")
        if connection is None:
            if request.method != "GET" or self._nursery is None:
                return _refused("a session begins with GET")
            direct = request.headers.direct
            opened = self._open(Transport.POLLING, request.peer, direct=direct)
            if isinstance(opened, str):
                return refusal(503, opened)
            connection = opened
        if request.method == "POST":
            return await self._post(connection, request.body)
        if request.method != "GET":
            return _refused("a session is polled with GET and told with POST")
        return await self._poll(connection)

    async def _post(self, connection: EngineConnection, body: bytes) -> HttpResponse:
        session = connection.session
        if session.begin_post() is not PollingVerdict.GO:
            connection.wake()
            return _refused("no POST may be sent now")
        connection.bytes_in += len(body)
        try:
            for packet in decode_payload(body, MOST_PACKETS, self._settings.max_payload):
                await connection.receive(packet)
        except PacketError as error:
            session.close()
            return _refused(error.sentence)
        except trio.Cancelled:
            session.close()  # the client cannot know which of its packets were taken
            raise
        finally:
            session.end_post()
            connection.wake()
        return HttpResponse(200, b"ok", TEXT)

    async def _poll(self, connection: EngineConnection) -> HttpResponse:
        session = connection.session
        # The packet that ends an upgrade may have been sent before this request, on another
        # connection: then this poll is refused.
        for _ in range(GRACE_PARTS):
            if not connection.may_upgrade:
                break  # usually at once: ten waits for nothing take 50 µs
            with trio.move_on_after(UPGRADE_GRACE_S / GRACE_PARTS):
                while connection.may_upgrade:
                    await connection.changed()
        if session.begin_poll() is not PollingVerdict.GO:
            connection.wake()
            return _refused("another poll of this session waits, or it is over")
        lost = True
        try:
            while True:
                connection.fill()
                packets = session.poll_answer(connection.queue)
                if packets is not None:
                    break
                await connection.changed()
            lost = False
        finally:
            session.end_poll(lost=lost)
            connection.wake()
        body = encode_payload(packets)
        connection.bytes_out += len(body)
        return HttpResponse(200, body, TEXT)

    def _find(self, asked: "_Query") -> EngineConnection | None:
        connection = self._connections.get(asked.sid)
        if connection is not None:
            connection.beat()
        return connection

    # --- WebSocket --------------------------------------------------------------------------------

    @contextmanager
    def _expect(self, request: SocketRequest) -> Iterator[None]:
        connection = self._connections.get(_Query.parse(request.query).sid)
        if connection is None:
            yield
            return
        connection.websockets += 1
        try:
            yield
        finally:
            connection.websockets -= 1
            connection.wake()

    async def accept(self, websocket: WebSocketConnection, request: SocketRequest) -> None:
        """Serve a WebSocket to its end: a session of its own, or the upgrade of another."""
        asked = _Query.parse(request.query)
        connection = self._find(asked)
        if not asked.valid or asked.transport != "websocket" or self._nursery is None:
            await websocket.aclose(1008, "the query must have EIO=4 and a transport")
            return
        if asked.sid:
            if connection is None or not connection.session.begin_upgrade(trio.current_time()):
                await websocket.aclose(1008, "there is no such session to upgrade")
                return
            try:
                if not await self._probe(websocket, connection):
                    return
            finally:
                if connection.session.transport is Transport.POLLING:
                    connection.session.abandon_upgrade()
                    connection.wake()
        else:
            opened = self._open(Transport.WEBSOCKET, request.peer, direct=request.direct)
            if isinstance(opened, str):
                await websocket.aclose(1013, opened)
                return
            connection = opened
        with self._ending(connection):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._write, websocket, connection, nursery.cancel_scope)
                nursery.start_soon(self._end, connection, nursery.cancel_scope)
                await self._read(websocket, connection)
                nursery.cancel_scope.cancel()
        with trio.move_on_after(1.0):
            await websocket.aclose()

    @contextmanager
    def _ending(self, connection: EngineConnection) -> Iterator[None]:
        try:
            yield
        finally:
            connection.session.close()
            connection.wake()

    async def _probe(self, websocket: WebSocketConnection, connection: EngineConnection) -> bool:
        """Let the client test a WebSocket; return whether it is the session's transport now."""
        with trio.move_on_after(self._settings.upgrade_timeout_s):
            try:
                while True:
                    packet = decode_frame(await websocket.get_message(), self._settings.max_payload)
                    reply = connection.session.receive_probe(packet, trio.current_time())
                    connection.wake()
                    if reply is None:
                        return True
                    await websocket.send_message(encode_frame(reply))
            except (ConnectionClosed, PacketError):
                pass
        return False

    async def _end(self, connection: EngineConnection, both: trio.CancelScope) -> None:
        """End a WebSocket some time after its session, whatever its peer does not read."""
        while not connection.session.closed:
            await connection.changed()
        await trio.sleep(CLOSE_S)
        both.cancel()

    async def _read(self, websocket: WebSocketConnection, connection: EngineConnection) -> None:
        try:
            while not connection.session.closed:
                frame = await websocket.get_message()
                connection.bytes_in += len(frame)
                await connection.receive(decode_frame(frame, self._settings.max_payload))
        except (ConnectionClosed, PacketError):
            pass

    async def _write(
        self,
        websocket: WebSocketConnection,
        connection: EngineConnection,
        both: trio.CancelScope,
    ) -> None:
        try:
            while True:
                connection.fill()
                while connection.queue:
                    frame = encode_frame(connection.queue.popleft())
                    connection.bytes_out += len(frame)
                    await websocket.send_message(frame)
                if connection.session.closed:
                    break
                if not connection.queue:
                    connection.fill()
                if not connection.queue:
                    await connection.changed()
        except ConnectionClosed:
            pass
        both.cancel()


@attrs.frozen
class _Query:
    """The query parameters of a request."""

    valid: bool
    transport: str
    sid: str

    @classmethod
    def parse(cls, query: str) -> "_Query":
        try:
            found = parse_qs(query, max_num_fields=16)
        except ValueError:
            found = {}
        only = {name: values[0] for name, values in found.items() if len(values) == 1}
        transport = only.get("transport", "")
        valid = only.get("EIO") == PROTOCOL and transport in set(Transport)
        return cls(valid, transport, only.get("sid", ""))


def _refused(sentence: str) -> HttpResponse:
    return refusal(400, sentence)
