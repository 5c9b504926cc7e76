"""The stepper itself: its clock, its connections, and clients that do not behave."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import attrs
import pytest

from gameserver.client.link.conditions import Conditions
from gameserver.client.play.replica import MatchReplica
from gameserver.game.command import Command
from gameserver.ids import NO_SEAT, PlayerId, Seat
from gameserver.messages.wire import Input
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import Runner, Skirmish, SkirmishCommand, SkirmishOptions
from gameserver.testing.stepper import (
    FRAMES_PER_TICK,
    MATCH_ID,
    PING_EVERY,
    MatchStepper,
    SteppedClient,
)

MAP = map_from_rows(*["." * 16] * 16)
GAME = Skirmish()


def east(_replica: MatchReplica) -> Command:
    return SkirmishCommand(1)


def stepper(lag_ms: float = 0.0, **given: Any) -> tuple[MatchStepper, SteppedClient]:
    run = MatchStepper(GAME, MAP, **given)
    for seat in range(2):
        runner_of(run, seat).x, runner_of(run, seat).y = 1000 + 2000 * seat, 1000
    client = run.enter(Seat(0), Conditions(lag_ms=lag_ms))
    client.plays(east)
    return run, client


def runner_of(run: MatchStepper, seat: int = 0) -> Runner:
    (runner,) = (each for each in run.match.world.all(Runner) if each.owner == seat)
    return runner


def test_people_sit_on_the_first_seats_bots_behind_them_in_teams_by_turns() -> None:
    run = MatchStepper(GAME, MAP, seats=3, bots=2)
    facts = [(p.seat, p.name, p.team, p.bot) for p in run.players]
    assert facts == [
        (0, "Player 0", 1, False),
        (1, "Player 1", 2, False),
        (2, "Player 2", 1, False),
        (3, "Player 3", 2, True),
        (4, "Player 4", 1, True),
    ]
    assert [p.team for p in MatchStepper(GAME, MAP, seats=4, teams=3).players] == [1, 2, 3, 1]
    assert [p.team for p in MatchStepper(GAME, MAP, teams=0).players] == [0, 0]
    plain = MatchStepper(GAME, MAP)
    assert [p.bot for p in plain.players] == [False, False]
    assert plain.match.facts().options == attrs.asdict(SkirmishOptions())
    assert plain.journal is None
    assert MatchStepper(GAME, MAP, recorded=True).journal is not None
    started = run.started(Seat(2))
    assert (started.match_id, started.seat, started.tick_rate) == (MATCH_ID, 2, 30)
    assert [(p.seat, p.name, p.team, p.bot) for p in started.players] == facts


def test_time_advances_by_a_frame_at_a_time_and_ends_at_the_tick() -> None:
    run, client = stepper()
    times: list[float] = []

    def noted(_replica: MatchReplica) -> Command:
        times.append(run.now)
        return SkirmishCommand()

    client.plays(noted)
    run.run(4)
    assert run.now == pytest.approx(4 / 30)
    assert times == pytest.approx([frame / 60 for frame in range(9 - len(times), 9)])
    assert len(times) >= 6
    assert [report.tick for report in run.reports] == [1, 2, 3, 4]
    assert run.run(1) is run.reports[-1]


def test_a_player_walks_by_its_commands_and_sees_itself_there() -> None:
    run, client = stepper(100.0)
    at = runner_of(run).x
    run.run(40)
    seen = client.replica.world.owned(Seat(0), Runner)
    assert runner_of(run).x > at
    assert seen is not None
    assert seen.x > runner_of(run).x, "the prediction is ahead of the match"
    assert client.replica.stats.desyncs == 0
    assert client.frame is not None


def calls_of(client: SteppedClient, name: str, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Record what a method of a client's replica is called with."""
    seen: list[Any] = []
    real = getattr(client.replica, name)

    def method(value: Any) -> None:
        seen.append(value)
        real(value)

    monkeypatch.setattr(client.replica, name, method)
    return seen


