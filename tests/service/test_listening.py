"""A server that listens: its addresses, and every way to it over real sockets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio
import trustme

from gameserver.client import Address
from gameserver.client.link.dial import dial
from gameserver.client.link.polling import dial_polling
from gameserver.client.link.sse import dial_sse
from gameserver.messages.wire import Welcome
from gameserver.protocol.codec import decode_server, encode
from gameserver.service.config.settings import Settings
from gameserver.service.overload.work import Work
from gameserver.service.server import Server
from gameserver.testing.skirmish import Skirmish
from gameserver.transports import subscriber
from tests.service.peers import MAP, hello


@asynccontextmanager
async def listening(**settings: Any) -> AsyncIterator[tuple[Server, str]]:
    server = Server(Settings(port=0, seed=5, **settings), Skirmish(), {MAP.name: MAP})
    with trio.fail_after(30):
        async with trio.open_nursery() as nursery:
            address = await nursery.start(server.run)
            yield server, address
            nursery.cancel_scope.cancel()


@pytest.mark.parametrize("way", [dial, dial_sse, dial_polling])
async def test_a_session_begins_over_each_of_the_clients_roads(way: Any) -> None:
    async with listening() as (server, url), way(Address.parse(url), 5.0) as wire:
        await wire.send([encode(hello("Ann"))])
        (welcome, *_) = decode_server(await wire.receive(), lambda _id: None)
        assert isinstance(welcome, Welcome)
        assert len(server.connections) == 1
        (conversation,) = server._conversations
        assert conversation._link.is_open


async def ask(url: str, request: bytes) -> bytes:
    """Send a request; return the first line of the response."""
    address = Address.parse(url)
    async with await trio.open_tcp_stream(address.host, address.port) as stream:
        await stream.send_all(request)
        answer = b""
        while b"\r\n" not in answer:
            part = await stream.receive_some()
            assert part, answer
            answer += part
        return answer.partition(b"\r\n")[0]


BODY = b'{"name": "Ann"}'


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
        (b"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
        (
            b"POST /sse HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (len(BODY), BODY),
            201,
        ),
        (b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
    ],
    ids=["health", "socket.io", "events", "nowhere"],
)
async def test_each_road_over_plain_http_is_served(request_: bytes, status: int) -> None:
    async with listening() as (_, url):
        assert (await ask(url, request_)).startswith(b"HTTP/1.1 %d " % status)


async def test_addresses_name_each_host_with_the_port_and_the_scheme(tmp_path: Path) -> None:
    async with listening(host=["127.0.0.1", "localhost"]) as (server, url):
        port = Address.parse(url).port
        assert server.addresses == [f"ws://127.0.0.1:{port}", f"ws://localhost:{port}"]
        assert url == server.addresses[0]
    issued = trustme.CA().issue_cert("localhost", "127.0.0.1")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    issued.cert_chain_pems[0].write_to_path(certificate)
    issued.private_key_pem.write_to_path(key)
    async with listening(tls_cert=str(certificate), tls_key=str(key)) as (server, url):
        assert url.startswith("wss://127.0.0.1:")
        assert server.addresses == [url]


async def test_requests_over_plain_http_cost_their_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    wait = Work.asked

    async def noted(work: Work, address: str) -> None:
        asked.append(address)
        await wait(work, address)

    monkeypatch.setattr(Work, "asked", noted)
    async with listening() as (_, url), dial_polling(Address.parse(url), 5.0):
        assert asked
        assert set(asked) == {subscriber("127.0.0.1")}
