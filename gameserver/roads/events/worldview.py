"""A match's world as plain values: all of it, and what has changed since.

Law: a view holds what a spectator may see: public fields of public entities, in a world that is
divided into cells those of a spectator's window. It is made once for all readers, and reads the
world between two ticks; nothing here is called by a tick.

Each field of each entity has the number of the view in which it last changed, so the changes since
any earlier view are known, for readers of any rate, and are encoded once for all of the same place.
"""

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import Any, Final

import attrs

from gameserver.game.entity import Entity
from gameserver.game.fields import Audience
from gameserver.game.game import Game
from gameserver.game.guard import guarded
from gameserver.game.schema.table import ClassTable, table_of
from gameserver.game.world import World
from gameserver.ids import EntityId, MatchId, Tick
from gameserver.netcode.replication.grid import Cell, Grid
from gameserver.roads.events.topics import Changes, Topic, piece

REMEMBERED: Final = 64
"""Views for which removed entities are remembered; readers further behind get the whole world."""

DIGITS: Final = 9
"""Decimals of a rounded float: it cuts what binary fractions add."""


@attrs.define(eq=False)
class _Seen:
    """One entity, as it was in the last view."""

    kind: type[Entity]
    born: Tick
    owner: int
    began: int
    """View in which it came."""
    values: tuple[Any, ...]
    changed: list[int]
    """For each field the view in which it last changed; in front, that of any."""


class WorldView:
    """What spectators see of the matches of one lobby, one after the other."""

    def __init__(self, name: str, game: Game) -> None:
        """Start without a match; ``name`` is that of the topic."""
        self.name: str = name
        self.number: int = 0
        """Number of the newest view."""
        self._game = game
        self._kinds = {
            kind: _Kind(rows[Audience.PUBLIC]) for kind, rows in table_of(game).classes.items()
        }
        self._facts: dict[str, object] = {}
        self._grid: Grid | None = None
        self._tick: Tick | None = None
        """Tick of the shown world; None if there is none."""
        self._seen: dict[EntityId, _Seen] = {}
        self._gone: dict[EntityId, int] = {}
        self._whole = 0
        """Readers behind this view need the whole world."""
        self._since: dict[int, bytes] = {}
        """Changes since earlier views, as pieces."""

    def begin(self, match_id: MatchId, world: World | None) -> None:
        """Show another match, or none.

        Raises:
            GameFaultError: The game fails to tell its area.
        """
        self._seen, self._gone, self._grid, self._tick = {}, {}, None, None
        self._facts = {"match_id": match_id}
        self._turn()
        self._whole = self.number
        if world is None:
            return
        with guarded(self._game, "area", world.tick):
            width, height = self._game.area(world)
        size = int(width), int(height)
        self._facts |= {
            "map": world.map.name,
            "area": size,
            "tick_rate": self._game.tick_rate,
        }
        if (interest := self._game.interest) is not None:
            # Here all cells are seen at one rate, so each takes in entities at once.
            self._grid = Grid(*size, interest.cell, interest.eye, every=1)
        self.look(world)

    def look(self, world: World) -> bool:
        """Take in the present world; return whether it has stepped since."""
        if world.tick == self._tick:
            return False
        self._tick = world.tick
        self._turn()
        number, gone = self.number, dict.fromkeys(self._seen)
        for entity in self._visible(world):
            gone.pop(entity.id, None)
            self._take_in(entity, number)
        for entity_id in gone:
            del self._seen[entity_id]
            self._gone[entity_id] = number
        self._forget(number - REMEMBERED)
        return True

    def _turn(self) -> None:
        self.number += 1
        self._since.clear()

    def _visible(self, world: World) -> Iterable[Entity]:
        grid, interest = self._grid, self._game.interest
        if grid is None or interest is None:
            return world
        grid.place(world)
        # A spectator sees what the first player sees; see `Cells.window`.
        eye = grid.eyes[min(grid.eyes)] if grid.eyes else Cell(0)
        seen = list(grid.everywhere)
        for cell in grid.ring(eye, 0, interest.near + interest.far):
            seen += grid.cells.get(cell, ())
        return seen

    def _take_in(self, entity: Entity, number: int) -> None:
        values = self._kinds[entity.__class__].read(entity)
        seen = self._seen.get(entity.id)
        if seen is None or seen.born != entity.born or seen.kind is not entity.__class__:
            self._gone.pop(entity.id, None)
            changed = [number] * (len(values) + 1)
            self._seen[entity.id] = _Seen(
                entity.__class__, entity.born, entity.owner, number, values, changed
            )
        elif seen.values != values or seen.owner != entity.owner:
            if seen.owner != entity.owner:
                seen.owner, seen.began = entity.owner, number
            seen.changed[0] = number
            for index, (old, new) in enumerate(zip(seen.values, values, strict=True), 1):
                if old != new:
                    seen.changed[index] = number
            seen.values = values

    def _forget(self, before: int) -> None:
        while self._gone and (first := next(iter(self._gone.items())))[1] < before:
            del self._gone[first[0]]
        self._whole = max(self._whole, before)

    # --- as plain values --------------------------------------------------------------------------

    def whole(self) -> dict[str, object]:
        """Return the whole view."""
        entities = [self._record(entity_id, seen) for entity_id, seen in sorted(self._seen.items())]
        return {**self._facts, "tick": self._tick or 0, "entities": entities}

    def changes(self, since: int) -> bytes | None:
        """Return what has changed since a view, as a piece; None if the whole view is needed."""
        if since < self._whole or since > self.number:
            return None
        known = self._since.get(since)
        if known is None:
            changed = [
                self._record(entity_id, seen) if seen.began > since
                else self._difference(entity_id, seen, since)
                for entity_id, seen in self._seen.items()
                if seen.changed[0] > since
            ]  # fmt: skip
            removed = [entity_id for entity_id, number in self._gone.items() if number > since]
            values = {"tick": self._tick or 0, "changed": changed, "removed": removed}
            known = self._since[since] = piece("world", self.name, values)
        return known

    def _record(self, entity_id: EntityId, seen: _Seen) -> dict[str, object]:
        kind = self._kinds[seen.kind]
        return {
            "id": entity_id,
            "class": kind.name,
            "owner": seen.owner,
            **dict(zip(kind.names, seen.values, strict=True)),
        }

    def _difference(self, entity_id: EntityId, seen: _Seen, since: int) -> dict[str, object]:
        names = self._kinds[seen.kind].names
        fields = zip(names, seen.values, seen.changed[1:], strict=True)
        return {"id": entity_id, **{name: value for name, value, at in fields if at > since}}


