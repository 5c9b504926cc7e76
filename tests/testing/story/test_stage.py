"""The ways to a simulated server: open, refused, or without WebSockets."""

from random import Random
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from gameserver.client.link.address import Address
from gameserver.testing.memorynet import MemoryNet, MemoryStream
from gameserver.testing.memoryway import Weather
from gameserver.testing.story import leaks
from gameserver.testing.story.leaks import task_names, wait_empty
from gameserver.testing.story.middlebox import REFUSAL, Middlebox
from gameserver.testing.story.report import ALONE, NO_TROUBLES, Report
from gameserver.testing.story.stage import Stage
from tests.service.peers import assert_serves, serving

ANYWHERE: Any = Address


def stage_of(whole: Any, net: MemoryNet) -> Stage:
    game: Any = None
    stage = Stage(Report(3, 2), game, {}, {}, 1.0, NO_TROUBLES, ALONE, game, net)
    stage.whole = whole
    return stage


async def test_connections_pass_are_refused_or_go_through_a_middlebox(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        stage = stage_of(house.whole, house.whole.net)
        async with await stage.open_stream(ANYWHERE) as stream:
            assert isinstance(stream, MemoryStream)
        stage.blocked = True
        async with await stage.open_stream(ANYWHERE) as stream:
            assert isinstance(stream, Middlebox)
        stage.refused = True
        with pytest.raises(OSError, match="no way there"):
            await stage.open_stream(ANYWHERE)
        stage.become_calm()
        async with await stage.open_stream(ANYWHERE) as stream:
            assert isinstance(stream, MemoryStream)


async def test_who_waits_for_calm_is_told_when_it_comes_or_that_it_did_not(
    autojump_clock: MockClock,
) -> None:
    del autojump_clock
    stage = stage_of(None, MemoryNet(Random(1)))
    assert not await stage.wait_calm(2.0)
    assert trio.current_time() == 2
    async with trio.open_nursery() as nursery:

        @nursery.start_soon
        async def later() -> None:
            await trio.sleep(1)
            stage.become_calm()

        assert await stage.wait_calm(60)
    assert trio.current_time() == 3
    assert await stage.wait_calm(60)
    assert trio.current_time() == 3


def test_random_numbers_of_each_part_follow_from_the_seed_alone() -> None:
    stage = stage_of(None, MemoryNet(Random(1)))
    first = stage.random("player 1").random()
    stage.random("player 2").random()
    assert stage.random("player 1").random() == first
    assert stage.random("player 2").random() != first
    assert stage.random("player 1").random() == Random("3 player 1").random()


async def test_a_middlebox_passes_requests_and_answers_those_for_websockets_itself(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        async with Middlebox(house.whole.connect("").client) as box:
            await box.wait_send_all_might_not_block()
            await box.send_all(b"GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            assert (await box.receive_some()).startswith(b"HTTP/1.1 404")
        async with Middlebox(house.whole.connect("").client) as box:
            await box.send_all(b"GET / HTTP/1.1\r\nHost: a\r\nUPGRADE: WebSocket\r\n\r\n")
            await box.send_all(b"more")
            assert await box.receive_some() == REFUSAL
            assert await box.receive_some() == b""
        await trio.sleep(1)
        assert all(link.server.closed for link in house.whole.net.links)


async def test_what_a_server_still_holds_is_named_and_waited_for(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(autojump_clock) as house:
        house.whole.net.weather = Weather(0.0, 0.0)
        await trio.sleep(1)
        tasks = task_names()
        assert await wait_empty(house.whole, tasks) == []
        began = trio.current_time()
        peer = await house.guest("Ann")
        await assert_serves(peer)
        await peer.websocket.aclose()
        left = await wait_empty(house.whole, tasks, files=("one",))
        assert trio.current_time() - began >= 150
        assert left == ["1 open files"]
        monkeypatch.setattr(leaks, "LONGEST_S", 8)
        fresh = await house.guest("Bob")
        async with trio.open_nursery() as nursery:

            @nursery.start_soon
            async def live() -> None:
                while True:
                    await trio.sleep(5)
                    await assert_serves(fresh)

            found = await wait_empty(house.whole, tasks)
            nursery.cancel_scope.cancel()
        assert found[:4] == [
            "1 sessions", "1 players with a connection", "1 links", "1 open streams",
        ]  # fmt: skip
        assert any(each.startswith("1 tasks ") for each in found)
