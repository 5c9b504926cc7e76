"""Inputs that a connection brings before its match is entered: kept aside, then passed on at once.

Law: a bounded number is kept, and each is passed on once. A session that crosses to another
connection sends its inputs right behind `match.enter`; they must not wait there for one pass of the
loop each, since the ticks that they are for come meanwhile.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

MOST_EARLY: Final = 32
"""Inputs that are kept for one connection (42): a second of them, and twice what clients send again
on another connection."""


class EarlyInputs:
    """The inputs of one connection that do not come through the lane of its match."""

    def __init__(self, put: Callable[[bytes], None]) -> None:
        """Keep inputs until `let_play`; ``put`` takes those that are passed on."""
        self._put = put
        self._kept: deque[bytes] = deque(maxlen=MOST_EARLY)
        self._plays = False

    def put(self, message: bytes) -> None:
        """Pass on an input, or keep it.

        When full: the oldest is dropped, whose tick comes first.
        """
        if self._plays:
            self._put(message)
        else:
            self._kept.append(message)

    def let_play(self) -> None:
        """Pass on what is kept, in order, and from now on each input as it comes."""
        self._plays = True
        while self._kept:
            self._put(self._kept.popleft())

    def forget(self) -> None:
        """Drop what is kept: it was for a match that is over."""
        self._kept.clear()
