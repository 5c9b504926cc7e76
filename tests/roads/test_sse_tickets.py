"""Tickets and streams of server-sent events in virtual time: how long they last, and the rest."""

import json
from contextlib import aclosing
from typing import Any

import msgpack
import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from gameserver.errors import ConnectionLostError
from gameserver.messages.wire import Kind
from gameserver.roads import spoken
from gameserver.roads.sse import (
    BEAT_S,
    BODY_BYTES,
    CERTAIN_S,
    CHECK_S,
    MOST_SAID,
    SAY_S,
    TICKET_S,
    TRANSPORT,
)
from gameserver.transports.http.requests import HttpResponse
from tests.roads.streams import House, house


def lines(data: bytes) -> list[str]:
    return data.decode().splitlines()


def code_of(answer: HttpResponse) -> tuple[int, str]:
    return answer.status, json.loads(answer.body)["code"]


# --- tickets --------------------------------------------------------------------------------------


async def test_a_ticket_without_a_stream_is_good_for_half_a_minute(
    autojump_clock: MockClock,
) -> None:
    async with house(autojump_clock) as here:
        ticket, link = await here.open()
        assert (len(here.streams), here.limits.total) == (1, 1)
        await trio.sleep(TICKET_S - CHECK_S / 2)
        assert len(here.streams) == 1
        await trio.sleep(CHECK_S)
        assert (len(here.streams), here.limits.total) == (0, 0)
        gone = await here.ask("GET", "/sse", query=f"ticket={ticket}")
        assert code_of(gone) == (410, "session.token_unknown")
        mute = await here.ask("POST", "/sse/send", {"link": link, "number": 1})
        assert code_of(mute) == (410, "session.token_unknown")


async def test_a_stream_keeps_its_ticket_and_after_it_the_time_begins_again(
    autojump_clock: MockClock,
) -> None:
    async with house(autojump_clock) as here:
        ticket, _ = await here.open()
        await trio.sleep(TICKET_S - 5)
        async with aclosing(await here.listen(ticket)) as stream:
            assert await anext(stream) == b"retry: 1000\n\n"
            await trio.sleep(3 * TICKET_S)
            assert len(here.streams) == 1
        await trio.sleep(TICKET_S - 2)
        assert len(here.streams) == 1
        await trio.sleep(4.0)
        assert len(here.streams) == 0


async def test_tickets_count_as_connections(autojump_clock: MockClock) -> None:
    async with house(autojump_clock) as here:
        await here.open()
        await here.open()
        full = await here.ask("POST", "/sse", {"name": "Ann"})
        assert code_of(full) == (503, "server_full")
        assert len(here.streams) == 2
        assert here.streams.road.body_bytes == BODY_BYTES


@pytest.mark.parametrize(
    ("method", "path", "body", "wanted"),
    [
        ("PUT", "/sse", {}, (404, "unknown_request")),
        ("GET", "/sse/send", {}, (404, "unknown_request")),
        ("POST", "/sse", [], (400, "bad_message")),
        ("POST", "/sse", b"\xff", (400, "bad_message")),
        ("POST", "/sse", {"name": 5}, (400, "hello_expected")),
        ("GET", "/sse", {}, (410, "session.token_unknown")),
    ],
)
async def test_what_is_no_request_of_this_road_is_refused(
    autojump_clock: MockClock, method: str, path: str, body: Any, wanted: tuple[int, str]
) -> None:
    async with house(autojump_clock) as here:
        assert code_of(await here.ask(method, path, body)) == wanted
        assert len(here.streams) == 0


async def test_a_hello_as_long_as_a_message_may_be_is_taken_and_one_byte_more_is_not(
    autojump_clock: MockClock,
) -> None:
    async with house(autojump_clock) as here:
        most = here.settings.message_bytes
        short = len(spoken.hello({"name": ""}, TRANSPORT))
        # A text of more than 255 bytes has two bytes more of length than an empty one.
        fits = "x" * (most - short - 2)
        assert len(spoken.hello({"name": fits}, TRANSPORT)) == most
        assert (await here.ask("POST", "/sse", {"name": fits})).status == 201
        longer = await here.ask("POST", "/sse", {"name": fits + "x"})
        assert code_of(longer) == (400, "bad_message")


async def test_two_tickets_in_one_query_are_none(autojump_clock: MockClock) -> None:
    async with house(autojump_clock) as here:
        ticket, _ = await here.open()
        twice = await here.ask("GET", "/sse", query=f"ticket={ticket}&ticket={ticket}")
        assert code_of(twice) == (410, "session.token_unknown")


# --- the stream -----------------------------------------------------------------------------------


