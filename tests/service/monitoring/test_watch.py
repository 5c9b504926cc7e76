"""Figures of a whole server, and what it gives up while it cannot keep its ticks."""

from contextlib import suppress
from typing import Any

import pytest
import trio
from trio.testing import MockClock
from trio_websocket import ConnectionClosed

from gameserver.errors import Code
from gameserver.ids import RequestId
from gameserver.messages.lobby import CreateLobby, LobbyConfig, SetReady, StartMatch
from gameserver.messages.match import EnterMatch, MatchEnded, MatchStarted
from gameserver.messages.session import (
    GetServerInfo,
    GetServerStats,
    ServerInfo,
    ServerStats,
)
from gameserver.messages.wire import EventEnvelope, Ping, Refusal, RequestEnvelope, ResultEnvelope
from gameserver.protocol import limits
from gameserver.service.overload.overload import CALM_S, OVERLOAD_S
from gameserver.testing.skirmish import Skirmish
from gameserver.transports import is_loopback
from tests.service.peers import MAP, Peer, Running, assert_serves, serving

ALONE = LobbyConfig(title="Den", map=MAP.name, size=4, bots=1)
TOKEN = "hush"
SLOW_S = 0.02
"""Below the period of a tick, but that of two matches is above it: no match is to blame."""


class Slow(Skirmish):
    """Takes its time in each step while told to: the test's clock moves on meanwhile."""

    def __init__(self, clock: MockClock) -> None:
        super().__init__()
        self.clock = clock
        self.slow = False

    def step(self, world: Any, commands: Any) -> None:
        if self.slow:
            self.clock.jump(SLOW_S)
        super().step(world, commands)


class Uneven(Slow):
    """Takes longer than its period in every fourth tick, and next to nothing in the others."""

    def step(self, world: Any, commands: Any) -> None:
        if self.slow and world.tick % 4 == 0:
            self.clock.jump(1.2 / self.tick_rate)
        Skirmish.step(self, world, commands)


async def figures(peer: Peer, number: int) -> ServerStats:
    answer = await peer.ask(number, GetServerStats(TOKEN))
    assert isinstance(answer, ResultEnvelope), answer
    assert isinstance(answer.result, ServerStats)
    return answer.result


async def hear_event(peer: Peer, kind: type) -> Any:
    while not isinstance(event := (await peer.hear_a(EventEnvelope)).event, kind):
        pass
    return event


async def guest(house: Running, name: str) -> Peer:
    """Sign somebody in who shows signs of life."""
    peer = await house.guest(name)

    async def live() -> None:
        with suppress(ConnectionClosed):
            while True:
                await peer.send(Ping(1))
                await trio.sleep(2)

    house.nursery.start_soon(live)
    return peer


async def playing(house: Running, name: str) -> Peer:
    peer = await guest(house, name)
    await peer.ask(1, CreateLobby(ALONE))
    await peer.ask(2, SetReady(ready=True))
    started = await hear_event(peer, MatchStarted)
    await peer.ask(3, EnterMatch(started.match_id))
    return peer


async def wait_for_level(house: Running, level: int, within_s: float) -> None:
    with trio.fail_after(within_s):
        while house.server.watch.level != level:  # noqa: ASYNC110  the watch tells nobody
            await trio.sleep(0.05)


async def test_with_a_slow_game_the_server_reduces_its_work_refuses_matches_and_recovers(
    autojump_clock: MockClock,
) -> None:
    game = Slow(autojump_clock)
    async with serving(autojump_clock, game=game, stats_token=TOKEN) as house:
        house.server.ticker._stopwatch = trio.current_time  # what steps take is the test's time
        ann, _bob = await playing(house, "Ann"), await playing(house, "Bob")
        ben = await guest(house, "Ben")
        look = await guest(house, "Cid")
        await ben.ask(1, CreateLobby(ALONE))
        await trio.sleep(5)
        assert (await figures(look, 1)).strain == 0

        game.slow = True
        for level, stretch in ((1, 2), (2, 4), (3, 4)):
            await wait_for_level(house, level, within_s=3 * OVERLOAD_S)
            assert [live.match.snapshot_stretch for live in house.server.matches] == [stretch] * 2
        stats = await figures(look, 2)
        assert (stats.strain, stats.snapshot_stretch, stats.refuses_matches) == (3, 4, True)
        assert stats.total.shed_ticks > 0
        assert stats.total.lateness.p99_ms > stats.total.tick_ms

        refused = await ben.ask(2, StartMatch())
        assert isinstance(refused, Refusal)
        assert refused.code == Code.SERVER_BUSY
        retry_after_s = refused.details["retry_after_s"]
        assert isinstance(retry_after_s, float)
        assert retry_after_s >= 1
        await ben.ask(3, SetReady(ready=True))
        ended = await hear_event(ben, MatchEnded)
        assert ended.result.reason == Code.SERVER_BUSY
        assert "new matches are refused" in ended.result.message
        await assert_serves(ann)

        game.slow = False
        for level in (2, 1, 0):
            await wait_for_level(house, level, within_s=2 * CALM_S)
        assert [live.match.snapshot_stretch for live in house.server.matches] == [1] * 2
        stats = await figures(look, 3)
        assert (stats.strain, stats.refuses_matches, stats.matches) == (0, False, 2)
        answer = await ben.ask(4, StartMatch())
        assert isinstance(answer, ResultEnvelope), answer
        await hear_event(ben, MatchStarted)
        assert (await figures(look, 4)).matches == 3


