"""Plain polling of a match whose spectators see it later: only players are told of the present."""

from typing import Any

import attrs
import trio
from trio.testing import MockClock

from gameserver.game.world import World
from gameserver.service.config.settings import Settings
from gameserver.testing.skirmish import Skirmish
from tests.service.peers import Running, serving
from tests.service.rest.caller import Asker
from tests.service.rest.test_polling import match_of

DELAY_S = 6.0
LATER = Settings(seed=5, spectator_delay_s=DELAY_S)
DELAY = round(DELAY_S * Skirmish.tick_rate)

ASKED_S = 0.5
"""Longest time for which an answer is kept for all, and some ticks."""


class Timed(Skirmish):
    """A skirmish that tells how long it still lasts."""

    def time_left(self, world: World) -> int | None:
        return max(0, 100_000 - world.tick)


@attrs.frozen
class Three:
    """A player, a spectator with a session, and a stranger without one, who ask about a match."""

    player: Asker
    spectator: Asker
    stranger: Asker
    lobby_id: str
    match_id: str

    async def present(self) -> Any:
        """Return what the player is told, asked first: it must be in nobody's answer."""
        return (await self.player.get(f"/matches/{self.match_id}")).value

    async def late(self) -> list[Any]:
        """Return what the two others are told."""
        asking = (self.spectator, self.stranger)
        return [(await each.get(f"/matches/{self.match_id}")).value for each in asking]

    async def late_scores(self) -> list[Any]:
        asking = (self.spectator, self.stranger)
        return [(await each.get(f"/matches/{self.match_id}/scores")).value for each in asking]


async def watched(running: Running) -> Three:
    three = [Asker(running) for _ in range(3)]
    await three[0].sign_in("Nora")
    await three[1].sign_in("Sam")
    lobby, match_id = await match_of(three[0])
    fields = {"lobby_id": lobby["lobby_id"], "password": "sesame", "spectate": True}
    await three[1].done("lobby.join", **fields)
    return Three(three[0], three[1], three[2], lobby["lobby_id"], match_id)


def knows_no_more_than(report: Any, tick: int) -> None:
    """Assert that a report tells no score, end, or tick behind this one."""
    assert report["phase"] == "running"
    assert report["tick"] <= tick
    assert report["elapsed_s"] == round(report["tick"] / Skirmish.tick_rate, 3)
    assert (report["time_left_s"], report["result"]) == (None, None)
    hides_scores(report["scores"], tick)


def hides_scores(scores: Any, tick: int) -> None:
    assert scores["tick"] <= tick
    assert (scores["over"], scores["winner"]) == (False, "")
    assert (scores["team_scores"], scores["lines"]) == ([], [])


async def test_a_match_that_runs_is_told_as_late_as_it_is_seen(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock, settings=LATER, game=Timed()) as running:
        three = await watched(running)
        for _ in range(12):
            now = await three.present()
            assert now["scores"]["lines"], "a player is told the standings"
            assert now["time_left_s"] is not None
            for each in await three.late():
                knows_no_more_than(each, max(0, now["tick"] + 1 - DELAY))
            for each in await three.late_scores():
                hides_scores(each, max(0, now["tick"] + 1 - DELAY))
            (line,) = (await three.stranger.get("/matches")).value["matches"]
            assert line["tick"] <= max(0, now["tick"] + 1 - DELAY)
            await trio.sleep(1)
        assert now["tick"] > DELAY, "else nothing was looked at but the start"
        assert (await three.late())[1]["tick"] > 0, "it goes on, later"


async def test_the_end_of_a_match_is_told_as_late_as_it_is_seen(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock, settings=LATER, game=Timed()) as running:
        three = await watched(running)
        live = running.server.matches.get(three.match_id)
        assert live is not None
        await trio.sleep(DELAY_S)
        ended_at = trio.current_time()
        live.end("finished")
        await trio.sleep(ASKED_S)
        over = await three.present()
        assert (over["phase"], over["result"]["reason"]) == ("over", "finished")
        played, options = over["tick"], over["options"]
        changed = (await three.player.done("lobby.form"))["default"]
        changed["options"] = {**options, "ticks": 123}
        await three.player.done("lobby.configure", config=changed)
        ticks: list[int] = []
        while (passed_s := trio.current_time() - ended_at) < DELAY_S - 0.1:
            latest = played - DELAY + round(passed_s * Skirmish.tick_rate) + 1
            for each in await three.late():
                knows_no_more_than(each, latest)
                assert each["players"][0]["name"] == "Nora"
                assert each["options"] == options, "those of the match, not of the next one"
            for each in await three.late_scores():
                hides_scores(each, latest)
            lobby = (await three.spectator.get(f"/lobbies/{three.lobby_id}")).value["state"]
            assert (lobby["phase"], lobby["result"]) == ("in_match", None)
            told = (await three.spectator.events())["events"]
            assert "match.ended" not in [each["name"] for each in told]
            ticks.append(latest)
            await trio.sleep(0.7)
        assert len(ticks) > 5
        await trio.sleep(2)
        for each in await three.late():
            assert (each["phase"], each["tick"]) == ("over", played)
            assert each["time_left_s"] == 0.0
            assert each["result"]["reason"] == "finished"
            assert each["scores"]["over"]
        told = (await three.spectator.events())["events"]
        assert "match.ended" in [each["name"] for each in told]
