"""The time of authors' handlers: charged to players and addresses, and spread over rounds.

Law: a handler begins when its player's connection and address have no debt, and when the present
round of the loop has time left. So a flood of expensive events makes the player who sends it wait,
and nobody else. A single step of a handler cannot be interrupted; it is reported if it is long
(threat 37).
"""

from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, TypeAlias

import attrs

from gameserver.ids import PlayerId
from gameserver.rooms.limits.budgets import Budget
from gameserver.rooms.state.session import Session
from gameserver.service.connections import Connections
from gameserver.service.overload.turns import Turns
from gameserver.service.overload.work import Work
from gameserver.service.runtime import Runtime

Took: TypeAlias = Callable[[float], None]
"""Told for how many seconds a step held the loop."""


@attrs.frozen(eq=False)
class HandlerTime:
    """Lets handlers wait for their time, and charges it."""

    _work: Work
    _turns: Turns
    _runtime: Runtime
    _connections: Connections
    _session: Callable[[PlayerId], Session | None]

    async def wait_turn(self) -> None:
        """Wait for a round that has time left; return without a checkpoint if this one has."""
        await self._turns.wait()

    async def wait(self, player_id: PlayerId) -> None:
        """Wait until the player owes no time, then as `wait_turn`."""
        await self._work.wait(*self._payers(player_id))
        await self._turns.wait()

    async def measured(
        self, player_id: PlayerId, call: Callable[[], Awaitable[Any]], told: Took
    ) -> Any:
        """Run a call, and charge the player for each of its steps; return what it returns."""

        def took(seconds: float, thread_s: float) -> None:
            self._turns.spend(seconds)
            self._work.spent(*self._payers(player_id), thread_s)
            told(seconds)

        runtime = self._runtime
        # Called in here: what a plain function does before it returns its awaitable counts, too.
        return await _Measured(_called(call), runtime.stopwatch, runtime.thread_s, took)

    def _payers(self, player_id: PlayerId) -> tuple[str, Budget]:
        session, line = self._session(player_id), self._connections.line(player_id)
        own = None if line is None else line.own
        return "" if session is None else session.address, own or self._work.budget()


async def _called(call: Callable[[], Awaitable[Any]]) -> Any:
    return await call()


@attrs.frozen(eq=False)
class _Measured:
    """An awaitable that measures for how long each step of a coroutine holds the loop."""

    _steps: Coroutine[Any, Any, Any]
    _stopwatch: Callable[[], float]
    _thread_s: Callable[[], float]
    _took: Callable[[float, float], None]

    def __await__(self) -> Generator[Any, Any, Any]:
        steps = self._steps
        value: Any = None
        error: BaseException | None = None
        while True:
            began, worked = self._stopwatch(), self._thread_s()
            try:
                yielded = steps.send(value) if error is None else steps.throw(error)
            except StopIteration as end:
                return end.value
            finally:
                self._took(self._stopwatch() - began, self._thread_s() - worked)
            try:
                value, error = (yield yielded), None
            except BaseException as raised:  # handed on into the author's function
                error = raised