class _Kind:
    """How the public fields of a class are read."""

    def __init__(self, table: ClassTable) -> None:
        self.name = table.entity.__name__
        self.names = tuple(field.name for field in table.fields)
        self._get: Callable[[Entity], Any] | None = attrgetter(*self.names) if self.names else None
        self._rough = [
            (index, field.precision)
            for index, field in enumerate(table.fields)
            if field.precision is not None
        ]

    def read(self, entity: Entity) -> tuple[Any, ...]:
        """Return the values; floats as exact as they are sent to players."""
        if self._get is None:
            return ()
        values: tuple[Any, ...] = self._get(entity)
        if len(self.names) == 1:
            values = (values,)
        if self._rough:
            exact = list(values)
            for index, precision in self._rough:
                exact[index] = round(round(exact[index] / precision) * precision, DIGITS)
            values = tuple(exact)
        return values


class WorldTopic(Topic):
    """A `WorldView` at one rate: only the newest view counts."""

    silent: bool = True
    last: int
    over: bool

    def __init__(self, view: WorldView, changes: Changes, rate: int) -> None:
        """Show ``view`` to readers of so many views a second."""
        super().__init__(view.name, changes, view.whole)
        self.rate: int = rate
        self._view = view
        self._end = b""

    def show(self) -> None:
        """Show the newest view to the readers."""
        if self._view.number > self.last and not self.over:
            self.last = self._view.number
            self.said()

    def close(self, reason: str) -> None:
        """Say the end of the topic; its readers leave it."""
        if not self.over:
            self.over = True
            self._end = piece("end", self.name, {"reason": reason})
            self.last = self._view.number + 1
            self.said()

    def state(self) -> bytes:
        """Return the newest view."""
        if self.over:
            return self._end
        if self._view.number > self.last:
            self._state = b""
            self.last = self._view.number
        return super().state()

    def since(self, place: int) -> Iterator[tuple[int, bytes]] | None:
        """Return the changes since a view that the reader has; None if it must get the whole."""
        if self.over:
            return iter([(self.last, self._end)] if place < self.last else [])
        if place >= self.last and place <= self._view.number:
            return iter(())
        found = self._view.changes(place)
        return None if found is None else iter([(self._view.number, found)])
