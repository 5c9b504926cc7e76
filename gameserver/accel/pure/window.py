"""Sliding-window minimum and maximum, at the cost of two comparisons per sample.

Law: the time is an argument, in ticks. The window consists of two halves; a half is dropped as a
whole. So the extremes are those of the last half window at least, and of the whole one at most.
"""

from typing import Final

from gameserver.ids import Tick

NOTHING: Final = 1 << 60
"""Value of `Extremes.least` without samples; larger than any sample."""


class Extremes:
    """Smallest and largest sample of a sliding window.

    Attributes:
        least: Smallest sample of the window; `NOTHING` without any.
        most: Largest sample of the window; ``-NOTHING`` without any.
    """

    __slots__ = ("_half", "_least", "_most", "_old_least", "_old_most", "_turn", "least", "most")

    def __init__(self, window: int) -> None:
        """Keep samples for up to ``window`` ticks."""
        self._half = max(1, window // 2)
        self.least: int = NOTHING
        self.most: int = -NOTHING
        self.clear()

    def clear(self) -> None:
        """Drop all samples."""
        self._turn = 0
        self.least = self._least = self._old_least = NOTHING
        self.most = self._most = self._old_most = -NOTHING

    def add(self, now: Tick, sample: int) -> bool:
        """Add a sample; return whether `least` or `most` may have changed."""
        if now < self._turn and self._least <= sample <= self._most:
            return False
        turned = self.turn(now)
        self._least = min(self._least, sample)
        self._most = max(self._most, sample)
        if sample < self.least:
            self.least = sample
        elif sample <= self.most:
            return turned
        self.most = max(self.most, sample)
        return True

    def turn(self, now: Tick) -> bool:
        """Drop samples that are too old; return whether a half was dropped."""
        if now < self._turn:
            return False
        if now < self._turn + self._half:
            self._old_least, self._old_most = self._least, self._most
            self._turn += self._half
        else:
            self._old_least, self._old_most = NOTHING, -NOTHING
            self._turn = now + self._half
        self._least, self._most = NOTHING, -NOTHING
        self.least, self.most = self._old_least, self._old_most
        return True
