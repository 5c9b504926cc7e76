"""What slow, silent and stalled peers cost, on every road over plain HTTP, with TLS and without.

The limits are those of `ListenSettings`; the same table of requests meets each of them.
"""

import ssl
from collections.abc import Awaitable, Callable

import attrs
import pytest
import trio
import trustme
from trio.testing import MockClock

from gameserver.transports import ListenSettings
from tests.service.peers import Running, serving
from tests.service.roads.binary import OverWebSocket
from tests.service.roads.road import Client
from tests.service.roads.test_conversations import opened, road
from tests.service.roads.test_problems import get
from tests.service.roads.test_threats import ATTACKER, HANDSHAKE
from tests.transports.polling.poller import Caller, body, post

__all__ = ["road"]

LIMITS = ListenSettings()
ASKED = {
    "poll": post(body(1)),
    "socket.io": get(HANDSHAKE),
    "sse": post(b'{"name": "Eve"}', path=b"/sse"),
    "sse-send": post(b'{"link": "x", "number": 1}', path=b"/sse/send"),
    "events": get("/events?topics=lobbies"),
    "api": get("/api/v1/info"),
    "api-session": post(b'{"name": "Eve"}', path=b"/api/v1/session"),
    "api-request": post(b"{}", path=b"/api/v1/requests/lobby.list"),
}
POSTED = {name: asked for name, asked in ASKED.items() if asked.startswith(b"POST")}

ANSWERED = {name: asked for name, asked in ASKED.items() if name != "events"}
"""All but the stream, whose few bytes wait in the kernel while there is no news."""

each_way = pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])


@attrs.frozen
class Certified:
    """Both ends of TLS."""

    server: ssl.SSLContext
    client: ssl.SSLContext


@pytest.fixture(scope="module")
def certified() -> Certified:
    authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost", key_type=trustme.KeyType.ECDSA).configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return Certified(server, client)


Connect = Callable[[], trio.abc.Stream]


def connecting(running: Running, certified: Certified | None) -> Connect:
    """Return what connects the attacker, by TLS if there is a certificate."""
    if certified is None:
        return lambda: running.whole.connect(ATTACKER).client
    running.server._guard.renew(certified.server)
    return lambda: trio.SSLStream(
        running.whole.connect(ATTACKER).client,
        certified.client,
        server_hostname="localhost",
        https_compatible=True,
    )


async def trickle(stream: trio.abc.Stream, data: bytes) -> None:
    """Send one byte a second, until the other end has enough."""
    try:
        for number in range(len(data)):
            await stream.send_all(data[number : number + 1])
            await trio.sleep(1.0)
    except (trio.BrokenResourceError, trio.ClosedResourceError):
        pass


async def over(stream: trio.abc.Stream) -> float:
    """Read until the connection ends; return when."""
    try:
        while await stream.receive_some(65536):
            pass
    except trio.BrokenResourceError:
        pass
    return trio.current_time()


def connections(running: Running) -> int:
    return running.server._guard._limits.total


async def together(
    running: Running,
    requests: dict[str, bytes],
    connect: Connect,
    meet: Callable[[str, bytes, trio.abc.Stream], Awaitable[None]],
) -> None:
    """Meet a server with all requests at once, each on a connection of its own."""
    async with trio.open_nursery() as nursery:
        for name, asked in requests.items():
            nursery.start_soon(meet, name, asked, connect())
    await trio.sleep(60 + LIMITS.link_silence_s)  # a lease is longest
    assert connections(running) == 0


@each_way
async def test_a_head_that_comes_byte_by_byte_has_its_time_and_no_more(
    autojump_clock: MockClock, certified: Certified, tls: bool
) -> None:
    async def meet(name: str, asked: bytes, stream: trio.abc.Stream) -> None:
        began = trio.current_time()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trickle, stream, asked)
            assert await over(stream) - began < LIMITS.opening_s + 2, name
            nursery.cancel_scope.cancel()

    async with serving(autojump_clock) as running:
        connect = connecting(running, certified if tls else None)
        await together(running, ASKED, connect, meet)


