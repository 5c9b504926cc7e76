"""What a player of a large world is sent: what is near at full rate, what is farther more rarely.

Law: interest is about bytes only. The world of the server is whole, and nothing in a step may ask
who watches.
"""

import attrs

from gameserver.errors import GameDefinitionError
from gameserver.game.entity import Entity


@attrs.frozen
class Interest:
    """How a game's world is cut into cells, and how many of them a player sees.

    Entities with ``x`` and ``y`` belong to the cell they are in; all others (a score board) are
    sent to everybody. Volatile events with ``x`` and ``y`` go to those who see their cell at full
    rate. A spectator sees what the first player sees.
    """

    cell: int
    """Side of a cell, in the units of ``x`` and ``y``."""
    eye: type[Entity]
    """Where a player looks from: the first entity of this class that its seat owns."""
    near: int = 1
    """Rings of cells around the player's own that every snapshot holds; 1 makes 3 x 3 cells."""
    far: int = 1
    """Further rings around those, which are sent more rarely."""
    far_every: int = 4
    """Snapshots from one to the next of a far cell."""
    bytes_per_s: int = 32 * 1024
    """Above this a player's near rings become far ones, the outermost first; the own cell never."""

    def __attrs_post_init__(self) -> None:
        """Check the numbers."""
        if self.cell < 1 or self.near < 0 or self.far < 0 or self.far_every < 1:
            raise GameDefinitionError("interest: cell and far_every from 1, near and far from 0")
        if self.bytes_per_s < 1:
            raise GameDefinitionError("interest: bytes_per_s must be above 0")
