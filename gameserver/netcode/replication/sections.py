"""The numbers of a snapshot's sections.

===================== =============================================
0                     what everybody sees
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
"""Numbers of one cell; one is spare."""
MOST_CELLS: Final = (65_536 - FIRST_CELL) // RATES


class Rate(IntEnum):
    """How often a cell's section goes on."""

    NEAR = 0
    """With every snapshot, in it or not."""
    FAR = 1
    """Only with the snapshots that it is in."""
    SLOW = 2
    """Likewise, more rarely."""


def cell_section(cell: int, rate: Rate) -> int:
    """Return the number of a cell's section."""
    return FIRST_CELL + RATES * cell + rate


def audience_of(number: int) -> Audience:
    """Return whose fields a section holds."""
    if number == PUBLIC or number >= FIRST_CELL:
        return Audience.PUBLIC
    return Audience.OWNER if number == OWNER else Audience.GROUP


def is_group(number: int) -> bool:
    """Tell whether a section is that of a group."""
    return FIRST_GROUP <= number < FIRST_CELL


def goes_on_alone(number: int) -> bool:
    """Tell whether a section that is not in a snapshot moves on as extrapolated."""
    return number < FIRST_CELL or (number - FIRST_CELL) % RATES == Rate.NEAR
