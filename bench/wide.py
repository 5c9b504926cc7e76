"""The minimal game for one room of up to 1,000 players, with and without interest management."""

from typing import ClassVar

from bench.minimal import SIDE, Minimal, Walker
from gameserver import game as gs


class Crowd(Minimal):
    """Every player is sent the whole world."""

    name: ClassVar[str] = "crowd"
    title: ClassVar[str] = "Crowd"
    seats: ClassVar[tuple[int, int]] = (1, 1024)


class Wide(Crowd):
    """Every player is sent 3 x 3 of the 8 x 8 cells, and the ring of cells around those."""

    name: ClassVar[str] = "wide"
    title: ClassVar[str] = "Wide"
    interest: ClassVar[gs.Interest | None] = gs.Interest(
        cell=SIDE // 8, eye=Walker, near=1, far=1, far_every=4
    )

    def area(self, world: gs.World) -> tuple[int, int]:
        """Return the size of the field, which is larger than the map."""
        del world
        return SIDE, SIDE
