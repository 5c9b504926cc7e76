"""A game may break in any of its methods: a match or a request ends, the server never does.

The list of methods is read from the class that authors derive from, so a new one is tried as well.
"""

import inspect
from typing import Any

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from gameserver.errors import Code
from gameserver.game.game import Game
from gameserver.game.interest import Interest
from gameserver.ids import LobbyId
from gameserver.messages.forms import GetLobbyForm
from gameserver.messages.lobby import (
    CreateLobby,
    InLobby,
    JoinLobby,
    LeaveLobby,
    LobbyConfig,
    QuickPlay,
    StartMatch,
)
from gameserver.messages.match import EnterMatch, MatchStarted
from gameserver.messages.wire import EventEnvelope, ResultEnvelope
from gameserver.testing.skirmish import Runner, Skirmish
from tests.service.peers import MAP, Peer, Running, assert_serves, serving

HOOKS = [name for name, _ in inspect.getmembers(Game, inspect.isfunction) if name[0] != "_"]

NOT_TOLD = {"standings", "time_left"}
"""Called where a match ends anyway, or for a page about it, which then does without."""

CONFIG = LobbyConfig("Den", MAP.name, 4, bots=1)


def breaks_in(hook: str, error: type[BaseException]) -> Game:
    """Return a game whose method raises, whenever it is called."""

    def raises(*_args: Any) -> Any:
        raise error

    around = {hook: raises, "interest": Interest(cell=512 * 4, eye=Runner)}
    made: Game = type("Breaks", (Skirmish,), around)()
    return made


async def play(house: Running) -> None:
    """Do what calls every method of a game: choose, start, join, see, leave, stop."""
    ann = await house.guest("Ann")
    await ann.ask(1, GetLobbyForm())
    await ann.ask(2, QuickPlay())
    await ann.ask(3, LeaveLobby())
    created = await ann.ask(4, CreateLobby(CONFIG))
    if isinstance(created, ResultEnvelope):
        assert isinstance(created.result, InLobby)
        await ann.ask(5, StartMatch())
        await see_a_match(house, ann, created.result.lobby.lobby_id)
    else:
        assert created.code == Code.INTERNAL
    await ann.ask(100, LeaveLobby())
    await assert_serves(ann)
    await assert_serves(await house.guest("Cleo"))
    house.server.hall.check()


async def see_a_match(house: Running, ann: Peer, lobby_id: LobbyId) -> None:
    """Wait for the match, if there will be one, and have somebody come in and see it."""
    for number in range(10, 50):
        await trio.sleep(0.25)
        await assert_serves(ann, number)
        begun = [h.event for h in ann.heard if isinstance(h, EventEnvelope)]
        for event in begun:
            if isinstance(event, MatchStarted):
                await ann.ask(60, EnterMatch(event.match_id))
                bob = await house.guest("Bob")
                await bob.ask(61, JoinLobby(lobby_id=lobby_id))
                await bob.ask(62, EnterMatch(event.match_id))
                await trio.sleep(1)
                await bob.ask(63, LeaveLobby())
                await trio.sleep(1)
                return


@pytest.mark.parametrize("hook", HOOKS)
async def test_a_game_that_exits_in_any_method_ends_a_match_or_a_request_at_most(
    hook: str, autojump_clock: MockClock
) -> None:
    with capture_logs() as logs:
        async with serving(autojump_clock, game=breaks_in(hook, SystemExit)) as house:
            await play(house)
    told = {entry["event"] for entry in logs if entry["log_level"] == "error"}
    assert told <= {"match fault", "request failed"}
    assert told or hook in NOT_TOLD
