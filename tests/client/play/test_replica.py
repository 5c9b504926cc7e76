"""A replica against the real match over bad lines: exact ahead, settled events, same past."""

from collections import Counter

from gameserver.client.link.conditions import Conditions
from gameserver.client.play.replica import CATCH_UP_TICKS, MatchReplica
from gameserver.game.entity import Entity
from gameserver.game.rng import Rng
from gameserver.game.schema.history import VIEW_UNITS
from gameserver.ids import NO_SEAT, Seat
from gameserver.messages.wire import Input
from gameserver.netcode.prediction.optimism import EventPhase
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import Bolt, Runner, Skirmish, SkirmishCommand, Thrown
from gameserver.testing.stepper import MatchStepper, SteppedClient

MAP = map_from_rows(*["." * 16] * 16)
BAD_LINE = Conditions(lag_ms=150, jitter_ms=30, seed=5)


class Wandering:
    """Walks and throws at random; shoots at nobody, so that nothing but itself moves it."""

    def __init__(self, seed: int) -> None:
        self.rng = Rng.seeded(seed)
        self.move = 0

    def __call__(self, _replica: MatchReplica) -> SkirmishCommand:
        if self.rng.chance(1, 10):
            self.move = self.rng.below(5)
        aim = self.rng.below(1024)
        return SkirmishCommand(move=self.move, aim=aim, throw=self.rng.chance(1, 10))


def playing(
    conditions: Conditions = BAD_LINE, seats: int = 2
) -> tuple[MatchStepper, list[SteppedClient]]:
    stepper = MatchStepper(Skirmish(), MAP, seats=seats)
    clients = [stepper.enter(Seat(i), conditions) for i in range(seats)]
    for number, client in enumerate(clients):
        client.plays(Wandering(number))
    return stepper, clients


def phases(client: SteppedClient) -> Counter[EventPhase]:
    told = client.replica.take_events()
    return Counter(phase for event, phase in told if event == Thrown(client.seat))


def own_runner(replica: MatchReplica) -> Runner:
    runner = replica.world.owned(replica.seat, Runner)
    assert runner is not None
    return runner


def test_with_no_input_lost_prediction_is_exact_at_150_ms() -> None:
    stepper, clients = playing()
    stepper.run(300)
    for client in clients:
        assert stepper.match.stats_of(client.seat).late == 0
        telemetry = client.replica.telemetry
        assert len(telemetry.corrections_px) > 250
        assert set(telemetry.corrections_px) == {0.0}
        assert telemetry.divergence_count == 0
        assert telemetry.desyncs == 0


def test_the_predicted_world_is_what_the_server_has_when_it_gets_there() -> None:
    stepper, (ann, _) = playing()
    stepper.run(60)
    predicted = {}
    for _ in range(30):
        runner = own_runner(ann.replica)
        predicted[ann.replica.world.tick] = (runner.x, runner.y)
        stepper.run(1)
    compared = 0
    for _ in range(30):
        server = stepper.match.world
        true = server.owned(Seat(0), Runner)
        assert true is not None
        if server.tick in predicted:
            assert predicted[server.tick] == (true.x, true.y)
            compared += 1
        stepper.run(1)
    assert compared > 0


def test_own_events_are_predicted_and_all_confirmed() -> None:
    stepper, (ann, _) = playing()
    stepper.run(300)
    ann.plays(lambda _: SkirmishCommand())
    stepper.run(30)
    told = phases(ann)
    assert told[EventPhase.PREDICTED] > 10
    assert told == {
        EventPhase.PREDICTED: told[EventPhase.PREDICTED],
        EventPhase.CONFIRMED: told[EventPhase.PREDICTED],
    }


