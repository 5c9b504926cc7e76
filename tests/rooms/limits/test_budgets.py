"""Budgets: a cost is spent after the work, a debt is waited for and is never without end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.rooms.limits.budgets import Budget, BudgetTable


def test_a_debt_is_waited_for_and_then_paid() -> None:
    budget = Budget(rate=10.0, burst=20.0)
    budget.spend(15.0, 0.0)
    assert budget.wait(0.0) == 0.0, "what is left may be spent"
    budget.spend(15.0, 0.0)
    assert budget.wait(0.0) == pytest.approx(1.0, abs=1e-3)
    assert budget.wait(budget.wait(0.0)) == 0.0, "the promised time is kept"


def test_the_dearest_piece_of_work_locks_nobody_out_for_longer_than_the_burst_lasts() -> None:
    budget = Budget(rate=10.0, burst=20.0)
    budget.spend(1e9, 0.0)
    assert budget.wait(0.0) == pytest.approx(2.0, abs=1e-3)


def test_what_is_earned_pays_a_debt_and_fills_up_to_the_burst_only() -> None:
    budget = Budget(rate=1.0, burst=10.0)
    budget.spend(15.0, 0.0)
    budget.earn(6.0, 0.0)
    assert budget.wait(0.0) == 0.0
    budget.earn(1e9, 0.0)
    budget.spend(10.5, 0.0)
    assert budget.wait(0.0) > 0.0


@given(st.lists(st.tuples(st.floats(0, 50), st.floats(0, 10)), max_size=40))
def test_nobody_spends_more_than_burst_and_rate_allow_but_for_one_last_piece(
    work: list[tuple[float, float]],
) -> None:
    budget = Budget(rate=2.0, burst=20.0)
    now = spent = largest = 0.0
    for cost, pause in work:
        now += pause
        if budget.wait(now) == 0.0:
            budget.spend(cost, now)
            spent += cost
            largest = max(largest, cost)
    # A debt deeper than the burst is forgiven, once for each such piece of work.
    forgiven = max(0.0, largest - 20.0) * len(work)
    assert spent <= 20.0 + 2.0 * now + largest + forgiven + 1e-3


def test_keys_share_nothing_and_nobody_in_particular_has_no_limit() -> None:
    table = BudgetTable(rate=1.0, burst=5.0, limit=10)
    table.spend("a", 9.0, 0.0)
    table.spend("", 9.0, 0.0)
    assert table.wait("a", 0.0) > 0.0
    assert table.wait("b", 0.0) == table.wait("", 0.0) == 0.0
    assert len(table) == 1
    table.forget("a")
    assert table.wait("a", 0.0) == 0.0


def test_a_full_table_forgets_who_owes_nothing_and_else_who_was_not_heard_of_longest() -> None:
    table = BudgetTable(rate=1.0, burst=5.0, limit=3)
    for key in ("a", "b", "c"):
        table.spend(key, 1.0, 0.0)
    table.spend("d", 9.0, 10.0)
    assert len(table) == 1, "the others are full again"
    for key in ("e", "f", "g"):
        table.spend(key, 9.0, 10.0)
    assert len(table) <= 3
    assert table.wait("g", 10.0) > 0.0
