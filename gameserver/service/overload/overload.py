"""Levels of overload: the server reduces its work while it cannot keep its tick rate.

Law: time and figures are arguments. Strain must last before the level rises, and calm must last
longer before it falls. If strain returns soon after a fall, calm must last twice as long the next
time, so that the level does not oscillate. Strain by many simultaneous arrivals would not get
shorter by fewer snapshots, so for a bounded time it does not count.

    level   snapshots        new matches
    0       all due          yes
    1       every 2nd        yes
    2       every 4th        yes
    3       every 4th        refused: ``server_busy``
"""

from typing import Final

import attrs

SNAPSHOT_STRETCH: Final = (1, 2, 4, 4)
"""For each level: one of this many due snapshots is sent."""

REFUSES_FROM: Final = 3
"""The level from which new matches are refused."""

OVERLOAD_S: Final = 1.0
"""Duration of uninterrupted strain that raises the level by one."""

CALM_S: Final = 5.0
"""Duration of uninterrupted calm that lowers the level by one."""

LONGEST_CALM_S: Final = 80.0
"""Longest duration of calm that is needed, however often strain has returned."""

RELAPSE_S: Final = 30.0
"""Strain within this time after the level was lowered doubles the needed duration of calm; calm of
this duration at level 0 resets it."""

LONGEST_SLICE_S: Final = 0.5
"""Most seconds that one slice counts: a suspended machine was not strained meanwhile."""

BEHIND_SHARE: Final = 0.1
"""Share of late ticks that counts as strain. One pause of the garbage collector makes some ticks of
one slice late; a loop that cannot keep up makes nearly all ticks of every slice late."""

FEW_BEHIND: Final = 3
"""Least number of late ticks in a slice that counts as strain: with one match a single late tick is
a fifth of all, and the server would never be calm."""

LAG_S: Final = 0.1
"""Lag of the loop that counts as strain, however punctual the ticks are."""

CALM_BUSY_SHARE: Final = 0.85
"""Busy share of the loop from which it cannot take more work."""

CROWD_PER_S: Final = 20.0
"""Arrivals per second from which they are a crowd. Arrivals are connections that sign in or resume,
and viewers who enter a match and get their first keyframe."""

EXCUSED_S: Final = 10.0
"""Strain during arrivals that does not count; it is bounded, so that endless arrivals do count."""

EXCUSE_AGAIN: Final = 0.2
"""Seconds of this allowance that are regained per second without strain."""


@attrs.frozen
class Slice:
    """The figures of the time since the last slice.

    Attributes:
        ticks: Ticks that were run.
        behind: Ticks that began more than a period late. A tick that takes longer than its period
            delays no player if the next one makes up for it.
        shed: Ticks of lost time that was given up.
        lag_s: Delay with which the loop took these figures.
        busy_share: Share of the time in which the loop was busy.
        arrivals: Connections and viewers that arrived.
    """

    seconds: float
    ticks: int = 0
    behind: int = 0
    shed: int = 0
    lag_s: float = 0.0
    busy_share: float = 0.0
    arrivals: int = 0

    @property
    def crowded(self) -> bool:
        """Whether arrivals are as frequent as in a crowd."""
        return self.arrivals >= CROWD_PER_S * self.seconds

    @property
    def strained(self) -> bool:
        """Whether the loop could not keep up."""
        late = self.behind >= FEW_BEHIND and self.behind >= BEHIND_SHARE * self.ticks
        return late or self.shed > 0 or self.lag_s > LAG_S

    @property
    def calm(self) -> bool:
        """Whether the loop has time left for more work."""
        return not self.strained and self.busy_share < CALM_BUSY_SHARE


@attrs.define(eq=False)
class Overload:
    """The level of overload, and the durations of strain and calm that change it."""

    level: int = 0
    calm_needed_s: float = CALM_S
    _strained_s: float = 0.0
    _calm_s: float = 0.0
    _since_lowered_s: float = RELAPSE_S
    _excused_s: float = 0.0

    @property
    def snapshot_stretch(self) -> int:
        """One of this many due snapshots is sent."""
        return SNAPSHOT_STRETCH[self.level]

    @property
    def refuses(self) -> bool:
        """Whether new matches are refused."""
        return self.level >= REFUSES_FROM

    @property
    def retry_after_s(self) -> float:
        """Earliest time in seconds after which new matches may be allowed again."""
        return max(1.0, self.calm_needed_s - self._calm_s)

    def judge(self, slice_: Slice) -> int:
        """Add the figures of the next slice; return the level from now on."""
        seconds = min(slice_.seconds, LONGEST_SLICE_S)
        self._since_lowered_s += seconds
        if slice_.strained and slice_.crowded and self._excused_s < EXCUSED_S:
            self._excused_s += seconds
            self._calm_s = 0.0
            return self.level
        if not slice_.strained:
            self._excused_s = max(0.0, self._excused_s - EXCUSE_AGAIN * seconds)
        self._strained_s = self._strained_s + seconds if slice_.strained else 0.0
        self._calm_s = self._calm_s + seconds if slice_.calm else 0.0
        if self._strained_s >= OVERLOAD_S:
            self._raise()
        elif self.level and self._calm_s >= self.calm_needed_s:
            self._lower()
        elif not self.level and self._calm_s >= RELAPSE_S:
            self.calm_needed_s = CALM_S
        return self.level

    def _raise(self) -> None:
        if self._since_lowered_s < RELAPSE_S:
            self.calm_needed_s = min(2 * self.calm_needed_s, LONGEST_CALM_S)
            self._since_lowered_s = (
                RELAPSE_S  # further levels of the same strain do not double again
            )
        self._strained_s = 0.0
        self.level = min(self.level + 1, len(SNAPSHOT_STRETCH) - 1)

    def _lower(self) -> None:
        self.level -= 1
        self._calm_s = self._since_lowered_s = 0.0
