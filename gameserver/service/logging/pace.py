"""Limit the rate of log lines per source.

Law: lines that a peer or a library can cause at any rate are written at most once a second per
source, with the number of lines held back (threat 44).
"""

import time
from collections.abc import Callable
from typing import Final

import attrs

LINE_EVERY_S: Final = 1.0
"""Shortest time between two lines of one source (threat 44)."""

SOURCES: Final = 64
"""Most sources that are distinguished within that time; all further ones share one line."""


@attrs.define
class Pace:
    """Admits one line per source and `LINE_EVERY_S`, and counts the lines held back."""

    clock: Callable[[], float] = time.monotonic
    _sources: dict[str, tuple[float, int]] = attrs.field(factory=dict)

    def admit(self, source: str) -> int | None:
        """Return the number of lines held back before this one; None if this one is held back."""
        now = self.clock()
        if source not in self._sources and len(self._sources) >= SOURCES:
            self._forget_old(now)
            if len(self._sources) >= SOURCES:
                source = ""
        last, held = self._sources.get(source, (now - LINE_EVERY_S, 0))
        if now - last < LINE_EVERY_S:
            self._sources[source] = last, held + 1
            return None
        self._sources[source] = now, 0
        return held

    def _forget_old(self, now: float) -> None:
        """Remove silent sources; the numbers of their held-back lines are lost."""
        kept = {
            s: (last, held)
            for s, (last, held) in self._sources.items()
            if now - last < LINE_EVERY_S
        }
        self._sources = kept
