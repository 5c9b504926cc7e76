"""Feeds: what is looked at while somebody follows it, and kept a little longer."""

from itertools import pairwise

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from gameserver.errors import Code, RequestError
from gameserver.roads.events.road import OPENINGS
from gameserver.roads.events.topics import Changes, TopicLog
from gameserver.service.config.settings import Settings
from gameserver.service.feeds.feeds import KEEP_S
from gameserver.service.feeds.lobbyfeed import LobbyFeed
from gameserver.testing.skirmish import Skirmish
from tests.roads.events.watcher import Said, hosting, opened, refused, started, watching
from tests.service.peers import assert_serves, serving


async def test_a_topic_without_readers_wakes_nothing() -> None:
    changes = Changes()
    topic = TopicLog("one", changes, dict)
    topic.say("said", dict)
    with trio.move_on_after(0) as scope:
        await changes.wait()
    assert scope.cancelled_caught


async def test_the_topics_of_a_lobby_outlast_their_readers_by_a_minute(
    autojump_clock: MockClock,
) -> None:
    async with hosting(autojump_clock) as (house, ann, lobby_id):
        feeds = house.server.feeds._feeds
        async with watching(house, f"match:{lobby_id}") as watcher:
            await watcher.wait("state")
            await trio.sleep(1)
            assert len(feeds) == 1
        begun = await started(ann)
        again = f"Last-Event-ID: {watcher.last_id}"
        async with watching(house, f"match:{lobby_id}", again) as second:
            assert (await second.wait("match.started"))["match_id"] == begun.match_id
        await trio.sleep(KEEP_S / 2)
        assert len(feeds) == 1
        await trio.sleep(KEEP_S / 2 + 1)
        assert not feeds


async def test_the_world_of_a_lobby_begins_with_the_present_for_each_first_reader(
    autojump_clock: MockClock,
) -> None:
    async with hosting(autojump_clock) as (house, ann, lobby_id):
        await started(ann)
        ticks = []
        for _ in range(3):
            async with watching(house, f"world:{lobby_id}") as watcher:
                ticks.append((await watcher.wait("state"))["state"]["tick"])
            await trio.sleep(4)
        rate = Skirmish.tick_rate
        assert [after - before for before, after in pairwise(ticks)] == [
            pytest.approx(4 * rate, abs=2)
        ] * 2


@pytest.mark.parametrize("kind", ["world", "scores"])
async def test_no_present_is_shown_to_strangers_where_spectators_see_it_later(
    autojump_clock: MockClock, kind: str
) -> None:
    later = Settings(seed=5, spectator_delay_s=30)
    async with hosting(autojump_clock, settings=later) as (house, ann, lobby_id):
        await started(ann)
        with pytest.raises(RequestError, match="enter the match to watch") as refused:
            house.server.feeds.topic(f"{kind}:{lobby_id}", 5)
        assert refused.value.code is Code.FORBIDDEN
        house.server.feeds.topic(f"match:{lobby_id}", 5)


async def test_each_reader_of_a_world_is_told_at_its_own_rate_and_of_scores_as_they_change(
    autojump_clock: MockClock,
) -> None:
    async with hosting(autojump_clock) as (house, ann, lobby_id):
        await started(ann)
        told: dict[int, list[Said]] = {2: [], 10: []}

        async def follow(rate: int) -> None:
            topics = f"world:{lobby_id},scores:{lobby_id}"
            async with watching(house, topics, more=f"&rate={rate}") as watcher:
                while True:
                    told[rate].append(await watcher.next())

        with trio.move_on_after(5):
            async with trio.open_nursery() as nursery:
                for rate in told:
                    nursery.start_soon(follow, rate)
        for rate, came in told.items():
            ticks = [said.data["tick"] for said in came if said.name == "world"]
            assert len(ticks) == pytest.approx(5 * rate, abs=2)
            gaps = {after - before for before, after in pairwise(ticks[1:])}
            assert gaps <= {Skirmish.tick_rate // rate + off for off in (-1, 0, 1)}
            scores = [said.data["scores"] for said in came if said.name == "match.scores"]
            assert len(scores) >= 2
            assert all(before != after for before, after in pairwise(scores))


async def test_a_bug_at_one_lobby_ends_its_topics_and_no_others(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(autojump_clock) as house:
        ann, bob = await house.guest("Ann"), await house.guest("Bob")
        hers, his = await opened(ann), await opened(bob)
        look = LobbyFeed.look

        def fails(feed: LobbyFeed, now: float) -> None:
            if feed.shown.lobby.lobby_id == hers:
                raise ZeroDivisionError("a bug")
            look(feed, now)

        monkeypatch.setattr(LobbyFeed, "look", fails)
        async with watching(house, f"match:{his}") as other:
            async with watching(house, f"match:{hers}") as watcher:
                (*_, last) = await watcher.ended()
                assert (last.name, last.data["reason"]) == ("end", "failed")
            await started(bob)
            await other.wait("match.started")
        await assert_serves(ann)


async def test_an_address_that_opens_too_many_streams_is_refused_for_a_while(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        for _ in range(OPENINGS[1]):
            assert (await refused(house, "nonsense"))[0] == 404
        assert await refused(house, "nonsense") == (429, "rate_limited")
        assert (await refused(house, "nonsense", address="192.0.2.77"))[0] == 404
        await trio.sleep(1 / OPENINGS[0])
        assert (await refused(house, "nonsense"))[0] == 404


async def test_a_bug_at_the_list_of_lobbies_ends_neither_the_feeds_nor_the_server(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hosting(autojump_clock) as (house, ann, lobby_id):
        feeds = house.server.feeds

        def fails(*_: object) -> None:
            raise ZeroDivisionError("a bug")

        async with watching(house, f"match:{lobby_id}") as other, watching(house, "lobbies"):
            await other.wait("state")
            await trio.sleep(3)
            with monkeypatch.context() as patch, capture_logs() as logs:
                patch.setattr("gameserver.service.feeds.feeds.plain", fails)
                await opened(await house.guest("Bob"))
                await trio.sleep(3)
            assert [line["event"] for line in logs if "failed" in line["event"]] == ["feed failed"]
            assert feeds._list_due > 0
            await started(ann)
            await other.wait("match.started")
        await assert_serves(ann)


async def test_lobbies_that_take_long_to_look_at_are_looked_at_in_turn(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(autojump_clock) as house:
        feeds = house.server.feeds
        lobbies = [await opened(await house.guest(name)) for name in ("Ann", "Bob", "Carl")]
        looked: list[str] = []
        monkeypatch.setattr(
            LobbyFeed, "look", lambda feed, _: looked.append(feed.shown.lobby.lobby_id)
        )
        for lobby_id in lobbies:
            feeds.topic(f"match:{lobby_id}", 5)
        for _ in range(4):
            feeds._slice(feeds._stopwatch())  # its time is over after the first one
        assert looked == [*lobbies, lobbies[0]]
        looked.clear()
        feeds._slice(feeds._stopwatch() + 1e6)
        assert looked == [*lobbies[1:], lobbies[0]]
