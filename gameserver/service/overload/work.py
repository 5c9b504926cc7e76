"""Budgets of processor time for the handling of messages, per connection and per address.

Law: the server does not read from a connection in debt until time has paid the debt. Meanwhile the
peer's messages wait in its own kernel and cost the server nothing; none is refused and none is
lost. This holds before a hello too, handshakes included. Inputs never wait here; those outside of
a match are charged as pings are.

Turns (:mod:`gameserver.service.overload.turns`) bound the time of all requests at one moment; these
budgets bound the time that one address takes from the others in the long run (threat 37).

The waiting connections of one address form a queue, and only the first of them sleeps. If all of
them woke when the debt is paid, the first one would make a new debt and all others would wake for
nothing; for hundreds of connections that would cost several times the budget.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

import trio

from gameserver.rooms.limits.budgets import Budget, BudgetTable
from gameserver.rooms.limits.rules import RoomRules
from gameserver.service.runtime import Runtime

HANDSHAKE_S: Final = 0.001
"""Cost of a connection until its first message, as measured; charged when it is accepted."""

REQUEST_S: Final = 0.0002
"""Cost of a request over plain HTTP without the messages in it, as measured. Fifteen players behind
one address can poll twenty times a second each; more of them poll more slowly (threat 37)."""

MESSAGE_S: Final = 0.0001
"""Cost of a message before its handler runs, in the WebSocket library and two tasks, as measured:
ten times the time of the handler of a small message (threat 37)."""

LIFE_S: Final = 0.00005
"""Cost of a ping or pong, of the protocol or of WebSocket, as measured (threat 37)."""


class Work:
    """Charges connections and their addresses for the loop's time."""

    def __init__(self, rules: RoomRules, runtime: Runtime) -> None:
        """Start without debts; cost is measured in processor time of the loop's thread."""
        self._rules = rules
        self._runtime = runtime
        self._addresses = BudgetTable(
            rules.address_work_share, rules.address_work_burst_s, rules.addresses
        )
        self._queues: dict[str, trio.Lock] = {}
        """For each address with waiting connections: the first holds the lock, which is fair."""

    def budget(self) -> Budget:
        """Return the budget of a new connection."""
        return Budget(self._rules.connection_work_share, self._rules.connection_work_burst_s)

    async def wait(self, address: str, own: Budget) -> None:
        """Wait until neither budget is in debt; without debts it returns without a checkpoint."""
        await self._paid(own.wait)
        if address in self._queues or self._addresses.wait(address, self._runtime.now()):
            await self._queue(address)

    async def _queue(self, address: str) -> None:
        """Wait behind earlier connections of this address, then until its debt is paid."""
        queue = self._queues.setdefault(address, trio.Lock())
        try:
            async with queue:
                await self._paid(partial(self._addresses.wait, address))
        finally:
            # The last one removes the queue, or addresses would be remembered for ever.
            if not queue.locked():
                self._queues.pop(address, None)

    async def _paid(self, owed: Callable[[float], float]) -> None:
        """Sleep until there is no debt; it may grow during the sleep, so it is asked again."""
        while True:
            debt_s = owed(self._runtime.now())
            if not debt_s:
                return
            await trio.sleep(debt_s)

    async def admit(self, address: str) -> None:
        """Wait until a new connection of this address may begin its handshake, and charge it."""
        await self._ahead(address, HANDSHAKE_S)

    async def asked(self, address: str) -> None:
        """Wait until a request over plain HTTP may be answered, and charge its address."""
        await self._ahead(address, REQUEST_S)

    async def _ahead(self, address: str, cost_s: float) -> None:
        await self.wait(address, self.budget())
        self._addresses.spend(address, cost_s, self._runtime.now())

    @contextmanager
    def counted(self, address: str, own: Budget) -> Iterator[None]:
        """Charge the cost of one message, and the time of the block."""
        began = self._runtime.thread_s()
        try:
            yield
        finally:
            self.spent(address, own, self._runtime.thread_s() - began + MESSAGE_S)

    @contextmanager
    def timed(self, address: str) -> Iterator[None]:
        """Charge an address for the time of the block alone."""
        began = self._runtime.thread_s()
        try:
            yield
        finally:
            self._addresses.spend(address, self._runtime.thread_s() - began, self._runtime.now())

    def alive(self, address: str, own: Budget, count: int) -> float:
        """Charge for pings and pongs, which never wait; return the seconds of the debt."""
        self.spent(address, own, count * LIFE_S)
        now = self._runtime.now()
        return max(own.wait(now), self._addresses.wait(address, now))

    def spent(self, address: str, own: Budget, seconds: float) -> None:
        """Charge a connection and its address."""
        now = self._runtime.now()
        own.spend(seconds, now)
        self._addresses.spend(address, seconds, now)
