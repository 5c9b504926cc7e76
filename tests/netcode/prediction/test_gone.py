"""Entities that one side has and the other has not: own ones, and those of others."""

from gameserver.game.world import World
from gameserver.ids import EntityId, Seat
from gameserver.netcode.prediction.world import Verdict
from gameserver.testing.skirmish import Bolt, Runner, Skirmish, SkirmishCommand, Spark
from tests.netcode.prediction.test_world import OTHER, Pair

STILL, GRAB = SkirmishCommand(), SkirmishCommand(shoot=True)


class Removing(Skirmish):
    """Also takes the first spark there is out of the world."""

    def predict(self, world: World, seat: Seat, command: SkirmishCommand) -> None:  # type: ignore[override]
        super().predict(world, seat, command)
        if command.shoot:
            for spark in world.all(Spark)[:1]:
                world.despawn(spark)


def reconcile(pair: Pair, tick: int) -> Verdict:
    return pair.predictor.reconcile(pair.snapshots[tick], pair.snapshots[tick - 1])


def told(verdict: Verdict) -> list[tuple[str, str, object, object]]:
    return [(d.entity, d.field, d.predicted, d.true) for d in verdict.differences]


def sparks(pair: Pair) -> list[EntityId]:
    return [spark.id for spark in pair.predictor.world.all(Spark)]


# --- of others ------------------------------------------------------------------------------------


def test_an_entity_removed_by_the_server_is_removed_without_a_difference() -> None:
    pair = Pair()
    spark, other = pair.server.all(Spark)[0], pair.server.owned(OTHER, Runner)
    assert other is not None
    pair.predictor.predict(1, STILL)
    pair.server.despawn(spark)
    pair.server.despawn(other)
    pair.step(STILL)
    assert told(reconcile(pair, 1)) == []
    assert sparks(pair) == []
    assert pair.predictor.world.owned(OTHER, Runner) is None


def test_an_entity_spawned_for_others_appears_without_a_difference() -> None:
    pair = Pair()
    pair.predictor.predict(1, STILL)
    spawned = pair.server.spawn(Spark(left=5))
    pair.step(STILL)
    assert told(reconcile(pair, 1)) == []
    assert spawned.id in sparks(pair)


def test_an_entity_removed_by_prediction_stays_removed_if_the_server_agrees() -> None:
    pair = Pair(Removing())
    spark_id = pair.server.all(Spark)[0].id
    pair.predictor.predict(1, STILL)
    pair.predictor.predict(2, GRAB)
    pair.step(STILL)
    assert told(reconcile(pair, 1)) == []
    drawn = pair.snapshots[1].entities[spark_id]
    assert sparks(pair) == []
    assert pair.predictor.touched(spark_id, drawn) is None
    pair.step(GRAB)
    assert told(reconcile(pair, 2)) == []
    assert sparks(pair) == []


def test_an_entity_removed_by_prediction_but_not_by_the_server_returns() -> None:
    pair = Pair(Removing())
    spark_id = pair.server.all(Spark)[0].id
    pair.predictor.predict(1, GRAB)
    pair.step(STILL)
    assert told(reconcile(pair, 1)) == [("Spark", "", "gone", "alive")]
    assert sparks(pair) == [spark_id]


def test_an_entity_changed_by_prediction_and_removed_by_the_server_is_removed() -> None:
    class Dimming(Skirmish):
        def predict(self, world: World, seat: Seat, command: SkirmishCommand) -> None:  # type: ignore[override]
            super().predict(world, seat, command)
            for spark in world.all(Spark):
                spark.left -= 1

    pair = Pair(Dimming())
    pair.predictor.predict(1, STILL)
    for spark in pair.server.all(Spark):
        pair.server.despawn(spark)
    pair.step(STILL)
    assert told(reconcile(pair, 1)) == [("", "", "alive", "gone")]
    assert sparks(pair) == []


def test_unchanged_entities_of_others_are_drawn_as_they_were_given() -> None:
    pair = Pair(Removing())
    drawn = Spark(left=3)
    spark_id = pair.server.all(Spark)[0].id
    assert pair.predictor.touched(spark_id, drawn) is drawn, "nothing was predicted yet"
    pair.predictor.predict(1, STILL)
    assert pair.predictor.touched(spark_id, drawn) is drawn


