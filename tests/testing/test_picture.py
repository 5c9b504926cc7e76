"""Each difference between a client's state and the server's is told in a sentence of its own."""

from typing import Any

import attrs
import pytest
import trio
from trio.testing import MockClock

from gameserver.client.play.matchkeeper import MatchKeeper
from gameserver.ids import MatchId, PlayerId
from gameserver.testing.picture import differences
from tests.client.test_picture import IN_MATCH, OPEN_DEN, WATCH, World, _act


async def world_after(*plan: tuple[int, tuple[Any, ...]]) -> World:
    world = World(2)
    world.run_dry()
    for who, step in plan:
        _act(world, who, step)
    world.run_dry()
    await trio.lowlevel.checkpoint()
    return world


def told(world: World, who: int = 0) -> list[str]:
    return list(differences(world.hall, world.phones[who].talk, world.now))


async def test_of_a_client_that_knows_all_nothing_is_told(mock_clock: MockClock) -> None:
    del mock_clock
    world = await world_after(*IN_MATCH)
    assert (told(world, 0), told(world, 1)) == ([], [])
    believed = world.phones[0].talk.state
    assert believed.lobby is not None
    believed.lobby = attrs.evolve(believed.lobby, countdown_s=2.5)
    assert told(world) == [], "the countdown changes all the time"


async def test_each_field_of_a_lobby_is_compared(mock_clock: MockClock) -> None:
    del mock_clock
    world = await world_after(*OPEN_DEN)
    believed = world.phones[0].talk.state
    lobby = believed.lobby
    assert lobby is not None
    believed.lobby = attrs.evolve(lobby, members=(), host=PlayerId("nobody"))
    assert [line.split(" of its lobby is ")[0] for line in told(world)] == ["host", "members"]
    assert told(world)[0] == f"host of its lobby is {lobby.host}, it believes nobody"
    believed.lobby = None
    assert told(world) == [f"its lobby is {lobby.lobby_id}, it believes None"]
    world.phones[1].talk.state.lobby = lobby
    assert told(world, 1) == [f"its lobby is None, it believes {lobby.lobby_id}"]


async def test_name_and_session_are_compared(mock_clock: MockClock) -> None:
    del mock_clock
    world = await world_after()
    talk = world.phones[0].talk
    talk.state.player_name = "Eve"
    assert told(world) == ["its name is 'P0', it believes 'Eve'"]
    talk.session.player_id = PlayerId("gone")
    assert told(world) == ["the server has no session 'gone'"]


async def test_match_and_looking_away_are_compared(
    mock_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    del mock_clock
    world = await world_after(*IN_MATCH)
    (match_id,) = world.match_ids
    with monkeypatch.context() as patch:
        patch.setattr(MatchKeeper, "match_id", MatchId("other"))
        assert told(world) == [f"its match is {match_id}, it believes other"]
    with monkeypatch.context() as patch:
        patch.setattr(MatchKeeper, "away", True)
        assert told(world) == ["it looks away from a match that it plays in"]
        place = world.hall.parts.state.place_of(
            world.hall.parts.state.sessions[world.phones[0].player_id]
        )
        assert place is not None
        place[1].stepped_out = True
        assert not any("looks away" in line for line in told(world))
    outside = await world_after()
    with monkeypatch.context() as patch:
        patch.setattr(MatchKeeper, "away", True)
        assert told(outside) == ["it looks away from a match that it plays in"]


async def test_a_watched_list_of_lobbies_is_compared(mock_clock: MockClock) -> None:
    del mock_clock
    world = await world_after((1, ("ask", WATCH, 1)), *OPEN_DEN, (0, ("time", 2.0)))
    assert told(world, 1) == []
    believed = world.phones[1].talk.state
    assert believed.lobby_list is not None
    assert len(believed.lobby_list.lobbies) == 1
    believed.lobby_list = attrs.evolve(believed.lobby_list, lobbies=())
    wrong = ["the list of lobbies is another than the one it watches"]
    assert told(world, 1) == wrong
    believed.lobby_list = None
    assert told(world, 1) == wrong
    world.phones[0].talk.state.lobby_list = None
    assert told(world) == [], "it watches none"
