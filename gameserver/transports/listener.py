"""Accepts connections, and keeps the errors of each connection from all others.

Law: an error on a connection ends that connection and nothing else: each one runs inside a guard
that lets no exception out. When there are no descriptors left, accepting waits and tries again.
"""

import math
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from functools import partial
from typing import TypeAlias

import attrs
import structlog
import trio
from structlog.typing import FilteringBoundLogger
from trio_websocket import ConnectionClosed, HandshakeError, wrap_server_stream
from wsproto.utilities import ProtocolError as WebSocketError

from gameserver.transports.addresses import open_listeners, port_of
from gameserver.transports.answers import HttpAnswer
from gameserver.transports.connection_limits import ConnectionLimits
from gameserver.transports.http.connection import HttpConnection
from gameserver.transports.http.extensions import agreement
from gameserver.transports.http.opening import Opening, OpeningReader, RoadHead
from gameserver.transports.http.requests import Road, SocketRequest
from gameserver.transports.link import Codec, ServeLink
from gameserver.transports.polling.road import LongPolling
from gameserver.transports.settings import ListenSettings
from gameserver.transports.tls_stream import below_tls, encrypted
from gameserver.transports.websocket.guarded import LINGER_S, GuardedStream, linger
from gameserver.transports.websocket.link import WebSocketLink

log: FilteringBoundLogger = structlog.get_logger()

USUAL_ENDS = (
    ConnectionClosed,
    HandshakeError,
    WebSocketError,
    trio.BrokenResourceError,
    trio.ClosedResourceError,
)
"""Exceptions of connections that end without a bug: aborted, reset, closed by both ends at once."""

REFUSAL_READ_S = 1.0
"""How long a connection above the limits may take to send its request."""

Admit: TypeAlias = Callable[[str], Awaitable[None]]

Turn: TypeAlias = Callable[[float], Awaitable[None]]
"""Waits until the loop has time for work of this many seconds."""

LOOK_S = 0.0001
"""Measured time to parse a piece of a request, in seconds."""
REQUEST_S = 0.0002
"""Measured time to read and answer a request over plain HTTP, in seconds."""
SHAKE_S = 0.0008
"""Measured time of the WebSocket library's handshake, in seconds."""
TLS_SHAKE_S = 0.001
"""Measured time of a TLS handshake, in seconds."""

TRY_AGAIN_S = 5
"""``Retry-After`` in seconds for connections above the limits."""


async def accept(
    settings: ListenSettings,
    serve: Callable[[trio.SocketStream], Awaitable[None]],
    *,
    task_status: "trio.TaskStatus[int]" = trio.TASK_STATUS_IGNORED,
) -> None:
    """Accept connections and call ``serve`` for each, until cancelled; reports the port when ready.

    Raises:
        ConfigError: An address or port cannot be listened on.
        CannotListenError: An address is in use, or does not exist at present.
    """
    listeners = await open_listeners(settings.hosts, settings.port)
    async with trio.open_nursery() as nursery:
        await nursery.start(partial(trio.serve_listeners, serve, listeners))
        task_status.started(port_of(listeners))


