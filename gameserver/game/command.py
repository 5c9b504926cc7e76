"""Input commands: one seat's intent for one tick.

Law: a command is a frozen row of small bounded integers. ``level`` fields say how something is
held (a stick, a key) and are repeated when an input is missing; ``edge`` fields say that
something was pressed, and never repeat.
"""

from enum import StrEnum
from typing import Any, Final, Self

import attrs

from gameserver.errors import GameDefinitionError
from gameserver.game.perclass import per_class

METADATA_KEY: Final = "gameserver.command"


class CommandKind(StrEnum):
    """What becomes of a field when the input for a tick is missing."""

    LEVEL = "level"
    EDGE = "edge"


@attrs.frozen
class CommandField:
    """One declared field of a command class: its name, kind and inclusive bounds."""

    name: str
    kind: CommandKind
    lo: int
    hi: int


def level(lo: int, hi: int, *, default: int = 0) -> Any:
    """Declare an integer between ``lo`` and ``hi``, both included, repeated while inputs miss."""
    metadata = {METADATA_KEY: (CommandKind.LEVEL, lo, hi)}
    return attrs.field(default=default, metadata=metadata)


def edge() -> Any:
    """Declare a press: true for the tick it is addressed to, false on every repeat."""
    return attrs.field(default=False, metadata={METADATA_KEY: (CommandKind.EDGE, 0, 1)})


@attrs.frozen
class Command:
    """Base of a game's command class. Subclass with ``@attrs.frozen``.

    ``view`` is set by the server: how old the world was that the player saw, in 1/16 tick before
    the command's own tick, clamped to what the server itself measured.
    """

    view: int = attrs.field(default=0, kw_only=True)

    @classmethod
    def fields(cls) -> tuple[CommandField, ...]:
        """Return the declared fields in the order in which they go over the wire."""
        return _fields(cls)

    @classmethod
    def from_row(cls, row: tuple[int, ...], view: int = 0) -> Self:
        """Build a command from checked wire values; booleans come as 0 and 1."""
        values = {
            field.name: bool(value) if field.kind is CommandKind.EDGE else value
            for field, value in zip(_fields(cls), row, strict=True)
        }
        return cls(**values, view=view)

    def to_row(self) -> tuple[int, ...]:
        """Return the declared fields as integers, without ``view``."""
        return tuple(int(getattr(self, field.name)) for field in _fields(type(self)))

    def repeated(self) -> Self:
        """Return what stands in for a missing input: levels as they were, edges cleared."""
        cleared = {f.name: False for f in _fields(type(self)) if f.kind is CommandKind.EDGE}
        return attrs.evolve(self, **cleared)


@per_class
def _fields(cls: type[Command]) -> tuple[CommandField, ...]:
    found = []
    for attribute in attrs.fields(cls):
        if attribute.name == "view":
            continue
        declared = attribute.metadata.get(METADATA_KEY)
        if declared is None:
            message = f"{cls.__name__}.{attribute.name} must be declared with level() or edge()"
            raise GameDefinitionError(message)
        found.append(CommandField(attribute.name, *declared))
    return tuple(found)
