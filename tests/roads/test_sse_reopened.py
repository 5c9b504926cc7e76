"""What a POST has brought is decided once, also if its stream is replaced before that."""

import json
import os
from contextlib import aclosing
from typing import Any

import msgpack
import trio
from trio.testing import MockClock

from gameserver.ids import PlayerId, RequestId
from gameserver.messages.base import Result
from gameserver.messages.wire import Kind, Limits, ResultEnvelope, Welcome
from gameserver.protocol.server_codec import ServerCodec
from gameserver.roads.draws import RoadDraws
from gameserver.roads.sse import MOST_UNDECIDED, EventStreams
from gameserver.transports import ConnectionLimits, Link, ListenSettings
from gameserver.transports.http.headers import HeaderFields
from gameserver.transports.http.requests import HttpRequest, HttpResponse


def welcome(resumed: bool, next_request: int) -> Welcome:
    limits = Limits(4096, 20.0, 300, 20)
    return Welcome(
        1, "s", PlayerId("p"), "Ann", bytes(16), resumed, 1, "g", 4.5, 60.0, limits,
        RequestId(next_request),
    )  # fmt: skip


class Session:
    """Decides so many requests on each connection, one after the other; keeps what it got."""

    def __init__(self, *decides: int) -> None:
        self.decides = list(decides)
        self.got: list[list[Any]] = []
        self.answered = 0

    async def converse(self, link: Link) -> None:
        await link.receive()
        most, got = self.decides.pop(0), list[int]()
        self.got.append(got)
        link.post(welcome(len(self.got) > 1, self.answered + 1))
        while True:
            if len(got) == most:
                await trio.sleep_forever()
            kind, number, *_ = msgpack.unpackb(await link.receive())
            assert kind == Kind.REQUEST
            got.append(number)
            self.answered = max(self.answered, number)
            link.post(ResultEnvelope(RequestId(number), Result()))


class Page:
    """A page with a ticket."""

    def __init__(self, streams: EventStreams, ticket: str, link: str) -> None:
        self.streams, self.ticket, self.link = streams, ticket, link

    @classmethod
    async def open(cls, session: Session, nursery: trio.Nursery) -> "Page":
        limits = ConnectionLimits(10, 10)
        streams = EventStreams(
            ListenSettings(), ServerCodec(), session.converse, limits, RoadDraws(os.urandom)
        )
        await nursery.start(streams.run)
        found = await _ask(streams, "POST", "/sse", {"name": "Ann"})
        return cls(streams, **json.loads(found.body))

    async def say(self, number: int, *said: Any) -> tuple[int, Any]:
        body = {"link": self.link, "number": number, "say": said}
        found = await _ask(self.streams, "POST", "/sse/send", body)
        return found.status, json.loads(found.body)

    async def listen(self, until: str) -> list[str]:
        """Open the stream; return its lines up to the one that holds a text."""
        found = await _ask(self.streams, "GET", "/sse", None, f"ticket={self.ticket}")
        assert found.stream is not None
        heard = ""
        with trio.fail_after(100):
            async with aclosing(found.stream) as pieces:
                async for piece in pieces:
                    heard += piece.decode()
                    if until in heard:
                        return heard.splitlines()
        raise AssertionError(heard)


async def _ask(
    streams: EventStreams, method: str, path: str, body: Any, query: str = ""
) -> HttpResponse:
    content = b"" if body is None else json.dumps(body).encode()
    return await streams.answer(HttpRequest(method, path, query, HeaderFields([]), content, ""))


async def test_requests_that_the_older_stream_did_not_decide_are_decided_on_the_next(
    autojump_clock: MockClock,  # noqa: ARG001
) -> None:
    session = Session(2, 9, 9)
    async with trio.open_nursery() as nursery:
        page = await Page.open(session, nursery)
        nursery.start_soon(page.say, 1, ["a"], ["b"], ["c"], ["d"])
        await page.listen('"request":2')
        heard = await page.listen('"request":4')
        assert session.got == [[1, 2], [3, 4]]
        assert any('"next_request":5' in line for line in heard)
        assert await page.say(1, ["a"], ["b"], ["c"], ["d"]) == (200, {"applied": 1})
        nursery.start_soon(page.say, 2, ["e"])
        await page.listen('"request":5')
        assert session.got == [[1, 2], [3, 4], [5]]
        nursery.cancel_scope.cancel()


async def test_a_ticket_without_a_stream_keeps_a_bounded_number_of_requests(
    autojump_clock: MockClock,  # noqa: ARG001
) -> None:
    session = Session(0, MOST_UNDECIDED)
    async with trio.open_nursery() as nursery:
        page = await Page.open(session, nursery)
        await page.listen("welcome")
        for number in (1, 2):
            assert (await page.say(number, *[["a"]] * 64))[0] == 200
        status, said = await page.say(3, ["a"])
        assert (status, said["code"]) == (409, "hello_expected")
        await page.listen(f'"request":{MOST_UNDECIDED}')
        assert session.got[1] == list(range(1, MOST_UNDECIDED + 1))
        assert (await page.say(3, ["a"]))[0] == 200
        nursery.cancel_scope.cancel()
