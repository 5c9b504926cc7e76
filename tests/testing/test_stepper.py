"""The shipped game over a bad line, with bots at real clients' keys."""

from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from gameserver.arena import Arena
from gameserver.client.link.conditions import Conditions
from gameserver.client.play.replica import MatchReplica
from gameserver.game.command import Command
from gameserver.game.entity import Player
from gameserver.game.maps.tiled import load_map
from gameserver.game.options import build_options
from gameserver.game.rng import Rng
from gameserver.game.schema.dump import world_hash
from gameserver.ids import Seat, Tick
from gameserver.messages.match import ReportDesync
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import Skirmish
from gameserver.testing.stepper import FRAMES_PER_TICK, PING_EVERY, MatchStepper, SteppedClient

MAPS = Path(__file__).parents[2] / "maps"
GAME = Arena()


def bot_of(seat: Seat) -> Callable[[MatchReplica], Command]:
    """A bot that sees only what its client sees."""
    bot = GAME.bot(seat, GAME.bot_levels[-1], Rng.seeded(500 + seat))
    return lambda replica: attrs.evolve(bot.command(replica.world), view=0)


def played(conditions: Conditions, ticks: int) -> MatchStepper:
    options = build_options(GAME.options, {})
    run = MatchStepper(GAME, load_map(MAPS / "courtyard.tmj"), seats=3, bots=2, options=options)
    for i in range(3):
        run.enter(Seat(i), attrs.evolve(conditions, seed=i)).plays(bot_of(Seat(i)))
    run.run(ticks)
    return run


def test_arena_at_150_ms_is_predicted_within_two_pixels_and_nothing_is_late() -> None:
    run = played(Conditions(lag_ms=150, jitter_ms=30), 600)
    assert run.reports[-1].fault is None
    assert run.match.counts.clamped_views == 0
    for client in run.clients.values():
        stats = client.replica.stats
        assert (stats.desyncs, stats.keyframes) == (0, 1)
        assert stats.snapshots > 590
        assert stats.correction_px_p99 <= 2
        counts = run.match.stats_of(client.seat)
        assert counts.late + counts.missed <= counts.applied // 100


def test_a_stalled_connection_recovers_by_itself() -> None:
    run = played(Conditions(lag_ms=150, jitter_ms=30, stall_s=0.4, stall_every_s=5), 600)
    run.match.join(Player(Seat(6), "Late", bot=True))
    for client in run.clients.values():
        client.change_line(Conditions())
    run.run(200)
    for client in run.clients.values():
        assert client.replica.telemetry.desyncs == 0
        newest = client.replica.ring.newest
        assert newest is not None
        assert newest.tick >= run.match.tick_number - 1


def test_the_same_seeds_give_the_same_bytes() -> None:
    bad = Conditions(lag_ms=90, jitter_ms=40, stall_s=0.2, stall_every_s=3)
    first, second = played(bad, 200), played(bad, 200)
    for player_id, client in first.clients.items():
        assert client.sent == second.clients[player_id].sent


def test_a_crash_loses_the_last_ticks_and_clients_come_back_to_the_next_epoch() -> None:
    tile_map = map_from_rows(*["." * 16] * 16)
    run = MatchStepper(Skirmish(), tile_map, seats=2, recorded=True)
    client = run.enter(Seat(0))
    run.run(20)
    lost = world_hash(run.game, run.match.world)
    run.run(10)
    assert client.replica.live
    run.crash(10)
    assert (run.match.tick_number, run.match.epoch) == (20, 2)
    assert world_hash(run.game, run.match.world) == lost
    assert run.journal is not None
    assert [row.tick for row in run.journal.ticks] == [*range(1, 21)]
    client.reconnect()
    run.run(30)
    assert client.replica.live
    assert run.match.tick_number == 50
    assert len(run.journal.ticks) == 50
    assert client.replica.telemetry.desyncs == 0


def test_a_client_that_has_lost_the_world_is_sent_a_keyframe() -> None:
    run = MatchStepper(Skirmish(), map_from_rows(*["." * 16] * 16), seats=2)
    client = run.enter(Seat(0))
    run.run(30)
    before = client.replica.stats.keyframes
    client._ask(ReportDesync(run.match.match_id, Tick(30), 0, 1, 2))
    run.run(30)
    assert run.match.counts.desyncs == 1
    assert client.replica.stats.keyframes == before + 1


def test_a_client_pings_with_its_first_frame_and_then_at_regular_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run, pinged = MatchStepper(Skirmish(), map_from_rows(*["." * 16] * 16)), list[float]()
    monkeypatch.setattr(SteppedClient, "_ping", lambda _, now: pinged.append(now))
    run.enter(Seat(0))
    run.run(2 * PING_EVERY)
    frame_s = 1 / (run.game.tick_rate * FRAMES_PER_TICK)
    frames = range(1, 2 * PING_EVERY * FRAMES_PER_TICK, PING_EVERY)
    assert pinged == [pytest.approx(number * frame_s) for number in frames]