async def test_a_silent_stream_says_now_and_then_that_it_is_there(
    autojump_clock: MockClock,
) -> None:
    async with house(autojump_clock) as here, here.streaming() as (stream, _):
        for _ in range(3):
            began = trio.current_time()
            assert await anext(stream) == b": still here\n\n"
            assert trio.current_time() - began == BEAT_S
        link = await here.link()
        assert link.bytes_out == 0
        link.post([Kind.NOTICE, "server.notice", {"text": "größer"}])
        data = await anext(stream)
        assert lines(data) == ["event: server.notice", 'data: {"text":"größer"}', ""]
        assert link.bytes_out == len(data)
        assert link.bytes_in == 3, "one for each piece that was taken"


async def test_each_kind_of_message_is_an_event_with_its_name(autojump_clock: MockClock) -> None:
    async with house(autojump_clock) as here, here.streaming() as (stream, _):
        link = await here.link()
        link.post([Kind.EVENT, 7, "lobby.changed", {"a": 1}])
        link.post([Kind.RESULT, 3, {"b": [2]}])
        link.post([Kind.PING, 4])
        link.post([Kind.STEER, 90, 1])
        link.post([Kind.WELCOME, {"token": b"\x00\xff", "next_request": 5, "name": "Ann"}])
        said = lines(await anext(stream))
    assert said[:7] == [
        "id: 7",
        "event: lobby.changed",
        'data: {"a":1}',
        "",
        "event: answer",
        'data: {"request":3,"result":{"b":[2]}}',
        "",
    ]
    assert said[7] == "event: snapshot"
    assert json.loads(said[8].removeprefix("data: "))["tick"] == 90
    assert said[10] == "event: welcome"
    assert json.loads(said[11].removeprefix("data: "))["token"] == "AP8"
    assert len(said) == 13


async def test_the_end_of_a_session_ends_its_stream(autojump_clock: MockClock) -> None:
    async with house(autojump_clock) as here, here.streaming() as (stream, _):
        link = await here.link()
        link.post([Kind.GOODBYE, {"code": "kicked"}])
        link.close_soon("kicked")
        began = trio.current_time()
        assert lines(await anext(stream))[0] == "event: goodbye"
        with pytest.raises(StopAsyncIteration):
            await anext(stream)
        with trio.fail_after(0.1):
            await link.wait_closed()
        assert trio.current_time() == began


async def hello_of(here: House, at: int) -> dict[str, Any]:
    await wait_all_tasks_blocked()
    hellos = [fields for kind, fields, *_ in here.heard if kind == Kind.HELLO]
    fields: dict[str, Any] = hellos[at]
    return fields


async def test_a_stream_begins_with_the_hello_of_its_ticket_behind_the_last_event(
    autojump_clock: MockClock,
) -> None:
    async with house(autojump_clock) as here:
        ticket, _ = await here.open(name="Ann", last_event=3)
        for number, (last, wanted) in enumerate(
            [
                (None, 3),
                (b"17", 17),
                (b"x", 17),
                (b"", 17),
                (b"1" * 16, 17),
                (b"1" * 15, int("1" * 15)),
            ]
        ):
            async with aclosing(await here.listen(ticket, last)) as stream:
                await anext(stream)
            hello = await hello_of(here, number)
            assert (hello["player_name"], hello["last_event"]) == ("Ann", wanted)
            assert hello["client"] == "sse"


async def test_a_ticket_uses_no_token_that_its_client_may_not_have(
    autojump_clock: MockClock,
) -> None:
    async with house(autojump_clock) as here:
        ticket, link_name = await here.open(token="AAAA")
        used: list[str] = []
        posts = 0
        # Of each stream: the last event that the client has before it, and those that it confirms.
        for at, (last, confirmed) in enumerate(
            [(None, ()), (None, (1,)), (b"1", (1,)), (b"1", (1, 2)), (b"2", ())]
        ):
            async with aclosing(await here.listen(ticket, last)) as stream:
                await anext(stream)
                used.append((await hello_of(here, at))["token"])
                here.links[at].post([Kind.WELCOME, {"token": bytes([at + 1] * 3)}])
                here.links[at].post([Kind.EVENT, int(last or 0) + 1, "chat.said", {}])
                assert len(lines(await anext(stream))) > 6, "the welcome, and the event"
                for number in confirmed:
                    await here.say(link_name, posts := posts + 1, confirmed=number)
        assert [bytes(each) for each in used] == [bytes([at] * 3) for at in (0, 0, 2, 2, 4)]
        assert acks(here) == [(1, 0), (2, 0)]


async def test_a_newer_stream_ends_the_older_one_and_keeps_the_ticket(
    autojump_clock: MockClock,
) -> None:
    async with house(autojump_clock) as here:
        ticket, _ = await here.open()
        async with aclosing(await here.listen(ticket)) as older:
            await anext(older)
            async with aclosing(await here.listen(ticket)) as newer:
                await anext(newer)
                with pytest.raises(StopAsyncIteration):
                    await anext(older)
                with pytest.raises(ConnectionLostError):
                    await here.links[0].receive()
                await trio.sleep(2 * TICKET_S)
                assert len(here.streams) == 1
                assert await anext(newer) == b": still here\n\n"


# --- confirmations --------------------------------------------------------------------------------


