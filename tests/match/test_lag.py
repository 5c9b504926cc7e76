"""Matches over bad links: lead, rewind, and the effect of a forged view."""

import attrs
import pytest

from gameserver.client.link.conditions import Conditions
from gameserver.client.play.replica import MatchReplica
from gameserver.game.fixed import angle_of
from gameserver.ids import Seat
from gameserver.testing.skirmish import (
    Runner,
    SkirmishCommand,
    SkirmishOptions,
)
from gameserver.testing.stepper import MatchStepper, SteppedClient
from tests.match.play import (
    Restless,
    place,
    stepper,
)


def test_honest_players_at_150_ms_are_neither_late_nor_corrected_nor_clamped() -> None:
    run = stepper(seats=3, bots=0, options=SkirmishOptions())
    bad = [Conditions(lag_ms=150, jitter_ms=30, seed=i) for i in range(3)]
    clients = [run.enter(Seat(i), bad[i]) for i in range(3)]
    for i, client in enumerate(clients):
        client.plays(Restless(i))
    run.run(900)
    assert run.match.counts.clamped_views == 0
    assert run.match.counts.malformed == 0
    for client in clients:
        stats = run.match.stats_of(client.seat)
        assert stats.late + stats.missed + stats.early + stats.doubled == 0
        assert stats.applied > 880
        assert client.replica.stats.correction_px_p99 == 0
        assert client.replica.telemetry.desyncs == 0


def test_the_lead_is_steered_when_a_connection_gets_worse() -> None:
    run = stepper(seats=1)
    client = run.enter(Seat(0))
    run.run(60)
    client.change_line(Conditions(lag_ms=200))
    run.run(200)
    late = run.match.stats_of(Seat(0)).late
    run.run(300)
    assert late > 0
    assert run.match.stats_of(Seat(0)).late == late


@pytest.mark.parametrize("halted", [10, 30, 90])
def test_time_shed_by_the_server_costs_no_input_and_no_correction(halted: int) -> None:
    run = stepper(seats=1)
    client = run.enter(Seat(0), Conditions(lag_ms=60))
    client.plays(Restless(0))
    run.run(150)
    ahead = client.replica.world.tick - run.match.tick_number
    run.halt(halted)
    run.run(halted + 10)
    counts = run.match.stats_of(Seat(0))
    assert abs(client.replica.world.tick - run.match.tick_number - ahead) <= 1
    assert counts.late + counts.early + counts.doubled == 0
    assert client.replica.stats.correction_px_p99 == 0


@pytest.mark.parametrize("lag_ms", [1100, 1300, 1600, 2000])
def test_a_connection_with_up_to_two_seconds_of_lag_has_no_late_inputs_and_all_snapshots(
    lag_ms: int,
) -> None:
    run = stepper(seats=1, bots=0)
    client = run.enter(Seat(0), Conditions(lag_ms=lag_ms, jitter_ms=60, seed=1))
    client.plays(Restless(0))
    run.run(240)
    before, snapshots = run.match.stats_of(Seat(0)), client.replica.telemetry.snapshots
    run.run(120)
    after = run.match.stats_of(Seat(0))
    assert after.applied - before.applied == 120
    assert (after.late, after.missed, after.early) == (0, 0, 0)
    assert client.replica.telemetry.snapshots - snapshots >= 119
    assert client.replica.telemetry.keyframes == 1


def test_the_lead_of_a_connection_that_gets_slower_does_not_overshoot() -> None:
    run = stepper(seats=1, bots=0)
    client = run.enter(Seat(0), Conditions(lag_ms=100))
    run.run(60)
    client.change_line(Conditions(lag_ms=1500))
    leads = []
    for _ in range(40):
        run.run(15)
        leads.append(client.replica.stats.lead_ticks)
    late = run.match.stats_of(Seat(0)).late
    run.run(120)
    assert run.match.stats_of(Seat(0)).late == late
    assert max(leads) < 1.5 * 30 + 12


@pytest.mark.parametrize("stall_s", [0.5, 1.0, 1.5, 2.5, 4.0])
def test_after_a_stall_inputs_count_again_at_once(stall_s: float) -> None:
    run = stepper(seats=1, bots=0)
    client = run.enter(Seat(0), Conditions(lag_ms=40))
    client.plays(Restless(0))
    run.run(150)
    client.change_line(Conditions(lag_ms=40, stall_s=60.0, stall_every_s=0.01))
    run.run(int(30 * stall_s))
    client.change_line(Conditions(lag_ms=40))
    run.run(60)
    before = run.match.stats_of(Seat(0))
    run.run(600)
    after = run.match.stats_of(Seat(0))
    assert (after.early, after.late - before.late) == (0, 0)
    assert after.applied - before.applied == 600
    assert client.replica.stats.lead_ticks < 5


