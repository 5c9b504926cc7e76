"""Seats of a running match: joining, leaving, bots, and the figures of all of them."""

import attrs
import pytest

from gameserver.errors import GameFaultError
from gameserver.game.entity import Player
from gameserver.game.rng import Rng
from gameserver.game.world import World
from gameserver.ids import NO_SEAT, MatchId, PlayerId, Seat, Tick
from gameserver.match import Match
from gameserver.match.tally import Tally
from gameserver.messages.match import MatchHappened, MatchStats
from gameserver.messages.wire import Input
from gameserver.protocol.codec import encode
from gameserver.protocol.hot import encode_shift
from gameserver.testing.determinism import NoInlet
from gameserver.testing.skirmish import (
    Runner,
    Skirmish,
    SkirmishCommand,
    SkirmishOptions,
    Struck,
    Thrown,
    Whispered,
)
from gameserver.testing.stepper import MATCH_ID, MatchStepper
from tests.match.play import GAME, MAP, Restless, stepper
from tests.snapshots import is_snapshot


def names(run: MatchStepper) -> list[tuple[int, str]]:
    return [(runner.owner, runner.name) for runner in run.match.world.all(Runner)]


def moved(run: MatchStepper, seat: int, ticks: int = 40) -> bool:
    """Tell whether the runner of a seat moves within some ticks."""
    before = run.match.world.owned(Seat(seat), Runner)
    assert before is not None
    place = (before.x, before.y, before.aim)
    run.run(ticks)
    after = run.match.world.owned(Seat(seat), Runner)
    assert after is not None
    return (after.x, after.y, after.aim) != place


def send(run: MatchStepper, player: PlayerId, seq: int, tick: int = 0, view: int = 0) -> None:
    run.inject(player, encode(Input(seq, Tick(tick), Tick(0), view, (1, 0, 0, 0))))


# --- who has a seat -------------------------------------------------------------------------------


def test_a_seat_that_is_left_without_a_bot_is_empty_from_the_next_tick() -> None:
    run = stepper(seats=2, bots=1)
    run.run(3)
    run.match.leave(Seat(1))
    assert [seat for seat, _ in names(run)] == [0, 1, 2]
    run.run(1)
    assert [seat for seat, _ in names(run)] == [0, 2]
    run.run(3)
    assert [seat for seat, _ in names(run)] == [0, 2]


def test_leaving_twice_or_an_empty_seat_is_leaving_once() -> None:
    left = []

    class Counting(Skirmish):
        def leave(self, world: World, seat: Seat) -> None:
            left.append((world.tick, seat))
            super().leave(world, seat)

    run = MatchStepper(Counting(), MAP, seats=3, bots=0)
    for seat in (2, 1, 2, 9):
        run.match.leave(Seat(seat))
    run.run(1)
    run.match.leave(Seat(1))
    run.run(1)
    assert left == [(1, 2), (1, 1)]


def test_a_player_who_leaves_before_taking_a_seat_never_had_it() -> None:
    run = stepper(seats=1, bots=0)
    run.match.join(Player(Seat(4), "Gone"))
    run.match.join(Player(Seat(5), "Stays"))
    run.match.leave(Seat(4))
    run.run(1)
    assert names(run) == [(0, "Player 0"), (5, "Stays")]


def test_a_bot_plays_until_a_player_takes_its_seat() -> None:
    run = stepper(seats=0, bots=2)
    assert moved(run, 1)
    run.match.join(Player(Seat(1), "Ann"))
    run.run(1)
    assert run.match.tally().bots == 1
    assert not moved(run, 1)
    run.match.leave(Seat(1), Player(Seat(1), "Stand-in", bot=True))
    run.run(1)
    assert run.match.tally().bots == 2
    assert moved(run, 1)


def test_a_released_seat_is_played_by_nobody() -> None:
    run = stepper(seats=1, bots=1)
    run.match.leave(Seat(1))
    assert run.run(1).fault is None
    tally = run.match.tally()
    assert (tally.seats, tally.bots) == (1, 0)
    assert run.match.stats_of(Seat(1)) == MatchStats()


def test_each_bot_draws_from_a_stream_of_its_own() -> None:
    drawn: dict[Seat, list[int]] = {}

    class Drawing(Skirmish):
        def bot(self, seat, level, rng):  # type: ignore[no-untyped-def]
            drawn[seat] = [rng.below(1 << 30) for _ in range(4)]
            return super().bot(seat, level, rng)

    MatchStepper(Drawing(), MAP, seats=0, bots=3, seed=7)
    for seat, numbers in drawn.items():
        rng = Rng.seeded(7, 1000 + seat)
        assert numbers == [rng.below(1 << 30) for _ in range(4)]
    assert sorted(drawn) == [0, 1, 2]


