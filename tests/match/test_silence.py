"""Seats that nothing comes from."""

from gameserver.ids import NO_SEAT, PlayerId, Seat, Tick
from gameserver.messages.wire import Seen
from gameserver.protocol.codec import encode
from gameserver.testing.skirmish import Skirmish
from gameserver.testing.stepper import MatchStepper
from tests.match.play import GAME, MAP, stepper


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


def test_at_one_tick_a_second_every_tick_looks_for_silence() -> None:
    class Slow(Skirmish):
        tick_rate = 1

    run = MatchStepper(Slow(), MAP, seats=1, bots=0)
    client = run.enter(Seat(0))
    client.reads = False
    for _ in range(4):  # an input for each tick is not silent, however long a tick is
        run.inject(client.player_id, encode(Seen(Tick(0))))
        assert turned(run, 1) == []
    assert turned(run, 1) == [(client.player_id, True)]
    run.inject(client.player_id, encode(Seen(Tick(0))))
    assert turned(run, 1) == [(client.player_id, False)]
