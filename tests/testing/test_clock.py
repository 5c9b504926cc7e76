"""Virtual time stands while tasks run, and leaps to the next deadline when all of them wait."""

import time
from math import inf

import trio

from gameserver.testing.clock import LeapClock


def test_deadlines_are_reached_in_order_without_waiting() -> None:
    woken: list[tuple[str, float]] = []

    async def sleeper(name: str, seconds: float) -> None:
        await trio.sleep(seconds)
        woken.append((name, trio.current_time()))

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            for name, seconds in (("late", 86_400.0), ("soon", 0.5), ("then", 3_600.0)):
                nursery.start_soon(sleeper, name, seconds)

    began = time.monotonic()
    trio.run(main, clock=LeapClock())
    assert woken == [("soon", 0.5), ("then", 3_600.0), ("late", 86_400.0)]
    assert time.monotonic() - began < 60


def test_time_does_not_pass_while_a_task_runs() -> None:
    async def main() -> list[float]:
        times = []
        with trio.move_on_after(1.0):
            for _ in range(50):
                await trio.lowlevel.checkpoint()
                times.append(trio.current_time())
            await trio.sleep_forever()
        return [*times, trio.current_time()]

    assert trio.run(main, clock=LeapClock()) == [0.0] * 50 + [1.0]


class Bells:
    """Happenings at given times, which record the time and set an event."""

    def __init__(self, *times: float) -> None:
        self.left = list(times)
        self.rung: list[float] = []
        self.event = trio.Event()

    def next_due(self) -> float:
        return self.left[0] if self.left else inf

    def happen(self) -> None:
        while self.left and self.left[0] <= trio.current_time():
            self.rung.append(self.left.pop(0))
            self.event.set()


def test_outside_events_happen_at_their_time_and_wake_tasks() -> None:
    bells = Bells(0.25, 0.5, 3.0)

    async def main() -> list[float]:
        await bells.event.wait()
        times = [trio.current_time()]
        await trio.sleep(1.0)
        times.append(trio.current_time())
        bells.event = trio.Event()
        await bells.event.wait()  # no deadline is left: only the bell can end this
        return [*times, trio.current_time()]

    assert trio.run(main, clock=LeapClock(bells)) == [0.25, 1.25, 3.0]
    assert bells.rung == [0.25, 0.5, 3.0]


def test_what_happens_at_a_deadline_happens_before_it() -> None:
    async def main() -> list[float]:
        bells = Bells(1.0)
        clock._happenings = bells
        with trio.move_on_after(1.0) as scope:
            await bells.event.wait()
        assert not scope.cancelled_caught
        return bells.rung

    clock = LeapClock()
    assert trio.run(main, clock=clock) == [1.0]


def test_without_a_deadline_and_a_happening_the_clock_waits_and_lets_nothing_happen() -> None:
    class Silent:
        def next_due(self) -> float:
            return inf

        def happen(self) -> None:
            raise AssertionError("nothing is due")

    assert LeapClock(Silent()).deadline_to_sleep_time(inf) == inf
    clock = LeapClock(Silent())
    assert (clock.deadline_to_sleep_time(2.0), clock.current_time()) == (0.0, 2.0)