def acks(here: House) -> list[tuple[int, int]]:
    return [
        (event, reply) for kind, event, *rest in here.heard if kind == Kind.ACK for reply in rest
    ]


async def test_what_a_client_confirms_is_confirmed_once_and_no_more_than_was_sent(
    autojump_clock: MockClock,
) -> None:
    async with house(autojump_clock) as here, here.streaming() as (stream, link_name):
        link = await here.link()
        for number in (1, 2, 3):
            link.post([Kind.EVENT, number, "chat.said", {}])
        await anext(stream)
        for number, confirmed in enumerate((0, 1, 1, 4, 3), start=1):
            await here.say(link_name, number, confirmed=confirmed)
        await wait_all_tasks_blocked()
        assert acks(here) == [(1, 0), (3, 0)]


async def test_what_is_older_than_a_while_on_a_working_stream_counts_as_confirmed(
    autojump_clock: MockClock,
) -> None:
    async with house(autojump_clock) as here, here.streaming() as (stream, _):
        link = await here.link()
        link.post([Kind.EVENT, 1, "chat.said", {}])
        link.post([Kind.RESULT, 5, {}])
        began = trio.current_time()
        await anext(stream)
        await anext(stream)
        link.post([Kind.EVENT, 2, "chat.said", {}])
        confirmed_at: list[float] = []
        for _ in range(8):
            await anext(stream)
            await wait_all_tasks_blocked()
            while len(acks(here)) > len(confirmed_at):
                confirmed_at.append(trio.current_time() - began)
        assert acks(here) == [(1, 5), (2, 5)]
        first, second = confirmed_at
        assert CERTAIN_S < first <= CERTAIN_S + 2 * BEAT_S
        assert first < second <= CERTAIN_S + 3 * BEAT_S


# --- what a client says ---------------------------------------------------------------------------


async def test_what_is_said_is_taken_once_and_in_order(autojump_clock: MockClock) -> None:
    async with house(autojump_clock) as here, here.streaming() as (_stream, link):
        assert await here.say(link, 1, ["a.b", {"x": 1}], ["c.d"]) == 1
        assert await here.say(link, 1, ["a.b", {"x": 1}], ["c.d"]) == 1
        assert await here.say(link, 3, ["too.soon"]) == 1
        assert await here.say(link, 2, ["input", 1, 2, 3], ["e.f"]) == 2
        await wait_all_tasks_blocked()
        assert here.heard[1:] == [
            [Kind.REQUEST, 1, "a.b", {"x": 1}],
            [Kind.REQUEST, 2, "c.d", {}],
            [Kind.INPUT, 1, 2, 3],
            [Kind.REQUEST, 3, "e.f", {}],
        ]


async def test_a_post_that_finds_no_room_is_cut_and_goes_on_where_it_was_cut(
    autojump_clock: MockClock,
) -> None:
    async with house(autojump_clock) as here:
        here.hears = False
        async with here.streaming() as (_stream, link):
            texts = [[f"r.{number}"] for number in range(6)]
            began = trio.current_time()
            assert await here.say(link, 1, *texts) == 0
            assert trio.current_time() - began == SAY_S
            queued = here.links[0]
            got = [msgpack.unpackb(await queued.receive()) for _ in range(4)][1:]
            assert await here.say(link, 1, *texts) == 1
            got += [msgpack.unpackb(await queued.receive()) for _ in range(3)]
            assert [row[2] for row in got] == [f"r.{number}" for number in range(6)]


async def test_before_the_first_stream_a_post_waits_for_a_while(autojump_clock: MockClock) -> None:
    async with house(autojump_clock) as here:
        _, link = await here.open()
        began = trio.current_time()
        answer = await here.ask("POST", "/sse/send", {"link": link, "number": 1, "say": []})
        assert code_of(answer) == (409, "hello_expected")
        assert trio.current_time() - began == SAY_S


@pytest.mark.parametrize(
    "body",
    [
        {"number": "1"},
        {"number": True},
        {"number": 1, "confirmed": 0.5},
        {"number": 1, "say": {}},
        {"number": 1, "say": [["a.b"]] * (MOST_SAID + 1)},
    ],
)
async def test_a_post_of_another_form_is_refused(
    autojump_clock: MockClock, body: dict[str, Any]
) -> None:
    async with house(autojump_clock) as here, here.streaming() as (_stream, link):
        assert code_of(await here.ask("POST", "/sse/send", {"link": link, **body})) == (
            400, "bad_message",
        )  # fmt: skip
        here.hears = True
        assert await here.say(link, 1, *[["input", 1]] * MOST_SAID) == 1


async def test_a_query_with_too_many_fields_is_refused(autojump_clock: MockClock) -> None:
    async with house(autojump_clock) as made:
        answer = await made.ask("GET", "/sse", query="&".join(["a=1"] * 9))
        assert answer.status == 400
        assert json.loads(answer.body)["code"] == "bad_message"
