"""What a replica tells of itself, and where figures are drawn that are drawn ahead."""

import pytest

from gameserver.client.link.conditions import Conditions
from gameserver.client.play.replica import CATCH_UP_TICKS
from gameserver.game.schema.history import VIEW_UNITS
from gameserver.ids import EntityId, Seat
from gameserver.netcode.prediction.interpolation import Confirmed
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import SPEED, Bolt, Runner, Skirmish, SkirmishCommand
from gameserver.testing.stepper import MatchStepper, SteppedClient

MAP = map_from_rows(*["." * 16] * 16)
TICK_S = 1 / Skirmish.tick_rate


def entered(conditions: Conditions) -> tuple[MatchStepper, SteppedClient, SteppedClient]:
    stepper = MatchStepper(Skirmish(), MAP, seats=2)
    ann, bob = (stepper.enter(Seat(seat), conditions) for seat in (0, 1))
    return stepper, ann, bob


def test_times_are_given_in_milliseconds() -> None:
    stepper, ann, _ = entered(Conditions(lag_ms=200, jitter_ms=40, seed=3))
    stepper.run(300)
    stats = ann.replica.stats
    assert stats.rtt_ms == pytest.approx(200, abs=45)
    assert 5 < stats.jitter_ms < 80
    assert stats.jitter_ms == pytest.approx(ann.replica.jitter_s * 1000)
    assert TICK_S * 1000 < stats.view_delay_ms < 300
    assert stats.view_delay_ms == pytest.approx(ann.replica._view.delay * TICK_S * 1000)
    assert stats.lead_ticks * TICK_S > 0.2, "an input must be there in time"
    assert stats.tick == ann.replica.world.tick > 300


def test_a_connection_with_constant_delay_has_no_jitter() -> None:
    stepper, ann, _ = entered(Conditions(lag_ms=50))
    stepper.run(300)
    assert ann.replica.stats.jitter_ms < 3


def test_snapshots_keyframes_and_inputs_are_counted() -> None:
    stepper, ann, _ = entered(Conditions())
    stepper.run(100)
    stats = ann.replica.stats
    assert (stats.keyframes, stats.desyncs, stats.divergences) == (1, 0, 0)
    assert stats.snapshots == pytest.approx(100, abs=5)
    assert stats.inputs == pytest.approx(100, abs=10)
    assert (stats.correction_px_last, stats.correction_px_p99) == (0, 0)


def test_skipped_ticks_are_those_that_passed_without_being_run() -> None:
    stepper, ann, _ = entered(Conditions())
    stepper.run(60)
    before = ann.replica.stats.tick
    ran = ann.replica.advance(stepper.now + 1.0)
    assert ran == CATCH_UP_TICKS
    passed = ann.replica.stats.tick - before
    assert ann.replica.telemetry.skipped_ticks == passed - CATCH_UP_TICKS > 0


def test_an_extrapolated_entity_is_drawn_where_it_will_be_at_the_own_tick(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Runner, "extrapolated", True)
    stepper, ann, bob = entered(Conditions(lag_ms=100))
    bob.plays(lambda _replica: SkirmishCommand(move=1))
    walker = stepper.match.world.owned(Seat(1), Runner)
    assert walker is not None
    walker.x = 0
    stepper.run(60)
    assert walker.x < 7000, "it has not come to the wall"
    assert ann.frame is not None
    (drawn,) = [each for each in ann.frame.drawn if each.entity.id == walker.id]
    lead = ann.frame.tick - stepper.match.tick_number
    assert lead > 1
    assert drawn.x == pytest.approx(walker.x + SPEED * lead, abs=1)
    assert not drawn.own


def test_an_entity_is_extrapolated_for_a_bounded_time_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Runner, "extrapolated", True)
    stepper, ann, bob = entered(Conditions())
    bob.plays(lambda _replica: SkirmishCommand(move=1))
    walker = stepper.match.world.owned(Seat(1), Runner)
    assert walker is not None
    walker.x = 0
    stepper.run(30)
    newest: Confirmed | None = ann.replica.ring.newest
    assert newest is not None
    frame = ann.replica.frame(stepper.now + 5.0)
    assert frame is not None
    (drawn,) = [each for each in frame.drawn if each.entity.id == walker.id]
    last = newest.entities[walker.id]
    assert isinstance(last, Runner)
    ticks = (drawn.x - last.x) / SPEED
    assert ticks == pytest.approx(0.25 / TICK_S, abs=0.01)


