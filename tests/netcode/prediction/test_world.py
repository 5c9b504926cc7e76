"""The predictor alone: exact where it may be, put right where it must be."""

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gameserver.errors import GameFaultError
from gameserver.game.entity import Entity, Event
from gameserver.game.schema.compiled import clone
from gameserver.game.world import World
from gameserver.ids import EntityId, Seat, Tick
from gameserver.netcode.prediction.interpolation import TELEPORT, Confirmed
from gameserver.netcode.prediction.world import PredictedWorld, Predictor, ident_of, row_of
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import (
    Bolt,
    Runner,
    Skirmish,
    SkirmishCommand,
    SkirmishOptions,
    Spark,
)

MAP = map_from_rows(*["." * 16] * 16)
ME, OTHER = Seat(0), Seat(1)
COMMANDS = st.builds(
    SkirmishCommand, move=st.integers(0, 4), aim=st.integers(0, 1023), throw=st.booleans()
)


class Grabbing(Skirmish):
    """Also takes the first spark there is, which belongs to nobody."""

    def predict(self, world: World, seat: Seat, command: SkirmishCommand) -> None:  # type: ignore[override]
        super().predict(world, seat, command)
        if command.shoot:
            for spark in world.all(Spark)[:1]:
                spark.left = 0


class Pair:
    """A server's world and a predictor of the same game, joined by snapshots."""

    def __init__(self, game: Skirmish | None = None) -> None:
        self.game = game or Skirmish()
        self.server = World(map=MAP, options=SkirmishOptions(), salt=1)
        self.server.spawn(Runner(x=4000, y=4000, name="me"), ME)
        self.server.spawn(Runner(x=100, y=100, name="other"), OTHER)
        self.server.spawn(Spark(left=9))
        self.events: list[tuple[int, list[Event]]] = []
        world = PredictedWorld(map=MAP, options=SkirmishOptions(), salt=1)
        self.predictor = Predictor(self.game, ME, world, self._emitted)
        self.snapshots = {0: self.confirmed()}
        self.predictor.reconcile(self.snapshots[0], None)

    def _emitted(self, tick: int, events: list[Event]) -> None:
        self.events.append((tick, events))

    def step(self, command: SkirmishCommand) -> Confirmed:
        self.server.tick = Tick(self.server.tick + 1)
        with self.server.caused_by(ME):
            self.game.predict(self.server, ME, command)
        self.snapshots[self.server.tick] = self.confirmed()
        return self.snapshots[self.server.tick]

    def confirmed(self) -> Confirmed:
        entities: dict[EntityId, Entity] = {e.id: clone(e) for e in self.server}
        return Confirmed(self.server.tick, entities)

    def reconcile(self, tick: int) -> object:
        return self.predictor.reconcile(self.snapshots[tick], self.snapshots.get(tick - 1))

    def state(self, world: World) -> list[tuple[object, object]]:
        return [(ident_of(e), row_of(e)) for e in world]


@given(st.lists(COMMANDS, min_size=1, max_size=25), st.integers(1, 12))
@settings(max_examples=60)
def test_with_every_input_in_time_nothing_ever_differs(
    commands: list[SkirmishCommand], lead: int
) -> None:
    pair = Pair()
    for tick, command in enumerate(commands, start=1):
        pair.predictor.predict(tick, command)
        if tick > lead:
            pair.step(commands[tick - lead - 1])
            verdict = pair.predictor.reconcile(
                pair.snapshots[tick - lead], pair.snapshots[tick - lead - 1]
            )
            assert verdict.compared
            assert verdict.differences == ()
    while pair.server.tick < len(commands):
        pair.step(commands[pair.server.tick])
    pair.reconcile(len(commands))
    assert pair.state(pair.predictor.world) == pair.state(pair.server)


