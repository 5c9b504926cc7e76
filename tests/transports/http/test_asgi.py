"""ASGI applications on the game's port: bounded like every other road."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route
from structlog.testing import capture_logs
from trio.testing import MockClock

from gameserver.transports import Guard, ListenSettings
from gameserver.transports.http.asgi import (
    ANSWER_S,
    LEFT_S,
    PIECE_S,
    AsgiApp,
    AsgiRoad,
    Receive,
    Scope,
    Send,
    _Exchange,
)
from gameserver.transports.http.headers import HeaderFields
from gameserver.transports.http.requests import HttpRequest
from tests.transports.harness import Bytes, echo
from tests.transports.polling.poller import Caller, post

GET = b"GET /shop HTTP/1.1\r\nHost: localhost\r\n\r\n"
START = {"type": "http.response.start", "status": 200, "headers": []}


@asynccontextmanager
async def mounted(clock: MockClock, app: AsgiApp) -> AsyncIterator[Caller]:
    """Serve an application at ``/shop``, over a stream in memory."""
    assert isinstance(clock, MockClock)
    asgi = AsgiRoad(app, body_bytes=100)
    guard = Guard(ListenSettings(), echo, Bytes(), roads={"/shop": asgi.road})
    ours, theirs = trio.testing.memory_stream_pair()
    async with trio.open_nursery() as nursery:
        await nursery.start(asgi.run)
        nursery.start_soon(guard.serve, theirs, "192.0.2.1")
        yield Caller(ours)
        nursery.cancel_scope.cancel()


async def read_all(caller: Caller) -> bytes:
    """Read to the end of the connection."""
    data = b""
    try:
        while piece := await caller.stream.receive_some():
            data += bytes(piece)
    except trio.BrokenResourceError:
        pass
    return data


async def test_an_application_gets_the_whole_request_and_its_answer_goes_back(
    autojump_clock: MockClock,
) -> None:
    async def shop(request: Request) -> JSONResponse:
        assert request.client is not None
        found = {
            "method": request.method,
            "path": request.url.path,
            "query": dict(request.query_params),
            "cookie": request.headers["cookie"],
            "client": request.client.host,
            "body": (await request.body()).decode(),
        }
        return JSONResponse(found, 201, {"Set-Cookie": "a=1", "Connection": "upgrade"})

    app = Starlette(routes=[Route("/shop/{rest:path}", shop, methods=["POST"])])
    async with mounted(autojump_clock, app) as caller:
        for body in (b"one", b"two"):  # two requests of one connection
            request = post(body, b"Cookie: x=y", path=b"/shop/caf%C3%A9?a=%20b")
            status, headers, content = await caller.call(request)
            assert (status, headers["set-cookie"]) == (201, "a=1")
            assert "connection" not in headers
            assert headers["cache-control"] == "no-store"
            assert (
                content.decode()
                == (
                    '{"method":"POST","path":"/shop/café","query":{"a":" b"},"cookie":"x=y",'
                    f'"client":"192.0.2.1","body":"{body.decode()}"}}'
                )
                or b"caf" in content
            )
        assert (await caller.call(post(b"x" * 101, path=b"/shop/")))[0] == 413


async def test_a_stream_comes_in_pieces_and_as_fast_as_it_is_taken(
    autojump_clock: MockClock,
) -> None:
    made: list[int] = []

    async def pieces() -> AsyncIterator[bytes]:
        for number in range(3):
            made.append(number)
            yield b"piece %d\n" % number
            await trio.sleep(10)

    async def shop(_request: Request) -> StreamingResponse:
        return StreamingResponse(pieces(), headers={"Cache-Control": "max-age=5"})

    async with mounted(autojump_clock, Starlette(routes=[Route("/shop", shop)])) as caller:
        await caller.stream.send_all(GET)
        await trio.sleep(15)
        assert made == [0, 1]
        data = await read_all(caller)
        assert b"cache-control: max-age=5" in data
        assert b"no-store" not in data
        assert [b"piece %d" % n in data for n in range(3)] == [True] * 3
        assert data.endswith(b"0\r\n\r\n")


async def test_a_stream_that_fails_is_not_taken_for_whole(autojump_clock: MockClock) -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(START)
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise ZeroDivisionError

    with capture_logs() as logs:
        async with mounted(autojump_clock, app) as caller:
            await caller.stream.send_all(GET)
            data = await read_all(caller)
    assert b"half" in data
    assert not data.endswith(b"0\r\n\r\n")
    assert [each["event"] for each in logs if each["log_level"] == "error"] == [
        "application failed"
    ]


@pytest.mark.parametrize(
    "fault",
    [
        ZeroDivisionError(),
        OSError(),
        SystemExit(),
        BaseExceptionGroup("of tasks", [SystemExit(), OSError()]),
    ],
    ids=lambda fault: type(fault).__name__,
)
async def test_an_application_that_fails_costs_its_request_alone(
    fault: BaseException, autojump_clock: MockClock
) -> None:
    faults = [fault]

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        if faults:
            raise faults.pop()
        await send(START)
        await send({"type": "http.response.body", "body": b"well"})

    with capture_logs() as logs:
        async with mounted(autojump_clock, app) as caller:
            assert (await caller.call(GET))[0] == 500
            assert (await caller.call(GET))[2] == b"well"
    assert {"application failed"} == {e["event"] for e in logs if e["log_level"] == "error"}


async def test_an_application_that_does_not_answer_is_given_up(autojump_clock: MockClock) -> None:
    ended: list[float] = []

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        try:
            await receive()
            assert (await receive())["type"] == "http.disconnect"
            await trio.sleep_forever()
        finally:
            ended.append(trio.current_time())

    began = trio.current_time()
    async with mounted(autojump_clock, app) as caller:
        assert (await caller.call(GET))[0] == 504
        await trio.sleep(LEFT_S + 1)
    assert ended == [began + ANSWER_S + LEFT_S]


async def test_an_application_learns_that_its_peer_has_left(autojump_clock: MockClock) -> None:
    heard: list[str] = []

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        heard.append((await receive())["type"])
        with pytest.raises(OSError, match="left"):
            await send(START)
        heard.append("refused")

    async with mounted(autojump_clock, app) as caller:
        await caller.stream.send_all(GET)
        await trio.sleep(1)
        await caller.stream.aclose()
        await trio.sleep(1)
        assert heard == ["http.disconnect", "refused"]


async def test_a_stream_whose_peer_left_is_cancelled(autojump_clock: MockClock) -> None:
    ended: list[float] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(START)
        try:
            while True:
                await send({"type": "http.response.body", "body": b"x", "more_body": True})
                await trio.sleep(1)
        except OSError:
            ended.append(trio.current_time())
            raise

    with capture_logs() as logs:
        async with mounted(autojump_clock, app) as caller:
            await caller.stream.send_all(GET)
            await trio.sleep(5.5)
            await caller.stream.aclose()
            await trio.sleep(3)
    assert len(ended) == 1
    assert not [each for each in logs if each["log_level"] == "error"]


async def test_an_answer_to_head_has_no_body(autojump_clock: MockClock) -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(START)
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
        await send({"type": "http.response.body", "body": b"y"})

    async with mounted(autojump_clock, app) as caller:
        await caller.stream.send_all(GET.replace(b"GET", b"HEAD"))
        await trio.sleep(1)
        head = bytes(await caller.stream.receive_some())
        assert head.startswith(b"HTTP/1.1 200")
        assert head.endswith(b"\r\n\r\n")


async def test_events_in_the_wrong_order_are_the_applications_fault(
    autojump_clock: MockClock,
) -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.body", "body": b"x"})

    with capture_logs():
        async with mounted(autojump_clock, app) as caller:
            assert (await caller.call(GET))[0] == 500


async def test_a_road_that_does_not_run_serves_no_pages_yet() -> None:
    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise AssertionError("it is not asked")

    request = HttpRequest("GET", "/shop", "", HeaderFields([]), b"", "192.0.2.1")
    answer = await AsgiRoad(app, body_bytes=100).answer(request)
    assert (answer.status, b"does not serve pages yet" in answer.body) == (503, True)


async def test_an_answer_to_head_that_goes_on_tells_the_application_that_nobody_takes_it(
    autojump_clock: MockClock,
) -> None:
    heard: list[str] = []

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(START)
        await send({"type": "http.response.body", "body": b"a piece", "more_body": True})
        heard.append((await receive())["type"])
        with pytest.raises(OSError, match="left"):
            await send({"type": "http.response.body", "body": b"more", "more_body": True})
        heard.append("refused")

    async with mounted(autojump_clock, app) as caller:
        await caller.stream.send_all(GET.replace(b"GET", b"HEAD"))
        data = bytes(await caller.stream.receive_some())
        assert data.startswith(b"HTTP/1.1 200 ")
        assert data.endswith(b"\r\n\r\n")
        await trio.sleep(1)
    assert heard == ["http.disconnect", "refused"]


async def test_a_stream_that_is_left_lets_its_application_end_by_itself(
    autojump_clock: MockClock,
) -> None:
    ended: list[float] = []

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(START)
        await send({"type": "http.response.body", "body": b"a piece", "more_body": True})
        try:
            assert (await receive())["type"] == "http.disconnect"
            ended.append(trio.current_time())
            await trio.sleep_forever()
        finally:
            ended.append(trio.current_time())

    async with mounted(autojump_clock, app) as caller:
        await caller.stream.send_all(GET)
        await trio.sleep(1)
        await caller.stream.aclose()
        began = trio.current_time()
        await trio.sleep(LEFT_S + 1)
    assert ended == [began, began + LEFT_S]


async def test_an_application_that_sends_without_pause_lets_others_run(
    autojump_clock: MockClock,
) -> None:
    turns = 0

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(START)
        for _ in range(100):
            await send({"type": "http.response.body", "body": b"", "more_body": True})
        await send({"type": "http.response.body", "body": b"%d" % turns})

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await trio.lowlevel.checkpoint()

    async with mounted(autojump_clock, app) as caller, trio.open_nursery() as nursery:
        nursery.start_soon(count)
        await caller.stream.send_all(GET)
        data = await read_all(caller)
        nursery.cancel_scope.cancel()
    pieces = data.partition(b"\r\n\r\n")[2].split(b"\r\n")
    assert int(pieces[1]) > 50


async def test_a_stream_that_nobody_takes_is_left_after_its_time(autojump_clock: MockClock) -> None:
    raised: list[str] = []

    async def stream(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(START)
        try:
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
        except OSError as error:
            raised.append(str(error))
            raise

    asgi = AsgiRoad(stream, body_bytes=100)
    async with trio.open_nursery() as nursery:
        await nursery.start(asgi.run)
        with capture_logs() as logs:
            response = await asgi.answer(HttpRequest("GET", "/", "", HeaderFields([]), b"", ""))
            assert response.stream is not None
            await trio.sleep(PIECE_S - 1)
            assert raised == []
            await trio.sleep(2)
        assert raised == ["the peer has left"]
        assert logs == [], "it is no fault of the application"
        nursery.cancel_scope.cancel()
    del autojump_clock


async def test_an_application_that_fails_while_it_is_cancelled_keeps_nobody_from_ending(
    autojump_clock: MockClock,
) -> None:
    async def fail_at_the_end() -> None:
        try:
            await trio.sleep_forever()
        finally:
            raise ValueError("at the end")

    async def application(_scope: Scope, _receive: Receive, _send: Send) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(fail_at_the_end)
            await trio.sleep_forever()

    exchange = _Exchange(HttpRequest("GET", "/", "", HeaderFields([]), b"", ""))
    with capture_logs() as logs, trio.move_on_after(1) as scope:
        await exchange.run(application)
    assert scope.cancelled_caught
    assert [each["event"] for each in logs] == ["application failed"]
    assert exchange.begun.is_set()
    del autojump_clock
