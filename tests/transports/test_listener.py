import contextlib
import errno
from collections.abc import Iterator

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock, lockstep_stream_pair, memory_stream_pair, wait_all_tasks_blocked
from trio_websocket import ConnectionClosed, WebSocketConnection, wrap_client_stream

from gameserver.transports import HttpAnswer, ListenSettings
from gameserver.transports.http.requests import (
    HttpRequest,
    HttpResponse,
    Road,
    SocketProfile,
    SocketRequest,
)
from gameserver.transports.listener import REQUEST_S, Guard, _local_address
from tests.transports.harness import (
    Bytes,
    answer_to,
    assert_serves,
    dial,
    echo,
    listen,
    serving,
    shake_hands,
)
from tests.transports.peers import request_head
from tests.transports.polling.poller import Caller, body, post


async def test_other_subprotocols_are_refused_with_400() -> None:
    async with serving() as port:
        for offered in (None, "gameserver.v2"):
            answer = await answer_to(port, request_head(**{"Sec-WebSocket-Protocol": offered}))
            assert answer.startswith(b"HTTP/1.1 400")
            assert b"gameserver.v1" in answer


async def test_a_browser_gets_a_page() -> None:
    async with serving() as port:
        answer = await answer_to(port, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"To play" in answer


async def test_a_full_server_refuses_with_a_reason_and_accepts_again_after_a_leave() -> None:
    async with serving(settings=ListenSettings(max_connections=2)) as port, dial(port):
        async with dial(port):
            answer = await answer_to(port, request_head())
            assert answer.startswith(b"HTTP/1.1 503")
            assert b"Retry-After" in answer
        while True:
            stream = await trio.open_tcp_stream("127.0.0.1", port)
            async with stream:
                await stream.send_all(request_head())
                if (await stream.receive_some()).startswith(b"HTTP/1.1 101"):
                    break


async def test_a_silent_opening_is_ended_after_its_time(autojump_clock: MockClock) -> None:  # noqa: ARG001
    ours, theirs = memory_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Guard(ListenSettings(), echo, Bytes()).serve, ours)
        assert (await theirs.receive_some()).startswith(b"HTTP/1.1 408")
        assert trio.current_time() == pytest.approx(5.0)
        with contextlib.suppress(trio.BrokenResourceError):
            while True:
                await theirs.send_all(b"x")
                await trio.sleep(0.1)
    assert trio.current_time() <= 5.0 + 1.1


async def test_an_opening_sent_byte_by_byte_gets_no_more_time(autojump_clock: MockClock) -> None:  # noqa: ARG001
    ours, theirs = memory_stream_pair()
    async with trio.open_nursery() as nursery:

        async def drip() -> None:
            with contextlib.suppress(trio.BrokenResourceError):
                for byte in request_head() * 10:
                    await theirs.send_all(bytes([byte]))
                    await trio.sleep(0.9)

        nursery.start_soon(drip)
        await Guard(ListenSettings(), echo, Bytes()).serve(ours)
        assert trio.current_time() <= 5.0 + 1.0


async def test_a_peer_that_does_not_read_the_answer_blocks_nothing(
    autojump_clock: MockClock,  # noqa: ARG001
) -> None:
    ours, theirs = lockstep_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(theirs.send_all, request_head())
        await Guard(ListenSettings(), echo, Bytes()).serve(ours)
    assert trio.current_time() == pytest.approx(5.0)


@pytest.mark.parametrize(("place", "waits"), [("admit", 1), ("turn", 3)])
@pytest.mark.parametrize("proxies", [0, 1])
async def test_what_a_peer_waits_for_us_is_not_taken_from_its_time(
    autojump_clock: MockClock,  # noqa: ARG001
    place: str,
    waits: int,
    proxies: int,
) -> None:
    async def wait(_: str | float) -> None:
        await trio.sleep(30)

    async def send(stream: trio.abc.SendStream) -> None:
        head = request_head(extra={"X-Forwarded-For": "192.0.2.1"})
        await stream.send_all(head[:20])
        await wait_all_tasks_blocked()
        await stream.send_all(head[20:])

    guard = Guard(ListenSettings(trusted_proxies=proxies), echo, Bytes(), **{place: wait})
    async with trio.open_nursery() as nursery:
        ours, theirs = memory_stream_pair()
        nursery.start_soon(guard.serve, ours)
        nursery.start_soon(send, theirs)
        assert (await theirs.receive_some()).startswith(b"HTTP/1.1 101")
        nursery.cancel_scope.cancel()
    began = trio.current_time()
    near, far = lockstep_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(send, far)
        await guard.serve(near)
    assert trio.current_time() == pytest.approx(began + 30 * waits + 5)


