"""How often one source may write to the log.

Law: what somebody outside, or a library in trouble, can repeat at will writes one line a second for
each source, with the number of those kept back (threat 44).
"""

import time
from collections.abc import Callable
from typing import Final

import attrs

LINE_EVERY_S: Final = 1.0
"""Shortest time between two lines of one source (threat 44)."""

SOURCES: Final = 64
"""Sources told apart within that time; further ones share one line."""


@attrs.define
class Pace:
    """Lets one line of each source through per `LINE_EVERY_S`, and counts the others."""

    clock: Callable[[], float] = time.monotonic
    _sources: dict[str, tuple[float, int]] = attrs.field(factory=dict)

    def admit(self, source: str) -> int | None:
        """Return how many lines of a source were kept back before this one; None keeps it back."""
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
        """Make room; what was kept back of sources that have fallen silent is never told."""
        kept = {
            s: (last, held)
            for s, (last, held) in self._sources.items()
            if now - last < LINE_EVERY_S
        }
        self._sources = kept
