"""Counts of connections that were opened, and of those that ended, by reason."""

from collections import Counter
from typing import Final

import attrs

LOST: Final = "lost"
"""The connection broke, or its peer closed it without a goodbye."""
GOODBYE: Final = "goodbye"
"""The client said goodbye."""
SILENT: Final = "silent"
"""Nothing came from the peer for too long."""


@attrs.frozen
class Traffic:
    """All connections since the start. Reasons are error codes, one of the above, or ``over``.

    A stream of topics is ``over`` when its topics are, such as those of a match.
    """

    opened: Counter[str] = attrs.field(factory=Counter)
    """By transport, streams of topics and those who only poll included."""
    closed: Counter[str] = attrs.field(factory=Counter)
    """By reason."""

    def began(self, transport: str) -> None:
        """Count a connection."""
        self.opened[transport] += 1

    def ended(self, reason: str) -> None:
        """Count the end of a connection; without a reason it was lost."""
        self.closed[reason or LOST] += 1
