"""Inputs that no honest client sends, and lines that break."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gameserver.client.link.conditions import Conditions
from gameserver.errors import ProtocolError
from gameserver.ids import NO_SEAT, PlayerId, Seat, Tick
from gameserver.messages.match import MatchStats
from gameserver.messages.wire import Input, Seen
from gameserver.protocol.codec import decode_client, encode
from gameserver.testing.skirmish import (
    SPEED,
    Runner,
    SkirmishCommand,
)
from tests.match.play import (
    Restless,
    place,
    stepper,
)


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
    "row",
    [
        (5, 0, 0, 0),
        (-1, 0, 0, 0),
        (0, 1024, 0, 0),
        (0, 0, 2, 0),
        (0, 0),
        (0,) * 5,
        (1.5, 0, 0, 0),
        (0, float("nan"), 0, 0),
        (0, 0, True, 0),
    ],
)
def test_a_command_out_of_bounds_is_counted_and_not_applied(row: tuple[Any, ...]) -> None:
    run = stepper(seats=1, bots=0)
    client = run.enter(Seat(0))
    client.tampers = lambda _message: None
    run.run(5)
    run.inject(client.player_id, encode(Input(1, Tick(0), Tick(0), 0, row)))
    run.run(1)
    assert run.match.counts.malformed == 1
    assert run.match.stats_of(Seat(0)) == MatchStats(malformed=1)


def is_sound(data: bytes) -> bool:
    """Tell whether a message is an acknowledgement or an input of the test's game."""
    try:
        (item,) = decode_client(data)
    except (ProtocolError, ValueError):
        return False
    if not isinstance(item, Input):
        return isinstance(item, Seen)
    fields = SkirmishCommand.fields()
    return len(item.row) == len(fields) and all(
        field.lo <= value <= field.hi for field, value in zip(fields, item.row, strict=True)
    )


@given(st.binary(max_size=40))
@example(bytes((0xC4, 9, 1, 1, 0, 0, 0, 1, 0, 0, 0)))
@example(bytes((0x92, 6, 1)))
@example(encode(Input(1, Tick(0), Tick(0), 0, (1, 0, 0, 0))))
@settings(max_examples=60, deadline=None)
def test_random_bytes_are_counted_and_harm_nothing(data: bytes) -> None:
    run = stepper(seats=1, bots=0)
    client = run.enter(Seat(0))
    client.tampers = lambda _message: None
    run.run(2)
    run.inject(client.player_id, data)
    run.inject(PlayerId("nobody"), data)
    assert run.run(2).fault is None
    assert run.match.counts.malformed == (not is_sound(data))
    if not is_sound(data):
        assert run.match.stats_of(Seat(0)).applied == 0


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
