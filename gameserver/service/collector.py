"""Python's garbage collector, set for a process that makes and drops much in each tick.

Law: what a tick makes dies by its reference count, before a collection looks at it. With Python's
own thresholds some of it is still alive when the youngest generation is collected, hundreds of
times a second, and so moves on to the oldest one, whose collections stop the loop for as long as it
takes to walk over every connection.
"""

import gc
from typing import Final

THRESHOLDS: Final = (15_000, 2, 200)
"""Objects made and not dropped before the youngest generation is collected: most of a thousand
players' messages and commands of one tick, and no more than can be walked over in 5 ms. Then how
many collections of one generation make one of the next: the middle one is walked over in 15 ms at
the most, however many connect within a moment; with 20 it was a quarter of a second (threat 38)."""


def tune() -> None:
    """Set the collector; what is there by now will live on and is never looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