def test_a_prediction_from_a_lost_input_is_taken_back_and_explained() -> None:
    stepper, (ann, _) = playing()
    stepper.run(60)
    ann.plays(lambda _: SkirmishCommand(move=1))
    stepper.run(30)
    ann.replica.take_events()
    lost: list[Input] = []

    def lose_the_throw(given: Input) -> Input | None:
        if given.row[2] and not lost:
            lost.append(given)
            return None
        return given

    ann.tampers = lose_the_throw
    ann.plays(lambda replica: SkirmishCommand(move=1, throw=not lost and replica.live))
    stepper.run(40)
    told = phases(ann)
    assert told[EventPhase.PREDICTED] == told[EventPhase.TAKEN_BACK] == 1
    assert ann.replica.telemetry.divergences_by_input >= 1
    assert not [bolt for bolt in ann.replica.world.all(Bolt) if bolt.owner == ann.seat]
    first = ann.replica.telemetry.divergences[0]
    assert (first.verdict.tick, first.explained) == (lost[0].tick, "input")


def test_a_difference_names_its_tick_entity_and_field() -> None:
    stepper, (ann, _) = playing()
    stepper.run(60)
    moved = stepper.match.world.owned(Seat(0), Runner)
    assert moved is not None
    moved.x = (moved.x + 500) % 8000
    stepper.run(20)
    found = ann.replica.telemetry.divergences[0]
    assert found.explained == "world"
    assert {(d.entity, d.field) for d in found.verdict.differences} == {("Runner", "x")}
    assert found.verdict.distance > 0


def test_a_correction_is_smoothed_in_drawing_and_immediate_in_the_world() -> None:
    stepper, (ann, _) = playing(Conditions(), seats=2)
    ann.plays(lambda _: SkirmishCommand())
    stepper.run(60)
    runner = stepper.match.world.owned(Seat(0), Runner)
    assert runner is not None
    start = runner.x
    runner.x = start + 400 if start < 4000 else start - 400
    drawn = []
    for _ in range(12):
        stepper.run(1)
        assert ann.frame is not None
        own = ann.frame.own(Runner)
        assert own is not None
        drawn.append(abs(own.x - start))
    assert own_runner(ann.replica).x == runner.x
    assert drawn == sorted(drawn)
    assert any(0 < distance < 400 for distance in drawn)
    assert drawn[-1] == 400


def test_own_movement_is_drawn_in_the_frame_of_its_input() -> None:
    stepper, (ann, _) = playing(Conditions(lag_ms=300))
    ann.plays(lambda _: SkirmishCommand())
    stepper.run(60)
    replica = ann.replica
    still = replica.frame(stepper.now)
    replica.hold(SkirmishCommand(move=1 if own_runner(replica).x < 7000 else 3))
    moving = replica.frame(stepper.now + 0.012)
    assert still is not None
    assert moving is not None
    before, after = still.own(Runner), moving.own(Runner)
    assert before is not None
    assert after is not None
    assert before.x != after.x


def test_a_predicted_entity_keeps_its_key_when_it_gets_the_servers_id() -> None:
    stepper, (ann, _) = playing()
    stepper.run(60)
    ann.plays(lambda _: SkirmishCommand(throw=True))
    keys: dict[object, set[bool]] = {}
    for _ in range(40):
        stepper.run(1)
        assert ann.frame is not None
        for drawn in ann.frame.drawn:
            if isinstance(drawn.entity, Bolt) and drawn.own:
                keys.setdefault(drawn.key, set()).add(drawn.entity.id > 0)
    assert any(named == {False, True} for named in keys.values())


def test_the_client_rewinds_to_the_servers_own_integers() -> None:
    stepper, (ann, _) = playing(Conditions())
    stepper.run(90)
    server, client = stepper.match.world, ann.replica.world
    behind = (client.tick - server.tick) * VIEW_UNITS
    compared = 0
    for view in range(40, 160, 3):
        there = [(e.id, e.x, e.y, e.aim) for e in server.rewound(view, Runner)]
        here = [(e.id, e.x, e.y, e.aim) for e in client.rewound(view + behind, Runner)]
        assert here == there
        compared += len(there)
    assert compared > 0


def test_an_input_holds_the_age_of_the_drawn_world() -> None:
    stepper, (ann, _) = playing()
    views: list[tuple[int, int]] = []
    shown: list[float] = []

    def note(given: Input) -> Input:
        views.append((given.tick, given.view))
        assert ann.frame is not None
        shown.append(ann.frame.tick - ann.frame.view)
        return given

    stepper.run(60)
    ann.tampers = note
    stepper.run(60)
    for (tick, view), drawn in zip(views, shown, strict=True):
        assert abs(tick - view / VIEW_UNITS - drawn) < 1e-6


