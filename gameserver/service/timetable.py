"""The times of one match's ticks.

Law: a tick is due at ``origin + tick / rate`` and never "one period after the last tick", so the
times do not drift. A match that is late runs at most `CATCH_UP_TICKS` at once; further lost time is
shed by moving the origin. Tick numbers never skip (design, "The loop"; threat 34, the spiral of
death: Fiedler, "Fix Your Timestep!").
"""

from typing import Final, Protocol, TypeAlias

import attrs

from gameserver.service.overload.meters import TickMeter

CATCH_UP_TICKS: Final = 2
"""Most ticks that may be late before time is shed."""

OVER_BUDGET_S: Final = 5.0
"""A match whose ticks took longer than their period for this long is ended."""


Slot: TypeAlias = tuple[float, float]
"""A period, and the part of it that has passed at the ticks of some matches."""


class Steppable(Protocol):
    """A match as the ticker sees it: a tick is the calls `take_in`, `step`, `send` and `finish`.

    The calls for the ticks of other matches may come between them; nothing is awaited there.
    """

    def take_in(self) -> None:
        """Read what has been sent for the tick."""
        ...

    def step(self) -> None:
        """Run the tick's simulation."""
        ...

    def send(self) -> None:
        """Hand over what the tick has changed to the ticker's batch, which is sent behind this."""
        ...

    def finish(self) -> bool:
        """Tell others of the tick, and return whether there will be another."""
        ...

    def shed(self, ticks: int) -> None:
        """Note that the next tick and all later ones come ``ticks`` periods later."""
        ...

    def overran(self, seconds: float) -> None:
        """Note that every tick of the last ``seconds`` took longer than its period."""
        ...


@attrs.define(eq=False)
class Timetable:
    """The times of one match's ticks, and their cost.

    It does not hold the match: the match holds its timetable, and a cycle would keep an ended match
    in memory until the garbage collector looks at the oldest objects.

    Attributes:
        period: Seconds from one tick to the next.
        origin: Time of tick 0, in seconds of the loop's clock; moved by shedding.
        meter: Is told of every tick.
        slot: The period, and the part of it that has passed when a tick is due.
        done: The last tick that was run.
        shed: Ticks of lost time that was given up.
        late_max_s: The greatest lateness of a tick.
        busy_s: Time that all ticks took.
        took_s: Time that the calls of the present tick took, or of the last one.
        over_since: When the present series of ticks that took too long began.
        goes_on: Whether there will be another tick; told by the last one.
    """

    period: float
    origin: float
    meter: TickMeter = attrs.field(factory=TickMeter)
    slot: Slot = (0.0, 0.0)
    done: int = 0
    shed: int = 0
    late_max_s: float = 0.0
    busy_s: float = 0.0
    took_s: float = 0.0
    over_since: float | None = None
    goes_on: bool = attrs.field(init=False)
    _late_s: float = 0.0
    _told_s: float = 0.0

    def lately_s(self) -> float:
        """Return the time that the ticks took since the last call."""
        lately, self._told_s = self.busy_s - self._told_s, self.busy_s
        return lately

    def move(self, slot: Slot) -> None:
        """Let all later ticks be due in another slot of the period; the next one comes later."""
        self.origin += (slot[1] - self.slot[1]) % 1.0 * self.period
        self.slot = slot

    @property
    def due(self) -> float:
        """When the next tick is due."""
        return self.origin + (self.done + 1) * self.period

    def begin(self, subject: Steppable, now: float) -> None:
        """Begin the tick that is due: shed lost time, and note how late it is.

        The origin moves if the tick is more than `CATCH_UP_TICKS` late.
        """
        late = now - (self.origin + (self.done + 1) * self.period)
        if late > CATCH_UP_TICKS * self.period:
            ticks = int(late / self.period) - CATCH_UP_TICKS
            if ticks > 0:
                self.shed += ticks
                self.meter.shed += ticks
                self.origin += ticks * self.period
                late = now - self.due
                subject.shed(ticks)
        self._late_s = late
        self.took_s = 0.0
        self.late_max_s = max(self.late_max_s, late)

    def end(self, subject: Steppable, now: float) -> None:
        """Count the tick that was begun at ``now`` and took `took_s`."""
        took_s = self.took_s
        self.done += 1
        self.busy_s += took_s
        self.meter.ticked(self._late_s, took_s, self.period)
        if took_s <= self.period:
            self.over_since = None
        elif self.over_since is None:
            self.over_since = now
        elif now - self.over_since >= OVER_BUDGET_S:
            subject.overran(now - self.over_since)
            self.over_since = now
