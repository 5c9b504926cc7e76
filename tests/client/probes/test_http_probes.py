"""Probes over plain HTTP: what a refusal says, and a POST that the server could not take."""

import json

import pytest
import trio
import trio.testing
from trio.testing import MockClock

from gameserver.client.link.address import Address
from gameserver.client.probes.connection import ProbeRequest
from gameserver.client.probes.http import HttpCaller
from gameserver.client.probes.meter import Meter
from gameserver.client.probes.sse import AGAIN_S, OverSse
from gameserver.errors import ConnectionLostError
from tests.client.probes.test_comparison import Ways
from tests.service.peers import serving

ADDRESS = Address("localhost", 7777)


async def test_the_sentence_of_a_refusal_is_told(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as running:
        caller = HttpCaller(ADDRESS, Ways(running).open)
        with pytest.raises(ConnectionLostError) as lost:
            await caller.call("POST", "/sse", b"[]", "application/json")
        assert (
            str(lost.value) == "localhost:7777 refused (HTTP 400): the body must be a JSON object"
        )


async def test_a_post_that_was_not_taken_is_sent_again(autojump_clock: MockClock) -> None:
    assert isinstance(autojump_clock, MockClock)
    posts: list[int] = []

    async def opens(_address: Address) -> trio.abc.Stream:
        await trio.lowlevel.checkpoint()
        ours, theirs = trio.testing.memory_stream_pair()
        nursery.start_soon(answer, theirs)
        return ours

    async def answer(stream: trio.abc.Stream) -> None:
        said = b""
        while data := bytes(await stream.receive_some()):
            said += data
            if not said.endswith((b"}", b"\r\n\r\n")):
                continue
            if said.startswith(b"GET"):
                await trio.sleep_forever()
            found: dict[str, object] = {"ticket": "t", "link": "l"}
            if b"/sse/send" in said:
                posts.append(json.loads(said.partition(b"\r\n\r\n")[2])["number"])
                found = {"applied": 0 if len(posts) < 3 else 1}
            content = json.dumps(found).encode()
            await stream.send_all(
                b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(content), content)
            )
            said = b""

    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            probe = OverSse(ADDRESS, Meter(opens), nursery)
            await probe.open({"name": "Ann"})
            await trio.testing.wait_all_tasks_blocked()
            await probe.say([ProbeRequest(1, "server.info", {})])
            await trio.sleep(10 * AGAIN_S)
            nursery.cancel_scope.cancel()
    assert posts == [1, 1, 1]