class Guard:
    """Serves accepted streams, each from its first byte to its last."""

    def __init__(
        self,
        settings: ListenSettings,
        handler: ServeLink,
        codec: Codec,
        admit: Admit | None = None,
        turn: Turn | None = None,
        asked: Admit | None = None,
        roads: Mapping[str, Road] | None = None,
        limits: ConnectionLimits | None = None,
    ) -> None:
        """Serve connections with ``handler``.

        Args:
            settings: Limits of the connections.
            handler: Called with each connection as a `Link`.
            codec: The codec of all links.
            admit: Called with the address and awaited before the first byte of a connection is
                read, since a handshake takes longer than most messages.
            turn: Awaited before each piece of a request is parsed, and before the handshake:
                thousands of silent connections may send their requests at the same time.
            roads: Further roads by the first part of their paths.
            limits: Counts the connections, if something else counts with it.
            asked: Called with the address and awaited before each request over plain HTTP is read
                whole and answered.
        """
        self._asked = asked
        self._admit = admit
        self._turn = turn
        self._settings = settings
        self._handler = handler
        self._codec = codec
        self._limits = limits or ConnectionLimits(
            settings.max_connections, settings.max_per_address
        )
        self._refusing: dict[trio.CancelScope, None] = {}
        self._polling = LongPolling(settings, handler, codec, self._limits)
        self._roads: dict[str, Road] = {"/poll": Road(self._polling.answer), **(roads or {})}

    def renew(self, tls: ssl.SSLContext) -> None:
        """Give new connections this certificate; running ones keep theirs."""
        self._settings = attrs.evolve(self._settings, tls=tls)

    async def run(self, *, task_status: "trio.TaskStatus[None]" = trio.TASK_STATUS_IGNORED) -> None:
        """Run the links of the roads over plain HTTP until cancelled; without it there are none."""
        await self._polling.run(task_status=task_status)

    async def serve(self, transport: trio.abc.Stream, peer: str = "") -> None:
        """Serve one connection to its end; no exception but cancellation is raised.

        ``peer`` is the peer's address for a transport without one.
        """
        try:
            peer = _prepare(transport, self._settings) or peer
            # A trusted proxy has no share of its own: its clients have, once they are known.
            proxied = self._settings.trusted_proxies > 0
            with self._limits.admit("" if proxied else peer) as refusal:
                if refusal:
                    await self._refuse(transport, refusal, peer)
                else:
                    if self._admit is not None and not proxied:
                        await self._admit(peer)
                    if self._settings.tls is not None and self._turn is not None:
                        await self._turn(TLS_SHAKE_S)
                    stream = encrypted(transport, self._settings.tls)
                    await self._serve_admitted(stream, peer)
        except* USUAL_ENDS as group:
            log.debug("connection ended", address=peer, cause=repr(group.exceptions[0]))
        except* Exception:
            log.exception("connection failed", address=peer)
        finally:
            await trio.aclose_forcefully(transport)

    async def _refuse(self, transport: trio.abc.Stream, sentence: str, peer: str) -> None:
        """Refuse a connection above the limits with status 503.

        A health check is answered as usual: a full server is healthy, and a monitor that restarts
        it would disconnect all players.

        When full: beyond `max_refusals` the connection that has waited longest is closed. Health
        checks send their request at once, so silent connections cannot keep them from an answer.
        """
        # Not over TLS: its handshake is the largest cost of a flood of connections.
        if self._settings.tls is not None:
            return
        if len(self._refusing) >= self._settings.max_refusals:
            longest = next(iter(self._refusing))
            del self._refusing[longest]
            longest.cancel()
        with trio.CancelScope() as place:
            self._refusing[place] = None
            try:
                answer = HttpAnswer(503, sentence, (("Retry-After", str(TRY_AGAIN_S)),))
                with trio.move_on_after(REFUSAL_READ_S) as time:
                    reader = OpeningReader(self._settings, peer, _local_address(transport))
                    asked = await self._read_opening(reader, transport, time)
                    if isinstance(asked, HttpAnswer) and asked.always:
                        answer = asked
                await _answer(transport, answer)
            finally:
                self._refusing.pop(place, None)

    async def _serve_admitted(self, transport: trio.abc.Stream, peer: str) -> None:
        deadline = trio.current_time() + self._settings.opening_s
        verdict: Opening | HttpAnswer | RoadHead | None = None
        local = _local_address(transport)
        reader = OpeningReader(self._settings, peer, local, self._roads)
        with trio.CancelScope(deadline=deadline) as scope:
            verdict = await self._read_opening(reader, transport, scope)
            if isinstance(verdict, Opening):
                await self._take_turn(SHAKE_S, scope)
        if scope.cancelled_caught:
            verdict = HttpAnswer(408, f"no request came within {self._settings.opening_s:g} s")
        if isinstance(verdict, HttpAnswer):
            await _answer(transport, verdict)
        elif isinstance(verdict, RoadHead):
            connection = HttpConnection(
                transport, verdict.http, self._settings, self._roads, peer=peer, local=local
            )
            await connection.serve(verdict.request, reader.page, self._look)
            await linger(transport)
        elif verdict is not None and not self._settings.trusted_proxies:
            await self._open(transport, verdict, scope.deadline, peer)
        elif verdict is not None:
            await self._open_proxied(transport, verdict, scope.deadline)

    async def _open_proxied(
        self, transport: trio.abc.Stream, opening: Opening, deadline: float
    ) -> None:
        """Open a WebSocket that counts for the client behind a proxy."""
        with self._limits.share_of(opening.client) as refusal:
            if refusal:
                retry = (("Retry-After", str(TRY_AGAIN_S)),)
                await _answer(transport, HttpAnswer(503, refusal, retry))
                return
            if self._admit is not None:
                began = trio.current_time()
                await self._admit(opening.client)
                deadline += trio.current_time() - began
            await self._open(transport, opening, deadline, opening.client)

    async def _take_turn(self, seconds: float, time: trio.CancelScope) -> None:
        """Wait for a turn; this wait does not count against the peer's deadline."""
        if self._turn is not None:
            began = trio.current_time()
            left_s, time.deadline = time.deadline - began, math.inf
            await self._turn(seconds)
            time.deadline = trio.current_time() + left_s

    async def _look(self, peer: str) -> None:
        if self._asked is not None:
            await self._asked(peer)
        if self._turn is not None:
            await self._turn(REQUEST_S)

    async def _read_opening(
        self, reader: OpeningReader, transport: trio.abc.Stream, time: trio.CancelScope
    ) -> Opening | HttpAnswer | RoadHead | None:
        """Read until the request is accepted or answered; None if the peer closed earlier."""
        while data := await transport.receive_some(self._settings.receive_bytes):
            await self._take_turn(LOOK_S, time)
            verdict = reader.feed(bytes(data))
            if verdict is not None:
                return verdict
        return None

    async def _open(
        self, transport: trio.abc.Stream, opening: Opening, deadline: float, peer: str
    ) -> None:
        """Let the WebSocket library do the handshake, then run the connection."""
        settings, road = self._settings, opening.road
        if road is not None:
            settings = _limits_of(road, settings)
        bits = opening.deflate_bits
        stream = GuardedStream(transport, settings, replay=opening.encode(), deflate=bits > 0)
        extensions = [(b"Sec-WebSocket-Extensions", agreement(bits))] if bits else []
        asked = SocketRequest(opening.query, peer, opening.direct)
        expect = road.expect if road is not None else None
        with expect(asked) if expect is not None else nullcontext():
            async with trio.open_nursery() as nursery:
                with trio.CancelScope(deadline=deadline) as scope:
                    request = await wrap_server_stream(
                        nursery,
                        stream,
                        message_queue_size=settings.queued_messages,
                        max_message_size=settings.message_bytes,
                        receive_buffer_size=settings.receive_bytes,
                    )
                    websocket = await request.accept(
                        subprotocol=opening.subprotocol or None, extra_headers=extensions
                    )
                if not scope.cancelled_caught:
                    # Frames that came together with the request are processed only from here on.
                    stream.open()
                    try:
                        if road is not None and road.accept is not None:
                            await road.accept(websocket, asked)
                        else:
                            link = WebSocketLink(
                                websocket,
                                stream,
                                settings,
                                self._codec,
                                peer,
                                direct=opening.direct,
                                deflate_bits=bits,
                            )
                            await link.run(self._handler)
                    finally:
                        # Before the socket closes: the drain must not read a closed descriptor.
                        stream.detach()
                nursery.cancel_scope.cancel()