async def test_accepting_continues_without_descriptors_and_after_early_disconnects(
    autojump_clock: MockClock,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    troubles = [errno.EMFILE, errno.ENFILE, errno.ENOBUFS]
    accept = trio.SocketListener.accept

    async def troubled(listener: trio.SocketListener) -> trio.SocketStream:
        if troubles:
            raise OSError(troubles.pop(), "as the kernel says it")
        return await accept(listener)

    monkeypatch.setattr(trio.SocketListener, "accept", troubled)
    async with trio.open_nursery() as nursery:
        port = await nursery.start(listen, ListenSettings(), echo)
        stream = await shake_hands(port)
        assert not troubles
        await stream.aclose()
        nursery.cancel_scope.cancel()


async def test_a_name_with_several_addresses_has_one_port() -> None:
    async with serving(settings=ListenSettings(hosts=("localhost",))) as port:
        await assert_serves(port)


async def test_a_full_server_still_answers_health_checks_and_refuses_all_else() -> None:
    pages = {
        "/health": lambda _: HttpAnswer(200, "ok", always=True),
        "/metrics": lambda _: HttpAnswer(200, "figures"),
    }
    settings = ListenSettings(max_connections=1, pages=pages)
    async with serving(settings=settings) as port, dial(port):
        for asked, expected in (
            (b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n", b"200"),
            (b"OPTIONS / HTTP/1.0\r\n\r\n", b"200"),
            (b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", b"503"),
            (request_head(), b"503"),
        ):
            assert (await answer_to(port, asked)).startswith(b"HTTP/1.1 " + expected)


async def test_a_silent_connection_to_a_full_server_is_told_that_it_is_full(
    autojump_clock: MockClock,  # noqa: ARG001
) -> None:
    ours, theirs = memory_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Guard(ListenSettings(max_connections=0), echo, Bytes()).serve, ours)
        assert (await theirs.receive_some()).startswith(b"HTTP/1.1 503")


async def test_silent_connections_to_a_full_server_do_not_block_health_checks() -> None:
    pages = {"/health": lambda _: HttpAnswer(200, "ok", always=True)}
    settings = ListenSettings(max_connections=0, max_refusals=2, pages=pages)
    check = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
    async with serving(settings=settings) as port:
        silent = [await trio.open_tcp_stream("127.0.0.1", port) for _ in range(5)]
        assert (await answer_to(port, check)).startswith(b"HTTP/1.1 200")
        for stream in silent:
            await stream.aclose()


async def test_only_refused_connections_that_still_wait_count_as_waiting() -> None:
    pages = {"/health": lambda _: HttpAnswer(200, "ok", always=True)}
    settings = ListenSettings(max_connections=0, max_refusals=2, pages=pages)
    guard = Guard(settings, echo, Bytes())
    check = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
    async with trio.open_nursery() as nursery:
        ours, first = memory_stream_pair()
        nursery.start_soon(guard.serve, ours)
        await wait_all_tasks_blocked()
        for _ in range(3):
            ours, other = memory_stream_pair()
            nursery.start_soon(guard.serve, ours)
            await other.send_all(check)
            await other.send_eof()
            assert (await other.receive_some()).startswith(b"HTTP/1.1 200")
            await wait_all_tasks_blocked()
        await first.send_all(check)
        assert (await first.receive_some()).startswith(b"HTTP/1.1 200")
        nursery.cancel_scope.cancel()


async def test_a_peer_may_still_send_for_a_moment_behind_the_last_answer_over_plain_http(
    autojump_clock: MockClock,  # noqa: ARG001
) -> None:
    ours, theirs = memory_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Guard(ListenSettings(), echo, Bytes()).serve, ours)
        await theirs.send_all(b"POST /poll HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n")
        await theirs.send_all(b"Connection: close\r\n\r\nno CBOR ..")
        assert (await theirs.receive_some()).startswith(b"HTTP/1.1 4")
        await trio.sleep(0.5)
        await theirs.send_all(b"more")  # raises if the connection is closed already


async def test_each_request_over_plain_http_waits_for_its_address_and_for_a_turn() -> None:
    waits: list[str | float] = []

    async def asked(peer: str) -> None:
        waits.append(peer)

    async def turn(seconds: float) -> None:
        waits.append(seconds)

    ours, theirs = memory_stream_pair()
    async with trio.open_nursery() as nursery:
        guard = Guard(ListenSettings(), echo, Bytes(), asked=asked, turn=turn)
        await nursery.start(guard.run)
        nursery.start_soon(guard.serve, ours, "192.0.2.1")
        caller = Caller(theirs)
        for number in (1, 2, 3):
            waits.clear()
            assert (await caller.call(post(body(number))))[0] == 200
            assert waits[-2:] == ["192.0.2.1", REQUEST_S]
        nursery.cancel_scope.cancel()


async def test_a_road_expects_a_websocket_before_its_handshake_is_answered() -> None:
    ours, theirs = memory_stream_pair()
    went: list[str] = []
    received: list[bytes] = []

    @contextlib.contextmanager
    def expect(request: SocketRequest) -> Iterator[None]:
        assert not received
        went.append(f"expected {request.query}")
        yield
        went.append("over")

    async def serve(_websocket: WebSocketConnection, request: SocketRequest) -> None:
        await wait_all_tasks_blocked()
        assert received[0].startswith(b"HTTP/1.1 101")
        went.append(f"accepted {request.query}")

    async def answer(_request: HttpRequest) -> HttpResponse:
        raise AssertionError("a WebSocket is no plain request")

    roads = {"/there": Road(answer, accept=serve, expect=expect)}
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Guard(ListenSettings(), echo, Bytes(), roads=roads).serve, ours)
        await theirs.send_all(request_head(target="/there?a=b"))
        while data := await theirs.receive_some():
            received.append(bytes(data))
    assert went == ["expected a=b", "accepted a=b", "over"]


