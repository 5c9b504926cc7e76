"""What handling messages costs, by connection and by address, in processor time.

Law: who is in debt is not read from until the debt is paid by time. What it sends waits in its own
kernel meanwhile and costs nothing; nothing is refused and nothing is lost. That counts before a
hello too, handshakes included. Inputs of a match never wait here; those of nobody who is in a
match do, like any message.

Turns (:mod:`gameserver.service.overload.turns`) keep the loop free in one moment, whoever asks;
these budgets let one address take little from the others for long (threat 37).

Those of one address who wait stand in a queue, and only the first of them sleeps: if all woke when
the debt is paid, all but one would find it made again, and waking hundreds in vain costs several
times what the budget allows.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

import trio

from gameserver.rooms.limits.budgets import Budget, BudgetTable
from gameserver.rooms.limits.rules import RoomRules
from gameserver.service.clock import Clock

HANDSHAKE_S: Final = 0.001
"""What a connection costs until its first message, as measured; charged when it comes."""

MESSAGE_S: Final = 0.0001
"""What a message costs until its handler has it, in the WebSocket library and two tasks, as
measured: ten times what the handler of a small one takes (threat 37)."""

Stopwatch = Callable[[], float]


class Work:
    """Charges connections and their addresses for the loop's time."""

    def __init__(
        self, rules: RoomRules, clock: Clock, stopwatch: Stopwatch = time.thread_time
    ) -> None:
        """Begin with everybody free of debt. ``stopwatch`` measures cost only."""
        self._rules = rules
        self._clock = clock
        self._stopwatch = stopwatch
        self._addresses = BudgetTable(
            rules.address_work_share, rules.address_work_burst_s, rules.addresses
        )
        self._queues: dict[str, trio.Lock] = {}
        """Of each address for which somebody waits: its head has the lock, which is fair."""

    def budget(self) -> Budget:
        """Return the budget of a new connection."""
        return Budget(self._rules.connection_work_share, self._rules.connection_work_burst_s)

    async def wait(self, address: str, own: Budget) -> None:
        """Wait until neither is in debt; returns at once, without a checkpoint, where none is."""
        await self._paid(own.wait)
        if address in self._queues or self._addresses.wait(address, self._clock.now()):
            await self._queue(address)

    async def _queue(self, address: str) -> None:
        """Wait behind those of this address who came before, and then for its debt to be paid."""
        queue = self._queues.setdefault(address, trio.Lock())
        try:
            async with queue:
                await self._paid(partial(self._addresses.wait, address))
        finally:
            if not queue.locked():
                self._queues.pop(address, None)

    async def _paid(self, owed: Callable[[float], float]) -> None:
        """Sleep until nothing is owed; more may come to it meanwhile."""
        while True:
            debt_s = owed(self._clock.now())
            if not debt_s:
                return
            await trio.sleep(debt_s)

    async def admit(self, address: str) -> None:
        """Wait until a new connection of this address may begin its handshake, and charge it."""
        await self.wait(address, self.budget())
        self._addresses.spend(address, HANDSHAKE_S, self._clock.now())

    @contextmanager
    def counted(self, address: str, own: Budget) -> Iterator[None]:
        """Charge for a message, and for what the block does with it."""
        began = self._stopwatch()
        try:
            yield
        finally:
            self.spent(address, own, self._stopwatch() - began + MESSAGE_S)

    def spent(self, address: str, own: Budget, seconds: float) -> None:
        """Charge a connection and its address."""
        now = self._clock.now()
        own.spend(seconds, now)
        self._addresses.spend(address, seconds, now)
