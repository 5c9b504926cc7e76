"""The numbers of a snapshot's sections.

===================== =============================================
0                     public: all viewers
1                     the viewer's own seat
2 + g                 the viewer's group (team) g
4096 + 4 cell + rate  a cell of a large world: its `Rate`
===================== =============================================
"""

from enum import IntEnum
from typing import Final

from gameserver.game.fields import Audience

PUBLIC: Final = 0
OWNER: Final = 1
FIRST_GROUP: Final = 2
FIRST_CELL: Final = 4096
RATES: Final = 4
"""Section numbers per cell; one of them is unused."""
MOST_CELLS: Final = (65_536 - FIRST_CELL) // RATES
"""Most cells of a world: section numbers have 16 bits."""


class Rate(IntEnum):
    """How often a cell's section advances."""

    NEAR = 0
    """At every snapshot; if the section is absent, its values are extrapolated."""
    FAR = 1
    """Only at the snapshots that contain the section."""
    SLOW = 2
    """As `FAR`, but the section is sent less often."""


def cell_section(cell: int, rate: Rate) -> int:
    """Return the section number of a cell at a rate."""
    return FIRST_CELL + RATES * cell + rate


def audience_of(number: int) -> Audience:
    """Return the audience of a section's fields."""
    if number == PUBLIC or number >= FIRST_CELL:
        return Audience.PUBLIC
    return Audience.OWNER if number == OWNER else Audience.GROUP


def is_group(number: int) -> bool:
    """Return whether a section belongs to a group."""
    return FIRST_GROUP <= number < FIRST_CELL


def goes_on_alone(number: int) -> bool:
    """Return whether a section that is absent from a snapshot advances by extrapolation."""
    return number < FIRST_CELL or (number - FIRST_CELL) % RATES == Rate.NEAR