def test_others_move_smoothly_under_jitter_and_stalls() -> None:
    line = Conditions(lag_ms=150, jitter_ms=30, stall_s=0.25, stall_every_s=3, seed=2)
    stepper, (ann, bob) = playing(line)
    bob.plays(lambda replica: SkirmishCommand(move=1 if replica.world.tick // 60 % 2 else 3))
    stepper.run(150)
    steps: list[float] = []
    last: float | None = None
    for _ in range(200):
        stepper.run(1)
        assert ann.frame is not None
        other = next(d for d in ann.frame.drawn if isinstance(d.entity, Runner) and not d.own)
        if last is not None:
            steps.append(abs(other.x - last))
        last = other.x
    assert max(steps) <= 1.5 * 40 + 5
    assert sum(step <= 60 for step in steps) > 0.9 * len(steps)


def test_a_spectator_sees_all_predicts_nothing_and_acknowledges() -> None:
    stepper, _ = playing()
    watcher = stepper.enter(NO_SEAT, BAD_LINE, name="watcher")
    stepper.run(120)
    assert watcher.frame is not None
    assert {type(d.entity) for d in watcher.frame.drawn} >= {Runner}
    assert not any(d.own for d in watcher.frame.drawn)
    viewer = stepper.match.viewer(watcher.player_id)
    assert viewer is not None
    assert viewer.seen > 60
    assert watcher.replica.telemetry.inputs == 0


def test_after_a_resume_a_keyframe_comes_and_prediction_is_exact_again() -> None:
    stepper, (ann, _) = playing()
    stepper.run(90)
    ann.replica.pause()
    before = ann.replica.telemetry.inputs
    stepper.run(20)
    assert ann.replica.telemetry.inputs == before
    ann.reconnect()
    stepper.run(60)
    seen = len(ann.replica.telemetry.corrections_px)
    stepper.run(60)
    assert ann.replica.telemetry.keyframes == 2
    assert set(list(ann.replica.telemetry.corrections_px)[seen:]) == {0.0}


def test_a_garbled_snapshot_is_reported_and_repaired_by_a_keyframe() -> None:
    stepper, (ann, _) = playing(Conditions())
    stepper.run(30)
    decoder = ann.replica.reader._decoders[0]
    row = next(row for row in decoder.rows.values() if row.table.entity is Runner)
    row.state[0] += 3
    stepper.run(45)
    assert ann.replica.telemetry.desyncs == 1
    assert ann.replica.telemetry.keyframes == 2
    true = [(e.id, e.x, e.y) for e in stepper.match.world.all(Runner)]
    stepper.run(1)
    confirmed = ann.replica.ring.at(stepper.match.tick_number - 1)
    assert confirmed is not None
    known = [(e.id, e.x, e.y) for e in _runners(confirmed.entities.values())]
    assert known == true


def _runners(entities: object) -> list[Runner]:
    assert hasattr(entities, "__iter__")
    return [e for e in entities if isinstance(e, Runner)]


def test_a_long_pause_is_skipped_not_run() -> None:
    stepper, (ann, _) = playing(Conditions())
    stepper.run(60)
    later = stepper.now + 1.0
    ran = ann.replica.advance(later)
    assert 0 < ran <= CATCH_UP_TICKS
    assert ann.replica.telemetry.skipped_ticks > 10
    assert ann.replica.advance(later + 60.0) <= CATCH_UP_TICKS
    assert ann.replica.advance(later + 120.0) == 0


def test_all_entities_with_a_position_are_drawn() -> None:
    stepper, (ann, _) = playing()
    stepper.run(60)
    assert ann.frame is not None
    kinds: set[type[Entity]] = {type(drawn.entity) for drawn in ann.frame.drawn}
    assert Runner in kinds
    assert all(hasattr(drawn.entity, "x") for drawn in ann.frame.drawn)
    ids = [drawn.entity.id for drawn in ann.frame.drawn]
    assert ids == sorted(ids)
