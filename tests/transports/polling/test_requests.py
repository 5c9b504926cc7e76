"""Long polling in virtual time: requests that are cut, overtaken, repeated or come too often."""

import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import attrs
import msgpack
import pytest
import trio
import trio.testing
from trio.testing import MockClock, wait_all_tasks_blocked

from gameserver.errors import ConnectionLostError
from gameserver.transports import ConnectionLimits, Link, ListenSettings
from gameserver.transports.http.headers import HeaderFields
from gameserver.transports.http.requests import HttpRequest, HttpResponse
from gameserver.transports.polling.repeats import (
    HEAD_BYTES,
    REPEATED_BURST_BYTES,
    REPEATED_PER_BYTE,
    REPEATED_PER_S,
    Repeats,
)
from gameserver.transports.polling.road import APPLY_S, FIRST_S, LongPolling
from gameserver.transports.unfetched import Unconfirmed
from tests.transports.polling.poller import body

OTHER = bytes(range(1, 17))
SETTINGS = ListenSettings(
    queued_messages=2, close_s=3.0, link_silence_s=20.0, max_connections=2, max_refusals=1
)


class Plain:
    def encode(self, message: Any) -> bytes:
        return bytes(message)

    def decode(self, data: bytes) -> list[Any]:
        return [data]


@attrs.define
class House:
    """Long polling whose handlers hear messages only when a test wants."""

    limits: ConnectionLimits = attrs.field(factory=lambda: ConnectionLimits(2, 2))
    links: list[Link] = attrs.field(factory=list)
    polling: LongPolling = attrs.field(init=False)
    over: trio.Event = attrs.field(factory=trio.Event)
    """Ends the handlers."""

    def __attrs_post_init__(self) -> None:
        self.polling = LongPolling(SETTINGS, self.handle, Plain(), self.limits)

    async def handle(self, link: Link) -> None:
        self.links.append(link)
        await self.over.wait()

    async def post(self, content: bytes, method: str = "POST") -> HttpResponse:
        return await self.polling.answer(
            HttpRequest(method, "/poll", "", HeaderFields([]), content, "192.0.2.1")
        )

    async def row(self, *given: Any, **more: Any) -> list[Any]:
        answer = await self.post(body(*given, **more))
        assert answer.status == 200, answer.body
        row: list[Any] = msgpack.unpackb(answer.body)
        await trio.testing.wait_all_tasks_blocked()  # a new link's handler has begun
        return row

    async def heard(self, count: int) -> list[bytes]:
        return [await self.links[0].receive() for _ in range(count)]


@asynccontextmanager
async def house(clock: MockClock) -> AsyncIterator[House]:
    assert isinstance(clock, MockClock)
    made = House()
    async with trio.open_nursery() as nursery:
        await nursery.start(made.polling.run)
        yield made
        nursery.cancel_scope.cancel()


async def test_a_request_without_room_is_cut_and_goes_on_behind_what_was_taken(
    autojump_clock: MockClock,
) -> None:
    async with house(autojump_clock) as here:
        messages = [b"%d" % number for number in range(5)]
        began = trio.current_time()
        assert (await here.row(1, *messages))[0] == 0, "two of five found room"
        assert trio.current_time() - began == APPLY_S
        heard = await here.heard(2)
        assert (await here.row(1, *messages))[0] == 0
        heard += await here.heard(2)
        assert (await here.row(1, *messages))[0] == 1
        assert heard + await here.heard(1) == messages
        assert (await here.row(2, b"next"))[0] == 2
        assert await here.heard(1) == [b"next"]


async def test_a_request_that_has_overtaken_another_waits_for_it_for_a_while(
    autojump_clock: MockClock,
) -> None:
    async with house(autojump_clock) as here:
        await here.row(1)
        began = trio.current_time()
        assert (await here.row(3, b"third"))[0] == 1
        assert trio.current_time() - began == APPLY_S
        async with trio.open_nursery() as nursery:
            nursery.start_soon(here.row, 3, b"third")
            await trio.sleep(1.0)
            assert (await here.row(2, b"second"))[0] == 2
        assert await here.heard(2) == [b"second", b"third"]
        assert (await here.row(2, b"second"))[0] == 3


