"""What a replica sends by itself, and how far it runs ahead."""

from typing import Any

import pytest

from gameserver.client.play.replica import (
    CATCH_UP_TICKS,
    MAX_AHEAD_S,
    RUN_ON_S,
    SEEN_EVERY_S,
    SEEN_IDLE_S,
    MatchReplica,
)
from gameserver.game.schema.history import REWIND_MS, VIEW_UNITS
from gameserver.ids import NO_SEAT, Seat, Tick
from gameserver.messages.base import Request
from gameserver.messages.match import MatchEntered, ReportDesync
from gameserver.messages.wire import Input, Seen, Shift, Steer
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import Runner, Skirmish, SkirmishCommand
from gameserver.testing.stepper import MATCH_ID, MatchStepper
from tests.snapshots import snapshots_of

MAP = map_from_rows(*["." * 8] * 8)
TICK_S = 1 / Skirmish.tick_rate
FIRST = Seat(0)


class Alone:
    """One replica, fed by hand with a match's snapshots."""

    def __init__(
        self, seat: Seat = FIRST, rtts: tuple[float, ...] = (), snapshots: int = 100
    ) -> None:
        stepper = MatchStepper(Skirmish(), MAP, seats=2)
        viewer = stepper.enter(seat)
        stepper.run(snapshots)
        self.posted: list[Any] = []
        self.asked: list[Request] = []
        self.replica = MatchReplica(
            stepper.game, stepper.started(seat), MAP, self.posted.append, self.asked.append
        )
        for rtt in rtts:
            self.replica.round_trip(rtt)
        self.replica.enter(MatchEntered(Tick(1), seat, 5))
        self.snapshots = snapshots_of(viewer.sent)

    def hear(self, number: int, now: float) -> int:
        """Let a snapshot arrive; return its tick."""
        snapshot = self.snapshots[number]
        self.replica.receive(snapshot.tick, snapshot.sections, now)
        return snapshot.tick

    def taken(self, *kinds: type) -> list[Any]:
        posted, self.posted[:] = list(self.posted), []
        return [each for each in posted if isinstance(each, kinds or (object,))]


def seens(alone: Alone) -> list[int]:
    return [each.tick for each in alone.taken(Seen)]


# --- reports of what was seen ---------------------------------------------------------------------


@pytest.mark.parametrize(("seat", "every_s"), [(NO_SEAT, SEEN_EVERY_S), (FIRST, SEEN_IDLE_S)])
def test_the_newest_snapshot_is_reported_once_in_a_while_and_only_if_it_is_new(
    seat: Seat, every_s: float
) -> None:
    alone = Alone(seat)
    alone.replica.acknowledge(99.0)
    assert alone.posted == [], "nothing has been seen"
    first = alone.hear(0, 100.0)
    assert seens(alone) == [first]
    second = alone.hear(1, 100.03)
    alone.replica.acknowledge(100.0 + every_s - 0.01)
    assert seens(alone) == []
    alone.replica.acknowledge(100.0 + every_s + 1e-6)
    assert seens(alone) == [second]
    alone.replica.acknowledge(200.0)
    assert seens(alone) == []
    alone.hear(2, 201.0)
    third = alone.hear(3, 201.0 + every_s + 1e-6)
    assert seens(alone) == [third - 1, third]


def test_a_paused_replica_reports_nothing_and_begins_again_with_its_entry() -> None:
    alone = Alone(NO_SEAT)
    alone.hear(0, 100.0)
    alone.hear(1, 100.01)
    alone.taken()
    alone.replica.pause()
    alone.replica.acknowledge(102.0)
    assert alone.posted == []
    alone.replica.enter(MatchEntered(Tick(1), NO_SEAT, 1))
    alone.replica.acknowledge(103.0)
    assert alone.posted == []
    first = alone.hear(0, 104.0)
    assert seens(alone) == [first]


