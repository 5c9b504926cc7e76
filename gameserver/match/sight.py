"""What each viewer sees of the world: the port `Sight`, and the sight of a world without cells.

Law: viewers of one window are sent the same bytes. A world without cells has one window.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from gameserver.game.entity import Entity, Event
from gameserver.ids import Tick
from gameserver.match.viewers import Viewer
from gameserver.match.windows import WHOLE, ViewWindow


class Sight(Protocol):
    """Divides a world among its viewers. In each snapshot the calls come in this order."""

    def place(
        self, entities: list[Entity], events: list[Event]
    ) -> tuple[list[Entity], list[Event]]:
        """Assign entities and events to windows; return those that every viewer sees."""
        ...

    def grouped(
        self, tick: Tick, viewers: Collection[Viewer]
    ) -> tuple[Mapping[ViewWindow, Collection[Viewer]], list[tuple[Viewer, ViewWindow]]]:
        """Divide the viewers by what they need.

        Returns:
            The viewers of each window who need its changes, unless they are out of sync; the
            viewers who need more, with their new window.
        """
        ...

    def encode(
        self,
        tick: Tick,
        settled: Collection[ViewWindow],
        moved: Collection[tuple[Viewer, ViewWindow]],
    ) -> None:
        """Encode what all of these windows show beside the public part; no other one is seen."""
        ...

    def deltas(self, window: ViewWindow) -> list[bytes]:
        """Return the changes for viewers in sync whose window was this one before, too."""
        ...

    def changes(self, before: ViewWindow, now: ViewWindow) -> list[bytes]:
        """Return the sections for a viewer in sync whose window has changed."""
        ...

    def keyframes(self, window: ViewWindow) -> list[bytes]:
        """Return the sections for a viewer out of sync."""
        ...

    def sent(self, size: int, viewers: Iterable[Viewer], others: Iterable[Viewer] = ()) -> None:
        """Note that so many bytes were sent to each of ``viewers`` that is not in ``others``."""
        ...


class WholeWorld:
    """The sight of a world without cells: every viewer sees everything."""

    def place(
        self, entities: list[Entity], events: list[Event]
    ) -> tuple[list[Entity], list[Event]]:
        """Return all: every viewer sees them."""
        return entities, events

    def grouped(
        self, tick: Tick, viewers: Collection[Viewer]
    ) -> tuple[Mapping[ViewWindow, Collection[Viewer]], list[tuple[Viewer, ViewWindow]]]:
        """Return one group of all viewers."""
        del tick
        return {WHOLE: viewers}, []

    def encode(
        self,
        tick: Tick,
        settled: Collection[ViewWindow],
        moved: Collection[tuple[Viewer, ViewWindow]],
    ) -> None:
        """Do nothing: the public part is the whole world."""

    def deltas(self, window: ViewWindow) -> list[bytes]:
        """Return nothing beside the public part."""
        del window
        return []

    def changes(self, before: ViewWindow, now: ViewWindow) -> list[bytes]:
        """Return nothing: there is no other window to change to."""
        del before, now
        return []

    def keyframes(self, window: ViewWindow) -> list[bytes]:
        """Return nothing beside the public part."""
        del window
        return []

    def sent(self, size: int, viewers: Iterable[Viewer], others: Iterable[Viewer] = ()) -> None:
        """Do nothing: no detail is adapted."""
