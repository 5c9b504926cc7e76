"""The end of a match is shown to spectators who see it later, and to nobody else."""

from types import SimpleNamespace
from typing import Any

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from gameserver.ids import NO_SEAT, MatchId, PlayerId, Seat
from gameserver.messages.lobby import CreateLobby, InLobby, JoinLobby, LobbyConfig, SetReady
from gameserver.messages.match import EnterMatch
from gameserver.messages.wire import ResultEnvelope
from gameserver.service.config.settings import Settings
from gameserver.service.livematch import STOPPED, LiveMatch
from gameserver.service.matches import Matches
from tests.service.peers import MAP, Running, serving
from tests.service.test_live_matches import matches, order

ANN, EVE = PlayerId("ann"), PlayerId("eve")


class Line:
    """A player's line that takes all."""

    peer = "192.0.2.1"

    def __init__(self) -> None:
        self.link: Any = self
        self.sent: list[bytes] = []

    def charge(self, _seconds: float) -> None:
        pass

    def offer(self, message: bytes) -> bool:
        self.sent.append(message)
        return True


def watched(some: Matches, told: list[LiveMatch]) -> LiveMatch:
    """Return a match that Ann plays and Eve watches a second later."""
    listener: Any = SimpleNamespace(
        happened=lambda *_: None,
        reported=lambda *_: None,
        ended=lambda live, *_: some.forget(live.match_id),
        faded=told.append,
    )
    live = some.start(order(1), listener)
    live.match.add_viewer(ANN, Seat(0), Line())
    live.match.add_viewer(EVE, NO_SEAT, Line())
    live._lines.update({ANN: Line(), EVE: Line()})  # type: ignore[dict-item]
    return live


def ticked(live: LiveMatch, most: int = 1000) -> int:
    """Run a match until it ends or so many ticks; return their number."""
    for number in range(most):
        if not live.tick():
            return number + 1
    return most


async def test_players_are_let_go_at_the_end_and_spectators_when_they_have_seen_it(
    mock_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    del mock_clock
    told: list[LiveMatch] = []
    some = matches(spectator_delay_s=1.0)
    live = watched(some, told)
    closed: list[bool] = []
    monkeypatch.setattr(live.inlet, "close", lambda: closed.append(True))
    ticked(live, 60)
    live.end("finished")
    assert live.match.viewer(ANN) is None
    assert live.match.viewer(EVE) is not None
    assert (live.viewers, len(some), some.fading) == (1, 0, {MatchId("m1"): live})
    assert some.get(MatchId("m1")) is live
    assert closed == []
    assert ticked(live) == live.match.delay
    assert told == [live]
    live.stop_fading()
    assert told == [live], "once"
    some.forget(MatchId("m1"))
    assert closed == [True]
    assert some.get(MatchId("m1")) is None
    some.forget(MatchId("m1"))
    assert closed == [True]


async def test_an_end_with_the_server_and_one_without_a_delay_are_shown_no_further(
    mock_clock: MockClock,
) -> None:
    del mock_clock
    for delay_s, reason in ((1.0, STOPPED), (0.0, "finished")):
        told: list[LiveMatch] = []
        some = matches(spectator_delay_s=delay_s)
        live = watched(some, told)
        ticked(live, 20)
        live.end(reason)
        assert not live.fading
        assert not some.fading
        assert not live.tick()
        assert told == []


async def test_a_bug_while_the_end_is_shown_ends_only_that(
    mock_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> bool:
        raise ZeroDivisionError("a bug")

    del mock_clock
    told: list[LiveMatch] = []
    live = watched(matches(spectator_delay_s=1.0), told)
    ticked(live, 20)
    live.end("finished")
    assert live.tick()
    monkeypatch.setattr(live.match, "fade", fails)
    with capture_logs() as lines:
        assert not live.tick()
    assert [line["event"] for line in lines] == ["tick failed"]
    assert told == [live]


DELAY_S = 4.0


async def watched_by_eve(house: Running) -> LiveMatch:
    """Return a match that Ann plays and Eve watches, seconds later."""
    ann, eve = await house.guest("Ann"), await house.guest("Eve")
    created = await ann.ask(1, CreateLobby(LobbyConfig("Den", MAP.name, 4, bots=1)))
    assert isinstance(created, ResultEnvelope)
    assert isinstance(created.result, InLobby)
    await eve.ask(1, JoinLobby(created.result.lobby.lobby_id, spectate=True))
    await ann.ask(2, SetReady(True))
    await trio.sleep(6)
    (live,) = house.server.matches
    for peer in (ann, eve):
        assert isinstance(await peer.ask(3, EnterMatch(live.match_id)), ResultEnvelope)
    await trio.sleep(DELAY_S)
    return live


@pytest.mark.parametrize("stops", [True, False])
async def test_an_end_is_shown_to_its_end_unless_the_server_stops(
    autojump_clock: MockClock, *, stops: bool
) -> None:
    settings = Settings(seed=5, spectator_delay_s=DELAY_S, heartbeat_s=60.0)
    async with serving(autojump_clock, settings=settings) as house:
        live = await watched_by_eve(house)
        live.end("finished")
        fading = house.server.matches.fading
        assert list(fading) == [live.match_id]
        began = trio.current_time()
        if stops:
            house.server.stop()
            await house.server.stopped.wait()
        else:
            await trio.sleep(DELAY_S + 1)
        assert not fading
        assert not live.fading
        assert (trio.current_time() - began < DELAY_S) is stops
