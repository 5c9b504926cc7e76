"""Deeds of players: every kind of request comes, and only where it has a meaning."""

from collections import Counter
from random import Random
from typing import Any

import attrs
import pytest

from gameserver.ids import LobbyId, PlayerId
from gameserver.messages import chat, lobby, session
from gameserver.messages.base import Request
from gameserver.testing.story.deeds import NAMES, TEXTS, Wish, deed
from tests.rooms.party import Party

DRAWS = 3000
ANYWHERE = {
    session.Rename, chat.Typing, chat.GetChatHistory, chat.MuteChat, lobby.WatchLobbies,
    session.GetServerInfo,
}  # fmt: skip
OUTSIDE = {
    lobby.JoinLobby, lobby.CreateLobby, lobby.QuickPlay, lobby.ListLobbies, lobby.WatchLobbies,
}  # fmt: skip
HOST = {
    lobby.KickPlayer, lobby.BanPlayer, lobby.UnbanPlayer, lobby.LockLobby, lobby.TransferHost,
    lobby.MutePlayer, lobby.ConfigureLobby, lobby.StartMatch, lobby.CancelStart,
}  # fmt: skip
INSIDE = HOST | {
    chat.SendChat, lobby.TakeSeat, lobby.ChooseTeam, lobby.SetReady, lobby.LeaveMatch,
    lobby.LeaveLobby,
}  # fmt: skip


@attrs.define
class Known:
    """What a client knows of lobbies."""

    lobby: Any = None
    lobby_list: Any = None


@attrs.define
class Listed:
    lobbies: tuple[Any, ...]


@attrs.define
class Entry:
    lobby_id: LobbyId


def wish_of(known: Known, seed: int = 1) -> Wish:
    client: Any = known
    return Wish(Random(seed), client, [PlayerId("p1"), PlayerId("p9")])


def drawn(known: Known) -> list[Request]:
    wish = wish_of(known)
    return [deed(wish) for _ in range(DRAWS)]


@pytest.fixture(scope="module")
def state() -> lobby.LobbyState:
    return Party().group("Ann", "Bob")[0].room


def test_outside_of_lobbies_players_look_for_one_and_do_what_can_be_done_anywhere() -> None:
    entries = Listed((Entry(LobbyId("a")), Entry(LobbyId("b"))))
    deeds = drawn(Known(lobby_list=entries))
    kinds = Counter(map(type, deeds))
    assert set(kinds) == OUTSIDE | ANYWHERE
    elsewhere = sum(kinds[kind] for kind in ANYWHERE - OUTSIDE)
    assert 0.15 < elsewhere / DRAWS < 0.35
    joins = [each for each in deeds if isinstance(each, lobby.JoinLobby)]
    assert {each.lobby_id for each in joins} == {"a", "b"}
    assert {each.spectate for each in joins} == {True, False}
    assert 0.4 < sum(each.spectate for each in joins) / len(joins) < 0.6


def test_without_known_lobbies_nobody_asks_for_one_by_id() -> None:
    for known in (Known(), Known(lobby_list=Listed(()))):
        kinds = {type(each) for each in drawn(known)}
        assert kinds == (OUTSIDE | ANYWHERE) - {lobby.JoinLobby}


def test_in_a_lobby_players_do_everything_that_members_and_hosts_may(
    state: lobby.LobbyState,
) -> None:
    deeds = drawn(Known(state))
    kinds = Counter(map(type, deeds))
    assert set(kinds) == INSIDE | ANYWHERE
    here = {member.player_id for member in state.members}
    kicked = {each.player_id for each in deeds if isinstance(each, lobby.KickPlayer)}
    assert kicked == here | {"p1", "p9", "nobody"}
    lines = [each for each in deeds if isinstance(each, chat.SendChat)]
    assert {each.text for each in lines} == set(TEXTS)
    assert {each.channel for each in lines} == {
        chat.Channel.LOBBY, chat.Channel.TEAM, chat.Channel.WHISPER,
    }  # fmt: skip
    for line in lines:
        assert bool(line.recipient) is (line.channel is chat.Channel.WHISPER)
    teams = {each.team for each in deeds if isinstance(each, lobby.ChooseTeam)}
    assert teams == {-1, 0, 1, 2, 3}
    seats = {each.seat for each in deeds if isinstance(each, lobby.TakeSeat)}
    assert seats == {-1, 0, 1, 2, 3, 77}
    ready = [each.ready for each in deeds if isinstance(each, lobby.SetReady)]
    assert 0.7 < sum(ready) / len(ready) < 0.9
    locked = [each.locked for each in deeds if isinstance(each, lobby.LockLobby)]
    assert 0.15 < sum(locked) / len(locked) < 0.5


def test_configurations_are_seldom_refused_and_keep_the_map_of_the_lobby(
    state: lobby.LobbyState,
) -> None:
    configs = [wish_of(Known(state), seed).config() for seed in range(400)]
    assert {each.map for each in configs} == {state.config.map}
    assert {each.title for each in configs} == set(NAMES)
    assert {each.size for each in configs} == {2, 3, 4, 8, 99}
    assert {each.bots for each in configs} == {0, 1, 2}
    public = sum(each.visibility is lobby.Visibility.PUBLIC for each in configs)
    assert 0.55 < public / len(configs) < 0.8
    assert {each.visibility for each in configs} == set(lobby.Visibility)
    for flags in (
        [each.join_in_progress for each in configs],
        [each.spectators for each in configs],
    ):
        assert 0.7 < sum(flags) / len(flags) < 0.9
    fresh = {wish_of(Known(), seed).config().map for seed in range(30)}
    assert fresh == {"", "nowhere"}
