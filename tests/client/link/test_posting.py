"""One connection of long polling: when it is kept, when it is closed, and what is no response."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
from trio.testing import memory_stream_pair, wait_all_tasks_blocked

from gameserver.client.link import posting
from gameserver.client.link.address import Address
from gameserver.client.link.posting import CutError, PollCaller

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
EARLY = b"HTTP/1.1 103 Early Hints\r\n\r\n"
LAST = HEAD.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
END = b"0\r\n\r\n"


class Far:
    """The other end: the server's sides of all streams that were opened, oldest first."""

    def __init__(self) -> None:
        self.streams: list[trio.abc.HalfCloseableStream] = []

    async def opens(self, _address: Address) -> trio.abc.Stream:
        await trio.lowlevel.checkpoint()
        ours, theirs = memory_stream_pair()
        self.streams.append(theirs)
        return ours

    async def is_closed(self, number: int) -> bool:
        """Tell whether the client has closed a stream."""
        ended: list[bool] = []

        async def read() -> None:
            while await self.streams[number].receive_some():
                pass
            ended.append(True)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(read)
            await wait_all_tasks_blocked()
            nursery.cancel_scope.cancel()
        return bool(ended)


@asynccontextmanager
async def asked(said: bytes) -> AsyncIterator[tuple[PollCaller, Far]]:
    """A caller whose first request got the head of a response, and more of it."""
    far = Far()
    caller = PollCaller(Address("x", 1), far.opens)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(caller.ask, b"body")
        await wait_all_tasks_blocked()
        await far.streams[0].send_all(said)
    yield caller, far


async def test_a_connection_is_kept_behind_a_whole_response_and_pieces_come_as_they_are() -> None:
    async with asked(EARLY + HEAD + b"3\r\none\r\n") as (caller, far):
        assert await caller.piece() == b"one"
        await far.streams[0].send_all(b"3\r\ntwo\r\n" + END)
        assert [await caller.piece(), await caller.piece()] == [b"two", b""]
        async with trio.open_nursery() as nursery:
            nursery.start_soon(caller.ask, b"next")
            await wait_all_tasks_blocked()
            await far.streams[0].send_all(HEAD)
        assert len(far.streams) == 1
        await caller.close()
        assert await far.is_closed(0)


async def test_bytes_are_counted_in_both_directions() -> None:
    async with asked(HEAD + END) as (caller, far):
        await caller.piece()
        sent = bytes(await far.streams[0].receive_some())
        assert sent.startswith(b"POST /poll HTTP/1.1\r\n")
        assert b"accept" not in sent.lower()
        assert (caller.bytes_in, caller.bytes_out) == (len(HEAD + END), len(sent))


@pytest.mark.parametrize("said", [b"no HTTP\r\n\r\n", b""])
async def test_an_answer_that_is_no_response_closes_the_connection(said: bytes) -> None:
    far = Far()
    caller = PollCaller(Address("x", 1), far.opens)
    async with trio.open_nursery() as nursery:

        async def ask() -> None:
            with pytest.raises(CutError):
                await caller.ask(b"body")

        nursery.start_soon(ask)
        await wait_all_tasks_blocked()
        await far.streams[0].send_all(said)
        await far.streams[0].send_eof()
    assert await far.is_closed(0)


async def test_a_server_that_cannot_be_reached_is_no_cut() -> None:
    async def opens(_address: Address) -> trio.abc.Stream:
        await trio.lowlevel.checkpoint()
        raise OSError("nothing is there")

    with pytest.raises(OSError, match="nothing is there"):
        await PollCaller(Address("x", 1), opens).ask(b"body")


async def test_a_connection_that_the_server_gives_up_is_closed_behind_its_response() -> None:
    async with asked(LAST + END) as (caller, far):
        assert await caller.piece() == b""
        assert await far.is_closed(0)
        with pytest.raises(CutError):
            await caller.piece()


async def test_what_follows_the_end_of_a_response_is_a_cut() -> None:
    async with asked(HEAD + END) as (caller, far):
        assert await caller.piece() == b""
        await far.streams[0].send_eof()
        with pytest.raises(CutError):
            await caller.piece()
        assert await far.is_closed(0)


@pytest.mark.parametrize("said", [b"", b"3\r\non", b"no length\r\n"])
async def test_a_response_that_is_cut_or_no_http_closes_the_connection(said: bytes) -> None:
    async with asked(HEAD + said) as (caller, far):
        await far.streams[0].send_eof()
        with pytest.raises(CutError):
            await caller.rest()
        assert await far.is_closed(0)


async def test_a_response_has_a_longest_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "MAX_RESPONSE_BYTES", 3)
    async with asked(HEAD + b"3\r\none\r\n" + END) as (caller, far):
        assert await caller.rest() == b"one"
        assert not await far.is_closed(0)
    async with asked(HEAD + b"4\r\nfour\r\n" + END) as (caller, far):
        with pytest.raises(CutError):
            await caller.rest()
        assert await far.is_closed(0)


@pytest.mark.parametrize("head", [b"", HEAD])
async def test_a_cancelled_call_leaves_no_connection_with_half_of_a_response(head: bytes) -> None:
    far = Far()
    caller = PollCaller(Address("x", 1), far.opens)

    async def post() -> None:
        await caller.post(b"body")
        pytest.fail("it goes on")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(post)
        await wait_all_tasks_blocked()
        if head:
            await far.streams[0].send_all(head)
            await wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    assert await far.is_closed(0)
    with pytest.raises(CutError):
        await caller.piece()
