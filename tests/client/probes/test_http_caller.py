"""Requests on one connection: what is sent, what is taken as an answer, and what ends it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import h11
import pytest
import trio
from trio.testing import memory_stream_pair

from gameserver.client.link.address import Address
from gameserver.client.probes import http as http_module
from gameserver.client.probes.http import HttpCaller
from gameserver.errors import ConnectionLostError

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Far:
    """The other end: keeps what was said, and answers each request with the next of its answers."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.said: list[bytes] = []
        self.opened = 0
        self.ended = trio.Event()
        self.closes = False
        """Whether it closes the connection behind an answer."""
        self.nursery: trio.Nursery | None = None

    async def open(self, _address: Address) -> trio.abc.Stream:
        await trio.lowlevel.checkpoint()
        self.opened += 1
        ours, theirs = memory_stream_pair()
        assert self.nursery is not None
        self.nursery.start_soon(self.serve, theirs)
        return ours

    async def serve(self, stream: trio.abc.Stream) -> None:
        async with stream:
            while data := bytes(await stream.receive_some()):
                self.said.append(data)
                if not self.answers:
                    return
                await stream.send_all(self.answers.pop(0))
                if self.closes:
                    break
        self.ended.set()


@asynccontextmanager
async def calling(*answers: bytes) -> AsyncIterator[tuple[HttpCaller, Far]]:
    far = Far(*answers)
    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            far.nursery = nursery
            yield HttpCaller(Address("localhost", 7777), far.open), far
            nursery.cancel_scope.cancel()


def fields(said: bytes) -> dict[str, str]:
    head = said.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in head)}


async def test_requests_go_one_after_the_other_over_one_connection() -> None:
    async with calling(OK, OK, OK) as (caller, far):
        assert far.opened == 0, "nothing is opened for nothing"
        assert await caller.call("GET", "/a", headers=[("x-y", "z")]) == b"ok"
        assert await caller.call("POST", "/b", b"body", "text/plain") == b"ok"
        assert await caller.call("POST", "/c") == b"ok"
        assert far.opened == 1
        get, post, empty = far.said
        assert get.startswith(b"GET /a HTTP/1.1\r\n")
        assert fields(get) == {"host": "localhost:7777", "x-y": "z"}
        assert fields(post) == {
            "host": "localhost:7777", "content-length": "4", "content-type": "text/plain",
        }  # fmt: skip
        assert post.endswith(b"\r\n\r\nbody")
        assert fields(empty) == {"host": "localhost:7777", "content-length": "0"}
        await caller.aclose()
        await far.ended.wait()


async def test_a_caller_that_was_never_used_can_be_closed() -> None:
    async with calling() as (caller, far):
        await caller.aclose()
        assert far.opened == 0


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (404, b"x", "localhost:7777 does not serve it (HTTP 404)"),
        (500, b"  first line\nsecond", "localhost:7777 refused (HTTP 500): first line"),
        (300, b"y", "localhost:7777 refused (HTTP 300): y"),
        (400, b'{"detail": "a sentence", "code": "c"}', "refused (HTTP 400): a sentence"),
        (503, b"z" * 500, "refused (HTTP 503): z"),
    ],
)
async def test_a_refusal_is_told_in_one_line(status: int, body: bytes, words: str) -> None:
    head = b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (status, len(body))
    async with calling(head + body) as (caller, _):
        with pytest.raises(ConnectionLostError) as lost:
            await caller.call("GET", "/")
        assert words in str(lost.value)
        assert len(str(lost.value)) < 200


@pytest.mark.parametrize("status", [200, 201, 299])
async def test_every_success_has_a_body(status: int) -> None:
    async with calling(OK.replace(b"200", b"%d" % status)) as (caller, _):
        assert await caller.call("GET", "/") == b"ok"


async def test_an_answer_that_is_not_whole_is_an_error() -> None:
    async with calling(OK[:-1]) as (caller, far):
        far.closes = True
        with pytest.raises(h11.RemoteProtocolError):
            await caller.call("GET", "/")


async def test_a_connection_that_takes_no_further_request_is_an_error() -> None:
    last = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    async with calling(last) as (caller, _):
        with pytest.raises(h11.RemoteProtocolError, match="closes the connection"):
            await caller.call("GET", "/")


@pytest.mark.parametrize(("most", "fits"), [(2, True), (1, False)])
async def test_a_response_has_a_longest_length(
    monkeypatch: pytest.MonkeyPatch, most: int, fits: bool
) -> None:
    monkeypatch.setattr(http_module, "MOST_BYTES", most)
    async with calling(OK) as (caller, _):
        if fits:
            assert await caller.call("GET", "/") == b"ok"
        else:
            with pytest.raises(h11.RemoteProtocolError, match="too long"):
                await caller.call("GET", "/")


async def test_a_stream_of_any_length_is_given_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_module, "MOST_BYTES", 1)
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with calling(chunked + b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n") as (caller, far):
        pieces: list[bytes] = []
        take: Callable[[bytes], object] = pieces.append
        await caller.follow("/events", [("accept", "text/event-stream")], take)
        assert b"".join(pieces) == b"onetwo"
        assert fields(far.said[0]) == {"host": "localhost:7777", "accept": "text/event-stream"}
