"""Smooth the corrections of predicted positions.

Law: only drawn positions are eased. The world is corrected at once; the drawn position moves from
the old place to the corrected one within `EASE_S`.
"""

from typing import Final

import attrs

EASE_S: Final = 0.1
"""Duration of a correction: a shorter one looks like a jerk, a longer one like floating."""


@attrs.define
class Correction:
    """Offset of a drawn position from the true one; it fades to zero."""

    since: float
    dx: float = 0.0
    dy: float = 0.0

    def at(self, now: float) -> tuple[float, float]:
        """Return the remaining offset: it falls to zero within `EASE_S`, fast at first."""
        left = max(0.0, 1.0 - (now - self.since) / EASE_S)
        eased = left * left
        return self.dx * eased, self.dy * eased

    def add(self, dx: float, dy: float, now: float, snap: float) -> None:
        """Add an offset to the remaining one; a sum longer than ``snap`` becomes zero."""
        left_x, left_y = self.at(now)
        self.dx, self.dy, self.since = left_x + dx, left_y + dy, now
        if self.dx * self.dx + self.dy * self.dy > snap * snap:
            self.dx = self.dy = 0.0