@each_way
async def test_a_body_that_comes_byte_by_byte_has_its_time_and_does_nothing(
    autojump_clock: MockClock, certified: Certified, tls: bool
) -> None:
    async def meet(name: str, asked: bytes, stream: trio.abc.Stream) -> None:
        head, _, content = asked.partition(b"\r\n\r\n")
        longer = head.replace(b"%d" % len(content), b"%d" % 100) + b"\r\n\r\n"
        began = trio.current_time()
        await stream.send_all(longer)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trickle, stream, content + b" " * 100)
            status, headers, _ = await Caller(stream).response()
            assert (status, headers["connection"]) == (408, "close"), name
            assert trio.current_time() - began < LIMITS.body_s + 1, name
            await over(stream)
            nursery.cancel_scope.cancel()

    async with serving(autojump_clock) as running:
        connect = connecting(running, certified if tls else None)
        await together(running, POSTED, connect, meet)
        assert not running.server.hall.parts.state.sessions


@each_way
async def test_a_body_above_its_limit_is_refused_before_it_comes(
    autojump_clock: MockClock, certified: Certified, tls: bool
) -> None:
    async def meet(name: str, asked: bytes, stream: trio.abc.Stream) -> None:
        head, _, content = asked.partition(b"\r\n\r\n")
        longer = head.replace(b"%d" % len(content), b"%d" % 10_000_000) + b"\r\n\r\n"
        status, headers, _ = await Caller(stream).call(longer)
        assert (status, headers["connection"]) == (413, "close"), name

    async with serving(autojump_clock) as running:
        connect = connecting(running, certified if tls else None)
        await together(running, POSTED, connect, meet)


@each_way
async def test_a_connection_that_falls_silent_is_closed(
    autojump_clock: MockClock, certified: Certified, tls: bool
) -> None:
    async def meet(name: str, asked: bytes, stream: trio.abc.Stream) -> None:
        await stream.send_all(asked)
        await Caller(stream).response()
        began = trio.current_time()
        assert await over(stream) - began < LIMITS.keep_alive_s + LIMITS.close_s + 1, name

    async with serving(autojump_clock) as running:
        connect = connecting(running, certified if tls else None)
        await together(running, ANSWERED, connect, meet)


@each_way
async def test_http_1_0_gets_one_answer_without_chunks(
    autojump_clock: MockClock, certified: Certified, tls: bool
) -> None:
    async def meet(name: str, asked: bytes, stream: trio.abc.Stream) -> None:
        await stream.send_all(asked.replace(b"HTTP/1.1", b"HTTP/1.0"))
        said = b""
        with trio.move_on_after(8.0):
            while data := bytes(await stream.receive_some()):
                said += data
        head = said.partition(b"\r\n\r\n")[0].lower()
        assert b"transfer-encoding" not in head, name
        assert b"connection: close" in head, name
        await trio.aclose_forcefully(stream)

    async with serving(autojump_clock) as running:
        connect = connecting(running, certified if tls else None)
        await together(running, ASKED, connect, meet)


@each_way
async def test_a_peer_that_reads_nothing_is_cut(
    autojump_clock: MockClock, certified: Certified, tls: bool
) -> None:
    async def meet(_name: str, asked: bytes, stream: trio.abc.Stream) -> None:
        await stream.send_all(asked)
        await trio.sleep(LIMITS.keep_alive_s)

    async with serving(autojump_clock) as running:
        connect, links = connecting(running, certified if tls else None), running.whole.net.links

        def stalled() -> trio.abc.Stream:
            stream = connect()
            if not tls:  # with TLS there is a handshake to read first
                links[-1].read_slowly(slow=True)
            return stream

        await together(running, ANSWERED, stalled, meet)


@each_way
async def test_a_stop_waits_for_no_reader_that_stalls(
    autojump_clock: MockClock, road: type[Client], certified: Certified, tls: bool
) -> None:
    async with opened(autojump_clock, road, certified.client if tls else None) as house:
        running = house.running
        connect = connecting(running, certified if tls else None)
        ann, bob = await house.together()
        watcher = connect()
        await watcher.send_all(ASKED["events"])
        await watcher.receive_some()
        for link in running.whole.net.links:
            link.read_slowly(slow=True)
        carl = await house.guest("Carl", OverWebSocket)
        for number in range(5):
            await carl.ask("chat.send", channel="global", text=f"{number} {'x' * 250}")
        began = trio.current_time()
        running.server.stop()
        goodbye = await carl.wait("goodbye")
        assert goodbye.fields["code"] == "server_stopping"
        assert trio.current_time() - began < 2.0
        await running.server.stopped.wait()
        assert trio.current_time() - began < running.server.settings.stop_after_s + 2
        del ann, bob
