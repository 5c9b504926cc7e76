"""Expressions of generated functions: numbers with a wrap go round, others do not."""

from hypothesis import given
from hypothesis import strategies as st

from gameserver.game.codegen.arithmetic import short_way, wrapped

NUMBERS = st.integers(-5000, 5000)
WRAPS = st.integers(1, 2048)


def value_of(expression: str, number: int) -> int:
    found = eval(expression, {"n": number})
    assert isinstance(found, int)
    return found


@given(NUMBERS)
def test_without_a_wrap_a_number_stays_as_it_is(number: int) -> None:
    assert value_of(short_way("n", None), number) == number
    assert value_of(wrapped("n", None), number) == number


@given(NUMBERS, WRAPS)
def test_a_difference_goes_the_short_way_round_to_the_same_place(number: int, wrap: int) -> None:
    short = value_of(short_way("n", wrap), number)
    assert (short - number) % wrap == 0
    assert -wrap // 2 <= short <= wrap // 2


@given(NUMBERS, WRAPS)
def test_a_value_is_brought_into_its_range(number: int, wrap: int) -> None:
    assert value_of(wrapped("n - 1", wrap), number) == (number - 1) % wrap
