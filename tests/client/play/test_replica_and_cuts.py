"""A replica whose line stalls or is lost: it catches up, and tells every event once."""

import pytest

from gameserver.client.link.conditions import Conditions
from gameserver.game.schema.table import table_of
from gameserver.ids import NO_SEAT, Seat
from gameserver.messages.match import MatchHappened
from gameserver.messages.wire import Input
from gameserver.netcode.prediction.optimism import EventPhase, ToldEvent
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import Runner, Skirmish, Struck
from gameserver.testing.stepper import MatchStepper, SteppedClient

MAP = map_from_rows(*["." * 16] * 16)
FIRST = Seat(0)
HITS = [Struck(1, 2, "arm"), Struck(2, 1, "leg")]


def entered(
    seat: Seat = FIRST, conditions: Conditions | None = None
) -> tuple[MatchStepper, SteppedClient]:
    run = MatchStepper(Skirmish(), MAP, seats=1, bots=2)
    return run, run.enter(seat, conditions)


def no_frame(_now: float) -> None:
    """Stand for an application that draws nothing."""


def hear(run: MatchStepper, client: SteppedClient, event: Struck) -> None:
    """Let a reliable event of the present tick arrive."""
    row = table_of(run.game).event_row(event)
    match_id = run.started(client.seat).match_id
    fields = tuple(row.values(event))
    client.replica.happened(MatchHappened(match_id, run.match.tick_number, row.number, fields))


@pytest.mark.parametrize("seat", [NO_SEAT, Seat(0)])
@pytest.mark.parametrize("stall_ticks", [20, 50, 150])
def test_players_and_spectators_continue_after_a_stall(seat: Seat, stall_ticks: int) -> None:
    run, client = entered(seat, Conditions(lag_ms=50))
    run.run(100)
    client.reads = False
    run.run(stall_ticks)
    client.reads = True
    run.run(90)
    before = client.replica.telemetry.snapshots
    run.run(60)
    assert client.replica.telemetry.snapshots - before >= 58
    assert not [player for report in run.reports for player in report.evicted]


def test_a_spectator_with_high_latency_is_sent_all_snapshots() -> None:
    run, client = entered(NO_SEAT, Conditions(lag_ms=700))
    run.run(300)
    assert client.replica.telemetry.keyframes == 1
    assert client.replica.telemetry.snapshots >= 270


def test_a_client_that_never_draws_still_acknowledges_snapshots(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run, client = entered()
    replica = client.replica
    monkeypatch.setattr(replica, "frame", no_frame)
    run.run(600)
    assert replica.telemetry.keyframes == 1
    assert replica.telemetry.snapshots >= 595


def test_reliable_events_around_a_lost_connection_are_reported_once_and_in_order() -> None:
    run, client = entered(conditions=Conditions(lag_ms=80))
    run.run(60)
    client.replica.take_events()
    hear(run, client, HITS[0])  # waits to be drawn when the line is lost
    client.replica.pause()
    hear(run, client, HITS[1])  # missed, and sent again before the match is entered anew
    client.reconnect()
    told: list[ToldEvent] = []
    for _ in range(90):
        run.run(1)
        told += [each for each in client.replica.take_events() if each.event in HITS]
    assert told == [ToldEvent(event, EventPhase.OBSERVED) for event in HITS]


def test_a_client_has_a_world_from_the_first_snapshot_even_if_the_connection_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run, client = entered()
    monkeypatch.setattr(client.replica, "frame", no_frame)
    while not client.replica.live:
        run.run(1)
    monkeypatch.undo()
    client.replica.pause()
    assert len(client.replica.world.all(Runner)) == 3
    frame = client.replica.frame(run.now)
    assert frame is not None
    assert len(frame.world.all(Runner)) == 3


def test_the_view_of_extrapolated_entities_has_age_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    run, client = entered(conditions=Conditions(lag_ms=100))
    views: list[int] = []

    def noted(message: Input) -> Input:
        views.append(message.view)
        return message

    client.tampers = noted
    run.run(60)
    assert views[-1] > 0
    monkeypatch.setattr(Runner, "extrapolated", True)
    run.run(60)
    assert views[-1] == 0
