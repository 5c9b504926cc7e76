"""HTTP on the game's port: one request after the other, each step with a bound."""

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import h11
import pytest
import trio
from trio.testing import memory_stream_pair, wait_all_tasks_blocked

from gameserver.transports import ListenSettings
from gameserver.transports.http.connection import HttpConnection
from gameserver.transports.http.requests import HttpRequest, HttpResponse, Road
from gameserver.transports.listener import Guard
from tests.transports.harness import Bytes, echo, serving
from tests.transports.polling.poller import Caller, body, post

PAGE = "https://game.example"


async def test_a_page_on_the_same_connection_is_answered_and_ends_it() -> None:
    async with serving() as port:
        caller = await Caller.dial(port)
        async with caller.stream:
            await caller.exchange(body(1))
            status, headers, content = await caller.call(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (status, headers["connection"]) == (200, "close")
            assert b"gameserver" in content
            with pytest.raises(EOFError):
                await caller.response()


async def test_two_requests_at_once_are_answered_in_order() -> None:
    async with serving() as port:
        caller = await Caller.dial(port)
        async with caller.stream:
            await caller.stream.send_all(post(body(1, b"a")) + post(body(2, b"b", wait_ms=200)))
            assert (await caller.response())[0] == 200
            assert (await caller.response())[0] == 200


async def test_a_usual_request_behind_the_first_is_read_without_h11(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def ask(_connection: HttpConnection) -> None:
        raise AssertionError("h11 is asked")

    async with serving() as port:
        caller = await Caller.dial(port)
        async with caller.stream:
            await caller.exchange(body(1))
            monkeypatch.setattr(HttpConnection, "_ask_h11", ask)
            for number, cut in ((2, 0), (3, 20)):
                request = post(body(number))
                await caller.stream.send_all(request[:cut])
                await wait_all_tasks_blocked(0.01)
                assert (await caller.call(request[cut:]))[0] == 200


@pytest.mark.parametrize(
    ("origin", "status"), [(PAGE, 200), ("https://evil.example", 403), ("null", 403)]
)
async def test_pages_of_other_origins_are_refused_and_allowed_ones_are_told_so(
    origin: str, status: int
) -> None:
    async with serving(settings=ListenSettings(allowed_origins=(PAGE,))) as port:
        caller = await Caller.dial(port)
        async with caller.stream:
            request = post(body(1), b"Origin: " + origin.encode())
            found, headers, _ = await caller.call(request)
            assert found == status
            assert headers.get("access-control-allow-origin") == (origin if status == 200 else None)
            assert headers["x-content-type-options"] == "nosniff"


async def test_a_browser_that_asks_first_is_told_what_it_may_send() -> None:
    async with serving(settings=ListenSettings(allowed_origins=(PAGE,))) as port:
        caller = await Caller.dial(port)
        async with caller.stream:
            ask = post(
                b"",
                b"Origin: " + PAGE.encode(),
                b"Access-Control-Request-Method: POST",
                method=b"OPTIONS",
            )
            status, headers, _ = await caller.call(ask)
            assert status == 204
            assert headers["access-control-allow-origin"] == PAGE
            assert "POST" in headers["access-control-allow-methods"]
            assert "Content-Type" in headers["access-control-allow-headers"]
            assert (await caller.call(post(body(1))))[0] == 200


async def test_a_body_that_does_not_come_is_refused() -> None:
    async with serving(settings=ListenSettings(body_s=0.1)) as port:
        caller = await Caller.dial(port)
        async with caller.stream:
            status, headers, content = await caller.call(post(body(1))[:-1])
            assert (status, headers["connection"]) == (408, "close")
            assert b"0.1 s" in content


async def test_a_connection_without_a_further_request_is_closed() -> None:
    async with serving(settings=ListenSettings(keep_alive_s=0.1)) as port:
        caller = await Caller.dial(port)
        async with caller.stream:
            await caller.exchange(body(1))
            with trio.fail_after(2), pytest.raises(EOFError):
                await caller.response()


async def test_a_client_that_waits_for_leave_to_send_its_body_gets_it() -> None:
    async with serving() as port:
        caller = await Caller.dial(port)
        async with caller.stream:
            request = post(body(1), b"Expect: 100-continue")
            head, content = request.split(b"\r\n\r\n")
            await caller.stream.send_all(head + b"\r\n\r\n")
            assert (await caller.response())[0] == 100
            await caller.stream.send_all(content)
            assert (await caller.response())[0] == 200


async def test_a_reader_that_stalls_is_cut_and_holds_nobody() -> None:
    settings = ListenSettings(send_s=0.2, send_buffer_bytes=4096, reliable_bytes=8_000_000)

    async def flood(link: object) -> None:
        link.post_all([bytes(4_000_000)])  # type: ignore[attr-defined]
        await trio.sleep_forever()

    async with serving(flood, settings) as port:
        caller = await Caller.dial(port)
        async with caller.stream:
            await caller.stream.send_all(post(body(1, b"hello", wait_ms=1000)))
            await trio.sleep(1.0)
            with pytest.raises((EOFError, trio.BrokenResourceError)):
                await caller.response()


async def test_a_broken_second_request_ends_the_connection() -> None:
    async with serving() as port:
        caller = await Caller.dial(port)
        async with caller.stream:
            await caller.exchange(body(1))
            await caller.stream.send_all(b"\x00\xff what is this\r\n\r\n")
            with pytest.raises((EOFError, trio.BrokenResourceError)):
                await caller.response()


@pytest.mark.parametrize("coding", [b"gzip", b"deflate", b"br", b"zstd", b"gzip, identity", b"x"])
async def test_a_compressed_body_is_refused_and_the_connection_goes_on(coding: bytes) -> None:
    async with serving() as port:
        caller = await Caller.dial(port)
        async with caller.stream:
            request = post(gzip.compress(body(1)), b"Content-Encoding: " + coding)
            status, _, content = await caller.call(request)
            assert (status, b"without compression" in content) == (415, True)
            plain = post(body(1), b"Content-Encoding: Identity")
            assert (await caller.call(plain))[0] == 200


# --- roads that pages of other sites may lead to --------------------------------------------------


@asynccontextmanager
async def invited() -> AsyncIterator[tuple[Caller, list[HttpRequest]]]:
    """A connection to a server with a road for invite links, and what the road was asked."""
    asked: list[HttpRequest] = []

    async def answer(request: HttpRequest) -> HttpResponse:
        await trio.lowlevel.checkpoint()
        asked.append(request)
        return HttpResponse(200, b"come in")

    roads = {"/join": Road(answer, body_bytes=3, linkable=True)}
    ours, theirs = memory_stream_pair()
    async with trio.open_nursery() as nursery:
        guard = Guard(ListenSettings(), echo, Bytes(), roads=roads)
        nursery.start_soon(guard.serve, ours, "192.0.2.1")
        yield Caller(theirs), asked
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize(
    "field",
    [b"Origin: https://evil.example", b"Origin: null", b"Sec-Fetch-Site: cross-site", b"X: y"],
)
async def test_a_page_of_any_site_may_lead_to_a_linkable_road(field: bytes) -> None:
    async with invited() as (caller, asked):
        request = post(b"abc", field, path=b"/join/den?seat=2")
        assert (await caller.call(request))[::2] == (200, b"come in")
        (got,) = asked
        assert (got.method, got.path, got.query) == ("POST", "/join/den", "seat=2")
        assert (got.body, got.peer) == (b"abc", "192.0.2.1")


async def test_a_linkable_road_refuses_foreign_names_long_bodies_and_two_lengths() -> None:
    request = post(b"abc", path=b"/join")
    chunked = b"GET /join HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
    for wrong, status in (
        (request.replace(b"localhost", b"evil.example"), 403),
        (post(b"abcd", path=b"/join"), 413),
        (chunked + b"Content-Length: 3\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 400),
    ):
        async with invited() as (caller, asked):
            assert (await caller.call(wrong))[0] == status
            assert asked == []


@pytest.mark.parametrize(
    "fields", [(b"Origin: https://p\xe4ge.example",), (b"Origin: http://localhost",) * 2]
)
async def test_an_origin_that_is_none_or_two_is_foreign(fields: tuple[bytes, ...]) -> None:
    async with serving() as port:
        caller = await Caller.dial(port)
        async with caller.stream:
            assert (await caller.call(post(body(1), *fields)))[0] == 403


async def test_a_socket_that_fails_at_a_write_is_a_peer_that_is_gone() -> None:
    ours, _ = memory_stream_pair()
    http = h11.Connection(h11.SERVER)
    connection: Any = HttpConnection(ours, http, ListenSettings(), {}, peer="", local="")

    def write(_data: bytes) -> int:
        raise ConnectionResetError

    connection._direct = SimpleNamespace(write=write)
    with pytest.raises(trio.BrokenResourceError) as broken:
        await connection._send_bytes(b"x")
    assert isinstance(broken.value.__cause__, ConnectionResetError)