async def test_the_newest_request_waits_and_an_older_one_returns(
    autojump_clock: MockClock,
) -> None:
    async with house(autojump_clock) as here:
        began = trio.current_time()
        took_s: dict[int, float] = {}

        async def poll(number: int) -> None:
            await here.row(number, wait_ms=5000)
            took_s[number] = trio.current_time() - began

        async with trio.open_nursery() as nursery:
            nursery.start_soon(poll, 1)
            await trio.sleep(1.0)
            nursery.start_soon(poll, 2)
            await trio.sleep(1.0)
            nursery.start_soon(poll, 2)  # a repeated request is answered at once
        assert took_s == {1: 1.0, 2: 6.0}
        before = trio.current_time()
        assert (await here.row(2, wait_ms=5000))[0] == 2
        assert trio.current_time() == before


@pytest.mark.parametrize("first", [(), (b"hello",)], ids=["before the link", "on the link"])
async def test_an_older_request_returns_at_once_though_the_newer_one_must_wait(
    autojump_clock: MockClock, first: tuple[bytes, ...]
) -> None:
    async with house(autojump_clock) as here:
        began = trio.current_time()
        took_s: dict[int, float] = {}

        async def poll(number: int, *messages: bytes) -> None:
            await here.row(number, *messages, wait_ms=5000)
            took_s[number] = trio.current_time() - began

        async with trio.open_nursery() as nursery:
            nursery.start_soon(poll, 1, *first)
            await trio.sleep(1.0)
            nursery.start_soon(poll, 3)  # the second is missing
        assert took_s[1] == 1.0
        assert took_s[3] >= 1.0 + APPLY_S


async def test_a_waiting_request_returns_with_the_first_message(autojump_clock: MockClock) -> None:
    async with house(autojump_clock) as here:
        await here.row(1, b"hello")
        (link,) = here.links
        rows: list[list[Any]] = []

        async def poll() -> None:
            rows.append(await here.row(2, wait_ms=9000))

        began = trio.current_time()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(poll)
            await trio.sleep(2.0)
            link.post(b"news")
        assert trio.current_time() - began == 2.0
        assert rows[0][:3] == [2, 1, [b"news"]]
        assert link.bytes_out == len(msgpack.packb(rows[0])) + len(msgpack.packb([1, 1, [], None]))
        assert link.bytes_in == len(body(1, b"hello")) + len(body(2, wait_ms=9000))


async def test_a_peer_that_is_silent_for_too_long_has_left(autojump_clock: MockClock) -> None:
    async with house(autojump_clock) as here:
        await here.row(1, b"hello")
        await here.row(1, b"hello", link=OTHER)
        assert [await link.receive() for link in here.links] == [b"hello", b"hello"]
        for number in range(2, 8):
            await trio.sleep(5.0)
            await here.row(number)
        with pytest.raises(ConnectionLostError):
            await here.links[1].receive()
        with trio.move_on_after(1.0) as waited:
            await here.links[0].receive()
        assert waited.cancelled_caught


async def test_a_link_that_has_ended_tells_it_for_a_while_and_then_is_gone(
    autojump_clock: MockClock,
) -> None:
    async with house(autojump_clock) as here:
        await here.row(1, b"hello")
        here.links[0].post(b"last")
        here.over.set()
        await wait_all_tasks_blocked()
        assert (await here.row(2))[1:] == [1, [b"last"], ""]
        await wait_all_tasks_blocked()
        assert (len(here.polling), here.limits.total) == (1, 0)
        assert (await here.row(2))[1:] == [1, [b"last"], ""]
        await trio.sleep(SETTINGS.close_s + 0.1)
        assert len(here.polling) == 0
        assert (await here.post(body(3))).status == 410
        assert (await here.post(body(3), method="PUT")).status == 405


async def test_more_links_than_there_is_room_for_are_refused_in_a_row(
    autojump_clock: MockClock,
) -> None:
    async with house(autojump_clock) as here:
        await here.row(1)
        await here.row(1, link=OTHER)
        refused = await here.row(1, link=bytes(16))
        assert refused[:3] == [0, 1, []]
        assert "full" in refused[3]
        assert len(here.polling) == 2


# --- before the first message ---------------------------------------------------------------------


