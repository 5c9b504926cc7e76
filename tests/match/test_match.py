"""A whole match with real replicas, over lines good and bad."""

import attrs
import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gameserver.client.conditions import Conditions
from gameserver.client.replica import MatchReplica
from gameserver.errors import GameFaultError
from gameserver.game.entity import Entity, Player
from gameserver.game.fields import METADATA_KEY, Audience
from gameserver.game.fixed import angle_of
from gameserver.game.rng import Rng
from gameserver.game.table import table_of
from gameserver.game.world import World
from gameserver.ids import NO_SEAT, EntityId, MatchId, PlayerId, Seat, Tick
from gameserver.match import Match
from gameserver.match.viewers import EVICT_S, PAUSE_S
from gameserver.messages.wire import Input
from gameserver.protocol.codec import encode
from gameserver.testing.determinism import NoInlet
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import (
    SIDE,
    SPEED,
    Bolt,
    Runner,
    Skirmish,
    SkirmishCommand,
    SkirmishOptions,
    Spark,
)
from gameserver.testing.stepper import MatchStepper, SteppedClient

MAP = map_from_rows(*["." * 16] * 16)
GAME = Skirmish()


class Restless:
    """Plays at random, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.rng = Rng.seeded(seed)
        self.move, self.aim = 0, 0

    def __call__(self, _replica: MatchReplica) -> SkirmishCommand:
        rng = self.rng
        if rng.chance(1, 15):
            self.move = rng.below(5)
        if rng.chance(1, 4):
            self.aim = (self.aim + rng.between(-60, 60)) % 1024
        return SkirmishCommand(
            move=self.move, aim=self.aim, throw=rng.chance(1, 20), shoot=rng.chance(1, 20)
        )


def stepper(seats: int = 2, bots: int = 1, **kwargs: object) -> MatchStepper:
    return MatchStepper(GAME, MAP, seats=seats, bots=bots, **kwargs)  # type: ignore[arg-type]


def visible(entity: Entity, seat: Seat, group: int, groups: dict[Seat, int]) -> dict[str, object]:
    """Return what a seat may know of an entity."""
    values: dict[str, object] = {"class": type(entity).__name__, "owner": entity.owner}
    for attribute in attrs.fields(type(entity)):
        spec = attribute.metadata.get(METADATA_KEY)
        if spec is None:
            continue
        mine = seat != NO_SEAT and entity.owner == seat
        ours = group != 0 and groups.get(entity.owner, 0) == group
        if spec.audience is Audience.PUBLIC or (mine if spec.audience is Audience.OWNER else ours):
            values[attribute.name] = getattr(entity, attribute.name)
    return values


def assert_knows_the_truth(run: MatchStepper, client: SteppedClient) -> None:
    """The client's newest snapshot is the world; only possible on a line without delay."""
    world = run.match.world
    groups = {player.seat: GAME.group_of(world, player.seat) for player in run.players}
    group = groups.get(client.seat, 0)
    newest = client.replica._ring.newest
    assert newest is not None
    assert newest.tick == world.tick
    assert sorted(newest.entities) == [entity.id for entity in world]
    for entity in world:
        expected = visible(entity, client.seat, group, groups)
        known = newest.entities[entity.id]
        for name, value in expected.items():
            held = type(known).__name__ if name == "class" else getattr(known, name)
            assert held == value, (entity.id, name)


def drawn(run: MatchStepper) -> None:
    """Let clients read what the last tick sent, without running another."""
    run.now += 0.001
    for client in run.clients.values():
        client.step()


