"""Seats that nothing comes from."""

from gameserver.ids import NO_SEAT, PlayerId, Seat
from gameserver.testing.stepper import MatchStepper
from tests.match.play import GAME, stepper


def turned(run: MatchStepper, ticks: int) -> list[tuple[PlayerId, bool]]:
    reports = [run.run(1) for _ in range(ticks)]
    return [item for report in reports for item in report.silent.items()]


def test_a_seat_that_falls_silent_is_reported_once_and_again_when_it_is_heard() -> None:
    run = stepper(seats=2)
    silent, other = run.enter(Seat(0)), run.enter(Seat(1))
    watcher = run.enter(NO_SEAT)
    assert turned(run, 60) == []
    silent.reads = False
    assert turned(run, int(1.25 * GAME.tick_rate) + 1) == [(silent.player_id, True)]
    assert turned(run, 30) == []
    silent.reads = True
    assert turned(run, 30) == [(silent.player_id, False)]
    assert other.player_id != watcher.player_id


def test_a_seat_that_never_sent_an_input_is_not_reported_as_silent() -> None:
    run = stepper(seats=1)
    run.enter(Seat(0)).reads = False
    assert turned(run, 3 * GAME.tick_rate) == []