def test_an_input_reports_the_newest_snapshot_too() -> None:
    alone = Alone()
    alone.hear(0, 100.0)
    tick = alone.hear(1, 100.0 + TICK_S)
    alone.taken()
    alone.replica.advance(100.0 + 2 * TICK_S)
    inputs = alone.taken(Input)
    assert inputs
    assert {each.seen for each in inputs} == {tick}
    alone.replica.acknowledge(110.0)
    assert alone.posted == []
    alone.hear(2, 100.0 + 2 * TICK_S)
    alone.replica.acknowledge(100.0 + 2 * TICK_S + SEEN_IDLE_S - 0.001)
    assert alone.posted == [], "the input came less than so long ago"
    alone.replica.acknowledge(100.0 + 2 * TICK_S + SEEN_IDLE_S + 1e-6)
    assert seens(alone) == [tick + 1]


# --- inputs ---------------------------------------------------------------------------------------


def test_inputs_are_numbered_on_from_the_entry_and_come_once_for_each_tick() -> None:
    alone = Alone()
    for number in range(40):
        alone.hear(number, 100.0 + number * TICK_S)
        alone.replica.advance(100.0 + (number + 0.5) * TICK_S)
    inputs = alone.taken(Input)
    assert [each.seq for each in inputs] == list(range(5, 5 + len(inputs)))
    ticks = [each.tick for each in inputs]
    assert ticks == list(range(ticks[0], ticks[0] + len(ticks)))
    assert alone.replica.telemetry.inputs == len(inputs) > 30


def test_a_watcher_sends_no_input_and_draws_all_the_same() -> None:
    alone = Alone(NO_SEAT)
    for number in range(40):
        alone.hear(number, 100.0 + number * TICK_S)
        assert alone.replica.advance(100.0 + (number + 0.5) * TICK_S) == 0
    assert alone.taken(Input) == []
    frame = alone.replica.frame(100.0 + 40 * TICK_S)
    assert frame is not None
    assert len(frame.drawn) >= 2
    assert not any(drawn.own for drawn in frame.drawn)


def test_an_edge_that_was_held_is_sent_once_though_it_was_let_go_before() -> None:
    alone = Alone()
    alone.hear(0, 100.0)
    alone.replica.hold(SkirmishCommand(move=1, throw=True))
    alone.replica.hold(SkirmishCommand(move=2))
    for number in range(1, 4):
        alone.hear(number, 100.0 + number * TICK_S)
        alone.replica.advance(100.0 + number * TICK_S)
    rows = [SkirmishCommand.from_row(each.row) for each in alone.taken(Input)]
    assert [(row.move, row.throw) for row in rows][:3] == [(2, True), (2, False), (2, False)]


# --- the lead -------------------------------------------------------------------------------------


@pytest.mark.parametrize("rtt_s", [0.05, 0.5, 1.5])
def test_the_first_lead_covers_the_round_trip(rtt_s: float) -> None:
    alone = Alone(rtts=(rtt_s, rtt_s))
    first = alone.hear(0, 100.0)
    alone.replica.advance(100.0)
    lead = rtt_s / TICK_S
    assert alone.replica.stats.lead_ticks == pytest.approx(lead + 1, abs=1.01)
    (sent,) = alone.taken(Input)
    assert first + lead <= sent.tick <= first + lead + 2.01


def test_the_server_steers_the_lead_and_shifts_its_ticks() -> None:
    steered, shifted, plain = (Alone(rtts=(0.1,)) for _ in range(3))
    for alone in (steered, shifted, plain):
        alone.hear(0, 100.0)
        alone.replica.advance(100.0)
    steered.replica.steer(Steer(Tick(2), 4))
    shifted.replica.shift(Shift(Tick(2), 2))
    for number in range(1, 13):
        for alone in (steered, shifted, plain):
            if alone is not shifted:
                alone.hear(number, 100.0 + number * TICK_S)
            alone.replica.advance(100.0 + number * TICK_S)
    assert steered.replica.stats.lead_ticks == pytest.approx(plain.replica.stats.lead_ticks + 4)
    assert steered.replica.stats.tick == plain.replica.stats.tick + 4
    assert shifted.replica.stats.tick < plain.replica.stats.tick


