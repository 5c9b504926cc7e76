"""Faults of maps and games.

Law: a function that reads a map from outside collects all faults that it finds, and raises one
exception type, `MapError`.
"""

from collections.abc import Sequence
from enum import StrEnum

import attrs

from gameserver.errors import Code, TheirFaultError


class Severity(StrEnum):
    """Whether a map or game with this fault can be used."""

    ERROR = "error"
    """It cannot be used."""
    WARNING = "warning"
    """It can be used, but not as its author means."""


@attrs.frozen
class Fault:
    """One fault of a map or a game: where it is, what is wrong, how to correct it."""

    severity: Severity
    place: str
    """Of a map: file, layer, tile or object: ``a.tmj, walls, tile 3,4``. Of a game: the class and
    its attribute."""
    message: str
    hint: str = ""

    def __str__(self) -> str:
        """Return place, message and hint in one line."""
        line = f"{self.place}: {self.message}"
        return f"{line} ({self.hint})" if self.hint else line


class MapError(TheirFaultError):
    """A map cannot be used; ``faults`` lists all faults that were found."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep the faults; the text of the error has one line for each."""
        super().__init__(Code.BAD_PARAMS, "\n".join(str(fault) for fault in faults))
        self.faults: tuple[Fault, ...] = tuple(faults)