async def test_a_link_begins_with_its_first_message_which_may_come_late(
    autojump_clock: MockClock,
) -> None:
    async with house(autojump_clock) as here, trio.open_nursery() as nursery:
        assert await here.row(1) == [1, 1, [], None]
        nursery.start_soon(partial(here.row, 2, wait_ms=25_000))
        await trio.sleep(FIRST_S - 1)
        assert not here.links
        assert await here.row(3, b"hello") == [3, 1, [], None]
        assert await here.heard(1) == [b"hello"]
        await trio.sleep(FIRST_S)
        assert (await here.row(4))[3] is None


async def test_a_link_without_a_message_ends_and_makes_room(autojump_clock: MockClock) -> None:
    async with house(autojump_clock) as here:
        rows: list[list[Any]] = []

        async def wait() -> None:
            rows.append(await here.row(2, wait_ms=25_000))

        async with trio.open_nursery() as nursery:
            await here.row(1)
            nursery.start_soon(wait)
        assert rows == [[2, 1, [], f"no message came within {FIRST_S:g} s"]]
        assert (len(here.polling), here.limits.total, here.links) == (0, 0, [])
        assert (await here.post(body(3, b"hello"))).status == 410
        await here.row(1)
        assert (await here.row(2, wait_ms=-1))[3] == ""
        assert (len(here.polling), here.limits.total) == (0, 0)


async def test_a_link_without_a_message_costs_less_than_a_kilobyte() -> None:
    many = 500
    here = House(limits=ConnectionLimits(many, many))
    here.polling = LongPolling(
        attrs.evolve(SETTINGS, max_connections=many), here.handle, Plain(), here.limits
    )
    async with trio.open_nursery() as nursery:
        await nursery.start(here.polling.run)
        tracemalloc.start()
        try:
            for number in range(many):
                await here.post(body(1, link=number.to_bytes(16, "big")))
            assert tracemalloc.get_traced_memory()[0] < 1000 * many
        finally:
            tracemalloc.stop()
        assert len(here.polling) == many
        nursery.cancel_scope.cancel()


# --- the price of repeating -----------------------------------------------------------------------


def found(first: int, *sizes: int) -> Unconfirmed:
    return Unconfirmed(first, tuple(bytes(size) for size in sizes), None)


def test_what_comes_for_the_first_time_costs_nothing() -> None:
    repeats = Repeats(100.0)
    for number in range(1, 50):
        assert repeats.wait_s(number, 100.0) == 0.0
        repeats.returned(found(number, 100_000))


def test_repeated_bytes_over_the_burst_wait_for_their_time() -> None:
    repeats = Repeats(100.0)
    repeats.returned(found(1, REPEATED_BURST_BYTES, 8192))
    assert repeats.wait_s(1, 100.0) == 0.0
    repeats.returned(found(1, REPEATED_BURST_BYTES, 8192))
    assert repeats.wait_s(1, 100.0) == 8192 / REPEATED_PER_S
    assert repeats.wait_s(3, 100.0) == 0.0, "the next message is no repetition"
    assert repeats.wait_s(2, 101.0) == 8192 / REPEATED_PER_S - 1
    repeats.asked(28)
    assert (
        repeats.wait_s(2, 101.0) == (4096 - REPEATED_PER_BYTE * (HEAD_BYTES + 28)) / REPEATED_PER_S
    )
    assert repeats.wait_s(2, 103.0) == 0.0


def test_only_the_repeated_part_of_a_response_is_paid_for() -> None:
    repeats = Repeats(0.0)
    repeats.returned(found(1, 10, 20))
    repeats.returned(found(2, REPEATED_BURST_BYTES, 999, 999))
    assert repeats.wait_s(2, 0.0) == 0.0
    repeats.returned(found(4, 4096))
    assert repeats.wait_s(4, 0.0) == 1.0
    repeats.returned(found(9))
    assert repeats.wait_s(9, 0.0) == 0.0


def test_time_without_requests_saves_up_no_more_than_the_burst() -> None:
    repeats = Repeats(0.0)
    repeats.returned(found(1, REPEATED_BURST_BYTES, 4096))
    for _ in range(3):
        repeats.asked(10_000)
    assert repeats.wait_s(1, 9999.0) == 0.0
    repeats.returned(found(1, REPEATED_BURST_BYTES, 4096))
    assert repeats.wait_s(1, 9999.0) == 1.0