@given(st.lists(st.tuples(COMMANDS, st.booleans()), min_size=2, max_size=25), st.integers(1, 8))
@settings(max_examples=60)
def test_after_any_losses_the_prediction_equals_the_server(
    inputs: list[tuple[SkirmishCommand, bool]], lead: int
) -> None:
    pair = Pair()
    taken: list[SkirmishCommand] = []
    for tick, (command, arrives) in enumerate(inputs, start=1):
        pair.predictor.predict(tick, command)
        repeated = taken[-1].repeated() if taken else SkirmishCommand()
        taken.append(command if arrives else repeated)
        if tick > lead:
            pair.step(taken[tick - lead - 1])
            pair.reconcile(tick - lead)
    while pair.server.tick < len(inputs):
        pair.step(taken[pair.server.tick])
    pair.reconcile(len(inputs))
    assert pair.state(pair.predictor.world) == pair.state(pair.server)


def test_a_difference_is_reported_by_entity_field_and_distance() -> None:
    pair = Pair()
    pair.predictor.predict(1, SkirmishCommand())
    pair.step(SkirmishCommand())
    moved = pair.snapshots[1].entities[EntityId(1)]
    assert isinstance(moved, Runner)
    moved.x, moved.y = moved.x + 30, moved.y - 40
    verdict = pair.predictor.reconcile(pair.snapshots[1], pair.snapshots[0])
    told = [(d.entity, d.field, d.predicted, d.true) for d in verdict.differences]
    assert told == [("Runner", "x", 4000, 4030), ("Runner", "y", 4000, 3960)]
    assert verdict.distance == 50.0
    assert (verdict.tick, verdict.compared, verdict.input_explains) == (1, True, False)


def test_what_the_server_teleports_was_not_predicted_at_a_wrong_place() -> None:
    pair = Pair()
    pair.predictor.predict(1, SkirmishCommand())
    pair.step(SkirmishCommand())
    sent_far = pair.snapshots[1].entities[EntityId(1)]
    assert isinstance(sent_far, Runner)
    sent_far.x += TELEPORT + 1
    verdict = pair.predictor.reconcile(pair.snapshots[1], pair.snapshots[0])
    assert [each.field for each in verdict.differences] == ["x"]
    assert verdict.distance == 0.0


def test_a_tick_that_was_not_predicted_is_not_compared() -> None:
    pair = Pair()
    pair.step(SkirmishCommand(move=1))
    verdict = pair.predictor.reconcile(pair.snapshots[1], pair.snapshots[0])
    assert attrs.astuple(verdict) == (1, False, (), 0.0, False)
    assert pair.state(pair.predictor.world) == pair.state(pair.server)
    pair.predictor.predict(2, SkirmishCommand(move=1))
    pair.step(SkirmishCommand(move=1))
    verdict = pair.predictor.reconcile(pair.snapshots[2], pair.snapshots[1])
    assert attrs.astuple(verdict) == (2, True, (), 0.0, False)


def test_a_difference_beside_the_position_has_no_distance() -> None:
    pair = Pair()
    pair.predictor.predict(1, SkirmishCommand())
    pair.step(SkirmishCommand())
    turned = pair.snapshots[1].entities[EntityId(1)]
    assert isinstance(turned, Runner)
    turned.aim += 5
    verdict = pair.predictor.reconcile(pair.snapshots[1], None)
    assert [(d.ident, d.field, d.true) for d in verdict.differences] == [(1, "aim", 5)]
    assert (verdict.distance, verdict.input_explains) == (0.0, False)


def test_what_exists_on_one_side_only_is_told_as_a_whole() -> None:
    pair = Pair()
    pair.predictor.predict(1, SkirmishCommand())
    pair.step(SkirmishCommand())
    own = pair.snapshots[1].entities.pop(EntityId(1))  # type: ignore[attr-defined]
    spawned = clone(own)
    spawned.id = EntityId(9)
    pair.snapshots[1].entities[EntityId(9)] = spawned  # type: ignore[index]
    verdict = pair.predictor.reconcile(pair.snapshots[1], pair.snapshots[0])
    told = [attrs.astuple(each) for each in verdict.differences]
    assert told == [("Runner", 1, "", "alive", "gone"), ("Runner", 9, "", "gone", "alive")]
    assert verdict.distance == 0.0


