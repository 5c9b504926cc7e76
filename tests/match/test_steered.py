"""Which seats a match steers, when, and by what it has measured of them."""

import attrs

from gameserver.ids import NO_SEAT, Seat, Tick
from gameserver.match.match import STEER_EVERY
from gameserver.protocol.hot import encode_steer
from gameserver.testing.skirmish import Skirmish
from gameserver.testing.stepper import MatchStepper, SteppedClient
from tests.match.play import MAP, stepper


@attrs.define
class Told:
    """A steering that keeps what it is asked, and answers as it is told."""

    change: int = 0
    settling: bool = False
    asked: list[tuple[int, int | None, int]] = attrs.field(factory=list)

    def is_settling(self, _now: Tick) -> bool:
        return self.settling

    def correction(self, now: Tick, smallest_margin: int | None, rtt: int = 0) -> int:
        self.asked.append((now, smallest_margin, rtt))
        return self.change


@attrs.define
class Measured:
    """A link with a given round trip."""

    rtt: int = 0
    jitter: int = 0
    heard: Tick = attrs.field(default=Tick(0))

    def saw(self, now: Tick, seen: Tick) -> None:
        """Measure nothing."""

    def clamp_view(self, view: int, margin: int = 0) -> int:
        return view + 0 * margin


@attrs.define
class Margins:
    """The margins of a seat's buffer; everything else is the buffer's own."""

    buffer: object
    margin: int | None = 2
    forgotten: int = 0

    def smallest_margin(self, _now: Tick) -> int | None:
        return self.margin

    def forget_margins(self) -> None:
        self.forgotten += 1

    def __getattr__(self, name: str) -> object:
        return getattr(self.buffer, name)


def steered(run: MatchStepper, client: SteppedClient, told: Told) -> Margins:
    """Put a steering and margins in the place of a client's own."""
    viewer = run.match.viewer(client.player_id)
    assert viewer is not None
    viewer.steering = told  # type: ignore[assignment]
    margins = Margins(run.match._seating.buffers[client.seat])
    run.match._seating.buffers[client.seat] = margins  # type: ignore[assignment]
    client.reads = False
    return margins


def test_every_eighth_tick_looks_at_all_seats_but_those_of_bots_and_spectators() -> None:
    run = stepper(seats=2, bots=1)
    run.enter(NO_SEAT)
    asked = {}
    for seat in (0, 1):
        told = Told()
        steered(run, run.enter(Seat(seat)), told)
        asked[seat] = told.asked
    run.run(2 * STEER_EVERY + 1)
    assert asked[0] == asked[1] == [(STEER_EVERY, 2, 0), (2 * STEER_EVERY, 2, 0)]


def test_a_tight_input_is_answered_at_the_next_snapshot() -> None:
    run = stepper(seats=1, bots=0)
    told = Told()
    steered(run, run.enter(Seat(0)), told)
    run.run(2)
    assert told.asked == []
    run.match._intake.tight = True
    run.match._publish()
    assert [now for now, _, _ in told.asked] == [2]


def test_between_two_snapshots_no_seat_is_looked_at() -> None:
    class Seldom(Skirmish):
        snapshot_every = 3

    run = MatchStepper(Seldom(), MAP, seats=1, bots=0)
    told = Told()
    steered(run, run.enter(Seat(0)), told)
    run.run(8 * 3 * 2)
    assert [now for now, _, _ in told.asked] == [24, 48]


def test_a_correction_waits_for_the_round_trip_and_its_jitter() -> None:
    run = stepper(seats=1, bots=0)
    told, client = Told(), run.enter(Seat(0))
    steered(run, client, told)
    viewer = run.match.viewer(client.player_id)
    assert viewer is not None
    viewer.link = Measured(rtt=5, jitter=3)
    run.run(STEER_EVERY)
    assert told.asked == [(STEER_EVERY, 2, 8)]


def test_a_correction_is_sent_and_the_margins_before_it_are_forgotten() -> None:
    run = stepper(seats=2, bots=0)
    kept, changed = run.enter(Seat(0)), run.enter(Seat(1))
    still, moving = steered(run, kept, Told()), steered(run, changed, Told(change=3))
    run.run(STEER_EVERY)
    message = encode_steer(Tick(STEER_EVERY), 3)
    assert (still.forgotten, moving.forgotten) == (0, 1)
    assert message in changed.sent
    assert message not in kept.sent


def test_a_correction_that_the_outlet_refuses_leaves_the_margins() -> None:
    run = stepper(seats=1, bots=0)
    client = run.enter(Seat(0))
    margins = steered(run, client, Told(change=3))
    client.takes = False
    run.run(STEER_EVERY)
    assert margins.forgotten == 0


def test_while_a_correction_takes_effect_margins_are_dropped_and_others_are_steered() -> None:
    run = stepper(seats=2, bots=0)
    settling, told = Told(settling=True), Told()
    margins = steered(run, run.enter(Seat(0)), settling)
    steered(run, run.enter(Seat(1)), told)
    run.run(STEER_EVERY)
    assert (margins.forgotten, settling.asked) == (1, [])
    assert len(told.asked) == 1