def test_every_viewer_knows_exactly_its_part_of_the_truth() -> None:
    run = stepper(seats=3, bots=2)
    clients = [run.enter(Seat(i)) for i in range(3)]
    for i, client in enumerate(clients):
        client.plays(Restless(i))
    run.run(100)
    clients += [run.enter(NO_SEAT, name=f"late {i}") for i in range(2)]
    for _ in range(20):
        run.run(7)
        drawn(run)
        for client in clients:
            assert_knows_the_truth(run, client)
    assert all(client.replica.telemetry.desyncs == 0 for client in clients)
    assert all(client.replica.telemetry.keyframes == 1 for client in clients)


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_coming_going_stalling_and_refusing_lines_never_desync(data: st.DataObject) -> None:
    run = stepper(seats=3, bots=1, seed=data.draw(st.integers(1, 1000)))
    clients = [run.enter(Seat(i)) for i in range(3)]
    for i, client in enumerate(clients):
        client.plays(Restless(data.draw(st.integers(0, 99)) + i))
    for _ in range(12):
        client = clients[data.draw(st.integers(0, 2))]
        act = data.draw(st.sampled_from(["read", "take", "reconnect", "desync", "leave", "join"]))
        if act == "read":
            client.reads = not client.reads
        elif act == "take":
            client.takes = not client.takes
        elif act == "reconnect":
            client.reconnect()
        elif act == "desync":
            run.match.desync(client.player_id)
        elif act == "leave":
            run.match.leave(Seat(3))
        else:
            run.match.join(Player(Seat(3), "Late", 1, bot=True))
        report = run.run(data.draw(st.integers(1, 20)))
        assert report.fault is None
    for client in clients:
        client.reads = client.takes = True
    run.run(40)
    drawn(run)
    for client in clients:
        assert_knows_the_truth(run, client)
        assert client.replica.telemetry.desyncs == 0


def test_viewers_in_sync_share_the_same_bytes() -> None:
    run = stepper(seats=1, bots=3)
    watchers = [run.enter(NO_SEAT, name=f"w{i}") for i in range(3)]
    run.run(50)
    first, *others = [[id(message) for message in watcher.sent[1:]] for watcher in watchers]
    assert all(other == first for other in others)


# --- lines -----------------------------------------------------------------------------------


def test_honest_players_at_150_ms_are_neither_late_nor_corrected_nor_clamped() -> None:
    run = stepper(seats=3, bots=0, options=SkirmishOptions())
    bad = [Conditions(lag_ms=150, jitter_ms=30, seed=i) for i in range(3)]
    clients = [run.enter(Seat(i), bad[i]) for i in range(3)]
    for i, client in enumerate(clients):
        client.plays(Restless(i))
    run.run(900)
    assert run.match.counts.clamped_views == 0
    assert run.match.counts.malformed == 0
    for client in clients:
        stats = run.match.stats_of(client.seat)
        assert stats.late + stats.missed + stats.early + stats.doubled == 0
        assert stats.applied > 880
        assert client.replica.stats.correction_px_p99 == 0
        assert client.replica.telemetry.desyncs == 0


def test_lead_is_steered_when_a_line_turns_bad() -> None:
    run = stepper(seats=1)
    client = run.enter(Seat(0))
    run.run(60)
    client.change_line(Conditions(lag_ms=200))
    run.run(200)
    late = run.match.stats_of(Seat(0)).late
    run.run(300)
    assert late > 0
    assert run.match.stats_of(Seat(0)).late == late


class AimingPlayer:
    """Shoots at the first other runner where the screen shows it."""

    def __init__(self, client: SteppedClient) -> None:
        self.client = client
        self.frames = 0

    def __call__(self, _replica: MatchReplica) -> SkirmishCommand:
        self.frames += 1
        frame = self.client.frame
        if frame is None:
            return SkirmishCommand()
        me = frame.own(Runner)
        others = [d for d in frame.drawn if isinstance(d.entity, Runner) and not d.own]
        if me is None or not others:
            return SkirmishCommand()
        aim = angle_of(round(others[0].x - me.x), round(others[0].y - me.y))
        return SkirmishCommand(aim=aim, shoot=self.frames % 20 == 0)