def test_a_stall_before_the_match_is_entered_costs_no_input() -> None:
    run = stepper(seats=1, bots=0)
    client = run.enter(Seat(0), Conditions(lag_ms=40))
    client.plays(Restless(0))
    run.run(60)
    client.replica.round_trip(2.5)
    client.reconnect()
    before = run.match.stats_of(Seat(0))
    run.run(300)
    after = run.match.stats_of(Seat(0))
    assert after.early == before.early
    assert after.applied - before.applied > 270


def test_a_line_that_turns_fast_is_played_on() -> None:
    run = stepper(seats=1, bots=0)
    client = run.enter(Seat(0), Conditions(lag_ms=1800))
    run.run(120)
    client.change_line(Conditions(lag_ms=40))
    run.run(450)
    before = run.match.stats_of(Seat(0))
    run.run(300)
    assert run.match.stats_of(Seat(0)).applied - before.applied == 300


@pytest.mark.parametrize("steps_per_frame", [1, 2, 3, 4])
@pytest.mark.parametrize(("lag_ms", "jitter_ms"), [(0, 0), (40, 0), (150, 30)])
def test_shots_of_a_client_with_a_low_frame_rate_are_judged_in_what_it_drew(
    steps_per_frame: int, lag_ms: float, jitter_ms: float
) -> None:
    run = stepper(seats=1, bots=0)
    client = run.enter(Seat(0), Conditions(lag_ms=lag_ms, jitter_ms=jitter_ms, seed=1))
    client.steps_per_frame = steps_per_frame
    run.run(300)
    stats = run.match.stats_of(Seat(0))
    assert stats.applied > 250
    assert run.match.counts.clamped_views <= stats.applied // 20


class AimingPlayer:
    """Shoots at the first other runner where the screen shows it."""

    def __init__(self, client: SteppedClient) -> None:
        self.client = client
        self.frames = 0

    def __call__(self, _replica: MatchReplica) -> SkirmishCommand:
        self.frames += 1
        frame = self.client.frame
        if frame is None:
            return SkirmishCommand()
        me = frame.own(Runner)
        others = [d for d in frame.drawn if isinstance(d.entity, Runner) and not d.own]
        if me is None or not others:
            return SkirmishCommand()
        aim = angle_of(round(others[0].x - me.x), round(others[0].y - me.y))
        return SkirmishCommand(aim=aim, shoot=self.frames % 20 == 0)


def duel(conditions: Conditions, view: int | None = None) -> tuple[int, int]:
    """Let one shoot at another who dances; return shots and hits of the last ten seconds."""
    run = stepper(seats=2, bots=0)
    shooter, dancer = run.enter(Seat(0), conditions), run.enter(Seat(1))
    place(run, Seat(0), 4000, 300)
    place(run, Seat(1), 4000, 7000)
    steps = iter(range(1 << 30))
    dancer.plays(lambda _r: SkirmishCommand(move=(1, 3)[next(steps) // 120 % 2]))
    shooter.plays(AimingPlayer(shooter))
    if view is not None:
        shooter.tampers = lambda message: attrs.evolve(message, view=view)
    run.run(150)
    before = hits(run)
    run.run(300)
    return 300 * 2 // 20, hits(run) - before


def hits(run: MatchStepper) -> int:
    runner = run.match.world.owned(Seat(0), Runner)
    assert runner is not None
    return runner.hits


def test_an_honest_shot_at_150_ms_hits_what_the_shooter_saw() -> None:
    shots, hit = duel(Conditions(lag_ms=150, jitter_ms=30, seed=3))
    assert hit >= shots - 1


def test_without_rewind_the_same_shots_miss() -> None:
    shots, hit = duel(Conditions(lag_ms=150, jitter_ms=30, seed=3), view=0)
    assert hit < shots // 2


def test_a_forged_view_is_clamped_and_gains_nothing() -> None:
    shots, honest = duel(Conditions(lag_ms=40))
    _, forged = duel(Conditions(lag_ms=40), view=(1 << 15) - 1)
    assert honest >= shots - 1
    assert forged <= honest
