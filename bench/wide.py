"""The minimal game for one room of up to a thousand: the same rules, with and without interest."""

from typing import ClassVar

from bench.minimal import SIDE, Minimal, Walker
from gameserver import game as gs


class Crowd(Minimal):
    """Everybody is sent everything."""

    name: ClassVar[str] = "crowd"
    title: ClassVar[str] = "Crowd"
    seats: ClassVar[tuple[int, int]] = (1, 1024)


class Wide(Crowd):
    """Everybody is sent what is around: 3 x 3 of 8 x 8 cells, and the ring around those."""

    name: ClassVar[str] = "wide"
    title: ClassVar[str] = "Wide"
    interest: ClassVar[gs.Interest | None] = gs.Interest(
        cell=SIDE // 8, eye=Walker, near=1, far=1, far_every=4
    )

    def area(self, world: gs.World) -> tuple[int, int]:
        """Return the field's size, which is not the map's."""
        del world
        return SIDE, SIDE