def _limits_of(road: Road, settings: ListenSettings) -> ListenSettings:
    """Return the limits of a road's WebSockets."""
    if road.profile is None:
        return attrs.evolve(settings, text=True, message_bytes=road.body_bytes)
    return attrs.evolve(settings, text=True, **attrs.asdict(road.profile))


async def _answer(transport: trio.abc.Stream, answer: HttpAnswer) -> None:
    with trio.move_on_after(LINGER_S) as scope:
        await transport.send_all(answer.encode())
    if not scope.cancelled_caught:
        await linger(transport)


def _local_address(transport: trio.abc.Stream) -> str:
    """Return the local address of a connection; "" if it has none."""
    below = below_tls(transport)
    if not isinstance(below, trio.SocketStream):
        return ""
    try:
        address: str = below.socket.getsockname()[0]
    except OSError as error:
        raise trio.BrokenResourceError("the peer was gone before it was served") from error
    return address


def _prepare(transport: trio.abc.Stream, settings: ListenSettings) -> str:
    """Set a socket's options; return the peer's address, "" if there is none.

    trio has set ``TCP_NODELAY`` already.
    """
    if not isinstance(transport, trio.SocketStream):
        return ""
    try:
        transport.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, settings.send_buffer_bytes)
        address: str = transport.socket.getpeername()[0]
    except OSError as error:
        raise trio.BrokenResourceError("the peer was gone before it was served") from error
    return address
