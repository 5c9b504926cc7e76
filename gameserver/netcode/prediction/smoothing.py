"""Ease what is drawn towards what is true.

Law: only drawn values are eased. The world is corrected at once and whole; the picture starts
from where the thing was drawn and reaches the truth within `EASE_S`.
"""

from typing import Final

import attrs

EASE_S: Final = 0.1
"""How long a correction is drawn out: shorter is seen as a jerk, longer as floating."""


@attrs.define
class Correction:
    """What is still to be taken back between a drawn position and the true one."""

    dx: float = 0.0
    dy: float = 0.0
    since: float = 0.0

    def at(self, now: float) -> tuple[float, float]:
        """Return what is left: full when it was made, nothing after `EASE_S`, fast at first."""
        left = 1.0 - (now - self.since) / EASE_S
        if left <= 0.0:
            return 0.0, 0.0
        eased = left * left
        return self.dx * eased, self.dy * eased

    def add(self, dx: float, dy: float, now: float, snap: float) -> None:
        """Add a correction to what is left of earlier ones; beyond ``snap`` all are dropped."""
        left_x, left_y = self.at(now)
        self.dx, self.dy, self.since = left_x + dx, left_y + dy, now
        if self.dx * self.dx + self.dy * self.dy > snap * snap:
            self.dx = self.dy = 0.0
