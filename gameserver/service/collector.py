"""Python's garbage collector, set for a process that makes and drops much in each tick.

Law: what a tick makes dies by its reference count, before a collection looks at it. With Python's
own thresholds some of it is still alive when the youngest generation is collected, hundreds of
times a second, and so moves on to the oldest one, whose collections stop the loop for as long as it
takes to walk over every connection.
"""

import gc
from typing import Final

YOUNGEST: Final = (5_000, 15_000)
"""Smallest and largest number of objects that are made and not dropped before the youngest
generation is collected. The largest holds what the tick of a thousand players makes, and is walked
over in 5 ms."""

PER_VIEWER: Final = 12
"""Objects that are alive at once in a tick for each viewer: its message, its command, its frame."""

OLDER: Final = (1, 200)
"""How many collections of one generation make one of the next. When hundreds connect within a
moment, all they make lives on, and the middle generation is walked over with three times the
youngest one: 8 ms where few play. With 20 it was a quarter of a second (threat 38)."""


def tune(viewers: int = 0) -> None:
    """Set how often the collector runs, for this many viewers of matches.

    A server with few players collects more often, so that a crowd that connects holds no tick.
    """
    least, most = YOUNGEST
    gc.set_threshold(min(most, least + PER_VIEWER * viewers), *OLDER)


def settle() -> None:
    """Set the collector at the start; what is there by now is never looked at again."""
    gc.collect()
    gc.freeze()
    tune()