class Cheating:
    """A bot that returns a command out of bounds, from tick 3 on."""

    def command(self, world: World) -> SkirmishCommand:
        return SkirmishCommand(move=5 if world.tick >= 3 else 1)


def test_a_bot_is_held_to_the_bounds_of_a_players_input() -> None:
    class Unfair(Skirmish):
        def bot(self, *_):  # type: ignore[no-untyped-def]
            return Cheating()

    run = MatchStepper(Unfair(), MAP, seats=1, bots=1)
    report = run.run(5)
    assert report.tick == 3
    assert str(report.fault).startswith("the bot in seat 1 at tick 3: ")
    assert "move" in str(report.fault)


def test_a_bot_that_is_none_ends_the_match_before_it_plays() -> None:
    class Botless(Skirmish):
        def bot(self, seat, *_):  # type: ignore[no-untyped-def]
            return Cheating if seat == 1 else Cheating()

    with pytest.raises(GameFaultError, match="returned the class Cheating, which is no bot"):
        MatchStepper(Botless(), MAP, seats=0, bots=2)


# --- inputs ---------------------------------------------------------------------------------------


def test_the_next_number_follows_the_last_input_of_the_seat() -> None:
    run = stepper(seats=2, bots=0)
    client = run.enter(Seat(0))
    client.reads = False
    assert [run.match.next_seq(Seat(seat)) for seat in (0, 1, 9)] == [1, 1, 1]
    send(run, client.player_id, seq=41)
    run.run(1)
    assert [run.match.next_seq(Seat(seat)) for seat in (0, 1, 9)] == [42, 1, 1]


def test_a_new_player_of_a_seat_begins_with_new_numbers_and_counts() -> None:
    run = stepper(seats=1, bots=0)
    client = run.enter(Seat(0))
    client.reads = False
    send(run, client.player_id, seq=41)
    run.run(1)
    assert run.match.stats_of(Seat(0)).applied == 1
    run.match.join(Player(Seat(0), "Bo"))
    run.run(1)
    assert run.match.next_seq(Seat(0)) == 1
    assert run.match.stats_of(Seat(0)) == MatchStats()


def test_an_input_that_moves_a_seat_moves_it_in_the_tick_it_names() -> None:
    run = stepper(seats=1, bots=0)
    client = run.enter(Seat(0))
    client.reads = False
    before = run.match.world.all(Runner)[0]
    place = before.x, before.y
    send(run, client.player_id, seq=1, tick=3)
    run.run(2)
    assert (before.x, before.y) == place
    run.run(1)
    assert (before.x, before.y) != place


# --- figures --------------------------------------------------------------------------------------


def test_the_tally_is_the_sum_of_all_seats_and_viewers_also_of_those_that_left() -> None:
    run = stepper(seats=2, bots=3)
    client, other = run.enter(Seat(0)), run.enter(Seat(1))
    watcher = run.enter(NO_SEAT)
    for each in (client, other, watcher):
        each.reads = False
    send(run, client.player_id, seq=1)
    send(run, other.player_id, seq=1)
    run.inject(client.player_id, b"\x93")
    run.match.desync(other.player_id)
    run.match.desync(PlayerId("stranger"))
    run.run(4)
    tally = run.match.tally()
    assert attrs.asdict(tally) == {
        "seats": 5,
        "bots": 3,
        "viewers": 3,
        "congested": 0,
        "applied": 2,
        "late": 0,
        "missed": 6,
        "malformed": 1,
        "desyncs": 1,
        "clamped_views": 0,
        "bytes_out": run.match.bytes_out,
    }
    sizes = [len(m) for each in (client, other, watcher) for m in each.sent]
    assert run.match.bytes_out == sum(sizes) > 0
    run.match.leave(Seat(1))
    run.match.remove_viewer(other.player_id)
    run.match.remove_viewer(other.player_id)
    run.run(1)
    after = run.match.tally()
    assert (after.seats, after.bots, after.viewers) == (4, 3, 2)
    assert (after.applied, after.missed) == (2, 7)


def test_the_tally_of_a_match_is_added_to_that_of_others() -> None:
    run = stepper(seats=1, bots=1)
    run.run(1)
    names = [field.name for field in attrs.fields(Tally)]
    before = Tally(**dict.fromkeys(names, 100))
    alone = attrs.asdict(run.match.tally())
    assert run.match.tally(before) is before
    assert attrs.asdict(before) == {name: 100 + alone[name] for name in names}


def test_a_paused_viewer_is_congested_and_so_is_one_whose_line_refuses() -> None:
    run = stepper(seats=2, bots=0)
    paused, refusing = run.enter(Seat(0)), run.enter(Seat(1))
    run.run(10)
    assert run.match.tally().congested == 0
    refusing.takes = False
    run.run(1)
    assert run.match.tally().congested == 1
    paused.reads = False
    run.run(3 * GAME.tick_rate)
    assert run.match.tally().congested == 2


