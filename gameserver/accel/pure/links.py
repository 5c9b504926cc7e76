"""What the server measures of one viewer's link, and what follows from it.

Law: trust is what was measured here. The round trip is the smallest distance between the server's
tick and the snapshot that an arriving message acknowledges. A forged acknowledgement can only make
it larger, and what that allows is bounded.
"""

from typing import Final

from gameserver.accel.port import LinkRules
from gameserver.accel.pure.window import Extremes
from gameserver.ids import Tick

_NEVER: Final = Tick(-1)


class PureLinkMeasure:
    """Round trip and jitter of one viewer's link, in ticks."""

    def __init__(self, rules: LinkRules) -> None:
        """Start with nothing measured: only drawing and sending allow an older view."""
        self._rules = rules
        self._units = rules.view_units
        self._max_view = rules.max_view
        self._distances = Extremes(rules.window)
        self.heard: Tick = _NEVER
        self.rtt: int = 0
        self.jitter: int = 0
        self._allowed = rules.drawing * rules.view_units

    def saw(self, now: Tick, seen: Tick) -> None:
        """Note that a message that arrived after tick ``now`` acknowledged snapshot ``seen``."""
        if now == self.heard:
            return
        self.heard = now
        distances = self._distances
        if distances.add(now, now - seen):
            rules = self._rules
            self.rtt = distances.least
            self.jitter = distances.most - distances.least
            link = min(self.rtt, rules.max_rtt) + min(self.jitter, rules.max_jitter)
            self._allowed = (link + rules.drawing) * rules.view_units

    def clamp_view(self, view: int, margin: int = 0) -> int:
        """Return how old a view a command may have (threat 16).

        What is bounded is the age of the picture when the command arrived, so ``margin`` is added.
        """
        allowed = self._allowed + margin * self._units
        if view <= allowed and view <= self._max_view:
            return view
        return max(0, min(allowed, self._max_view))


def link_measure(rules: LinkRules) -> PureLinkMeasure:
    """Return a measure of one viewer's link with nothing measured."""
    return PureLinkMeasure(rules)
