"""What is measured is decided and saved: every line is answered, and lies in the store."""

import trio

from bench.commands import saving


def test_each_line_is_answered_with_a_store_and_without() -> None:
    for saved in (False, True):
        assert trio.run(saving._once, saving.SEATS, saved) > 0


def test_the_cost_is_the_difference_of_the_medians() -> None:
    row = saving._row(2, [1.0, 5.0, 2.0], [9.0, 3.0, 8.0])
    assert (row["cost_us"], row["least_us"], row["most_us"]) == (6.0, 3.0, 9.0)
