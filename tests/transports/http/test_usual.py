"""The short way to a usual request leads where h11 leads, and takes nothing that h11 refuses."""

import time
from collections.abc import AsyncGenerator
from typing import Any

import h11
import pytest
import trio
import trio.testing
from hypothesis import given, settings
from hypothesis import strategies as st

from gameserver.transports import ListenSettings
from gameserver.transports.answers import HttpAnswer
from gameserver.transports.http import connection, usual
from gameserver.transports.http.connection import HEAD_END, HttpConnection
from gameserver.transports.http.headers import HeaderFields
from gameserver.transports.http.requests import HttpRequest, HttpResponse, Road
from gameserver.transports.http.responses import asked
from gameserver.transports.http.usual import RequestHead, response_bytes, usual_head

USUAL = b"POST /poll?a=b HTTP/1.1\r\nHost: x:1\r\ncontent-type: a/b\r\nContent-Length: 3\r\n\r\n"


def by_h11(head: bytes) -> RequestHead | None:
    """Return what h11 reads of a whole head; None if it refuses it."""
    http = h11.Connection(h11.SERVER)
    http.receive_data(head)
    try:
        event = http.next_event()
    except h11.RemoteProtocolError:
        return None
    if not isinstance(event, h11.Request):
        return None
    headers = HeaderFields(event.headers)
    length = headers.only(b"content-length")
    return RequestHead(event.method, event.target, headers, int(length or 0))


def same(one: RequestHead, other: RequestHead) -> bool:
    return (one.method, one.target, one.length, one.headers.pairs()) == (
        other.method, other.target, other.length, other.headers.pairs(),
    )  # fmt: skip


def test_a_usual_head_is_read() -> None:
    head = usual_head(USUAL + b"abc", len(USUAL))
    assert head is not None
    assert (head.method, head.target, head.length) == (b"POST", b"/poll?a=b", 3)
    assert head.headers.only(b"content-type") == b"a/b"
    plain = b"GET / HTTP/1.1\r\nHost:x\r\nX-Empty:\r\nX-Spaced: \t a  b \t \r\n\r\n"
    head = usual_head(plain, len(plain))
    assert head is not None
    assert head.length == 0
    assert head.headers.only(b"x-spaced") == b"a  b"
    assert head.headers.only(b"x-empty") == b""


@pytest.mark.parametrize(
    "line",
    [
        b"Transfer-Encoding: chunked", b"Connection: close", b"Connection: keep-alive",
        b"Expect: 100-continue", b"Upgrade: websocket", b"TE: trailers", b"Trailer: x",
        b"Content-Length: 3", b"Content-Length: 4", b"Host: y", b"X y: 1", b"X : 1", b": 1", b"x",
        b" folded", b"X: a\0b", b"X: a\x7fb", b"X: \xff", b"X: a\rb", b"X: a\nY: b",
    ],
)  # fmt: skip
def test_whatever_is_unusual_is_left_to_h11(line: bytes) -> None:
    head = USUAL[:-2] + line + b"\r\n\r\n"
    assert usual_head(head, len(head)) is None


def test_blanks_without_a_value_are_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usual, "LONGEST_HEAD", 1 << 20)
    head = USUAL[:-2] + b"X:" + b" " * (1 << 16) + b"\xff\r\n\r\n"
    began = time.process_time()
    assert usual_head(head, len(head)) is None
    # Each blank once is a millisecond of the processor; each with all behind it is 10 s.
    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    "head",
    [
        b"POST /poll HTTP/1.1\r\n\r\n",  # no host
        b"POST /poll HTTP/1.0\r\nHost: x\r\n\r\n",
        b"PUT /poll HTTP/1.1\r\nHost: x\r\n\r\n",
        b"HEAD /poll HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST poll HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST http://x/poll HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST  /poll HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /poll HTTP/1.1\nHost: x\r\n\r\n",
        b"POST /po\xc3ll HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /poll HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /poll HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\n",
        b"POST /poll HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3\r\n\r\n",
        b"POST /poll HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n",
        b"POST /poll HTTP/1.1\r\nHost: x\r\n" + 64 * b"X: y\r\n" + b"\r\n",
        b"POST /poll HTTP/1.1\r\nHost: x\r\nX: " + 4096 * b"y" + b"\r\n\r\n",
    ],
)
def test_other_requests_are_left_to_h11(head: bytes) -> None:
    assert usual_head(head, len(head)) is None


