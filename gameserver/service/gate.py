"""Holds back what players are told until the decision behind it is on disk.

Law: what passes here passes in order, for each player and for all. Held messages wait for one
commit, some milliseconds; they never wait for a disk that refuses or hangs (`Gate.open`).
"""

from collections import deque
from collections.abc import Callable
from typing import Final

import trio

Act = Callable[[], object]

_NEVER: Final = 2**62


class Gate:
    """A queue of acts, each of which waits until a decision is committed.

    Without a store all decisions count as committed, and nothing waits.
    """

    def __init__(self, failed: Callable[[Exception], None] = lambda _: None) -> None:
        """Begin open: nothing is held; ``failed`` is told what an act has raised."""
        self._failed = failed
        self._held: deque[tuple[int, Act]] = deque()
        self._decided = 0
        """Number of the newest decision that must be committed before it is told."""
        self._committed = _NEVER
        self._passed = trio.Event()

    @property
    def holds(self) -> bool:
        """Whether an act must wait now."""
        return self._decided > self._committed or bool(self._held)

    def decide(self, number: int) -> None:
        """Note that what follows tells of decision ``number``."""
        self._decided = number

    def hold(self, act: Act) -> None:
        """Perform an act when the newest decision is committed; call it only while it `holds`."""
        self._held.append((self._decided, act))

    def committed(self, number: int) -> None:
        """Perform what waited for the decisions up to ``number``."""
        self._committed = number
        while self._held and self._held[0][0] <= number:
            _, act = self._held.popleft()
            try:
                act()
            except Exception as error:  # a bug of ours at one message; the others must go out
                self._failed(error)
        self._passed.set()
        self._passed = trio.Event()

    def open(self) -> None:
        """Perform all that waits, and let everything pass until `close`: the store is at fault."""
        self.committed(_NEVER)

    def close(self, number: int) -> None:
        """Hold from now on what tells of decisions behind ``number``."""
        self._committed = number

    async def wait(self) -> None:
        """Wait until nothing is held that was decided by now."""
        decided = self._decided
        while self._committed < decided:
            await self._passed.wait()
