"""Integer geometry against the exact mathematics."""

import math

from hypothesis import assume, example, given
from hypothesis import strategies as st

from gameserver.game.fixed import (
    ONE,
    TURN,
    angle_of,
    clamp,
    cos1024,
    div_round,
    length,
    lerp,
    lerp_wrapped,
    scale_to,
    sin1024,
    vector,
    wrap_signed,
)

coordinates = st.integers(-(2**40), 2**40)
near = st.integers(-(2**17), 2**17)


def test_every_sine_is_the_true_sine_rounded_to_nearest() -> None:
    for angle in range(TURN):
        assert sin1024(angle) == round(math.sin(2 * math.pi * angle / TURN) * ONE)


@given(st.integers())
def test_any_integer_is_an_angle_and_cosine_is_sine_plus_a_quarter_turn(angle: int) -> None:
    assert sin1024(angle) == sin1024(angle % TURN)
    assert cos1024(angle) == sin1024(angle + TURN // 4)


@given(near, near)
def test_angle_of_is_the_nearest_step(dx: int, dy: int) -> None:
    assume(dx or dy)
    exact = math.atan2(dy, dx) * TURN / (2 * math.pi)
    off = wrap_signed(angle_of(dx, dy) * 1000 - round(exact * 1000), TURN * 1000)
    assert abs(off) <= 501


def test_angle_of_runs_clockwise_on_the_screen_from_east() -> None:
    directions = [(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)]
    assert [angle_of(*direction) for direction in directions] == list(range(0, TURN, TURN // 8))
    assert angle_of(0, 0) == 0


@given(coordinates, coordinates)
def test_opposite_vectors_point_in_opposite_directions(dx: int, dy: int) -> None:
    assume(dx or dy)
    assert angle_of(-dx, -dy) == (angle_of(dx, dy) + TURN // 2) % TURN


@given(st.integers(0, TURN - 1), st.integers(2**12, 2**20))
def test_a_vector_has_the_given_angle(angle: int, wanted: int) -> None:
    assert angle_of(*vector(angle, wanted)) == angle


@given(st.integers(), st.integers(0, 2**20))
def test_vectors_of_opposite_angles_cancel(angle: int, wanted: int) -> None:
    dx, dy = vector(angle, wanted)
    assert vector(angle + TURN // 2, wanted) == (-dx, -dy)


@given(coordinates, coordinates)
def test_length_is_rounded_down(dx: int, dy: int) -> None:
    assert length(dx, dy) ** 2 <= dx * dx + dy * dy < (length(dx, dy) + 1) ** 2


@given(coordinates, coordinates, st.integers(0, 2**20))
@example(3, 4, 10)
def test_scaling_gives_the_length_within_one_unit(dx: int, dy: int, wanted: int) -> None:
    assume(dx or dy)
    now = math.hypot(*scale_to(dx, dy, wanted))
    # A vector of a few units has a length known to 1/256 only.
    slack = 1 + wanted / (128 * math.hypot(dx, dy))
    assert abs(now - wanted) <= slack


def test_scaling_keeps_directions_and_leaves_zero() -> None:
    assert scale_to(3, 4, 10) == (6, 8)
    assert scale_to(-300, -400, 5) == (-3, -4)
    assert scale_to(0, 0, 7) == (0, 0)


@given(st.integers(), st.integers(1))
def test_rounding_is_to_nearest_and_symmetric(numerator: int, denominator: int) -> None:
    rounded = div_round(numerator, denominator)
    assert abs(2 * (numerator - rounded * denominator)) <= denominator
    assert div_round(-numerator, denominator) == -rounded


def test_ties_are_rounded_away_from_zero() -> None:
    assert [div_round(n, 2) for n in (-3, -1, 1, 3)] == [-2, -1, 1, 2]


def test_clamp_keeps_values_within_the_bounds_and_moves_others_to_a_bound() -> None:
    assert [clamp(value, -1, 3) for value in (-5, -1, 0, 3, 9)] == [-1, -1, 0, 3, 3]


@given(st.integers(), st.sampled_from([2, 7, TURN]))
def test_wrapped_differences_take_the_short_way(difference: int, wrap: int) -> None:
    short = wrap_signed(difference, wrap)
    assert -(wrap // 2) <= short <= wrap - wrap // 2 - 1
    assert (short - difference) % wrap == 0


@given(near, near, st.integers(0, 64))
def test_lerp_gives_both_ends_and_values_between_them(a: int, b: int, num: int) -> None:
    assert lerp(a, b, 0, 64) == a
    assert lerp(a, b, 64, 64) == b
    assert min(a, b) <= lerp(a, b, num, 64) <= max(a, b)


def test_lerp_rounds_a_tie_away_from_where_it_starts() -> None:
    assert lerp(0, 1, 1, 2) == 1
    assert lerp(1, 0, 1, 2) == 0


def test_lerp_of_angles_crosses_zero_the_short_way() -> None:
    assert lerp_wrapped(1000, 24, 1, 2, TURN) == 0
    assert lerp_wrapped(24, 1000, 1, 4, TURN) == 12