LINES = st.sampled_from(
    [
        b"Host: x", b"host:y", b"Content-Length: 5", b"content-length:5", b"Content-Length: 05",
        b"Origin: https://a.example", b"Accept: */*", b"X:", b"X: \t", b"X: a\tb", b"X: \xe9",
        b"X-\xe9: 1", b"(x): 1", b"Transfer-Encoding: chunked", b"Connection: close", b"\tX: 1",
    ]
) | st.binary(max_size=12)  # fmt: skip
FIRST = st.sampled_from(
    [
        b"GET / HTTP/1.1", b"POST /a?b=%20c HTTP/1.1", b"POST /a#b HTTP/1.1", b"get / HTTP/1.1",
        b"GET * HTTP/1.1", b"GET / HTTP/1.1 ", b"GET /a b HTTP/1.1", b"GET /\x00 HTTP/1.1",
    ]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(FIRST, st.lists(LINES, max_size=6))
def test_what_is_read_is_what_h11_reads(first: bytes, lines: list[bytes]) -> None:
    head = b"\r\n".join([first, *lines]) + HEAD_END
    head = head[: head.find(HEAD_END) + 4]
    read = usual_head(head, len(head))
    if read is not None:
        judged = by_h11(head)
        assert judged is not None
        assert same(read, judged)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([200, 201, 400, 404, 413]),
    st.lists(
        st.tuples(st.sampled_from([b"etag", b"X-A"]), st.sampled_from([b"1", b'"a b"', b"\xe9"]))
    ),
    st.binary(max_size=20),
)
def test_a_response_has_the_bytes_of_h11(
    status: int, headers: list[tuple[bytes, bytes]], sent: bytes
) -> None:
    headers = [*headers, (b"content-length", b"%d" % len(sent))]
    http = asked()
    wanted = http.send(h11.Response(status_code=status, headers=headers))
    wanted += http.send(h11.Data(data=sent)) + http.send(h11.EndOfMessage())
    assert response_bytes(status, headers, sent) == wanted


@pytest.mark.parametrize(
    "field", [(b"X", b"a\r\nSet-Cookie: b"), (b"X", b"a\n"), (b"X\r\nY", b"a"), (b"X", b"\0")]
)
def test_no_response_is_split(field: tuple[bytes, bytes]) -> None:
    with pytest.raises(ValueError, match="no header of a response"):
        response_bytes(200, [field], b"")


async def pieces() -> AsyncGenerator[bytes, None]:
    yield b"one"
    yield b"two"


def answering(told: list[Any]) -> Road:
    """Return a road that lists what it was asked."""

    async def answer(request: HttpRequest) -> HttpResponse:
        await trio.lowlevel.checkpoint()
        told.append((request.method, request.path, request.query, request.body))
        if request.query == "304":
            return HttpResponse(304, headers=(("ETag", '"1"'),))
        if request.query == "stream":
            return HttpResponse(200, stream=pieces())
        return HttpResponse(200, request.body[::-1], headers=(("X-Road", "a"),))

    return Road(answer, 20, watches=True)


async def conversation(sent: bytes, cuts: list[int], *, short: bool) -> tuple[bytes, list[Any]]:
    """Return what a peer receives for these bytes, and the requests that the road was asked."""
    asked: list[Any] = []

    with pytest.MonkeyPatch.context() as patch:
        if not short:
            patch.setattr(connection, "usual_head", lambda *_: None)
        client, server = trio.testing.memory_stream_pair()
        http = h11.Connection(h11.SERVER)
        http.receive_data(b"POST /road HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n!")
        first = http.next_event()
        assert isinstance(first, h11.Request)
        served = HttpConnection(
            server, http, ListenSettings(), {"/road": answering(asked)},
            peer="", local="",
        )  # fmt: skip
        received = b""
        async with trio.open_nursery() as nursery:

            async def turn(_client: str) -> None:
                await trio.lowlevel.checkpoint()

            async def serve() -> None:
                with trio.CancelScope():
                    await served.serve(
                        first,
                        lambda _: HttpAnswer(404, "no"),
                        turn,
                    )
                await server.aclose()

            nursery.start_soon(serve)
            at = 0
            for cut in [*sorted(cuts), len(sent)]:
                if cut > at:
                    try:
                        await client.send_all(sent[at:cut])
                    except trio.BrokenResourceError:
                        break
                    at = cut
                    await trio.testing.wait_all_tasks_blocked()
            await client.send_eof()
            while data := await client.receive_some(65536):
                received += bytes(data)
    return received, asked


REQUESTS = [
    b"POST /road HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
    b"GET /road/more?q HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /road?304 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"HEAD /road HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /road HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
    b"POST /road HTTP/1.1\r\nHost: x\r\nContent-Length: 21\r\n\r\n" + 21 * b"z",
    b"GET /road?stream HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /other HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /road HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"POST /road HTTP/1.1\r\nHost: x\r\nOrigin: https://e.example\r\nContent-Length: 2\r\n\r\nno",
    b"GET /road HTTP/1.1\nHost: x\n\n",
    b"GET /road HTTP/1.1\r\n\r\n",
    b"POST /road HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nshort",
    b"nonsense\r\n\r\n",
]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(REQUESTS), max_size=4), st.lists(st.integers(1, 250), max_size=3))
def test_a_whole_conversation_has_the_same_bytes_either_way(
    requests: list[bytes], cuts: list[int]
) -> None:
    sent = b"".join(requests)
    usual = trio.run(lambda: conversation(sent, cuts, short=True))
    whole = trio.run(lambda: conversation(sent, cuts, short=False))
    assert usual == whole


async def test_a_body_that_was_refused_is_never_read_as_a_request() -> None:
    hidden = b"GET /road?hidden HTTP/1.1\r\nHost: x\r\n\r\n"
    sent = REQUESTS[9].replace(b"Content-Length: 2\r\n\r\nno", b"Content-Length: %d\r\n\r\n%b"
                               % (len(hidden), hidden))  # fmt: skip
    received, asked = await conversation(sent, [], short=True)
    assert received.endswith(b"this server\n") or b"403" in received
    assert b"connection: close" in received
    assert [row[2] for row in asked] == [""]
