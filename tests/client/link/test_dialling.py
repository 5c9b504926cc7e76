"""Ways in which no connection comes about: each has its sentence, and leaves nothing open."""

import gc
import re
import ssl
import warnings
from base64 import b64encode
from collections.abc import Awaitable, Callable
from hashlib import sha1
from random import Random

import pytest
import trio
import trustme
from trio.testing import MockClock
from trio_websocket import wrap_server_stream

from gameserver.client import Address, ClientSettings, open_client
from gameserver.client.client import FAREWELL_S
from gameserver.client.link import streams
from gameserver.client.link.farewell import LOST
from gameserver.client.looking import look_at
from gameserver.errors import ConnectionLostError
from gameserver.messages.lobby import CreateLobby, LobbyConfig
from gameserver.messages.wire import SUBPROTOCOL
from gameserver.testing.memorynet import MemoryNet, MemoryStream
from gameserver.testing.memoryway import Weather
from gameserver.transports import Link, ListenSettings
from tests.client.piped import SETTINGS, URL, piped
from tests.service.peers import MAP
from tests.transports.harness import serving

ONCE = ClientSettings(roads=("websocket",), first_attempts=1, seed=1)


async def refusal_by(
    monkeypatch: pytest.MonkeyPatch, serve: Callable[[MemoryStream], Awaitable[None]]
) -> str:
    """Return what a client says of a server; the server sees the connection closed at once."""
    with trio.fail_after(5):
        async with trio.open_nursery() as nursery:

            async def opened(_address: Address) -> MemoryStream:
                link = MemoryNet(Random(1), weather=Weather(0.0, 0.0)).connect()
                nursery.start_soon(serve, link.server)
                return link.client

            monkeypatch.setattr(streams, "open_stream", opened)
            with pytest.raises(ConnectionLostError) as lost:
                async with open_client(URL, "Ann", ONCE):
                    pass
    return str(lost.value)


async def to_the_end(stream: MemoryStream) -> None:
    try:
        while await stream.receive_some(65536):
            pass
    except trio.BrokenResourceError:
        pass


PLAIN = b"Content-Type: text/plain\r\nContent-Length: 5\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "allow-origin"),
        (b"HTTP/1.1 200 OK\r\n" + PLAIN + b"hello", "headers Upgrade and Connection"),
        (
            b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
            "where it speaks TLS, the address begins with wss://",
        ),
        (b"HTTP/1.1 426 Upgrade Required\r\n" + PLAIN + b"hello", "headers Upgrade and"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "no game server at this path"),
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "behind it does not answer"),
        (b"HTTP/1.1 503 Busy\r\n" + PLAIN + b"full\x1b", "full$"),
        (b"HTTP/1.1 418 Teapot\r\n" + PLAIN + b"short", r"\(HTTP 418\): short$"),
        (
            b"HTTP/1.1 301 Moved\r\nLocation: wss://elsewhere.example/\r\n" + PLAIN + b"moved",
            "sends visitors elsewhere to wss://elsewhere.example/",
        ),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "no game server"),
        (b"\x00\x01\x02\x03", "no game server"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "write wss://127.0.0.1:7777"),
        (b"", "if it uses TLS, write wss://127.0.0.1:7777"),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n", "no WebSocket"),
    ],
)
async def test_anything_that_answers_instead_of_a_game_server_is_named(
    monkeypatch: pytest.MonkeyPatch, autojump_clock: MockClock, answer: bytes, said: str
) -> None:
    assert isinstance(autojump_clock, MockClock)

    async def serve(stream: MemoryStream) -> None:
        await stream.receive_some(65536)
        if answer:
            await stream.send_all(answer)
        await stream.send_eof()
        await to_the_end(stream)

    sentence = await refusal_by(monkeypatch, serve)
    assert sentence.isprintable()
    assert re.search(said, sentence), sentence


async def test_a_websocket_server_of_another_kind_is_named(
    monkeypatch: pytest.MonkeyPatch, autojump_clock: MockClock
) -> None:
    assert isinstance(autojump_clock, MockClock)

    async def serve(stream: MemoryStream) -> None:
        async with trio.open_nursery() as nursery:
            request = await wrap_server_stream(nursery, stream)
            await request.accept()

    assert "not the protocol of a gameserver" in await refusal_by(monkeypatch, serve)


