"""Python's garbage collector, set for a process that makes and drops much in each tick.

Law: what a tick makes dies by its reference count, before a collection looks at it. With Python's
own thresholds some of it is still alive when the youngest generation is collected, hundreds of
times a second, and so moves on to the oldest one, whose collections stop the loop for as long as it
takes to walk over every connection.
"""

import gc
from typing import Final

THRESHOLDS: Final = (50_000, 20, 100)
"""Objects made and not dropped before the youngest generation is collected: more than a thousand
players' messages and commands of one tick. Then how many collections of one generation make one of
the next."""


def tune() -> None:
    """Set the collector; what is there by now will live on and is never looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