def duel(conditions: Conditions, view: int | None = None) -> tuple[int, int]:
    """Let one shoot at another who dances; return shots and hits of the last ten seconds."""
    run = stepper(seats=2, bots=0)
    shooter, dancer = run.enter(Seat(0), conditions), run.enter(Seat(1))
    place(run, Seat(0), 4000, 300)
    place(run, Seat(1), 4000, 7000)
    steps = iter(range(1 << 30))
    dancer.plays(lambda _r: SkirmishCommand(move=(1, 3)[next(steps) // 120 % 2]))
    shooter.plays(AimingPlayer(shooter))
    if view is not None:
        shooter.tampers = lambda message: attrs.evolve(message, view=view)
    run.run(150)
    before = hits(run)
    run.run(300)
    return 300 * 2 // 20, hits(run) - before


def place(run: MatchStepper, seat: Seat, x: int, y: int) -> None:
    runner = run.match.world.owned(seat, Runner)
    assert runner is not None
    runner.x, runner.y = x, y


def hits(run: MatchStepper) -> int:
    runner = run.match.world.owned(Seat(0), Runner)
    assert runner is not None
    return runner.hits


def test_an_honest_shot_at_150_ms_hits_what_the_shooter_saw() -> None:
    shots, hit = duel(Conditions(lag_ms=150, jitter_ms=30, seed=3))
    assert hit >= shots - 1


def test_without_looking_back_the_same_shots_miss() -> None:
    shots, hit = duel(Conditions(lag_ms=150, jitter_ms=30, seed=3), view=0)
    assert hit < shots // 2


def test_a_forged_view_is_clamped_and_gains_nothing() -> None:
    shots, honest = duel(Conditions(lag_ms=40))
    _, forged = duel(Conditions(lag_ms=40), view=(1 << 15) - 1)
    assert honest >= shots - 1
    assert forged <= honest


# --- hostile inputs -----------------------------------------------------------------------------


def test_moving_faster_than_the_game_allows_is_impossible_whatever_is_sent() -> None:
    run = stepper(seats=1, bots=0)
    run.enter(Seat(0))
    place(run, Seat(0), 0, 0)
    player, row = PlayerId("p0"), (1, 0, 0, 0)
    seq = 1000
    for tick in range(30):
        for ahead in range(-3, 35):
            seq += 1
            to = Tick(max(0, run.match.tick_number + ahead))
            run.inject(player, encode(Input(seq, to, Tick(0), 0, row)))
        run.run(1)
        runner = run.match.world.owned(Seat(0), Runner)
        assert runner is not None
        assert runner.x <= SPEED * (tick + 1)


@pytest.mark.parametrize(
    "row", [(5, 0, 0, 0), (-1, 0, 0, 0), (0, 1024, 0, 0), (0, 0, 2, 0), (0, 0), (0,) * 5]
)
def test_a_command_out_of_bounds_is_counted_and_not_applied(row: tuple[int, ...]) -> None:
    run = stepper(seats=1, bots=0)
    client = run.enter(Seat(0))
    client.tampers = lambda _message: None
    run.run(5)
    run.inject(client.player_id, encode(Input(1, Tick(0), Tick(0), 0, row)))
    run.run(1)
    assert run.match.counts.malformed == 1
    assert run.match.stats_of(Seat(0)).applied == 0


@given(st.binary(max_size=40))
@settings(max_examples=60, deadline=None)
def test_random_bytes_are_counted_and_harm_nothing(data: bytes) -> None:
    run = stepper(seats=1, bots=0)
    run.enter(Seat(0))
    run.run(2)
    run.inject(PlayerId("p0"), data)
    run.inject(PlayerId("nobody"), data)
    assert run.run(2).fault is None


def test_a_spectator_cannot_play() -> None:
    run = stepper(seats=1)
    watcher = run.enter(NO_SEAT)
    run.run(3)
    run.inject(watcher.player_id, encode(Input(1, Tick(0), Tick(0), 0, (1, 0, 0, 0))))
    run.run(1)
    assert run.match.counts.malformed == 1


def test_a_reconnect_goes_on_with_the_same_sequence_and_state() -> None:
    run = stepper(seats=2)
    client = run.enter(Seat(0), Conditions(lag_ms=100, jitter_ms=20))
    client.plays(Restless(4))
    for _ in range(20):
        run.run(45)
        client.reconnect()
    run.run(60)
    stats = run.match.stats_of(Seat(0))
    assert stats.doubled == 0
    assert stats.applied > 700
    assert client.replica.telemetry.keyframes == 21
    assert client.replica.telemetry.desyncs == 0


# --- congestion ---------------------------------------------------------------------------------


def test_a_viewer_who_never_acknowledges_is_paused_then_evicted_and_delays_nobody() -> None:
    run = stepper(seats=2)
    silent, other = run.enter(Seat(0)), run.enter(Seat(1))
    run.run(30)
    silent.reads = False
    sent_before, other_before = len(silent.sent), len(other.sent)
    run.run(90)
    assert len(silent.sent) - sent_before <= int(PAUSE_S * GAME.tick_rate) + 4
    assert len(other.sent) - other_before >= 90
    run.run(int(EVICT_S * GAME.tick_rate))
    evicted = [player for report in run.reports for player in report.evicted]
    assert evicted == [silent.player_id]
    assert run.match.viewer(silent.player_id) is None


def test_a_viewer_who_catches_up_gets_one_keyframe_and_goes_on() -> None:
    run = stepper(seats=2)
    client = run.enter(Seat(0))
    run.run(30)
    client.reads = False
    run.run(60)
    client.reads = True
    run.run(40)
    drawn(run)
    assert client.replica.telemetry.keyframes == 2
    assert_knows_the_truth(run, client)


def test_a_refused_message_breaks_the_chain_and_a_keyframe_mends_it() -> None:
    run = stepper(seats=1)
    client = run.enter(Seat(0))
    run.run(10)
    client.takes = False
    run.run(3)
    client.takes = True
    run.run(3)
    drawn(run)
    assert client.replica.telemetry.desyncs == 0
    assert client.replica.telemetry.keyframes == 2
    assert_knows_the_truth(run, client)


def test_a_reported_desync_is_answered_with_a_keyframe() -> None:
    run = stepper(seats=1)
    client = run.enter(Seat(0))
    run.run(35)
    rows = client.replica._reader._decoders[0].rows
    rows[EntityId(2)].state[0] += 1
    run.run(35)
    drawn(run)
    assert client.replica.telemetry.desyncs == 1
    assert run.match.counts.desyncs == 1
    assert_knows_the_truth(run, client)


# --- secrets --------------------------------------------------------------------------------------


def test_private_values_are_absent_from_everybody_elses_bytes() -> None:
    run = stepper(seats=2, bots=0, teams=2)
    owner, other, watcher = run.enter(Seat(0)), run.enter(Seat(1)), run.enter(NO_SEAT)
    runner = run.match.world.owned(Seat(0), Runner)
    assert runner is not None
    runner.ammo, runner.plan = 987_654_321, 123_456_789
    run.run(40)
    for value in (987_654_321, 123_456_789):
        needle = msgpack.packb(value)
        seen = [any(needle in m for m in c.sent) for c in (owner, other, watcher)]
        assert seen == [True, False, False]


# --- faults and ends ----------------------------------------------------------------------------


def test_bounds_are_checked_and_the_fault_names_entity_and_field() -> None:
    run = stepper(options=SkirmishOptions(break_at=20))
    client = run.enter(Seat(0))
    report = run.run(25)
    assert isinstance(report.fault, GameFaultError)
    assert report.tick == 20
    assert "Runner" in str(report.fault)
    assert "field x" in str(report.fault)
    assert str(SIDE + 1) in str(report.fault)
    sent = len(client.sent)
    run.run(5)
    assert len(client.sent) == sent


class Broken(Skirmish):
    """Raises in whatever method it is told."""

    name = "broken"
    at = ""

    def _maybe(self, method: str, world: World) -> None:
        if self.at == method and world.tick >= 3:
            raise ZeroDivisionError(method)

    def step(self, world, commands):  # type: ignore[no-untyped-def]
        self._maybe("step", world)
        if self.at == "unknown class" and world.tick >= 3:
            world.spawn(Strange())
        if self.at == "text" and world.tick >= 3:
            world.all(Runner)[0].name = "\ud800"
            world.spawn(Runner(name="\ud800"), Seat(9))
        super().step(world, commands)

    def group_of(self, world, seat):  # type: ignore[no-untyped-def]
        self._maybe("group_of", world)
        return super().group_of(world, seat)

    def outcome(self, world):  # type: ignore[no-untyped-def]
        self._maybe("outcome", world)
        return super().outcome(world)

    def bot(self, seat, level, rng):  # type: ignore[no-untyped-def]
        game, made = self, super().bot(seat, level, rng)

        class Fails:
            def command(self, world):  # type: ignore[no-untyped-def]
                game._maybe("bot", world)
                return made.command(world)

        return Fails()


@attrs.define(eq=False)
class Strange(Entity):
    """An entity class that the game does not list."""


@pytest.mark.parametrize("method", ["step", "group_of", "outcome", "bot", "unknown class", "text"])
def test_whatever_a_game_raises_ends_the_match_and_escapes_nowhere(method: str) -> None:
    game = type("At" + method.title().replace(" ", ""), (Broken,), {"at": method})()
    run = MatchStepper(game, MAP, seats=1, bots=1)
    run.enter(Seat(0))
    report = run.run(6)
    assert report.fault is not None
    assert report.tick == 3
    assert run.match.tick() is report
    assert len(run.match.standings().standings) >= 1


def test_a_game_that_cannot_start_says_so() -> None:
    class Unstarted(Skirmish):
        def start(self, world, players):  # type: ignore[no-untyped-def]
            raise KeyError(len(players), world.tick)

    with pytest.raises(GameFaultError, match=r"Unstarted\.start\(\) at tick 0"):
        Match(
            match_id=MatchId("m"),
            game=Unstarted(),
            map=MAP,
            options=SkirmishOptions(),
            seed=1,
            players=[],
            inlet=NoInlet(),
        )


def test_a_match_ends_with_its_outcome_and_a_last_snapshot() -> None:
    run = stepper(options=SkirmishOptions(ticks=50))
    client = run.enter(Seat(0))
    report = run.run(50)
    assert report.outcome is not None
    assert {line.name for line in report.outcome.standings} == {"Player 0", "Player 1", "Player 2"}
    drawn(run)
    assert client.replica._ring.newest.tick == 50


def test_reliable_events_are_announced_before_the_snapshot_of_their_tick() -> None:
    run = stepper(seats=2, bots=4)
    client = run.enter(Seat(0))
    run.run(300)
    assert run.happened
    ticks = []
    for message in client.sent:
        first = msgpack.Unpacker()
        first.feed(message)
        row = next(first)
        ticks.append(row[1] if row[0] == 2 else row[3]["tick"] if row[0] == 21 else None)
    known = [tick for tick in ticks if tick is not None]
    assert known == sorted(known)
    kinds = {GAME.events[happened.event].reliable for happened in run.happened}
    assert kinds == {True}


def test_who_joins_and_leaves_is_in_the_world_from_the_next_tick() -> None:
    run = stepper(seats=1, bots=1)
    run.run(5)
    run.match.leave(Seat(1), bot=Player(Seat(1), "Stand-in", 1, bot=True))
    run.match.join(Player(Seat(5), "New", 2))
    run.run(1)
    names = {runner.owner: runner.name for runner in run.match.world.all(Runner)}
    assert names == {0: "Player 0", 1: "Stand-in", 5: "New"}
    born = {runner.owner: runner.born for runner in run.match.world.all(Runner)}
    assert (born[Seat(1)], born[Seat(5)]) == (6, 6)


def test_ids_are_recycled_and_the_game_covers_every_kind_of_entity() -> None:
    run = stepper(seats=0, bots=4)
    run.run(400)
    kinds = {type(entity) for entity in run.match.world}
    assert {Runner, Bolt, Spark} <= kinds
    assert max(entity.id for entity in run.match.world) < 300
    assert set(table_of(GAME).classes) == set(GAME.entities)
