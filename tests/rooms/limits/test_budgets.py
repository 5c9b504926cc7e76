"""Budgets: a cost is spent after the work, a debt is waited for and is never without end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.rooms.limits.budgets import Budget, BudgetTable


def test_a_debt_causes_a_wait_and_is_then_paid() -> None:
    budget = Budget(rate=10.0, burst=20.0)
    budget.spend(15.0, 0.0)
    assert budget.wait(0.0) == 0.0, "what is left may be spent"
    budget.spend(15.0, 0.0)
    assert budget.wait(0.0) == pytest.approx(1.0, abs=1e-3)
    assert budget.wait(budget.wait(0.0)) == 0.0, "the promised time is kept"


def test_the_wait_after_any_piece_of_work_is_at_most_the_burst_over_the_rate() -> None:
    budget = Budget(rate=10.0, burst=20.0)
    budget.spend(1e9, 0.0)
    assert budget.wait(0.0) == pytest.approx(2.0, abs=1e-3)


def test_earnings_pay_a_debt_and_fill_the_budget_up_to_the_burst() -> None:
    budget = Budget(rate=1.0, burst=10.0)
    budget.spend(15.0, 0.0)
    budget.earn(6.0)
    assert budget.wait(0.0) == 0.0
    budget.earn(1e9)
    budget.spend(10.5, 0.0)
    assert budget.wait(0.0) > 0.0


@given(st.lists(st.tuples(st.floats(0, 50), st.floats(0, 10)), max_size=40))
def test_spending_is_bounded_by_burst_and_rate_plus_one_piece_of_work(
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


def test_keys_have_budgets_of_their_own_and_the_empty_key_has_no_limit() -> None:
    table = BudgetTable(rate=1.0, burst=5.0, limit=10)
    table.spend("a", 9.0, 0.0)
    table.spend("", 9.0, 0.0)
    assert table.wait("a", 0.0) > 0.0
    assert table.wait("b", 0.0) == table.wait("", 0.0) == 0.0
    assert len(table) == 1
    table.forget("a")
    assert table.wait("a", 0.0) == 0.0


def test_a_full_table_drops_budgets_without_debt_first_then_the_least_recently_used() -> None:
    table = BudgetTable(rate=1.0, burst=5.0, limit=3)
    for key in ("a", "b", "c"):
        table.spend(key, 1.0, 0.0)
    table.spend("d", 9.0, 10.0)
    assert len(table) == 1, "the others are full again"
    for key in ("e", "f", "g"):
        table.spend(key, 9.0, 10.0)
    assert len(table) <= 3
    assert table.wait("g", 10.0) > 0.0


def test_time_refills_a_budget_before_a_cost_is_spent_and_not_after() -> None:
    budget = Budget(rate=1.0, burst=20.0)
    budget.spend(20.0, 0.0)
    budget.spend(25.0, 100.0)
    assert budget.wait(100.0) == pytest.approx(5.0, abs=1e-3)
    budget.spend(1.0, 99.0)
    assert budget.wait(99.0) == pytest.approx(6.0, abs=1e-3)
    budget.earn(1.0)
    budget.earn(5.0)
    assert budget.wait(105.0) == 0.0
    budget.spend(5.5, 105.0)
    assert budget.wait(105.0) == pytest.approx(0.5, abs=1e-3)


def test_at_a_level_of_exactly_zero_the_wait_is_as_short_as_can_be() -> None:
    budget = Budget(rate=10.0, burst=20.0)
    budget.spend(20.0, 0.0)
    assert 0.0 < budget.wait(0.0) < 1e-3


def test_earnings_of_a_key_pay_its_own_debt_and_make_no_new_key() -> None:
    table = BudgetTable(rate=1.0, burst=5.0, limit=10)
    for key in ("a", "b"):
        table.spend(key, 9.0, 0.0)
    table.earn("a", 4.5)
    table.earn("c", 4.5)
    assert table.wait("a", 0.0) == 0.0
    assert table.wait("b", 0.0) == pytest.approx(4.0, abs=1e-3)
    assert len(table) == 2
