"""The shipped game over a bad line, with bots at real clients' keys."""

from collections.abc import Callable
from pathlib import Path

import attrs

from gameserver.arena import Arena
from gameserver.client.link.conditions import Conditions
from gameserver.client.play.replica import MatchReplica
from gameserver.game.command import Command
from gameserver.game.entity import Player
from gameserver.game.maps.tiled import load_map
from gameserver.game.options import build_options
from gameserver.game.rng import Rng
from gameserver.ids import Seat
from gameserver.testing.stepper import MatchStepper

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
