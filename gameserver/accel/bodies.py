"""The part of the hot path's port that writes the bodies of a section."""

from collections.abc import Mapping
from typing import Any, Protocol, TypeAlias

from gameserver.game.entity import Entity
from gameserver.game.schema.table import ClassTable
from gameserver.ids import EntityId, Seat

State: TypeAlias = list[Any]
"""What an audience holds of an entity: its values on the wire in field order, then the memory (last
difference) of each linear field."""


class Track(Protocol):
    """One entity in one audience's chain.

    Attributes:
        entity: The entity itself.
        owner: Its owner when it was told.
        table: The fields that the audience gets.
        state: The values that the audience holds, then the last difference of each linear field.
    """

    @property
    def entity(self) -> Entity: ...  # noqa: D102  described by the class
    @property
    def owner(self) -> Seat: ...  # noqa: D102
    @property
    def table(self) -> ClassTable: ...  # noqa: D102
    @property
    def state(self) -> State: ...  # noqa: D102


class BodyWriter(Protocol):
    """Writes the bodies of one section, and learns from each how to write the next one shorter.

    Contexts are named by the number of their list (`gameserver.accel.contexts`) and the slot in it
    (`gameserver.accel.rangecoding`).
    """

    def forget(self) -> None:
        """Unlearn everything; the viewers know it by themselves."""
        ...

    def begin(self, tracks: list[Any], changed: bool, restart: bool) -> None:
        """Begin a body: the updates of these tracks, in this order, as `HotPath.advance` left them.

        Args:
            tracks: All of the section's tracks before this body.
            changed: Whether one of them has an update.
            restart: Unlearn everything, and tell the viewers so.

        Raises:
            OverflowError: A residual has more than 63 bits.
        """
        ...

    def flag(self, number: int, slot: int, value: bool) -> None:
        """Write a bit by a context."""
        ...

    def whole(self, number: int, value: int) -> None:
        """Write a whole number by the contexts of a list.

        Raises:
            OverflowError: It has more than 63 bits.
        """
        ...

    def text(self, number: int, value: str) -> None:
        """Write a text by the contexts of a list."""
        ...

    def direct(self, value: int, bits: int) -> None:
        """Write the lowest bits of a value plainly, at most 32."""
        ...

    def end(self) -> bytes:
        """Return the body."""
        ...

    def updates(self, tracks: Mapping[EntityId, Any], restart: bool) -> bytes:
        """Return a whole body of updates alone: what most ticks need.

        Does ``begin(list(tracks.values()), True, restart)``, ``flag(SECTION, MORE, False)`` and
        ``end()``.
        """
        ...
