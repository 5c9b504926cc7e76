"""Each event is told once, or predicted and then settled once."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from gameserver.game.schema.history import VIEW_UNITS
from gameserver.ids import Seat
from gameserver.netcode.prediction.optimism import WAITING_EVENTS, EventPhase, Optimism, ToldEvent
from gameserver.testing.skirmish import Struck, Thrown, Whispered

ME = Seat(0)
MINE, THEIRS = Thrown(0), Thrown(1)


def test_a_predicted_event_is_reported_at_once_and_confirmed_by_its_tick() -> None:
    optimism = Optimism(ME)
    optimism.predicted(7, [MINE])
    assert optimism.take() == [ToldEvent(MINE, EventPhase.PREDICTED)]
    optimism.snapshot(6, [])
    assert optimism.take() == []
    optimism.snapshot(7, [MINE])
    assert optimism.take() == [ToldEvent(MINE, EventPhase.CONFIRMED)]


def test_a_predicted_event_that_did_not_happen_is_taken_back() -> None:
    optimism = Optimism(ME)
    optimism.predicted(7, [MINE])
    optimism.snapshot(7, [])
    assert optimism.take()[-1] == ToldEvent(MINE, EventPhase.TAKEN_BACK)


def test_replaying_a_tick_reports_only_new_events() -> None:
    optimism = Optimism(ME)
    optimism.predicted(7, [MINE])
    optimism.predicted(7, [MINE, THEIRS])
    optimism.predicted(7, [MINE])
    assert optimism.take() == [
        ToldEvent(MINE, EventPhase.PREDICTED),
        ToldEvent(THEIRS, EventPhase.PREDICTED),
    ]


def test_events_of_others_are_delayed_until_their_tick_is_drawn() -> None:
    optimism = Optimism(ME)
    optimism.snapshot(7, [THEIRS])
    optimism.drawn(7 * VIEW_UNITS - 1)
    assert optimism.take() == []
    optimism.drawn(7 * VIEW_UNITS)
    assert optimism.take() == [ToldEvent(THEIRS, EventPhase.OBSERVED)]


def test_an_own_event_that_was_not_predicted_is_reported_on_arrival() -> None:
    optimism = Optimism(ME)
    optimism.snapshot(7, [MINE])
    assert optimism.take() == [ToldEvent(MINE, EventPhase.OBSERVED)]


def test_a_reliable_event_before_its_snapshot_confirms() -> None:
    optimism = Optimism(ME)
    struck = Struck(0, 1, "Bob")
    optimism.predicted(7, [struck])
    optimism.reliable(7, struck)
    optimism.snapshot(7, [])
    assert [told.phase for told in optimism.take()] == [EventPhase.PREDICTED, EventPhase.CONFIRMED]


def test_if_too_many_events_are_delayed_the_oldest_is_reported_at_once() -> None:
    optimism = Optimism(ME)
    events = [Whispered(loud=True, text="", number=n) for n in range(WAITING_EVENTS + 1)]
    optimism.snapshot(7, events)
    assert optimism.take() == [ToldEvent(events[0], EventPhase.OBSERVED)]


def test_a_lost_connection_takes_back_pending_predictions() -> None:
    optimism = Optimism(ME)
    optimism.predicted(7, [MINE])
    optimism.restart()
    assert [told.phase for told in optimism.take()] == [EventPhase.PREDICTED, EventPhase.TAKEN_BACK]


def test_events_wait_while_the_connection_is_lost_and_are_void_behind_an_earlier_tick() -> None:
    optimism = Optimism(ME)
    optimism.pause()
    optimism.snapshot(7, [MINE])
    optimism.reliable(8, THEIRS)
    assert optimism.take() == []
    optimism.restart(void_after=7)
    assert optimism.take() == [ToldEvent(MINE, EventPhase.OBSERVED)]


def test_without_a_bound_no_waiting_event_is_void_and_each_is_reported_once() -> None:
    optimism = Optimism(ME)
    optimism.pause()
    optimism.snapshot(7, [MINE])
    optimism.snapshot(8, [THEIRS])
    optimism.restart()
    optimism.drawn(8 * VIEW_UNITS)
    observed = [ToldEvent(each, EventPhase.OBSERVED) for each in (MINE, THEIRS)]
    assert optimism.take() == observed
    optimism.snapshot(9, [MINE])
    assert optimism.take() == observed[:1], "it no longer waits"


def test_a_settled_tick_is_predicted_no_more() -> None:
    optimism = Optimism(ME)
    optimism.snapshot(7, [])
    optimism.snapshot(6, [])
    optimism.predicted(7, [MINE])
    assert optimism.take() == []
    optimism.predicted(8, [MINE])
    assert optimism.take() == [ToldEvent(MINE, EventPhase.PREDICTED)]


def test_an_event_confirms_no_prediction_of_a_later_tick() -> None:
    optimism = Optimism(ME)
    optimism.predicted(7, [MINE])
    optimism.predicted(8, [THEIRS])
    optimism.take()
    optimism.snapshot(7, [THEIRS])
    assert optimism.take() == [ToldEvent(MINE, EventPhase.TAKEN_BACK)]
    optimism.snapshot(8, [THEIRS])
    assert optimism.take() == [ToldEvent(THEIRS, EventPhase.CONFIRMED)]


def test_one_of_two_predicted_events_is_confirmed_and_the_other_taken_back() -> None:
    optimism = Optimism(ME)
    optimism.predicted(7, [MINE, THEIRS])
    optimism.take()
    optimism.snapshot(7, [MINE])
    assert optimism.take() == [
        ToldEvent(MINE, EventPhase.CONFIRMED),
        ToldEvent(THEIRS, EventPhase.TAKEN_BACK),
    ]


def test_reports_of_an_earlier_connection_come_first() -> None:
    earlier, optimism = Optimism(ME), Optimism(ME)
    earlier.predicted(7, [MINE])
    optimism.predicted(3, [THEIRS])
    optimism.carry_over(earlier.take())
    assert optimism.take() == [
        ToldEvent(MINE, EventPhase.PREDICTED),
        ToldEvent(THEIRS, EventPhase.PREDICTED),
    ]


@given(
    st.lists(
        st.tuples(st.lists(st.integers(0, 2), max_size=3), st.lists(st.integers(0, 2), max_size=3)),
        max_size=20,
    )
)
def test_every_prediction_is_settled_exactly_once_and_every_event_reported(
    ticks: list[tuple[list[int], list[int]]],
) -> None:
    optimism = Optimism(ME)
    for tick, (predicted, _) in enumerate(ticks, start=1):
        optimism.predicted(tick, map(Thrown, predicted))
    for tick, (_, true) in enumerate(ticks, start=1):
        optimism.snapshot(tick, map(Thrown, true))
    optimism.drawn(1 << 30)
    phases = Counter(told.phase for told in optimism.take())
    assert (
        phases[EventPhase.PREDICTED] == phases[EventPhase.CONFIRMED] + phases[EventPhase.TAKEN_BACK]
    )
    assert phases[EventPhase.PREDICTED] == sum(len(predicted) for predicted, _ in ticks)
    assert phases[EventPhase.CONFIRMED] + phases[EventPhase.OBSERVED] == sum(
        len(true) for _, true in ticks
    )