def test_the_own_figure_is_drawn_on_its_way_to_the_next_tick() -> None:
    stepper, ann, _ = entered(Conditions())
    runner = stepper.match.world.owned(ann.seat, Runner)
    assert runner is not None
    runner.x = 0
    ann.plays(lambda _replica: SkirmishCommand(move=1))
    stepper.run(30)
    replica = ann.replica
    replica.frame(stepper.now)
    places, parts = [], []
    for step in range(1, 7):
        frame = replica.frame(stepper.now + step * TICK_S / 4)
        assert frame is not None
        own, true = frame.own(Runner), frame.world.owned(ann.seat, Runner)
        assert own is not None
        assert true is not None
        part = frame.tick - frame.world.tick
        assert 0 <= part < 1
        assert own.x == pytest.approx(true.x + SPEED * part)
        places.append(own.x)
        parts.append(part)
    assert places == sorted(places)
    assert max(parts) - min(parts) > 0.5


def test_own_figures_of_a_class_that_is_drawn_ahead_are_drawn_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Runner, "extrapolated", True)
    stepper, ann, _ = entered(Conditions())
    stepper.run(30)
    assert ann.frame is not None
    drawn = [each.entity.owner for each in ann.frame.drawn if isinstance(each.entity, Runner)]
    assert sorted(drawn) == [0, 1]


def test_others_are_drawn_on_their_way_between_two_snapshots() -> None:
    stepper, ann, bob = entered(Conditions())
    walker = stepper.match.world.owned(bob.seat, Runner)
    assert walker is not None
    walker.x = 0
    bob.plays(lambda _replica: SkirmishCommand(move=1))
    places = {0: walker.x}
    for _ in range(40):
        stepper.run(1)
        places[stepper.match.tick_number] = walker.x
    compared = 0
    for step in range(1, 5):
        frame = ann.replica.frame(stepper.now + step * TICK_S / 8)
        assert frame is not None
        (drawn,) = [each for each in frame.drawn if each.entity.id == walker.id]
        time = frame.tick - frame.view
        before = int(time)
        there = places[before] + (places[before + 1] - places[before]) * (time - before)
        assert drawn.x == pytest.approx(there)
        compared += time != before
    assert compared > 0


def test_percentiles_of_corrections_are_told_beside_the_last_one() -> None:
    stepper, ann, _ = entered(Conditions())
    stepper.run(10)
    corrections = ann.replica.telemetry.corrections_px
    corrections.clear()
    corrections.extend([float(number) for number in range(200, 0, -1)])
    stats = ann.replica.stats
    found = (stats.correction_px_last, stats.correction_px_p50, stats.correction_px_p99)
    assert found == (1.0, 101.0, 199.0)


@pytest.mark.parametrize("ahead", [True, False])
def test_an_id_that_was_reused_is_not_drawn_between_two_classes(
    monkeypatch: pytest.MonkeyPatch, ahead: bool
) -> None:
    monkeypatch.setattr(Runner, "extrapolated", ahead)
    stepper, ann, _ = entered(Conditions())
    stepper.run(60)
    newest: Confirmed | None = ann.replica.ring.newest
    assert newest is not None
    number = 4000
    runner, bolt = Runner(x=4000, y=4000), Bolt(x=0, y=0)
    runner.id = bolt.id = EntityId(number)
    now, then = ({number: each} for each in ((runner, bolt) if ahead else (bolt, runner)))
    ann.replica.ring._kept[-2:] = [
        Confirmed(newest.tick - 1, then),
        Confirmed(newest.tick, now),
    ]
    ann.replica._drawn_time = (newest.tick - 1) * VIEW_UNITS + VIEW_UNITS // 2
    (drawn,) = [each for each in ann.replica._draw_others() if each.entity is runner]
    assert (drawn.x, drawn.y) == (4000, 4000)