PROFILE = SocketProfile(
    message_bytes=9, fragments=10, receive_bytes=4096, control_burst=10, deflate=False
)


@pytest.mark.parametrize(("profile", "most"), [(None, 5), (PROFILE, 9)])
async def test_a_roads_websocket_takes_text_up_to_the_roads_limit(
    profile: SocketProfile | None, most: int
) -> None:
    taken: list[object] = []

    async def serve(websocket: WebSocketConnection, _request: SocketRequest) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                taken.append(await websocket.get_message())

    async def answer(_request: HttpRequest) -> HttpResponse:
        raise AssertionError("a WebSocket is no plain request")

    ours, theirs = memory_stream_pair()
    roads = {"/there": Road(answer, body_bytes=5, accept=serve, profile=profile)}
    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(Guard(ListenSettings(), echo, Bytes(), roads=roads).serve, ours)
            peer = await wrap_client_stream(nursery, theirs, "localhost", "/there")
            await peer.send_message("h" * most)
            await peer.send_message(bytes(most))
            with contextlib.suppress(ConnectionClosed):
                await peer.send_message("h" * (most + 1))
                await peer.get_message()
            assert taken == ["h" * most, bytes(most)]
            assert peer.closed is not None
            assert peer.closed.code == 1009
            nursery.cancel_scope.cancel()


async def test_a_socket_whose_peer_is_gone_before_it_is_served_is_no_fault_of_ours() -> None:
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    async with listeners[0] as listener:
        stream = await trio.open_tcp_stream(*listener.socket.getsockname())
        stream.socket.close()
        with capture_logs() as logs:
            await Guard(ListenSettings(), echo, Bytes()).serve(stream)
        assert [each["event"] for each in logs] == ["connection ended"]
        with pytest.raises(trio.BrokenResourceError):
            _local_address(stream)


async def test_a_page_of_the_address_that_was_reached_may_connect_whatever_is_listened_on() -> None:
    guard = Guard(ListenSettings(hosts=("192.0.2.5",)), echo, Bytes())
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    here = f"127.0.0.1:{listener.socket.getsockname()[1]}"
    async with trio.open_nursery() as nursery:

        async def serve() -> None:
            async with listener:
                while True:
                    nursery.start_soon(guard.serve, await listener.accept())

        nursery.start_soon(serve)
        for origin, status in ((f"http://{here}", b"101"), ("http://192.0.2.7:1", b"403")):
            async with await trio.open_tcp_stream(*listener.socket.getsockname()) as stream:
                await stream.send_all(request_head(Host=here, Origin=origin))
                assert (await stream.receive_some()).startswith(b"HTTP/1.1 " + status)
        nursery.cancel_scope.cancel()
