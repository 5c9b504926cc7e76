"""A whole match with real replicas: the viewers' state, events, joins and the end."""

import gc
import weakref

from hypothesis import given, settings
from hypothesis import strategies as st

from gameserver.game.entity import Player
from gameserver.game.game import Bot, middle_level
from gameserver.game.rng import Rng
from gameserver.game.schema.table import table_of
from gameserver.game.world import World
from gameserver.ids import NO_SEAT, Seat
from gameserver.messages.match import MatchHappened
from gameserver.messages.wire import EventEnvelope
from gameserver.protocol.codec import decode_server
from gameserver.testing.skirmish import (
    Bolt,
    Runner,
    Skirmish,
    SkirmishOptions,
    Spark,
)
from gameserver.testing.stepper import MatchStepper
from tests.match.play import (
    GAME,
    MAP,
    Restless,
    assert_knows_the_truth,
    drawn,
    stepper,
)
from tests.snapshots import is_snapshot, snapshots_of


def test_every_viewer_knows_exactly_what_it_may_see() -> None:
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
def test_joins_leaves_stalls_and_refusals_never_cause_a_desync(data: st.DataObject) -> None:
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


def test_a_match_ends_with_its_outcome_and_a_last_snapshot() -> None:
    run = stepper(options=SkirmishOptions(ticks=50))
    client = run.enter(Seat(0))
    report = run.run(50)
    assert report.outcome is not None
    assert {line.name for line in report.outcome.standings} == {"Player 0", "Player 1", "Player 2"}
    drawn(run)
    newest = client.replica.ring.newest
    assert newest is not None
    assert newest.tick == 50


def test_reliable_events_are_announced_before_the_snapshot_of_their_tick() -> None:
    run = stepper(seats=2, bots=4)
    client = run.enter(Seat(0))
    run.run(300)
    assert run.happened
    known: list[int] = []
    snapshots = iter(snapshots_of(client.sent))
    for message in client.sent:
        (told,) = decode_server(message, lambda _: None)
        if is_snapshot(message):
            known.append(next(snapshots).tick)
        elif isinstance(told, EventEnvelope) and isinstance(told.event, MatchHappened):
            known.append(told.event.tick)
    assert known == sorted(known)
    kinds = {GAME.events[happened.event].reliable for happened in run.happened}
    assert kinds == {True}


def test_joins_and_leaves_take_effect_in_the_next_tick() -> None:
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


class Timed(Skirmish):
    """Ends at a tick of which it tells."""

    tick_rate = 30

    def time_left(self, world: World) -> int | None:
        if world.tick >= 5:
            raise ZeroDivisionError
        return None if world.tick == 4 else 20 - 10 * world.tick


def test_the_seconds_that_are_left_are_exact_to_the_millisecond_and_never_negative() -> None:
    run = MatchStepper(Timed(), MAP, seats=1)
    told = [run.match.time_left_s()]
    for _ in range(5):
        run.run(1)
        told.append(run.match.time_left_s())
    assert told == [0.667, 0.333, 0.0, 0.0, None, None]


def test_of_several_players_who_take_a_seat_between_two_ticks_the_last_has_it() -> None:
    run = stepper(seats=2, bots=0)
    run.run(5)
    run.match.leave(Seat(1), Player(Seat(1), "Bot", bot=True))
    run.match.join(Player(Seat(1), "Ann"))
    run.run(5)
    assert [runner.name for runner in run.match.world.all(Runner) if runner.owner == 1] == ["Ann"]
    client = run.enter(Seat(1), name="Ann")
    client.plays(Restless(1))
    run.run(60)
    assert run.match.stats_of(Seat(1)).applied > 0


def test_a_match_without_a_bot_level_takes_the_easier_of_two_middle_levels() -> None:
    levels = []

    class Levelled(Skirmish):
        bot_levels = ("easy", "hard")

        def bot(self, seat: Seat, level: str, rng: Rng) -> Bot:
            levels.append(level)
            return super().bot(seat, level, rng)

    MatchStepper(Levelled(), MAP, seats=2, bots=1)
    assert levels == [middle_level(Levelled.bot_levels)] == ["easy"]


def test_a_match_with_bots_is_freed_without_the_garbage_collector() -> None:
    run = stepper(seats=1, bots=3)
    run.run(10)
    left = weakref.ref(run.match)
    gc.disable()
    try:
        del run.match
        assert left() is None
    finally:
        gc.enable()
