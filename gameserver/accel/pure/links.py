"""Measure one viewer's link, and bound the age of its views.

Law: only measurements of the server count. The round trip is the smallest distance between the
server's tick and the snapshot that an arriving message acknowledges. A forged acknowledgement can
only make the round trip larger, and the advantage of a larger one is bounded.
"""

from typing import Final

from gameserver.accel.port import LinkRules
from gameserver.accel.pure.window import Extremes
from gameserver.ids import Tick

_NEVER: Final = Tick(-1)


class PureLinkMeasure:
    """Round trip and jitter of one viewer's link, in ticks."""

    def __init__(self, rules: LinkRules) -> None:
        """Start with a round trip and jitter of 0, the strictest bound for a view."""
        self._rules = rules
        self._units = rules.view_units
        self._max_view = rules.max_view
        self._distances = Extremes(rules.window)
        self.heard: Tick = _NEVER
        self.rtt: int = 0
        self.jitter: int = 0
        self._allowed = rules.drawing * rules.view_units

    def saw(self, now: Tick, seen: Tick) -> None:
        """Add a sample: a message arrived after tick ``now`` and acknowledges snapshot ``seen``.

        Only the first message after each tick counts.
        """
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
        """Return a command's view, clamped to the bound for this link (threat 16).

        The bound is on the picture's age when the command arrived, so ``margin`` is added to it.
        """
        allowed = self._allowed + margin * self._units
        if view <= allowed and view <= self._max_view:
            return view
        return max(0, min(allowed, self._max_view))


def link_measure(rules: LinkRules) -> PureLinkMeasure:
    """Return a measure of one viewer's link with nothing measured."""
    return PureLinkMeasure(rules)