@pytest.mark.parametrize("lag_ms", [0.0, 100.0, 700.0])
def test_round_trips_are_measured_in_regular_intervals(
    lag_ms: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, client = stepper(lag_ms)
    trips = calls_of(client, "round_trip", monkeypatch)
    run.run(90)
    frames = 90 * FRAMES_PER_TICK
    assert frames // PING_EVERY - 3 <= len(trips) <= frames // PING_EVERY
    # The match answers once a tick, the client reads once a frame.
    assert all(lag_ms / 1000 - 1e-6 <= trip <= lag_ms / 1000 + 0.05 for trip in trips)


def test_before_the_first_ping_three_round_trips_of_the_line_are_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run, client = stepper()
    client.change_line(Conditions(lag_ms=80, jitter_ms=30))
    trips = calls_of(client, "round_trip", monkeypatch)
    client.measured()
    client.change_line(Conditions(lag_ms=20, jitter_ms=30))
    client.measured()
    assert trips == pytest.approx([0.08, 0.11, 0.05, 0.02, 0.05, 0.0])
    assert run.clients == {PlayerId("p0"): client}


def test_a_client_that_does_not_read_gets_and_acknowledges_nothing() -> None:
    run, client = stepper()
    run.run(20)
    client.reads = False
    before, at, sent = client.replica.stats.snapshots, runner_of(run).x, len(client.sent)
    run.run(20)
    assert client.replica.stats.snapshots == before
    assert len(client.sent) > sent
    assert runner_of(run).x - at < 20 * 40, "its inputs have stopped"
    client.reads = True
    run.run(10)
    assert client.replica.stats.snapshots > before


def test_an_outlet_that_takes_nothing_refuses() -> None:
    run, client = stepper()
    client.takes = False
    run.run(5)
    assert (client.sent, client.replica.stats.snapshots) == ([], 0)
    assert client.offer(b"x") is False
    client.takes = True
    assert client.offer(client_message := b"x") is True
    assert client.sent == [client_message]


def test_a_slow_client_draws_in_every_third_frame() -> None:
    run, client = stepper()
    frames: list[float] = []

    def noted(_replica: MatchReplica) -> Command:
        frames.append(run.now)
        return SkirmishCommand()

    client.plays(noted)
    client.steps_per_frame = 3
    run.run(60)
    gaps = {round((b - a) * 60) for a, b in pairwise(frames)}
    assert gaps == {3}


def test_a_client_without_a_player_holds_no_command_but_draws() -> None:
    run = MatchStepper(GAME, MAP)
    idle, watcher = run.enter(Seat(1)), run.enter()
    at = runner_of(run, 1).x
    run.run(20)
    assert runner_of(run, 1).x == at
    assert (watcher.seat, watcher.player_id, idle.player_id) == (NO_SEAT, f"p{NO_SEAT}", "p1")
    assert watcher.frame is not None
    assert run.enter(name="guest").player_id == "guest"


def none(_message: Input) -> Input | None:
    return None


@pytest.mark.parametrize(("tampers", "way"), [(none, 0), (lambda each: each, 1)])
def test_a_cheat_changes_inputs_on_their_way(
    tampers: Callable[[Input], Input | None], way: int
) -> None:
    run, client = stepper()
    client.tampers = tampers
    at = runner_of(run).x
    run.run(30)
    assert (runner_of(run).x > at) == bool(way)


def test_a_message_may_be_given_to_the_match_at_its_next_tick() -> None:
    run, client = stepper()
    run.inject(client.player_id, b"no message")
    assert run.drain()[-1] == (client.player_id, b"no message")
    assert (client.player_id, b"no message") not in run.drain()


def test_messages_in_flight_survive_another_line_and_are_lost_in_a_reconnect() -> None:
    run, client = stepper(400.0)
    run.run(40)
    snapshots, sent = client.replica.stats.snapshots, len(client.sent)
    assert snapshots < sent
    client.change_line(Conditions())
    client.takes = False  # what comes from now on was in flight
    run.run(2)
    assert client.replica.stats.snapshots >= sent - 2 > snapshots
    client.takes = True
    client.change_line(Conditions(lag_ms=400))
    run.run(5)
    before = client.replica.stats.snapshots
    client.reconnect(Conditions(lag_ms=200))
    run.run(2)
    assert client.replica.stats.snapshots == before, "lost, and the new ones take 100 ms"
    run.run(30)
    stats = client.replica.stats
    assert (stats.desyncs, stats.snapshots > before) == (0, True)
    client.reconnect()
    run.run(2)
    later = client.replica.stats.snapshots
    run.run(1)
    assert client.replica.stats.snapshots == later, "the line is the same as before"
    run.run(10)
    assert client.replica.stats.snapshots > later


def test_while_the_match_is_halted_clients_go_on_and_are_told_of_the_shift() -> None:
    run, client = stepper(60.0)
    run.run(30)
    tick, at = run.match.tick_number, run.now
    run.halt(12)
    assert run.match.tick_number == tick
    assert run.now == pytest.approx(at + 12 / 30)
    run.run(60)
    counts = run.match.stats_of(Seat(0))
    assert counts.late + counts.missed <= 14
    assert client.replica.stats.desyncs == 0


def test_reliable_events_reach_the_list_and_the_clients_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run, client = stepper()
    run.clients[client.player_id].plays(
        lambda _: SkirmishCommand(0, 0, shoot=run.match.tick_number % 7 == 0)
    )
    heard = calls_of(client, "happened", monkeypatch)
    run.run(60)
    assert len(run.happened) >= 3
    assert heard == run.happened[: len(heard)]
    assert len(heard) >= len(run.happened) - 1