def test_a_view_older_than_the_measurement_allows_is_counted() -> None:
    run = stepper(seats=1, bots=0)
    client = run.enter(Seat(0))
    client.reads = False
    run.run(3)
    send(run, client.player_id, seq=1, view=0)
    run.run(1)
    assert run.match.counts.clamped_views == 0
    send(run, client.player_id, seq=2, view=5000)
    run.run(1)
    assert run.match.counts.clamped_views == run.match.tally().clamped_views == 1


def test_every_tick_of_a_match_is_counted_once() -> None:
    run = stepper(options=SkirmishOptions(ticks=5))
    run.run(9)
    assert run.match.counts.ticks == run.match.tick_number == 5


# --- what viewers are told ------------------------------------------------------------------------


def test_a_shift_is_sent_to_every_viewer_for_the_next_tick() -> None:
    run = stepper(seats=2, bots=0)
    clients = [run.enter(Seat(0)), run.enter(NO_SEAT)]
    run.run(7)
    run.match.shifted(3)
    for client in clients:
        assert client.sent[-1] == encode_shift(Tick(8), 3)


def test_a_removed_viewer_is_sent_nothing_more() -> None:
    run = stepper(seats=2, bots=0)
    client, other = run.enter(Seat(0)), run.enter(Seat(1))
    run.run(5)
    sent = len(client.sent)
    run.match.remove_viewer(client.player_id)
    run.run(5)
    assert len(client.sent) == sent < len(other.sent)


class Telling(Skirmish):
    """Emits volatile and reliable events in turn, in each tick."""

    snapshot_every = 3

    def step(self, world: World, commands) -> None:  # type: ignore[no-untyped-def]
        super().step(world, commands)
        tick = int(world.tick)
        world.emit(Thrown(10 + tick))
        world.emit(Struck(1, tick, "a"))
        world.emit(Thrown(20 + tick))
        world.emit(Struck(2, tick, "b"))

    def _sparkle(self, world, board) -> None:  # type: ignore[no-untyped-def]
        """Emit nothing at random."""


def test_reliable_events_are_announced_in_order_with_their_match_tick_and_fields() -> None:
    run = MatchStepper(Telling(), MAP, seats=1, bots=0)
    run.run(2)
    number = Telling.events.index(Struck)
    assert run.happened == [
        MatchHappened(MATCH_ID, Tick(tick), number, (by, tick, label))
        for tick in (1, 2)
        for by, label in ((1, "a"), (2, "b"))
    ]
    assert isinstance(run.happened[0].match_id, str)


def test_volatile_events_wait_for_the_next_snapshot_and_come_once() -> None:
    run = MatchStepper(Telling(), MAP, seats=1, bots=0)
    client = run.enter(Seat(0))
    told: list[list[int]] = []
    publish = run.match._publisher.publish

    def listen(world, viewers, groups, events):  # type: ignore[no-untyped-def]
        told.append([event.seat for event in events])
        publish(world, viewers, groups, events)

    run.match._publisher.publish = listen  # type: ignore[method-assign]
    run.run(7)
    assert told == [[11, 21, 12, 22, 13, 23], [14, 24, 15, 25, 16, 26]]
    snapshots = [m for m in client.sent if is_snapshot(m)]
    assert len(snapshots) == 2
    assert Whispered not in {type(event) for event in run.match.world.events}


def test_a_stretched_match_sends_every_nth_of_its_snapshots() -> None:
    run = MatchStepper(Telling(), MAP, seats=1, bots=0)
    client = run.enter(Seat(0))
    run.match.snapshot_stretch = 2
    run.run(24)
    assert sum(is_snapshot(m) for m in client.sent) == 24 // (2 * 3)


def test_a_match_keeps_its_name_and_map_and_says_its_rates() -> None:
    match = Match(
        match_id=MatchId("m7"),
        game=Telling(),
        map=MAP,
        options=SkirmishOptions(ticks=9),
        seed=1,
        players=[],
        inlet=NoInlet(),
    )
    assert (match.match_id, match.map, match.game.name) == ("m7", MAP, "skirmish")
    facts = match.facts()
    assert (facts.tick_rate, facts.snapshot_every) == (30, 3)
    assert (facts.map, facts.map_digest) == (MAP.name, MAP.digest)
    assert (facts.options["ticks"], facts.salt) == (9, match.world.salt)


def test_evictions_and_silence_are_looked_at_twice_a_second() -> None:
    class Quick(Skirmish):
        tick_rate = 8

    run = MatchStepper(Quick(), MAP, seats=1, bots=0)
    client = run.enter(Seat(0))
    client.plays(Restless(1))
    run.run(17)
    client.reads = False
    reports = [run.run(1) for _ in range(16)]
    assert [report.tick for report in reports if report.silent] == [Tick(24)]
