"""Exact charges of work: handshakes, messages, pings, and the debts that they make."""

import pytest
from trio.testing import MockClock

from gameserver.rooms.limits.rules import RoomRules
from gameserver.service.overload.work import HANDSHAKE_S, LIFE_S, MESSAGE_S, REQUEST_S, Work
from gameserver.service.runtime import Runtime

RULES = RoomRules()
EXACT = 2e-6
"""Waits are rounded up by a microsecond."""

HERE, THERE = "192.0.2.1", "198.51.100.1"


class Costs:
    """Work whose processor time is set by a test."""

    def __init__(self) -> None:
        self.spent_s = 0.0
        self.work = Work(RULES, Runtime(thread_s=lambda: self.spent_s))

    def debt_s(self, address: str) -> float:
        """Return the processor time that an address owes: its whole budget is spent first."""
        self.work._addresses.spend(address, RULES.address_work_burst_s, 0.0)
        return self.work._addresses.wait(address, 0.0) * RULES.address_work_share


async def test_connecting_and_plain_requests_cost_their_address(
    autojump_clock: MockClock,
) -> None:
    assert isinstance(autojump_clock, MockClock)
    costs = Costs()
    await costs.work.admit(HERE)
    assert costs.debt_s(HERE) == pytest.approx(HANDSHAKE_S, abs=EXACT)
    await costs.work.asked(THERE)
    assert costs.debt_s(THERE) == pytest.approx(REQUEST_S, abs=EXACT)


async def test_a_message_costs_its_handler_and_a_fixed_part_also_when_it_fails(
    autojump_clock: MockClock,
) -> None:
    assert isinstance(autojump_clock, MockClock)
    costs = Costs()
    own = costs.work.budget()
    with costs.work.counted(HERE, own):
        costs.spent_s += 0.002

    def fail() -> None:
        with costs.work.counted(HERE, own):
            costs.spent_s += 0.003
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    cost = 0.005 + 2 * MESSAGE_S
    assert costs.debt_s(HERE) == pytest.approx(cost, abs=EXACT)
    own.spend(RULES.connection_work_burst_s, 0.0)
    owed = own.wait(0.0) * RULES.connection_work_share
    assert owed == pytest.approx(cost, abs=EXACT)


async def test_pings_cost_their_number_and_the_longer_debt_is_returned(
    autojump_clock: MockClock,
) -> None:
    assert isinstance(autojump_clock, MockClock)
    costs = Costs()
    own = costs.work.budget()
    assert costs.work.alive(HERE, own, 3) == 0
    costs.work._addresses.spend(HERE, RULES.address_work_burst_s, 0.0)
    address_s = 4 * LIFE_S / RULES.address_work_share
    assert costs.work.alive(HERE, own, 1) == pytest.approx(address_s, abs=EXACT)
    own.spend(RULES.connection_work_burst_s, 0.0)
    own_s = 5 * LIFE_S / RULES.connection_work_share
    address_s = 5 * LIFE_S / RULES.address_work_share
    assert costs.work.alive(HERE, own, 1) == pytest.approx(max(own_s, address_s), abs=EXACT)


async def test_an_address_is_remembered_only_while_somebody_waits(
    autojump_clock: MockClock,
) -> None:
    costs = Costs()
    costs.work.spent(HERE, costs.work.budget(), 2 * RULES.address_work_burst_s)
    await costs.work.wait(HERE, costs.work.budget())
    assert autojump_clock.current_time() > 0
    assert costs.work._queues == {}
