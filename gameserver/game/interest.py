"""Which part of a large world a player is sent: near cells at full rate, far cells more rarely.

Law: interest only saves bytes. The server steps the whole world, and a step must not depend on
what viewers see.
"""

import attrs

from gameserver.errors import GameDefinitionError
from gameserver.game.entity import Entity


@attrs.frozen
class Interest:
    """How a game's world is divided into cells, and how many of them a player sees.

    Entities with ``x`` and ``y`` belong to the cell of their position; all others (a score board)
    are sent to everybody. Volatile events with ``x`` and ``y`` are sent to viewers who see their
    cell at full rate. A spectator sees the same as the first player.
    """

    cell: int
    """Side of a cell, in the units of ``x`` and ``y``."""
    eye: type[Entity]
    """The first entity of this class that a seat owns is the place from which its player sees."""
    near: int = 1
    """Rings of cells around the player's own cell that every snapshot holds; 1 means 3 x 3."""
    far: int = 1
    """Further rings around those, which are sent more rarely."""
    far_every: int = 4
    """A far cell is in every so many snapshots."""
    bytes_per_s: int = 32 * 1024
    """Above this, near rings are sent as far ones, the outermost first; the own cell never is."""

    def __attrs_post_init__(self) -> None:
        """Check the numbers.

        Raises:
            GameDefinitionError: A number is out of its bounds.
        """
        if self.cell < 1 or self.near < 0 or self.far < 0 or self.far_every < 1:
            raise GameDefinitionError("interest: cell and far_every from 1, near and far from 0")
        if self.bytes_per_s < 1:
            raise GameDefinitionError("interest: bytes_per_s must be above 0")
