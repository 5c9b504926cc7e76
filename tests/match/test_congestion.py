"""Congested viewers: they are paused, then evicted, and others are not affected."""

import msgpack

from gameserver.ids import NO_SEAT, EntityId, Seat
from gameserver.match.viewers import EVICT_S, PAUSE_S
from gameserver.testing.skirmish import (
    Runner,
)
from tests.match.play import (
    GAME,
    assert_knows_the_truth,
    drawn,
    stepper,
)


def test_a_viewer_who_never_acknowledges_is_paused_then_evicted_and_delays_nobody() -> None:
    run = stepper(seats=2)
    silent, other = run.enter(Seat(0)), run.enter(Seat(1))
    run.run(30)
    silent.reads = False
    sent_before, other_before = len(silent.sent), len(other.sent)
    run.run(90)
    assert len(silent.sent) - sent_before <= int(PAUSE_S * GAME.tick_rate) + 4
    assert len(other.sent) - other_before >= 90
    run.run(int(EVICT_S * GAME.tick_rate))
    evicted = [player for report in run.reports for player in report.evicted]
    assert evicted == [silent.player_id]
    assert run.match.viewer(silent.player_id) is None


def test_a_viewer_who_catches_up_gets_one_keyframe_and_continues() -> None:
    run = stepper(seats=2)
    client = run.enter(Seat(0))
    run.run(30)
    client.reads = False
    run.run(int(PAUSE_S * GAME.tick_rate) + 20)
    client.reads = True
    run.run(40)
    drawn(run)
    assert client.replica.telemetry.keyframes == 2
    assert_knows_the_truth(run, client)


def test_a_refused_message_breaks_the_chain_and_a_keyframe_repairs_it() -> None:
    run = stepper(seats=1)
    client = run.enter(Seat(0))
    run.run(10)
    client.takes = False
    run.run(3)
    client.takes = True
    run.run(3)
    drawn(run)
    assert client.replica.telemetry.desyncs == 0
    assert client.replica.telemetry.keyframes == 2
    assert_knows_the_truth(run, client)


def test_a_reported_desync_is_answered_with_a_keyframe() -> None:
    run = stepper(seats=1)
    client = run.enter(Seat(0))
    run.run(35)
    rows = client.replica.reader._decoders[0].rows
    rows[EntityId(2)].state[0] += 1
    run.run(35)
    drawn(run)
    assert client.replica.telemetry.desyncs == 1
    assert run.match.counts.desyncs == 1
    assert_knows_the_truth(run, client)


def test_private_values_are_absent_from_the_bytes_of_others() -> None:
    run = stepper(seats=2, bots=0, teams=2)
    owner, other, watcher = run.enter(Seat(0)), run.enter(Seat(1)), run.enter(NO_SEAT)
    runner = run.match.world.owned(Seat(0), Runner)
    assert runner is not None
    runner.ammo, runner.plan = 987_654_321, 123_456_789
    run.run(40)
    for value in (987_654_321, 123_456_789):
        needle = msgpack.packb(value)
        seen = [any(needle in m for m in c.sent) for c in (owner, other, watcher)]
        assert seen == [True, False, False]


def test_a_viewer_whose_outlet_refuses_everything_costs_little_and_is_evicted() -> None:
    run = stepper(seats=2, bots=0)
    refusing = run.enter(Seat(0))
    refusing.takes = False
    viewer = run.match.viewer(refusing.player_id)
    assert viewer is not None
    seconds = 2 * int(EVICT_S)
    evicted = [player for _ in range(seconds * GAME.tick_rate) for player in run.run(1).evicted]
    assert evicted == [refusing.player_id]
    assert viewer.keyframes <= 2 * EVICT_S + 8
