"""Times that pass, as people read them.

Law: one way of writing for all of the server and its commands; the browser's console writes the
same (``client_web/src/console/words.ts``).
"""

from math import ceil
from typing import Final

_UNITS: Final = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))

_EXACT_TO_S: Final = 120
"""Below this many seconds a time is told in seconds."""
_IN_MINUTES_TO_S: Final = 86_400
"""Up to this many seconds a time is told in minutes, above it in hours: with days there is no room
for minutes."""


def duration(seconds: float) -> str:
    """Return a time in at most two units, rounded up, such as ``90 s``, ``1 h 30 min``, ``7 d``."""
    step = 1 if seconds < _EXACT_TO_S else 60 if seconds <= _IN_MINUTES_TO_S else 3600
    left = max(0, step * ceil(seconds / step))
    if left < _EXACT_TO_S and left != _UNITS[2][0]:
        return f"{left} s"
    words = []
    for size, unit in _UNITS:
        count, left = divmod(left, size)
        if count:
            words.append(f"{count} {unit}")
    return " ".join(words)
