"""The state of one match: entities, tick, random generator, and what happened this tick.

Law: the world is a pure value, without clock, socket or file. Iteration is by rising entity id. A
world restored from a dump (:mod:`gameserver.game.schema.dump`) continues exactly as the original.

Server and client use the same class. A client's world holds what its player may see and what the
client predicted. It has no `rng`, since code that runs on both ends must draw from `World.keyed`.
"""

from collections import deque
from collections.abc import Iterator
from typing import Any, Final, Protocol, TypeVar

from gameserver.errors import GameFaultError
from gameserver.game.crowd import MOST_ENTITIES, too_many
from gameserver.game.entity import Entity, Event
from gameserver.game.maps.tilemap import TileMap
from gameserver.game.rng import Rng, keyed_random
from gameserver.ids import NO_SEAT, EntityId, Seat, Tick

EntityT = TypeVar("EntityT", bound=Entity)

RECYCLE_AFTER_TICKS: Final = 64
"""Ticks until the id of a removed entity is given to another one: longer than any rewind (400 ms),
so that history never holds two entities under one id."""


class Past(Protocol):
    """Answers where rewindable entities were: a server from history, a client from snapshots."""

    def rewound(self, world: "World", view: int) -> "list[Entity]":
        """Return the rewindable entities as they were ``view``/16 ticks ago, ordered by id."""
        ...


class NoPast:
    """Answers with the present entities, for worlds that keep no history."""

    def rewound(self, world: "World", view: int) -> list[Entity]:
        """Return the rewindable entities of the present, not copied."""
        del view
        return [entity for entity in world if entity.rewindable]


class _Cause:
    """The context of `World.caused_by`; a class, since a generator is slower in each tick."""

    __slots__ = ("_seat", "_world")

    def __init__(self, world: "World", seat: Seat) -> None:
        self._world, self._seat = world, seat

    def __enter__(self) -> None:
        world = self._world
        world._cause, world._ordinal = self._seat, 0  # noqa: SLF001  a part of the class

    def __exit__(self, *_: object) -> None:
        world = self._world
        world._cause, world._ordinal = NO_SEAT, 0  # noqa: SLF001  a part of the class


