"""Decide how much the server does: less while it cannot keep its ticks, all of it again after.

Law: time and figures are arguments. Strain must last before anything is given up, and calm must
last longer before anything is given back; who falls back soon after waits twice as long the next
time. So the server neither spirals nor swings. A crowd that comes in at once costs for as long as
it comes in, and fewer snapshots would not make that cheaper: for a bounded time it is no strain.

    level   snapshots        new matches
    0       every one due    yes
    1       every 2nd        yes
    2       every 4th        yes
    3       every 4th        refused: ``server_busy``
"""

from typing import Final

import attrs

SNAPSHOT_STRETCH: Final = (1, 2, 4, 4)
"""By level: of how many due snapshots one is sent."""

REFUSES_FROM: Final = 3
"""The level at which no match is begun."""

OVERLOAD_S: Final = 1.0
"""Strain without a break that raises the level by one."""

CALM_S: Final = 5.0
"""Calm without a break that lowers the level by one."""

LONGEST_CALM_S: Final = 80.0
"""The most that calm must last, however often it did not."""

RELAPSE_S: Final = 30.0
"""Strain this soon after the level was lowered doubles how long calm must last; calm of this length
at level 0 sets it back."""

LONGEST_SLICE_S: Final = 0.5
"""What a single slice counts at most: a machine that slept was not strained all the while."""

BEHIND_SHARE: Final = 0.1
"""Share of late or overrunning ticks that is strain. One pause of the collector makes some ticks
late, in one slice; a loop that cannot keep up makes nearly all of them late, in every one."""

FEW_BEHIND: Final = 3
"""Fewer late ticks than this in a slice are none: with one match a single late tick would be a
fifth of all, and the server would never be calm."""

LAG_S: Final = 0.1
"""A loop that answers this late is strained, whatever it does."""

CALM_BUSY_SHARE: Final = 0.85
"""A loop busier than this has no room to do more."""

CROWD_PER_S: Final = 20.0
"""Arrivals a second that are a crowd: connections that sign in or resume, and viewers who enter a
match, each with its first keyframe."""

EXCUSED_S: Final = 10.0
"""Strain that crowds may cause before it counts; whoever comes and goes for ever gains no more."""

EXCUSE_AGAIN: Final = 0.2
"""Excused strain that is forgotten for each second without any."""


@attrs.frozen
class Slice:
    """What happened since the last look.

    Attributes:
        ticks: Ticks that were run.
        behind: How many began more than a period late. A tick that takes longer than its period,
            but is made up for by the next, holds nobody up.
        shed: Ticks given up.
        lag_s: How much later than wanted the loop came to this look.
        busy_share: Part of the time in which the loop was busy.
        arrivals: How many came in.
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
        """Whether a crowd came in."""
        return self.arrivals >= CROWD_PER_S * self.seconds

    @property
    def strained(self) -> bool:
        """Whether the loop did not keep up."""
        late = self.behind >= FEW_BEHIND and self.behind >= BEHIND_SHARE * self.ticks
        return late or self.shed > 0 or self.lag_s > LAG_S

    @property
    def calm(self) -> bool:
        """Whether the loop could do more than it does."""
        return not self.strained and self.busy_share < CALM_BUSY_SHARE


@attrs.define(eq=False)
class Overload:
    """The level, and how long strain and calm last already."""

    level: int = 0
    calm_needed_s: float = CALM_S
    _strained_s: float = 0.0
    _calm_s: float = 0.0
    _since_lowered_s: float = RELAPSE_S
    _excused_s: float = 0.0

    @property
    def snapshot_stretch(self) -> int:
        """Of how many due snapshots one is sent."""
        return SNAPSHOT_STRETCH[self.level]

    @property
    def refuses(self) -> bool:
        """Whether no match is begun."""
        return self.level >= REFUSES_FROM

    @property
    def retry_after_s(self) -> float:
        """When asking again makes sense at the earliest."""
        return max(1.0, self.calm_needed_s - self._calm_s)

    def judge(self, slice_: Slice) -> int:
        """Take the next slice of time in; return the level from now on."""
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
            self._since_lowered_s = RELAPSE_S  # the further steps of one fall count once
        self._strained_s = 0.0
        self.level = min(self.level + 1, len(SNAPSHOT_STRETCH) - 1)

    def _lower(self) -> None:
        self.level -= 1
        self._calm_s = self._since_lowered_s = 0.0
