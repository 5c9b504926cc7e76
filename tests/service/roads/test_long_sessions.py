"""A session that asks for long is answered to the end, though its client confirms nothing."""

import pytest
import trio
from trio.testing import MockClock

from tests.service.roads.road import Client
from tests.service.roads.spoken import OverSocketIoPolling, OverSocketIoWebSocket, OverSse
from tests.service.roads.talker import Talker
from tests.service.roads.test_conversations import opened

LONG = 140
"""Requests; the server keeps the answers of 128 until they are confirmed."""

EVERY_S = 1 / 8


async def asks_on(talker: Talker) -> None:
    for _ in range(LONG):
        assert await talker.refused("lobby.leave") == "lobby.not_in"
        await trio.sleep(EVERY_S)


@pytest.mark.parametrize(
    "road", [OverSse, OverSocketIoWebSocket, OverSocketIoPolling], ids=lambda road: road.road
)
async def test_no_request_is_refused_because_earlier_answers_were_not_confirmed(
    autojump_clock: MockClock, road: type[Client]
) -> None:
    async with opened(autojump_clock, road) as house:
        await asks_on(await house.guest("Ann"))


async def test_nor_is_one_after_an_event_stream_was_opened_again(
    autojump_clock: MockClock,
) -> None:
    async with opened(autojump_clock, OverSse) as house:
        ann, _ = await house.together()
        await ann.ask("lobby.leave")
        for _ in range(10):
            await trio.sleep(3)  # its events are confirmed by their age
            await ann.ask("server.info")
        assert isinstance(ann.client, OverSse)
        await ann.client.open_again(ann.last_event)
        await ann.wait("welcome")
        await asks_on(ann)
