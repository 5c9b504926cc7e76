"""Fewer snapshots than the game wants: the players notice little, and nothing is wrong."""

import pytest

from gameserver.client.link.conditions import Conditions
from gameserver.ids import Seat
from gameserver.testing.skirmish import SkirmishOptions
from gameserver.testing.stepper import SteppedClient
from tests.match.play import Restless, assert_knows_the_truth, drawn, stepper
from tests.snapshots import is_snapshot


def snapshots(client: SteppedClient) -> int:
    return sum(is_snapshot(message) for message in client.sent)


@pytest.mark.parametrize("stretch", [2, 4])
def test_a_match_with_fewer_snapshots_has_correct_views_and_inputs_in_time(stretch: int) -> None:
    run = stepper(seats=3, options=SkirmishOptions())
    clients = [
        run.enter(Seat(i), Conditions(lag_ms=100, jitter_ms=20, seed=i) if i else None)
        for i in range(3)
    ]
    for i, client in enumerate(clients):
        client.plays(Restless(i))
    run.run(120)
    before, tally = [snapshots(client) for client in clients], run.match.tally()
    run.match.snapshot_stretch = stretch
    run.run(480)
    assert [snapshots(client) - sent for client, sent in zip(clients, before, strict=True)] == [
        480 // stretch
    ] * 3
    drawn(run)
    assert_knows_the_truth(run, clients[0])
    strained = run.match.tally()
    assert strained.late + strained.missed == tally.late + tally.missed
    assert strained.applied - tally.applied == 3 * 480
    assert (strained.desyncs, strained.congested, strained.clamped_views) == (0, 0, 0)
    run.match.snapshot_stretch = 1
    run.run(120)
    drawn(run)
    assert_knows_the_truth(run, clients[0])
    for client in clients:
        assert client.replica.telemetry.desyncs == 0
        assert client.replica.stats.correction_px_p99 == 0