def test_without_snapshots_ticks_run_on_for_a_bounded_time() -> None:
    alone = Alone(rtts=(0.05,))
    newest = alone.hear(0, 100.0)
    for step in range(300):
        alone.replica.advance(100.0 + step * TICK_S / 2)
    assert alone.replica.stats.tick == newest + int(MAX_AHEAD_S / TICK_S)


def test_with_a_long_lead_ticks_run_on_beyond_it() -> None:
    alone = Alone(rtts=(1.5, 1.5))
    newest = alone.hear(0, 100.0)
    for step in range(300):
        alone.replica.advance(100.0 + step * TICK_S / 2)
    lead = alone.replica.stats.lead_ticks
    assert lead > MAX_AHEAD_S / TICK_S
    assert alone.replica.stats.tick == int(newest + lead + RUN_ON_S / TICK_S)


def test_only_a_pause_longer_than_the_catch_up_skips_ticks() -> None:
    alone = Alone(rtts=(2.5 * TICK_S,))  # half a tick more, so that no sum is near a whole one
    alone.hear(0, 100.0)
    alone.replica.advance(100.0)
    before = alone.replica.stats.tick
    assert alone.replica.advance(100.0 + CATCH_UP_TICKS * TICK_S) == CATCH_UP_TICKS
    assert alone.replica.telemetry.skipped_ticks == 0
    now = 100.0 + (2 * CATCH_UP_TICKS + 1) * TICK_S
    alone.hear(1, 100.0 + TICK_S)
    assert alone.replica.advance(now) == CATCH_UP_TICKS
    assert alone.replica.telemetry.skipped_ticks == 1
    assert alone.replica.stats.tick == before + 2 * CATCH_UP_TICKS + 1


def test_a_paused_replica_runs_nothing_and_still_has_a_picture() -> None:
    alone = Alone()
    assert alone.replica.advance(100.0) == 0
    assert alone.replica.frame(100.0) is None
    lives = [alone.replica.live]
    alone.hear(0, 100.0)
    lives.append(alone.replica.live)
    assert lives == [False, True]
    alone.replica.advance(100.0)
    alone.taken()
    alone.replica.pause()
    assert alone.replica.advance(101.0) == 0
    frame = alone.replica.frame(101.0)
    assert frame is not None
    assert frame.now == 101.0
    assert alone.posted == []


def test_the_view_of_an_input_is_no_older_than_the_server_rewinds() -> None:
    alone = Alone(rtts=(1.5, 1.5))
    alone.hear(0, 100.0)
    alone.replica.advance(100.0)
    (sent,) = alone.taken(Input)
    assert sent.view == int(REWIND_MS / 1000 / TICK_S) * VIEW_UNITS


def test_the_first_input_names_the_whole_time_as_the_age_of_its_picture() -> None:
    alone = Alone(rtts=(0.05,))
    alone.hear(0, 100.0)
    alone.replica.advance(100.0)
    (sent,) = alone.taken(Input)
    assert sent.view == sent.tick * VIEW_UNITS


# --- snapshots ------------------------------------------------------------------------------------


def test_a_snapshot_that_does_not_agree_is_reported_with_both_checksums() -> None:
    alone = Alone(NO_SEAT)
    alone.hear(0, 100.0)
    decoder = alone.replica.reader._decoders[0]
    row = next(row for row in decoder.rows.values() if row.table.entity is Runner)
    row.state[0] += 3
    number = 1
    while not alone.asked:
        tick = alone.hear(number, 100.0 + number * TICK_S)
        number += 1
    (report,) = alone.asked
    assert isinstance(report, ReportDesync)
    assert (report.match_id, report.tick, report.section) == (MATCH_ID, tick, 0)
    assert report.expected != report.computed
    assert alone.replica.telemetry.desyncs == 1
    assert alone.replica.telemetry.snapshots == number
    assert alone.replica.telemetry.keyframes == 1