class World:
    """The entities by id, and everything else that a game's step may read.

    Attributes:
        tick: The tick being stepped, or the last one stepped.
        map: The tile map of the match.
        options: The game's options, an instance of its options class.
        salt: Public per-match salt of `keyed`.
        events: Events of this tick, in order; emptied when the next tick begins.
    """

    def __init__(  # noqa: D107  described by the class
        self,
        *,
        map: TileMap,  # noqa: A002  the field's word
        options: Any,
        salt: int,
        rng: Rng | None = None,
        past: Past | None = None,
    ) -> None:
        self.tick: Tick = Tick(0)
        self.map = map
        self.options = options
        self.salt = salt
        self.events: list[Event] = []
        self.past: Past = past or NoPast()
        self._rng = rng
        self._entities: dict[EntityId, Entity] = {}
        self._sorted = True
        self._lists: dict[type[Entity], list[Any]] = {}
        """Cache of entities by class, cleared when an entity is added or removed."""
        self._all: list[Entity] | None = None
        """All entities by rising id, like ``_lists``."""
        self._resting: deque[tuple[EntityId, Tick]] = deque()
        self._next_id = 1
        self._cause, self._ordinal = NO_SEAT, 0

    # --- reading ---------------------------------------------------------------------------

    def __iter__(self) -> Iterator[Entity]:
        """Iterate over all entities by rising id; spawning and despawning meanwhile is safe."""
        return iter(self.listed())

    def listed(self) -> list[Entity]:
        """Return all entities by rising id: a list that others have, too, and nobody may change."""
        if self._all is None:
            self._all = list(self._ordered().values())
        return self._all

    def __len__(self) -> int:
        """Return the number of entities."""
        return len(self._entities)

    def __contains__(self, entity_id: object) -> bool:
        """Tell whether there is an entity with this id."""
        return entity_id in self._entities

    def get(self, entity_id: EntityId) -> Entity | None:
        """Return the entity with this id, or None."""
        return self._entities.get(entity_id)

    def all(self, kind: type[EntityT]) -> list[EntityT]:
        """Return all entities of a class, by rising id."""
        return list(self._listed(kind))

    def one(self, kind: type[EntityT]) -> EntityT:
        """Return the only entity of a class, such as the score board.

        Raises:
            GameFaultError: The world holds no entity of the class.
        """
        for entity in self._listed(kind):
            return entity
        raise GameFaultError(f"the world holds no {kind.__name__}")

    def owned(self, seat: Seat, kind: type[EntityT]) -> EntityT | None:
        """Return the seat's first entity of a class, if any."""
        for entity in self._listed(kind):
            if entity.owner == seat:
                return entity
        return None

    def rewound(self, view: int, kind: type[EntityT]) -> list[EntityT]:
        """Return entities of a rewindable class as a player with this `Command.view` saw them.

        Ordered by id; an entity that did not exist then is absent. For hit tests only: these are
        copies, and changing one changes nothing.
        """
        return [e for e in self.past.rewound(self, view) if isinstance(e, kind)]

    # --- chance ----------------------------------------------------------------------------

    @property
    def rng(self) -> Rng:
        """The match's generator; its state is never sent to a client.

        Raises:
            GameFaultError: Predicted code, which also runs on the client, asked for it.
        """
        if self._rng is None or self._cause != NO_SEAT:
            raise GameFaultError("predicted code must draw from world.keyed(), not world.rng")
        return self._rng

    def keyed(self, entity_id: EntityId, n: int = 0) -> int:
        """Return 32 random bits, the same on server and client for the same tick, entity and n."""
        return keyed_random(self.salt, self.tick, entity_id, n)

    # --- changing --------------------------------------------------------------------------

    def spawn(self, entity: EntityT, owner: Seat = NO_SEAT) -> EntityT:
        """Add an entity and give it an id. What a seat's command causes knows its cause.

        Raises:
            GameFaultError: The world holds `MOST_ENTITIES` already.
        """
        if len(self._entities) >= MOST_ENTITIES:
            raise too_many([*self._entities.values(), entity], MOST_ENTITIES)
        entity.id = self._take_id()
        entity.owner = owner
        entity.born = self.tick
        if self._cause != NO_SEAT and owner == self._cause:
            entity.ordinal = self._ordinal
            self._ordinal += 1
        self.put(entity)
        return entity

    def put(self, entity: Entity) -> None:
        """Add an entity that already has its id; replaces one of the same id."""
        if self._entities and entity.id not in self._entities:
            self._sorted = self._sorted and entity.id > next(reversed(self._entities))
        self._entities[entity.id] = entity
        self._lists.clear()
        self._all = None

    def despawn(self, entity: Entity) -> None:
        """Remove an entity; its id rests for `RECYCLE_AFTER_TICKS`. Removing twice is safe."""
        if self._entities.pop(entity.id, None) is not None and entity.id > 0:
            self._resting.append((entity.id, self.tick))
        self._lists.clear()
        self._all = None

    def emit(self, event: Event) -> None:
        """Add an event of this tick, which is sent to the viewers."""
        self.events.append(event)

    def caused_by(self, seat: Seat) -> "_Cause":
        """Return a context in which to run predicted code of a seat.

        Inside it the seat's spawns are numbered (`Entity.ordinal`), and `rng` raises.
        """
        return _Cause(self, seat)

    # --- identity --------------------------------------------------------------------------

    def generator(self) -> Rng:
        """Return the server's generator for a dump.

        Raises:
            GameFaultError: This is a client's world.
        """
        if self._rng is None:
            raise GameFaultError("a client's world has no generator")
        return self._rng

    def identity(self) -> tuple[int, list[tuple[EntityId, Tick]]]:
        """Return the next unused id, and the resting ids with the tick of their release."""
        return self._next_id, list(self._resting)

    def restore_identity(self, next_id: int, resting: list[tuple[EntityId, Tick]]) -> None:
        """Restore the ids from what `identity` returned."""
        self._next_id = next_id
        self._resting = deque((EntityId(i), Tick(t)) for i, t in resting)

    def _take_id(self) -> EntityId:
        if self._resting and self._resting[0][1] + RECYCLE_AFTER_TICKS < self.tick:
            return self._resting.popleft()[0]
        taken = EntityId(self._next_id)
        self._next_id += 1
        return taken

    def _listed(self, kind: type[EntityT]) -> list[EntityT]:
        known = self._lists.get(kind)
        if known is None:
            known = [e for e in self.listed() if isinstance(e, kind)]
            self._lists[kind] = known
        return known

    def _ordered(self) -> dict[EntityId, Entity]:
        if not self._sorted:
            self._entities = dict(sorted(self._entities.items()))
            self._sorted = True
        return self._entities
