"""A dump holds the whole world, and other bytes are refused."""

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gameserver.errors import GameFaultError, ProtocolError
from gameserver.game.command import Command
from gameserver.game.crowd import MOST_ENTITIES
from gameserver.game.entity import Player
from gameserver.game.rng import Rng
from gameserver.game.schema.dump import (
    dump_world,
    present_hash,
    present_hash_of,
    restore_world,
    world_hash,
)
from gameserver.game.schema.history import History
from gameserver.game.world import World
from gameserver.ids import EntityId, Seat, Tick
from gameserver.match.simulation import Simulation
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import Runner, Skirmish, SkirmishCommand, SkirmishOptions
from tests.memory import memory_below

GAME = Skirmish()
MAP = map_from_rows("..", "..")
OPTIONS = SkirmishOptions()


def played(ticks: int, seed: int = 5) -> Simulation:
    players = [Player(Seat(i), f"P{i}", i % 2 + 1) for i in range(3)]
    simulation = Simulation(GAME, MAP, OPTIONS, seed, players)
    for tick in range(ticks):
        go_on(simulation, tick)
    return simulation


def go_on(simulation: Simulation, n: int) -> None:
    simulation.begin()
    commands: dict[Seat, Command] = {
        Seat(i): SkirmishCommand(
            move=(n // 9 + i) % 5, aim=n * 31 % 1024, throw=n % 6 == i, shoot=n % 7 == i, view=40
        )
        for i in range(3)
    }
    simulation.step(commands)


def restored(world: World) -> World:
    return restore_world(GAME, MAP, OPTIONS, world.salt, dump_world(GAME, world))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 120), st.integers(0, 1 << 62))
def test_a_restored_world_continues_exactly_like_the_dumped_one(ticks: int, seed: int) -> None:
    straight = played(ticks, seed)
    other = Simulation.resumed(GAME, restored(straight.world))
    assert dump_world(GAME, other.world) == dump_world(GAME, straight.world)
    for n in range(ticks, ticks + 80):
        go_on(straight, n)
        go_on(other, n)
    assert world_hash(GAME, other.world) == world_hash(GAME, straight.world)


def test_every_part_of_the_state_is_in_the_hash() -> None:
    simulation = played(50)
    world = simulation.world
    before = world_hash(GAME, world)
    assert len(before) == 16
    runner = world.all(Runner)[0]
    runner.cooldown += 1
    assert world_hash(GAME, world) != before
    runner.cooldown -= 1
    assert world_hash(GAME, world) == before
    world.rng.next32()
    assert world_hash(GAME, world) != before


def test_history_is_part_of_the_state() -> None:
    simulation = played(50)
    before = world_hash(GAME, simulation.world)
    simulation.history.moments.pop()
    assert world_hash(GAME, simulation.world) != before


def test_the_present_has_a_hash_of_its_own_that_a_dump_gives_too() -> None:
    world = played(40).world
    present = present_hash(GAME, world)
    assert present_hash_of(dump_world(GAME, world)) == present
    assert present != world_hash(GAME, world)
    assert present_hash(GAME, played(41).world) != present
    assert isinstance(world.past, History)
    world.past.record_nothing(Tick(99))
    assert present_hash(GAME, world) == present, "earlier worlds are not in it"


def test_a_world_without_history_is_not_dumped() -> None:
    with pytest.raises(GameFaultError):
        dump_world(GAME, World(map=MAP, options=OPTIONS, salt=1))


DUMP = dump_world(GAME, played(20).world)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=80), st.integers(0, len(DUMP) - 1).map(lambda n: DUMP[:n])))
def test_invalid_dumps_raise_one_exception_type_only(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        restore_world(GAME, MAP, OPTIONS, 1, data)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(DUMP) - 1), st.integers(0, 255))
def test_one_changed_byte_restores_or_raises_one_exception_type(place: int, value: int) -> None:
    data = bytearray(DUMP)
    data[place] = value
    try:
        restore_world(GAME, MAP, OPTIONS, 1, bytes(data))
    except ProtocolError:
        return


@pytest.mark.parametrize("value", [b"\x90", b"\x80", b"\x91\x90"])
@pytest.mark.parametrize("place", [2, 5])
def test_a_dump_that_unfolds_in_memory_is_refused_before_it_does(value: bytes, place: int) -> None:
    parts = [b"\x01", b"\x05", *[b"\x90"] * 4]
    count = (1 << 20) // len(value)
    parts[place] = b"\xdd" + count.to_bytes(4, "big") + value * count
    data = b"\x96" + b"".join(parts)
    with memory_below(44 << 20), pytest.raises(ProtocolError, match="more values than it may"):
        restore_world(GAME, MAP, OPTIONS, 1, data)


def test_small_worlds_with_many_moments_and_freed_ids_are_restored() -> None:
    past = History(1000)
    world = World(map=MAP, options=OPTIONS, salt=1, rng=Rng(1, 1), past=past)
    for tick in range(2000):
        past.moments.append((Tick(tick % 100), {}))
    world.restore_identity(5, [(EntityId(n % 100), Tick(n % 100)) for n in range(MOST_ENTITIES)])
    assert restored(world).identity() == world.identity()


def test_another_version_is_refused() -> None:
    parts = msgpack.unpackb(DUMP)
    parts[0] += 1
    with pytest.raises(ProtocolError, match="version"):
        restore_world(GAME, MAP, OPTIONS, 1, msgpack.packb(parts))