def test_a_missing_input_is_recognised_as_the_cause_of_a_difference() -> None:
    pair = Pair()
    pair.predictor.predict(1, SkirmishCommand(move=1))
    pair.step(SkirmishCommand(move=1))
    assert not pair.predictor.reconcile(pair.snapshots[1], pair.snapshots[0]).differences
    pair.predictor.predict(2, SkirmishCommand(move=2))
    pair.step(SkirmishCommand(move=1))
    verdict = pair.predictor.reconcile(pair.snapshots[2], pair.snapshots[1])
    assert verdict.differences
    assert verdict.input_explains


def test_a_predicted_spawn_gets_the_servers_id_without_a_replay() -> None:
    pair = Pair()
    pair.predictor.predict(1, SkirmishCommand(throw=True))
    (bolt,) = pair.predictor.world.all(Bolt)
    assert bolt.id < 0
    key = ident_of(bolt)
    pair.step(SkirmishCommand(throw=True))
    runs = len(pair.events)
    pair.predictor.reconcile(pair.snapshots[1], pair.snapshots[0])
    (named,) = pair.predictor.world.all(Bolt)
    assert named is bolt
    assert named.id == pair.server.all(Bolt)[0].id
    assert ident_of(named) == key
    assert len(pair.events) == runs


def test_an_effect_of_prediction_on_other_entities_lasts_until_its_tick_is_confirmed() -> None:
    pair = Pair(Grabbing())
    spark_id = pair.server.all(Spark)[0].id
    pair.predictor.predict(1, SkirmishCommand())
    pair.predictor.predict(2, SkirmishCommand(shoot=True))
    pair.step(SkirmishCommand())
    pair.predictor.reconcile(pair.snapshots[1], pair.snapshots[0])
    taken = pair.predictor.touched(spark_id, pair.snapshots[1].entities[spark_id])
    assert isinstance(taken, Spark)
    assert taken.left == 0
    pair.step(SkirmishCommand(shoot=True))
    verdict = pair.predictor.reconcile(pair.snapshots[2], pair.snapshots[1])
    assert verdict.differences == ()


def test_a_predicted_effect_that_the_server_did_not_confirm_is_undone() -> None:
    pair = Pair(Grabbing())
    pair.predictor.predict(1, SkirmishCommand(shoot=True))
    pair.step(SkirmishCommand())
    verdict = pair.predictor.reconcile(pair.snapshots[1], pair.snapshots[0])
    assert [(d.entity, d.field) for d in verdict.differences] == [("Spark", "left")]
    assert pair.predictor.world.all(Spark)[0].left == 9


def test_a_missing_command_is_repeated_and_then_neutral() -> None:
    pair = Pair()
    pair.predictor.predict(1, SkirmishCommand(move=1, throw=True))
    assert pair.predictor.command_at(2) == SkirmishCommand(move=1)
    assert pair.predictor.command_at(16) == SkirmishCommand(move=1)
    assert pair.predictor.command_at(17) == SkirmishCommand()


def test_a_provisional_world_changes_no_state_and_reports_no_events() -> None:
    pair = Pair()
    pair.predictor.predict(1, SkirmishCommand())
    before, told = pair.state(pair.predictor.world), len(pair.events)
    ahead = pair.predictor.provisional(SkirmishCommand(move=1, throw=True))
    assert len(ahead.all(Bolt)) == 1
    assert pair.state(pair.predictor.world) == before
    assert len(pair.events) == told


def test_predicted_code_cannot_draw_from_the_servers_generator() -> None:
    class Cheating(Skirmish):
        def predict(self, world: World, seat: Seat, command: object) -> None:
            del seat, command
            world.rng.next32()

    world = PredictedWorld(map=MAP, options=SkirmishOptions(), salt=1)
    predictor = Predictor(Cheating(), ME, world, lambda _tick, _events: None)
    with pytest.raises(GameFaultError):
        predictor.predict(1, SkirmishCommand())


def test_own_spawns_iterate_in_the_order_of_creation() -> None:
    world = PredictedWorld(map=MAP, options=SkirmishOptions(), salt=1)
    first, second = world.spawn(Bolt(x=1), ME), world.spawn(Bolt(x=2), ME)
    assert first.id < second.id < 0
    assert world.all(Bolt) == [first, second]
