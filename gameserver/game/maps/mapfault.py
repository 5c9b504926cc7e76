"""What can be wrong with a map.

Law: whoever reads a map from outside collects every fault it can find before it gives up, and
raises one exception type, `MapError`.
"""

from collections.abc import Sequence
from enum import StrEnum

import attrs

from gameserver.errors import Code, TheirFaultError


class Severity(StrEnum):
    """Whether a fault keeps the map from being used."""

    ERROR = "error"
    WARNING = "warning"


@attrs.frozen
class Fault:
    """One thing that is wrong with a map, where, and what to do about it."""

    severity: Severity
    place: str
    """File, then layer and tile or object, from wide to narrow: ``a.tmj, walls, tile 3,4``."""
    message: str
    hint: str = ""

    def __str__(self) -> str:
        """Return the fault as one line for people."""
        line = f"{self.place}: {self.message}"
        return f"{line} ({self.hint})" if self.hint else line


class MapError(TheirFaultError):
    """A map cannot be used; ``faults`` lists everything that was found, not only the first."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep the faults; the sentence has one line for each."""
        super().__init__(Code.BAD_PARAMS, "\n".join(str(fault) for fault in faults))
        self.faults: tuple[Fault, ...] = tuple(faults)
