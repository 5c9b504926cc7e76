"""The probe of server-sent events: its ticket after a cut, and what its stream may hold."""

import json

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from gameserver.client.probes.connection import Heard, ProbeRequest
from gameserver.client.probes.http import MOST_BYTES
from gameserver.client.probes.meter import Meter
from gameserver.client.probes.sse import OverSse, _Lines
from gameserver.errors import ConnectionLostError
from tests.client.probes.webserver import ADDRESS, Asked, web

TICKET = json.dumps({"ticket": "t", "link": "l"})
SAID = [ProbeRequest(4, "a"), ProbeRequest(5, "b", {"c": 1})]


@pytest.mark.parametrize(("status", "is_new"), [(200, False), (404, True)])
async def test_a_ticket_is_used_again_after_a_cut_but_not_after_a_refusal(
    status: int, is_new: bool
) -> None:
    async def answer(asked: Asked) -> tuple[int, str]:
        if asked.method == "GET":
            if asked.headers.get("last-event-id") == "7":
                await trio.sleep_forever()
            return status, ""
        if asked.target == "/sse":
            return 200, TICKET
        assert asked.target == "/sse/send"
        return 200, json.dumps({"applied": json.loads(asked.body)["number"]})

    async with web(answer) as server:
        first = OverSse(ADDRESS, Meter(server.opens), server.nursery)
        await first.open({"name": "Ann"})
        with pytest.raises(ConnectionLostError) as lost:
            await first.hear()
        assert ("does not serve it" in str(lost.value)) == is_new
        await first.say(SAID)  # too late for the first connection
        second = first.again()
        await second.open({"token": "x", "last_event": 7})
        await wait_all_tasks_blocked()
        signs = [each.body for each in server.asked if each.target == "/sse"]
        assert len(signs) == 1 + is_new
        said = [json.loads(each.body) for each in server.asked if each.target == "/sse/send"]
        assert [each["say"] for each in said] == [[["a", {}], ["b", {"c": 1}]]]


async def test_only_a_new_ticket_needs_the_unanswered_requests_said_again() -> None:
    async def answer(asked: Asked) -> tuple[int, str]:
        if asked.method == "GET":
            await trio.sleep_forever()
        if asked.target == "/sse":
            return 200, TICKET
        return 200, json.dumps({"applied": json.loads(asked.body)["number"]})

    async with web(answer) as server:
        probe = OverSse(ADDRESS, Meter(server.opens), server.nursery)
        await probe.open({"name": "Ann"})
        await wait_all_tasks_blocked()
        await probe.confirm(6, 0)
        for _ in range(2):
            await probe.repeat(SAID, 5)
            await wait_all_tasks_blocked()
        assert probe._meter.counts[1:] == (len('["b",{"c":1}]'), 1)
        said = [json.loads(each.body) for each in server.asked if each.target == "/sse/send"]
        assert said == [{"link": "l", "number": 1, "say": [["b", {"c": 1}]], "confirmed": 6}]
        probe.close()
        await wait_all_tasks_blocked()
        assert await server.all_closed()


async def test_what_a_stream_says_is_heard_and_counted() -> None:
    events = (
        'id: 3\nevent: x\ndata: {"a":"ä"}\n\n: beat\n\nid: 4\n\n'
        'event: answer\ndata: {"result":{},"request":9}\n\ndata: {}\n\n'
    )

    async def answer(asked: Asked) -> tuple[int, str]:
        return 200, events if asked.method == "GET" else TICKET

    async with web(answer) as server:
        probe = OverSse(ADDRESS, Meter(server.opens), server.nursery)
        await probe.open({"name": "Ann"})
        assert [await probe.hear() for _ in range(3)] == [
            Heard("x", {"a": "ä"}, 3), Heard("answer", {"result": {}}, 9), Heard("message", {}, 0),
        ]  # fmt: skip
        payload = len('x{"a":"ä"}'.encode() + b'answer{"result":{},"request":9}' + b"message{}")
        assert probe._meter.counts[1:] == (payload, 3)


def test_a_line_has_a_longest_length() -> None:
    lines = _Lines()
    assert lines.feed(b"x" * MOST_BYTES) == []
    with pytest.raises(ValueError, match="a line is too long"):
        lines.feed(b"x")
