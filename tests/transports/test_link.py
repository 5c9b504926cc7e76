"""Every transport's link passes the conformance tests."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import trio
import trustme
from trio.testing import lockstep_stream_pair
from trio_websocket import ConnectionClosed, WebSocketConnection, wrap_client_stream

from gameserver.client.link.address import Address
from gameserver.client.link.exchange import ExchangeWire
from gameserver.client.link.polling import dial_polling
from gameserver.client.link.sse import dial_sse
from gameserver.errors import ConnectionLostError
from gameserver.messages.wire import SUBPROTOCOL
from gameserver.transports import Link, ListenSettings
from gameserver.transports.listener import Guard
from tests.transports.conformance import ALL, Far, Handler, LeftError, Road, hearing
from tests.transports.harness import PATIENCE_S, Bytes, serving
from tests.transports.lane_conformance import LANES


class WebSocketFar:
    """The other end of a WebSocket; it reads only when it is asked to."""

    def __init__(self, websocket: WebSocketConnection) -> None:
        self._websocket = websocket

    async def send(self, message: bytes) -> None:
        with suppress(ConnectionClosed):
            await self._websocket.send_message(message)

    async def hear(self) -> bytes:
        try:
            message = await self._websocket.get_message()
        except ConnectionClosed as closed:
            raise LeftError(closed.reason.reason if closed.reason else "") from None
        assert isinstance(message, bytes)
        return message

    async def leave(self) -> None:
        await self._websocket.aclose()


@asynccontextmanager
async def far_end(stream: trio.abc.Stream) -> AsyncIterator[Far]:
    async with stream, trio.open_nursery() as nursery:
        yield WebSocketFar(
            await wrap_client_stream(
                nursery,
                stream,
                "localhost",
                "/",
                subprotocols=[SUBPROTOCOL],
                message_queue_size=1,
                receive_buffer_size=4096,
            )
        )
        nursery.cancel_scope.cancel()


@asynccontextmanager
async def by_socket(handler: Handler) -> AsyncIterator[Far]:
    async with (
        serving(handler) as port,
        far_end(await trio.open_tcp_stream("127.0.0.1", port)) as far,
    ):
        yield far


@asynccontextmanager
async def by_tls(handler: Handler) -> AsyncIterator[Far]:
    authority = trustme.CA()
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    async with serving(handler, ListenSettings(tls=server)) as port:
        stream = await trio.open_ssl_over_tcp_stream("localhost", port, ssl_context=client)
        async with far_end(stream) as far:
            yield far


@asynccontextmanager
async def by_memory(handler: Handler) -> AsyncIterator[Far]:
    """Over memory streams on which a send waits for its reader, like a socket with full buffers."""
    ours, theirs = lockstep_stream_pair()
    with trio.fail_after(PATIENCE_S):
        async with trio.open_nursery() as nursery:
            guard = Guard(ListenSettings(), handler, Bytes())
            nursery.start_soon(guard.serve, ours)
            async with far_end(theirs) as far:
                yield far
            nursery.cancel_scope.cancel()


class ExchangeFar:
    """The other end of a link by requests of HTTP, with an event stream or without."""

    def __init__(self, wire: ExchangeWire) -> None:
        self._wire = wire

    async def send(self, message: bytes) -> None:
        with suppress(ConnectionLostError):
            await self._wire.send([message])

    async def hear(self) -> bytes:
        try:
            return await self._wire.receive()
        except ConnectionLostError as lost:
            raise LeftError(str(lost)) from None

    async def leave(self) -> None:
        await self._wire.close()


@asynccontextmanager
async def by_requests(handler: Handler, way: Any) -> AsyncIterator[Far]:
    begins = trio.Event()

    async def begun(link: Link) -> None:
        assert await link.receive() == b"begin"  # a link that polls begins with a message
        begins.set()
        await handler(link)

    async with (
        serving(begun) as port,
        way(Address("127.0.0.1", port), PATIENCE_S) as wire,
    ):
        await wire.send([b"begin"])
        await begins.wait()
        yield ExchangeFar(wire)


@asynccontextmanager
async def by_polling(handler: Handler) -> AsyncIterator[Far]:
    async with by_requests(handler, dial_polling) as far:
        yield far


@asynccontextmanager
async def by_events(handler: Handler) -> AsyncIterator[Far]:
    async with by_requests(handler, dial_sse) as far:
        yield far


ROADS = [by_socket, by_tls, by_memory, by_polling, by_events]


@pytest.mark.parametrize("conforms", [*ALL, *LANES], ids=lambda each: each.__name__)
@pytest.mark.parametrize("road", ROADS)
async def test_a_link_conforms(road: Road, conforms: Callable[[Road], Awaitable[None]]) -> None:
    faults: list[BaseException] = []
    await conforms(hearing(road, faults))
    assert faults == []


@pytest.mark.parametrize("road", ROADS)
async def test_an_assertion_in_a_handler_is_reported(road: Road) -> None:
    faults: list[BaseException] = []

    async def wrong(link: Link) -> None:
        assert await link.receive() == b"this"

    async with hearing(road, faults)(wrong) as far:
        await far.send(b"that")
        with pytest.raises(LeftError):
            await far.hear()
    assert len(faults) == 1
