"""The bad line: order kept, nothing lost, the same every time."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gameserver.client.link.conditions import Conditions, DelayLane, lanes

GAPS = st.lists(st.floats(0.0, 0.5), min_size=1, max_size=60)
LINES = st.builds(
    Conditions,
    lag_ms=st.floats(0, 400),
    jitter_ms=st.floats(0, 200),
    stall_s=st.floats(0, 3),
    stall_every_s=st.sampled_from([0.0, 0.5, 4.0]),
    seed=st.integers(0, 9),
)


def dues(lane: DelayLane, gaps: list[float]) -> list[tuple[float, float]]:
    """Put one message in after each gap; return when each went in and was due."""
    now, found = 0.0, []
    for number, gap in enumerate(gaps):
        now += gap
        before = len(lane)
        lane.put(number.to_bytes(2, "big"), now)
        assert len(lane) == before + 1
        found.append((now, lane._last_due))
    return found


@given(LINES, GAPS)
def test_messages_keep_their_order_and_none_is_lost(
    conditions: Conditions, gaps: list[float]
) -> None:
    lane, _ = lanes(conditions, 0.0)
    dues(lane, gaps)
    out = lane.take_due(float("inf"))
    assert out == [number.to_bytes(2, "big") for number in range(len(gaps))]
    assert len(lane) == 0


@given(LINES, GAPS)
def test_the_same_seed_gives_the_same_delays(conditions: Conditions, gaps: list[float]) -> None:
    assert dues(lanes(conditions, 0.0)[1], gaps) == dues(lanes(conditions, 0.0)[1], gaps)


@given(st.integers(0, 99), GAPS)
def test_each_direction_has_half_the_lag_plus_or_minus_half_the_jitter(
    seed: int, gaps: list[float]
) -> None:
    lane, _ = lanes(Conditions(lag_ms=200, jitter_ms=40, seed=seed), 0.0)
    earlier = 0.0
    for sent, due in dues(lane, gaps):
        assert due >= sent + 0.08 - 1e-9
        assert due <= max(earlier, sent + 0.12) + 1e-9
        earlier = due


def test_a_stalled_connection_delivers_nothing_and_then_everything() -> None:
    up, down = lanes(Conditions(stall_s=2.0, stall_every_s=4.0, seed=3), 0.0)
    sent_and_due = dues(up, [0.05] * 400)
    held = [(sent, due) for sent, due in sent_and_due if due > sent + 0.01]
    first_start, first_end = held[0]
    same_stall = [sent for sent, due in held if due == first_end]
    assert first_end - first_start > 1.9
    assert len(same_stall) > 30
    assert [due for _, due in dues(down, [0.05] * 400)] == [due for _, due in sent_and_due]


def test_a_connection_without_conditions_is_perfect() -> None:
    assert Conditions().perfect
    assert Conditions(stall_s=3.0).perfect
    assert not Conditions(stall_s=3.0, stall_every_s=1.0).perfect
    assert Conditions(stall_every_s=1.0).perfect
    assert not Conditions(jitter_ms=1.0).perfect
    assert not Conditions(lag_ms=1.0).perfect
    assert not Conditions(stall_s=0.5, stall_every_s=0.5).perfect
    assert not Conditions(lag_ms=0.5).perfect
    assert not Conditions(jitter_ms=0.5).perfect
    assert Conditions().seed == 0


def test_messages_that_are_not_due_are_kept() -> None:
    lane, _ = lanes(Conditions(lag_ms=100), 0.0)
    lane.put(b"a", 0.0)
    assert lane.next_due == 0.05
    assert lane.take_due(0.049) == []
    assert lane.take_due(0.05) == [b"a"]
    assert lane.next_due is None


def stalls_of(conditions: Conditions, began: float, seconds: float) -> list[tuple[float, float]]:
    """Return begin and end of each stall, exact to a hundredth of a second."""
    lane, _ = lanes(conditions, began)
    found: dict[float, float] = {}
    for step in range(int(seconds * 100)):
        sent = began + step / 100
        lane.put(b"", sent)
        if lane._last_due > sent + 1e-9:
            found.setdefault(lane._last_due, sent)
    return [(first, end) for end, first in found.items()]


@given(st.integers(0, 999), st.sampled_from([0.0, 1000.0]))
@settings(max_examples=20)
def test_stalls_have_their_length_and_begin_at_times_spread_around_the_mean(
    seed: int, began: float
) -> None:
    conditions = Conditions(stall_s=0.5, stall_every_s=2.0, seed=seed)
    stalls = stalls_of(conditions, began, 40.0)
    assert 40 / 3.5 - 1 <= len(stalls) <= 40 / 1.5
    earlier = began
    for first, end in stalls[:-1]:
        assert 1.0 - 0.02 <= first - earlier <= 3.0 + 0.02
        assert abs(end - first - 0.5) <= 0.011
        earlier = end


def test_jitter_without_lag_is_never_early() -> None:
    lane, _ = lanes(Conditions(jitter_ms=100, seed=1), 0.0)
    late = [due - sent for sent, due in dues(lane, [1.0] * 50)]
    assert min(late) == 0
    assert 0.04 < max(late) <= 0.05
