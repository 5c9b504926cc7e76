"""Heads and bodies that are meant to be read in two ways, or to cost much."""

import pytest

from gameserver.transports.http.connection import MOST_CHUNKS
from gameserver.transports.http.heads import MOST_LINES, HeadLines
from tests.transports.harness import serving
from tests.transports.polling.poller import Caller, body, post

FIRST = b"POST /poll HTTP/1.1\r\nHost: x\r\n"


def chunked(*chunks: bytes) -> bytes:
    parts = b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in chunks)
    return FIRST + b"Transfer-Encoding: chunked\r\n\r\n" + parts + b"0\r\n\r\n"


async def status_of(*requests: bytes) -> int:
    """Send requests on one connection; return the status of the last answer, 0 if none comes."""
    async with serving() as port:
        caller = await Caller.dial(port)
        async with caller.stream:
            await caller.stream.send_all(b"".join(requests))
            try:
                for _ in requests:
                    status, _, _ = await caller.response()
            except EOFError:
                return 0
            return status


WHOLE = body(1)
LENGTH = b"Content-Length: %d" % len(WHOLE)


@pytest.mark.parametrize(
    "head",
    [
        LENGTH + b"\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % len(WHOLE),
        LENGTH + b"\r\nContent-Length: 6\r\n\r\n",
        LENGTH.replace(b": ", b": +") + b"\r\n\r\n",
        LENGTH.replace(b": ", b": 0x") + b"\r\n\r\n",
        LENGTH.replace(b": ", b" : ") + b"\r\n\r\n",
        LENGTH + b"\n\r\n",
        LENGTH + b"\n\n",
        b"X: a\r" + LENGTH + b"\r\n\r\n",
        b"X: \0\r\n" + LENGTH + b"\r\n\r\n",
        b"a:\r\n" * (MOST_LINES - 3) + LENGTH + b"\r\n\r\n",
    ],
)
async def test_a_head_that_can_be_read_in_two_ways_is_refused(head: bytes) -> None:
    assert await status_of(FIRST + head + WHOLE + b"\r\n0\r\n\r\n") == 400
    good = FIRST + b"a:\r\n" * (MOST_LINES - 4) + LENGTH + b"\r\n\r\n" + WHOLE
    assert await status_of(good) == 200


async def test_transfer_codings_besides_chunks_are_refused() -> None:
    head = FIRST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"
    assert await status_of(head) in (400, 501)


@pytest.mark.parametrize("behind", [b"a:\r\n" * MOST_LINES, b"X: a\n"])
async def test_a_later_head_of_a_connection_has_the_same_bounds(behind: bytes) -> None:
    first = post(body(1))
    assert await status_of(first, FIRST + b"Content-Length: 0\r\n\r\n") == 400, "not msgpack"
    assert await status_of(first, FIRST + behind + b"Content-Length: 0\r\n\r\n") == 0


async def test_a_body_in_chunks_is_taken_and_in_too_many_is_not() -> None:
    whole = body(1, b"x" * (MOST_CHUNKS - 40))
    assert await status_of(chunked(whole[:20], whole[20:])) == 200
    assert await status_of(chunked(*(whole[at : at + 1] for at in range(len(whole))))) == 200
    many = body(1, b"x" * MOST_CHUNKS)
    assert await status_of(chunked(*(many[at : at + 1] for at in range(len(many))))) == 413


async def test_extensions_of_chunks_count_as_bytes() -> None:
    extended = b"1;" + b"a" * 15_000 + b"\r\nx\r\n"
    assert await status_of(chunked()[: -len(b"0\r\n\r\n")] + extended * 8) == 413


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_page_that_sends_no_origin_opens_nothing(site: str) -> None:
    head = b"GET /poll HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: %s\r\n\r\n"
    assert await status_of(head % site.encode()) == 403
    assert await status_of(head % b"none") == 405


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_lines_are_counted_however_the_bytes_come(size: int) -> None:
    def fault(head: bytes) -> bool:
        lines = HeadLines()
        pieces = [head[at : at + size] for at in range(0, len(head), size)]
        return any(map(bool, map(lines.fault, pieces)))

    assert not fault(b"GET / HTTP/1.1\r\n" + b"a:\r\n" * (MOST_LINES - 2) + b"\r\n")
    assert not fault(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + b"\n" * 1000), "that is the body"
    assert fault(b"GET / HTTP/1.1\r\n" + b"a:\r\n" * (MOST_LINES - 1) + b"\r\n")
    assert fault(b"GET / HTTP/1.1\nHost: x\r\n\r\n")
    assert fault(b"GET / HTTP/1.1\r\nHost: x\n\n")


def test_what_follows_a_head_is_not_looked_at() -> None:
    lines = HeadLines()
    assert lines.fault(FIRST + b"\r\n") == ""
    assert lines.fault(b"a body\nwith\nlines" + b"\n" * MOST_LINES) == ""
    together = HeadLines()
    assert together.fault(FIRST + b"\r\n" + b"a body\n" * MOST_LINES) == ""