# --- the seat's own -------------------------------------------------------------------------------


def test_a_predicted_spawn_that_the_server_did_not_make_is_removed() -> None:
    pair = Pair()
    pair.predictor.predict(1, SkirmishCommand(throw=True))
    pair.step(STILL)
    verdict = reconcile(pair, 1)
    assert ("Bolt", "", "alive", "gone") in told(verdict)
    assert pair.predictor.world.all(Bolt) == []


def test_an_own_spawn_that_was_not_predicted_appears() -> None:
    pair = Pair()
    pair.predictor.predict(1, STILL)
    pair.step(SkirmishCommand(throw=True))
    verdict = reconcile(pair, 1)
    assert ("Bolt", "", "gone", "alive") in told(verdict)
    assert [bolt.id for bolt in pair.predictor.world.all(Bolt)] == [
        bolt.id for bolt in pair.server.all(Bolt)
    ]


def test_fields_that_are_never_sent_keep_their_predicted_values() -> None:
    pair = Pair()
    pair.predictor.predict(1, SkirmishCommand(throw=True))
    pair.step(SkirmishCommand(throw=True))
    mine = pair.snapshots[1].entities[EntityId(1)]
    assert isinstance(mine, Runner)
    assert mine.cooldown == 5
    mine.cooldown, mine.x = 0, mine.x + 8  # as it is sent, and moved by somebody else
    assert [d.field for d in reconcile(pair, 1).differences] == ["x"]
    (runner,) = (r for r in pair.predictor.world.all(Runner) if r.id == 1)
    assert (runner.cooldown, runner.x) == (5, mine.x)


# --- ticks ----------------------------------------------------------------------------------------


def test_a_tick_that_was_never_predicted_is_not_compared_and_the_world_starts_there() -> None:
    pair = Pair()
    for tick in (1, 2, 3):
        pair.step(SkirmishCommand(move=tick))
    verdict = pair.predictor.reconcile(pair.snapshots[3], pair.snapshots[2])
    assert (verdict.tick, verdict.compared) == (3, False)
    assert pair.predictor.tick == 3
    assert pair.predictor.confirmed is pair.snapshots[3]
    assert pair.state(pair.predictor.world) == pair.state(pair.server)


def test_skipped_ticks_are_not_run() -> None:
    pair = Pair()
    pair.predictor.skip_to(7)
    assert (pair.predictor.tick, pair.events) == (7, [])


def test_after_a_difference_every_later_tick_is_run_again_with_its_own_command() -> None:
    pair = Pair()
    moves = [SkirmishCommand(move=move) for move in (1, 2, 1, 2)]
    for tick, command in enumerate(moves, start=1):
        pair.predictor.predict(tick, command)
    pair.step(STILL)  # the first was lost
    reconcile(pair, 1)
    assert [tick for tick, _ in pair.events] == [1, 2, 3, 4, 2, 3, 4]
    for command in moves[1:]:
        pair.step(command)
    assert pair.state(pair.predictor.world) == pair.state(pair.server)
    assert told(reconcile(pair, 4)) == []


def test_confirmed_ticks_are_forgotten_except_commands_that_may_be_repeated() -> None:
    pair = Pair()
    for tick in range(1, 101):
        command = SkirmishCommand(move=1 + tick % 4)
        pair.predictor.predict(tick, command)
        pair.step(command)
        reconcile(pair, tick)
        del pair.snapshots[tick - 1]
    assert len(pair.predictor._made) <= 1
    assert len(pair.predictor._commands) <= pair.predictor._repeat_ticks + 1
    assert pair.predictor.command_at(101) == SkirmishCommand(move=1)


def test_a_copy_of_the_world_gives_its_spawns_separate_ids() -> None:
    pair = Pair()
    pair.predictor.predict(1, SkirmishCommand(throw=True))
    for tick in range(2, 7):
        pair.predictor.predict(tick, STILL)
    ahead = pair.predictor.provisional(SkirmishCommand(throw=True))
    first, second = ahead.all(Bolt)
    assert (first.age, second.age) == (6, 0)
    assert first.id < second.id < 0
