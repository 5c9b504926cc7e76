"""Chance that a test decides."""

from collections.abc import Sequence
from typing import TypeVar

from gameserver.game.rng import Rng

T = TypeVar("T")


class Dice(Rng):
    """Answers as it is told, and keeps the questions."""

    def __init__(self, *, lucky: bool = True, high: bool = True) -> None:
        """Grant all chances if ``lucky``; choose the greatest number or last item if ``high``."""
        super().__init__(1, 1)
        self.lucky = lucky
        self.high = high
        self.asked: list[tuple[str, int, int]] = []

    def chance(self, num: int, den: int) -> bool:
        self.asked.append(("chance", num, den))
        return self.lucky

    def between(self, lo: int, hi: int) -> int:
        self.asked.append(("between", lo, hi))
        return hi if self.high else lo

    def below(self, n: int) -> int:
        self.asked.append(("below", n, 0))
        return n - 1 if self.high else 0

    def choice(self, items: Sequence[T]) -> T:
        return items[-1 if self.high else 0]
