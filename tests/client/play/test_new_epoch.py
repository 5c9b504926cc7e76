"""A replica whose server has crashed: it accepts the earlier tick and goes on smoothly."""

import pytest

from gameserver.client.link.conditions import Conditions
from gameserver.client.play.replica import MatchReplica
from gameserver.game.schema.table import table_of
from gameserver.ids import NO_SEAT, Seat, Tick
from gameserver.messages.match import MatchEntered, MatchHappened
from gameserver.messages.wire import Input
from gameserver.netcode.prediction.optimism import EventPhase, ToldEvent
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import SPEED, Runner, Skirmish, SkirmishCommand, Struck
from gameserver.testing.stepper import MatchStepper, SteppedClient

MAP = map_from_rows(*["." * 16] * 16)
FIRST = Seat(0)
HZ = Skirmish.tick_rate


def playing(conditions: Conditions, seat: Seat = FIRST) -> tuple[MatchStepper, SteppedClient]:
    run = MatchStepper(Skirmish(), MAP, seats=1, bots=2, recorded=True)
    return run, run.enter(seat, conditions)


def walks(replica: MatchReplica) -> SkirmishCommand:
    """Walk to and fro."""
    return SkirmishCommand(move=1 if replica.world.tick // 20 % 2 else 3)


def hear(run: MatchStepper, client: SteppedClient, tick: int, event: Struck) -> None:
    """Let a reliable event of a tick arrive."""
    row = table_of(run.game).event_row(event)
    match_id = run.started(client.seat).match_id
    client.replica.happened(
        MatchHappened(match_id, Tick(tick), row.number, tuple(row.values(event)))
    )


@pytest.mark.parametrize("lag_ms", [0, 150])
@pytest.mark.parametrize("seat", [FIRST, NO_SEAT])
def test_the_match_goes_on_smoothly_a_second_earlier(lag_ms: int, seat: Seat) -> None:
    run, client = playing(Conditions(lag_ms=lag_ms, jitter_ms=10, seed=3), seat)
    client.plays(walks)
    run.run(100)
    tick = client.replica.world.tick
    run.crash(lost=HZ)
    run.halt(20)
    client.reconnect()
    counts, divergences = client.replica.telemetry, client.replica.telemetry.divergence_count
    run.run(3 + lag_ms * HZ // 1000)
    assert client.replica.live
    assert client.replica.world.tick < tick
    run.run(30)  # the lead settles
    before = run.match.stats_of(FIRST) if seat == FIRST else None
    steps: list[float] = []
    for _ in range(60):
        was = client.frame
        run.run(1)
        assert was is not None
        assert client.frame is not None
        places = {each.entity.id: each for each in was.drawn if type(each.entity) is Runner}
        for each in client.frame.drawn:
            if each.entity.id in places:
                earlier = places[each.entity.id]
                steps.append(max(abs(each.x - earlier.x), abs(each.y - earlier.y)))
    assert 0 < max(steps) <= 2 * SPEED
    assert counts.desyncs == 0
    assert counts.divergence_count - divergences <= 3
    if before is not None:
        after = run.match.stats_of(FIRST)
        assert after.applied - before.applied >= 58
        assert (after.doubled, after.late - before.late) == (0, 0)


def test_events_of_the_lost_ticks_are_void_and_told_when_they_happen_again() -> None:
    run, client = playing(Conditions(lag_ms=80))
    run.run(60)
    client.replica.take_events()
    seen, lost = Struck(1, 2, "seen"), Struck(2, 1, "lost")
    now = run.match.tick_number
    hear(run, client, now - 10, seen)
    hear(run, client, now, lost)
    run.crash(lost=10)
    hear(run, client, now, Struck(1, 0, "lost, and sent again before the match is entered"))
    client.reconnect()
    hear(run, client, now, lost)
    told: list[ToldEvent] = []
    for _ in range(60):
        run.run(1)
        told += [each for each in client.replica.take_events() if type(each.event) is Struck]
    assert told == [ToldEvent(event, EventPhase.OBSERVED) for event in (seen, lost)]


def test_numbers_of_inputs_rise_on_although_the_new_process_knows_none() -> None:
    run, client = playing(Conditions())
    sent: list[int] = []

    def noted(message: Input) -> Input:
        sent.append(message.seq)
        return message

    client.tampers = noted
    run.run(40)
    # The last inputs reach the new process behind the request to enter, over another connection.
    run.crash(lost=5)
    match = run.match
    match.add_viewer(client.player_id, FIRST, client)
    entered = MatchEntered(match.tick_number, FIRST, match.next_seq(FIRST), match.epoch)
    client.replica.enter(entered, anew=False)
    run.run(40)
    assert sent == sorted(set(sent))
    stats = match.stats_of(FIRST)
    assert stats.doubled == 0
    assert stats.applied >= 30
