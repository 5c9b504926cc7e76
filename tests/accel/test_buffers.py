"""Inputs are addressed to ticks, and one per tick counts."""

from hypothesis import given
from hypothesis import strategies as st

from gameserver.accel import HotPath, InputBuffer
from gameserver.ids import Tick
from gameserver.netcode.timing.inputs import AHEAD_S, MARGIN_S, REPEAT_S, buffer_rules
from gameserver.protocol.inputs import input_table
from gameserver.testing.skirmish import SkirmishCommand

RATE = 30


def buffer(hot: HotPath) -> InputBuffer:
    return hot.input_buffer(input_table(SkirmishCommand), buffer_rules(RATE))


def moving(move: int, **pressed: bool) -> SkirmishCommand:
    return SkirmishCommand(move=move, **pressed)


def put(inputs: InputBuffer, now: int, seq: int, tick: int, command: SkirmishCommand) -> bool:
    return inputs.put(Tick(now), seq, Tick(tick), command.to_row(), command.view)


def test_an_input_waits_for_its_tick(hot: HotPath) -> None:
    inputs = buffer(hot)
    assert put(inputs, 10, 1, 13, moving(3, throw=True))
    taken = [inputs.take(Tick(tick)) for tick in (11, 12, 13)]
    assert taken == [moving(0), moving(0), moving(3, throw=True)]


def test_late_input_is_counted_and_not_applied(hot: HotPath) -> None:
    inputs = buffer(hot)
    assert not put(inputs, 10, 1, 10, moving(3))
    assert inputs.take(Tick(11)) == moving(0)
    assert (inputs.counts.late, inputs.counts.applied) == (1, 0)


def test_an_input_too_far_ahead_is_dropped(hot: HotPath) -> None:
    inputs = buffer(hot)
    last = 10 + 1 + int(AHEAD_S * RATE)
    assert put(inputs, 10, 1, last, moving(1))
    assert not put(inputs, 10, 2, last + 1, moving(1))
    assert inputs.counts.early == 1


def test_an_input_too_far_ahead_is_measured_so_that_the_lead_is_cut(hot: HotPath) -> None:
    inputs = buffer(hot)
    ahead = int(AHEAD_S * RATE)
    put(inputs, 10, 1, 10 + 1 + ahead + 1, moving(1))
    assert inputs.smallest_margin(Tick(10)) == ahead + 1
    inputs.forget_margins()
    put(inputs, 12, 2, 1 << 40, moving(1))
    assert inputs.smallest_margin(Tick(12)) == ahead + 1


def test_the_first_input_for_a_tick_counts(hot: HotPath) -> None:
    inputs = buffer(hot)
    put(inputs, 0, 1, 1, moving(1))
    assert not put(inputs, 0, 2, 1, moving(2))
    assert inputs.take(Tick(1)) == moving(1)
    assert inputs.counts.doubled == 1


def test_a_sequence_number_is_applied_once_for_a_tick_or_for_the_next_tick(hot: HotPath) -> None:
    inputs = buffer(hot)
    put(inputs, 0, 5, 1, moving(1))
    assert not put(inputs, 0, 5, 2, moving(2))
    assert not put(inputs, 0, 4, 3, moving(2))
    assert not put(inputs, 0, 5, 0, moving(2))
    assert inputs.counts.doubled == 3
    assert inputs.last_seq == 5


def test_a_missing_input_repeats_levels_without_edges_and_then_is_neutral(hot: HotPath) -> None:
    inputs = buffer(hot)
    put(inputs, 0, 1, 1, moving(2, throw=True))
    assert inputs.take(Tick(1)) == moving(2, throw=True)
    repeats = int(REPEAT_S * RATE)
    assert [inputs.take(Tick(t)) for t in range(2, 2 + repeats)] == [moving(2)] * repeats
    assert inputs.take(Tick(2 + repeats)) == moving(0)
    assert inputs.counts.missed == repeats + 1


def test_inputs_for_the_next_tick_join_their_edges(hot: HotPath) -> None:
    inputs = buffer(hot)
    put(inputs, 4, 1, 0, moving(1, throw=True))
    put(inputs, 4, 2, 0, moving(2, shoot=True))
    assert inputs.take(Tick(5)) == moving(2, throw=True, shoot=True)
    assert inputs.take(Tick(6)) == moving(2)


def test_the_smallest_margin_is_of_the_last_seconds(hot: HotPath) -> None:
    inputs = buffer(hot)
    put(inputs, 0, 1, 2, moving(1))
    window = int(MARGIN_S * RATE)
    for now in range(10, window):
        put(inputs, now, now, now + 5, moving(1))
        assert inputs.smallest_margin(Tick(now)) == (1 if now < 2 * (window // 2) else 4)
    assert inputs.smallest_margin(Tick(window)) == 4


Sent = st.tuples(st.integers(1, 60), st.integers(0, 90), st.integers(0, 4), st.booleans())


@given(st.lists(st.lists(Sent, max_size=6), min_size=1, max_size=50))
def test_any_inputs_give_one_legal_command_per_tick(
    hot: HotPath,
    ticks: list[list[tuple[int, int, int, bool]]],
) -> None:
    inputs = buffer(hot)
    sent = 0
    for now, messages in enumerate(ticks):
        for seq, tick, move, throw in messages:
            put(inputs, now, seq, tick, moving(move, throw=throw))
            sent += 1
        command = inputs.take(Tick(now + 1))
        assert command in {moving(m, throw=t) for m in range(5) for t in (False, True)}
    counts = inputs.counts
    assert counts.applied <= min(len(ticks), sent)
    assert counts.late + counts.early + counts.doubled + counts.applied <= sent
    ahead = int(AHEAD_S * RATE)
    coming = [inputs.take(Tick(len(ticks) + 1 + n)) for n in range(2 * ahead)]
    assert counts.applied <= len(ticks) + ahead + 1
    assert coming[-1] == moving(0)
