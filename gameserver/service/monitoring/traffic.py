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
    """All connections since the start. Reasons are error codes, or one of the above."""

    opened: Counter[str] = attrs.field(factory=Counter)
    """By transport."""
    closed: Counter[str] = attrs.field(factory=Counter)
    """By reason."""
