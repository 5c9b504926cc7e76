"""The state of one match: entities, tick, random generator, and what happened this tick.

Law: the world is a pure value. It knows no clock, socket or file; iteration is by rising entity
id; everything in it is in `World.dump`, and a world restored from a dump goes on exactly as the
one that was dumped.

The same class serves the server and the client. A client's world holds what its player may see
and what it predicted; there `rng` is missing on purpose, since code that runs on both sides draws
from `World.keyed` instead.
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
"""How long an id rests before it names something else: longer than any rewind (400 ms), so that
history never shows one entity under another's id."""


class Past(Protocol):
    """Where rewindable entities were. The server answers from history, a client from snapshots."""

    def rewound(self, world: "World", view: int) -> "list[Entity]":
        """Return copies of the rewindable entities as they were ``view``/16 ticks ago, by id."""
        ...


class NoPast:
    """Answers with the present: for worlds that keep no history."""

    def rewound(self, world: "World", view: int) -> list[Entity]:
        """Return the rewindable entities as they are."""
        del view
        return [entity for entity in world if entity.rewindable]


class _Cause:
    """The context of `World.caused_by`; a class, since every predicted tick enters one."""

    __slots__ = ("_seat", "_world")

    def __init__(self, world: "World", seat: Seat) -> None:
        self._world, self._seat = world, seat

    def __enter__(self) -> None:
        self._world._begin_cause(self._seat)  # noqa: SLF001  a part of the class

    def __exit__(self, *_: object) -> None:
        self._world._begin_cause(NO_SEAT)  # noqa: SLF001  a part of the class


class World:
    """Entities by id and what a game's step needs to know.

    Attributes:
        tick: The tick being stepped, or the last one stepped.
        map: The tile map of the match.
        options: The game's options, an instance of its options class.
        salt: Public per-match salt of `keyed`.
        events: What happened in this tick, in order; emptied when the next step begins.
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
        """Entities by class, for as long as none comes or goes."""
        self._resting: deque[tuple[EntityId, Tick]] = deque()
        self._next_id = 1
        self._cause = NO_SEAT
        self._ordinal = 0

    # --- reading ---------------------------------------------------------------------------

    def __iter__(self) -> Iterator[Entity]:
        """Walk over all entities by rising id; spawning and despawning on the way is safe."""
        return iter(list(self._ordered().values()))

    def __len__(self) -> int:
        """Count the entities."""
        return len(self._entities)

    def __contains__(self, entity_id: object) -> bool:
        """Tell whether an entity of this id lives."""
        return entity_id in self._entities

    def get(self, entity_id: EntityId) -> Entity | None:
        """Return the entity of this id, if it lives."""
        return self._entities.get(entity_id)

    def all(self, kind: type[EntityT]) -> list[EntityT]:
        """Return all entities of a class, by rising id."""
        return list(self._listed(kind))

    def one(self, kind: type[EntityT]) -> EntityT:
        """Return the only entity of a class, such as the score board.

        Raises:
            GameFaultError: There is none.
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
        """Return copies of a rewindable class as a player with this `Command.view` saw them.

        For hit tests only: changing a copy changes nothing. Ordered by id. An entity that did
        not live then is absent.
        """
        return [e for e in self.past.rewound(self, view) if isinstance(e, kind)]

    # --- chance ----------------------------------------------------------------------------

    @property
    def rng(self) -> Rng:
        """The match's generator, whose state no client ever sees.

        Raises:
            GameFaultError: Predicted code asked for it.
        """
        if self._rng is None or self._cause != NO_SEAT:
            raise GameFaultError("predicted code must draw from world.keyed(), not world.rng")
        return self._rng

    def keyed(self, entity_id: EntityId, n: int = 0) -> int:
        """Return 32 random bits that server and client agree on, fixed by tick, entity and n."""
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

    def despawn(self, entity: Entity) -> None:
        """Remove an entity; its id rests for `RECYCLE_AFTER_TICKS`. Removing twice is safe."""
        if self._entities.pop(entity.id, None) is not None and entity.id > 0:
            self._resting.append((entity.id, self.tick))
        self._lists.clear()

    def emit(self, event: Event) -> None:
        """Tell viewers that something happened in this tick."""
        self.events.append(event)

    def caused_by(self, seat: Seat) -> "_Cause":
        """Run predicted code for a seat: spawns know their cause, `rng` is out of reach."""
        return _Cause(self, seat)

    def _begin_cause(self, seat: Seat) -> None:
        """Let a seat be the cause of what follows; `NO_SEAT` for none. See `caused_by`."""
        self._cause, self._ordinal = seat, 0

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
        """Return the next fresh id, and the resting ids with the tick they were freed at."""
        return self._next_id, list(self._resting)

    def restore_identity(self, next_id: int, resting: list[tuple[EntityId, Tick]]) -> None:
        """Go on naming entities where `identity` was asked."""
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
            known = [e for e in self._ordered().values() if isinstance(e, kind)]
            self._lists[kind] = known
        return known

    def _ordered(self) -> dict[EntityId, Entity]:
        if not self._sorted:
            self._entities = dict(sorted(self._entities.items()))
            self._sorted = True
        return self._entities