async def test_late_ticks_that_are_caught_up_are_no_strain(
    autojump_clock: MockClock,
) -> None:
    game = Uneven(autojump_clock)
    async with serving(autojump_clock, game=game, stats_token=TOKEN) as house:
        house.server.ticker._stopwatch = trio.current_time
        await playing(house, "Ann")
        game.slow = True
        look = await guest(house, "Cid")
        await trio.sleep(20)
        stats = await figures(look, 1)
        assert stats.total.overruns > 100
        assert (stats.strain, stats.total.shed_ticks) == (0, 0)


async def test_sign_ins_and_joins_are_counted_as_arrivals(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as house:
        before = house.server._router.arrivals
        await playing(house, "Ann")
        assert house.server._router.arrivals == before + 2


async def test_a_match_begun_under_strain_has_fewer_snapshots_from_its_first_tick(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        house.server.matches.stretch_snapshots(2)
        await playing(house, "Ann")
        assert [live.match.snapshot_stretch for live in house.server.matches] == [2]


async def test_figures_of_a_finished_match_stay_in_the_totals(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock, stats_token=TOKEN) as house:
        await playing(house, "Ann")
        look = await house.dial()
        await trio.sleep(3)
        before = (await figures(look, 1)).total
        for live in house.server.matches:
            live.end("stopped")
        after = (await figures(look, 2)).total
        assert before.snapshot_bytes > 0
        assert (before.matches, before.seats, before.viewers) == (1, 2, 1)
        assert (after.matches, after.seats, after.viewers) == (0, 0, 0)
        assert after.snapshot_bytes >= before.snapshot_bytes
        assert after.ticks >= before.ticks > 60


async def test_bytes_of_each_viewer_are_those_of_the_recent_past(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock, stats_token=TOKEN) as house:
        await playing(house, "Ann")
        await playing(house, "Bob")
        await trio.sleep(8)
        look = await house.dial()
        one = await figures(look, 1)
        passed = one.total.snapshot_bytes / one.uptime_s / 2
        assert one.total.bytes_per_viewer_s == pytest.approx(passed, rel=0.1)
        for live in house.server.matches:
            for player_id in list(house.server.connections):
                live.unwatch(player_id)
        await trio.sleep(40)
        look = await house.dial()
        assert (await figures(look, 1)).total.bytes_per_viewer_s == 0


async def test_a_reader_of_figures_is_no_player_and_may_continue(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock, stats_token=TOKEN) as house:
        look, ann = await house.dial(), await guest(house, "Ann")
        for number in range(1, 6):
            stats = await figures(look, number)
            assert (stats.players, stats.sessions, stats.connections) == (1, 1, 2)
            await trio.sleep(limits.HELLO_S * 0.8)
        answer = await ann.ask(1, GetServerInfo())
        assert isinstance(answer, ResultEnvelope)
        assert isinstance(answer.result, ServerInfo)
        assert answer.result.players == 1
        assert await look.hear_out()  # told why: who falls silent has to say hello or go


async def test_a_reader_of_figures_may_sign_in_later(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock, stats_token=TOKEN) as house:
        peer = await house.dial()
        await figures(peer, 1)
        await peer.sign_in("Ann")
        await assert_serves(peer)


@pytest.mark.parametrize("token", ["", "husk", "hus", "hushh", "hü"])
async def test_a_wrong_token_is_forbidden_and_ends_a_connection_without_session(
    autojump_clock: MockClock, token: str
) -> None:
    async with serving(autojump_clock, stats_token=TOKEN) as house:
        look = await house.dial()
        await look.send(RequestEnvelope(RequestId(1), GetServerStats(token)))
        refusal, goodbye = await look.hear_out()
        assert (refusal.code, goodbye.code) == (Code.FORBIDDEN, Code.FORBIDDEN)


async def test_a_player_without_the_token_is_refused_and_plays_on(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock, stats_token=TOKEN) as house:
        ann = await house.guest()
        refused = await ann.ask(1, GetServerStats())
        assert isinstance(refused, Refusal)
        assert refused.code == Code.FORBIDDEN
        assert (await figures(ann, 2)).players == 1


async def test_without_a_token_only_this_machine_may_read_figures(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        look = await house.dial()  # over a stream that has no address
        refused = await look.ask(1, GetServerStats())
        assert isinstance(refused, Refusal)
        assert refused.code == Code.FORBIDDEN


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.0.2.1", False),
        ("10.0.0.1", False),
        ("::ffff:192.0.2.1", False),
        ("fe80::1%eth0", False),
        ("", False),
        ("localhost", False),
    ],
)
def test_loopback_addresses_are_recognised(address: str, expected: bool) -> None:
    assert is_loopback(address) is expected
