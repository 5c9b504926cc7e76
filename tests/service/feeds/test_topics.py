"""The topics of a server: which there are, what their states are, and when they end."""

from typing import Any

import attrs
import pytest
import trio
from trio.testing import MockClock

from gameserver.errors import Code, RequestError
from gameserver.messages.chat import Channel, SendChat
from gameserver.messages.lobby import ConfigureLobby, LeaveLobby
from gameserver.messages.session import ServerMessage
from tests.roads.events.watcher import ALONE, hosting, opened, started, watching
from tests.service.feeds.test_lobbyfeed import read, said, state
from tests.service.peers import Peer, Running, assert_serves, serving


async def pass_time(seconds: float, *peers: Peer) -> None:
    """Let time pass while these keep their connections."""
    left = seconds
    while left > 0:
        await trio.sleep(min(5.0, left))
        left -= 5.0
        for peer in peers:
            await assert_serves(peer)


def topic(house: Running, name: str) -> Any:
    return house.server.feeds.topic(name, 5)


async def test_there_are_these_topics_and_no_others(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as house:
        lobby_id = await opened(await house.guest("Ann"))
        for name in ("lobbies", "chat:global", "notices"):
            assert topic(house, name).name == name
            assert topic(house, name) is topic(house, name)
        kinds = {kind: topic(house, f"{kind}:{lobby_id}") for kind in ("match", "scores", "world")}
        assert {each.name for each in kinds.values()} == {f"{kind}:{lobby_id}" for kind in kinds}
        for name, code in (
            ("chat:lobby", Code.CHAT_NO_CHANNEL),
            ("chat", Code.CHAT_NO_CHANNEL),
            ("match:", Code.UNKNOWN_REQUEST),
            ("match", Code.UNKNOWN_REQUEST),
            (f"other:{lobby_id}", Code.UNKNOWN_REQUEST),
            ("match:nowhere", Code.LOBBY_UNKNOWN),
        ):
            with pytest.raises(RequestError) as refused:
                topic(house, name)
            assert refused.value.code is code, name


async def test_the_list_tells_new_changed_and_closed_lobbies_and_their_number(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        ann, bob = await house.guest("Ann"), await house.guest("Bob")
        lobbies = topic(house, "lobbies")
        read(lobbies)
        assert state(lobbies) == {"lobbies": [], "total": 0}
        hers = await opened(ann)
        await pass_time(5, ann, bob)
        his = await opened(bob)
        await pass_time(5, ann, bob)
        await ann.ask(2, ConfigureLobby(attrs.evolve(ALONE, title="Hers")))
        await pass_time(5, ann, bob)
        await bob.ask(2, LeaveLobby())
        await pass_time(5, ann, bob)
        told = [values for _, values in said(lobbies)]
        assert [[each["lobby_id"] for each in values["lobbies"]] for values in told] == [
            [hers], [his], [hers], [],
        ]  # fmt: skip
        assert [values["removed"] for values in told] == [[], [], [], [his]]
        assert [values["total"] for values in told] == [1, 2, 2, 1]
        assert [each["title"] for each in state(lobbies)["lobbies"]] == ["Hers"]
        assert state(lobbies)["total"] == 1
        await pass_time(10, ann, bob)
        assert len(said(lobbies)) == 4, "nothing is told of a list that stays"


async def test_chat_and_notices_are_told_and_a_new_reader_gets_the_last_lines(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        ann = await house.guest("Ann")
        chat, notices = topic(house, "chat:global"), topic(house, "notices")
        await ann.ask(1, SendChat(Channel.GLOBAL, "hello"))
        ((name, values),) = said(chat)
        assert (name, values["line"]["text"]) == ("chat.said", "hello")
        assert [line["text"] for line in state(chat)["lines"]] == ["hello"]
        house.server.feeds.notify(ServerMessage("We stop.", 30.0))
        ((name, values),) = said(notices)
        assert name == ServerMessage.name
        assert "We stop." in values.values()


async def test_a_followed_lobby_shows_its_changes_and_its_match_and_ends_when_it_closes(
    autojump_clock: MockClock,
) -> None:
    async with hosting(autojump_clock) as (house, ann, lobby_id):
        followed = topic(house, f"match:{lobby_id}")
        reader = read(followed)
        await ann.ask(2, ConfigureLobby(attrs.evolve(ALONE, title="Hers")))
        await trio.sleep(1)
        assert state(followed)["lobby"]["title"] == "Hers"
        begun = await started(ann, 3)
        assert said(followed)[0][0] == "match.started"
        assert state(followed)["match_id"] == begun.match_id
        assert topic(house, f"match:{begun.match_id}") is followed, "a match is its lobby's topic"
        followed.leave(reader)
        await ann.ask(5, LeaveLobby())
        await trio.sleep(1)
        assert followed.over
        with pytest.raises(RequestError):
            topic(house, f"match:{lobby_id}")
        assert house.server.feeds._feeds == {}


async def test_a_lobby_without_readers_is_brought_up_to_date_for_the_next_one(
    autojump_clock: MockClock,
) -> None:
    async with hosting(autojump_clock) as (house, ann, lobby_id):
        followed = topic(house, f"match:{lobby_id}")
        assert state(followed)["lobby"]["title"] == ALONE.title
        await ann.ask(2, ConfigureLobby(attrs.evolve(ALONE, title="Hers")))
        assert topic(house, f"match:{lobby_id}") is followed
        assert state(followed)["lobby"]["title"] == "Hers"


async def test_readers_who_come_and_go_keep_the_topics_of_a_lobby(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gameserver.service.feeds.feeds.KEEP_S", 6.0)
    async with hosting(autojump_clock) as (house, ann, lobby_id):
        feeds = house.server.feeds._feeds
        for _ in range(3):
            async with watching(house, f"match:{lobby_id}") as watcher:
                await watcher.wait("state")
                await trio.sleep(1)
            await pass_time(4, ann)
            assert len(feeds) == 1
        await pass_time(2.5, ann)
        assert not feeds