async def test_a_close_right_after_the_handshake_is_not_reported_as_a_failed_handshake(
    monkeypatch: pytest.MonkeyPatch, autojump_clock: MockClock
) -> None:
    assert isinstance(autojump_clock, MockClock)

    async def serve(stream: MemoryStream) -> None:
        asked = bytes(await stream.receive_some(65536))
        (key,) = re.findall(rb"Sec-WebSocket-Key: (\S+)", asked, re.IGNORECASE)
        proof = sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()  # RFC 6455, 1.3
        await stream.send_all(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Protocol: " + SUBPROTOCOL.encode() + b"\r\n"
            b"Sec-WebSocket-Accept: " + b64encode(proof) + b"\r\n\r\n"
        )
        await stream.send_eof()
        await to_the_end(stream)

    # Whether the end is seen in the handshake or right behind it is up to the order of tasks.
    behind = "127.0.0.1:7777 closed the connection right after the handshake"
    assert await refusal_by(monkeypatch, serve) in (behind, LOST)


async def nothing(_link: Link) -> None:
    """Serve nobody."""


async def test_a_ws_address_of_a_server_with_tls_hints_at_wss() -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    async with serving(nothing, ListenSettings(tls=context)) as port:
        with pytest.raises(ConnectionLostError, match=f"write wss://127.0.0.1:{port}"):
            async with open_client(f"ws://127.0.0.1:{port}", "Ann", ONCE):
                pass


async def test_a_wss_address_of_a_server_without_tls_hints_at_ws() -> None:
    async with serving(nothing) as port:
        for url in (f"wss://127.0.0.1:{port}", f"https://127.0.0.1:{port}"):
            with pytest.raises(ConnectionLostError, match=f"write ws://127.0.0.1:{port}"):
                async with look_at(url):
                    pass


async def test_a_failed_handshake_closes_its_socket_without_garbage_collection() -> None:
    gc.collect()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        port = listeners[0].socket.getsockname()[1]

        async def refuse(stream: trio.SocketStream) -> None:
            async with stream:
                await stream.receive_some(65536)
                await stream.send_all(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")

        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.serve_listeners, refuse, listeners)
            with pytest.raises(ConnectionLostError):
                async with open_client(f"ws://127.0.0.1:{port}", "Ann", ONCE):
                    pass
            nursery.cancel_scope.cancel()
        gc.collect()
    assert [w for w in warned if w.category is ResourceWarning] == []


# --- leaving --------------------------------------------------------------------------------------


async def test_a_cancelled_client_signs_out_before_it_ends(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with piped(autojump_clock, monkeypatch) as pipes:
        hall = pipes.server.hall
        with trio.CancelScope() as scope:
            async with open_client(URL, "Ann", SETTINGS) as ann:
                await ann.request(CreateLobby(LobbyConfig("Here", MAP.name, 2)))
                assert (hall.counts().sessions, hall.counts().lobbies) == (1, 1)
                scope.cancel()
                began = trio.current_time()
                await trio.sleep_forever()
        assert trio.current_time() - began < 0.3
        assert (hall.counts().sessions, hall.counts().lobbies) == (0, 0)


async def test_a_client_cancelled_while_its_connection_stalls_ends_all_the_same(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with piped(autojump_clock, monkeypatch) as pipes:
        with trio.CancelScope() as scope:
            async with open_client(URL, "Ann", SETTINGS):
                pipes.net.links[0].stall(60.0)
                scope.cancel()
                began = trio.current_time()
                await trio.sleep_forever()
        assert trio.current_time() - began < FAREWELL_S + 0.1


async def test_a_client_cancelled_while_connecting_ends_at_once(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with piped(autojump_clock, monkeypatch) as pipes:
        pipes.closed = True
        began = trio.current_time()
        with trio.move_on_after(0.1):
            async with open_client(URL, "Ann", SETTINGS):
                pass
        assert trio.current_time() - began < 0.2
