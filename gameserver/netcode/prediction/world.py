"""Predict one seat's part of the world ahead of the server, and reconcile it with snapshots.

Law: prediction runs the server's own code on the server's own integers, so it is exact as long as
no input is lost. A snapshot is compared field by field with the prediction of its tick. Only if
they differ, the world is reset to the snapshot and the later commands are replayed.

Compared are the entities that the seat owns, and others that its prediction changed, such as a
pickup it took. All other entities of the predicted world are those of the newest snapshot.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

import attrs

from gameserver.game.codegen.generated import build
from gameserver.game.codegen.perclass import per_class
from gameserver.game.command import Command
from gameserver.game.entity import Entity, Event
from gameserver.game.fields import METADATA_KEY, FieldSpec
from gameserver.game.game import Game
from gameserver.game.schema.compiled import clone
from gameserver.game.schema.table import BASE_FIELDS
from gameserver.game.world import World
from gameserver.ids import EntityId, Seat, Tick
from gameserver.netcode.prediction.interpolation import TELEPORT, Confirmed
from gameserver.netcode.timing.inputs import REPEAT_S

PredictedRow = tuple[Any, ...]
Ident = int | tuple[int, int]
"""Identity of an entity on both sides: its id or, if a command of its owner spawned it, the tick
and ordinal of that spawn, which the client knows before the server has given an id."""

_FIRST_OWN_ID: Final = -(1 << 30)


class PredictedWorld(World):
    """A world whose own spawns get negative, rising ids, so that iteration keeps their order."""

    def _take_id(self) -> EntityId:
        taken = EntityId(_FIRST_OWN_ID + self._next_id)
        self._next_id += 1
        return taken

    def fork(self) -> "PredictedWorld":
        """Return an independent copy of tick and entities."""
        twin = PredictedWorld(map=self.map, options=self.options, salt=self.salt, past=self.past)
        twin.tick = self.tick
        twin._next_id = self._next_id
        for entity in self:
            twin.put(clone(entity))
        return twin


@per_class
def compared_fields(entity: type[Any]) -> tuple[str, ...]:
    """Return the fields that are compared with snapshots: networked ones that may change."""
    return tuple(
        a.name
        for a in attrs.fields(entity)
        if isinstance(spec := a.metadata.get(METADATA_KEY), FieldSpec) and not spec.once
    )


@per_class
def _plain_fields(entity: type[Any]) -> tuple[str, ...]:
    return tuple(
        a.name
        for a in attrs.fields(entity)
        if METADATA_KEY not in a.metadata and a.name not in BASE_FIELDS
    )


@per_class
def _reads(entity: type[Any]) -> tuple[str, ...]:
    """Return the expressions that read the compared fields, with ``%s`` for the entity."""
    reads = []
    for name in compared_fields(entity):
        spec: FieldSpec = getattr(attrs.fields(entity), name).metadata[METADATA_KEY]
        plain = spec.precision is None
        reads.append(f"%s.{name}" if plain else f"round(%s.{name} / {spec.precision!r})")
    return tuple(reads)


@per_class
def _reader(entity: type[Any]) -> Callable[[Entity], PredictedRow]:
    items = "".join(f"{read % 'e'}, " for read in _reads(entity))
    made: Callable[[Entity], PredictedRow] = build("row", ["def row(e):", f"    return ({items})"])
    return made


@per_class
def _same(entity: type[Any]) -> Callable[[Entity, Entity], bool]:
    tests = " and ".join(f"{read % 'a'} == {read % 'b'}" for read in _reads(entity))
    made: Callable[[Entity, Entity], bool] = build(
        "same", ["def same(a, b):", f"    return {tests or 'True'}"]
    )
    return made


def row_of(entity: Entity) -> PredictedRow:
    """Return the values of `compared_fields`, in that order; floats in their wire units."""
    return _reader(type(entity))(entity)


def ident_of(entity: Entity) -> Ident:
    """Return an entity's identity on both sides."""
    return (entity.born, entity.ordinal) if entity.ordinal >= 0 else entity.id


@attrs.frozen
class Difference:
    """One field whose true value differs from the predicted one.

    ``field`` is "" if the entity as a whole exists on one side only.
    """

    entity: str
    ident: Ident
    field: str
    predicted: object
    true: object


@attrs.frozen
class Verdict:
    """Result of comparing a snapshot with the prediction of its tick.

    Attributes:
        compared: Whether the tick had been predicted; else the other fields are empty.
        distance: Largest distance of an own entity from its predicted position, in the world's
            units. One that the server has teleported counts as where it should be: its owner sees
            it jump, as everybody does.
    """

    tick: int
    compared: bool
    differences: tuple[Difference, ...] = ()
    distance: float = 0.0
    input_explains: bool = False
    """Whether the server's state equals a step in which the tick's input was missing."""


@attrs.frozen
class _Made:
    """The prediction of one tick: own entities, and rows of other entities that it changed."""

    own: dict[Ident, Entity]
    touched: dict[EntityId, PredictedRow | None]
    """None for an entity that prediction removed."""


Rerun = Callable[[int, list[Event]], None]
"""Called with the events of each tick that is run or replayed."""


class Predictor:
    """Predicts one seat's part of the world."""

    def __init__(self, game: Game, seat: Seat, world: PredictedWorld, emitted: Rerun) -> None:
        """Predict in the empty ``world``; ``emitted`` is called with each tick's events."""
        self._game = game
        self._seat = seat
        self._repeat_ticks = int(REPEAT_S * game.tick_rate)
        self._emitted = emitted
        self._commands: dict[int, Command] = {}
        self._made: dict[int, _Made] = {}
        self._confirmed: Confirmed | None = None
        self._others: list[tuple[EntityId, Entity, Callable[[Entity, Entity], bool]]] = []
        """The confirmed entities of others, each with the comparison of its class."""
        self.world = world

    @property
    def tick(self) -> int:
        """The last tick that was predicted."""
        return self.world.tick

    @property
    def confirmed(self) -> Confirmed | None:
        """The newest snapshot applied; the prediction starts from it."""
        return self._confirmed

    def command_at(self, tick: int) -> Command:
        """Return the command of a tick by the server's rule: a missing one repeats the last."""
        for earlier in range(tick, tick - self._repeat_ticks - 1, -1):
            command = self._commands.get(earlier)
            if command is not None:
                return command if earlier == tick else command.repeated()
        return self._game.command()

    # --- predicting -------------------------------------------------------------------------------

    def predict(self, tick: int, command: Command | None) -> None:
        """Run the next tick; ``command`` is None if none was sent for it."""
        if command is not None:
            self._commands[tick] = command
        self._run(tick)

    def skip_to(self, tick: int) -> None:
        """Continue after ``tick`` without running the ticks before; a snapshot will correct it."""
        self.world.tick = Tick(tick)

    def touched(self, entity_id: EntityId, otherwise: Entity) -> Entity | None:
        """Return the predicted state of another seat's entity; ``otherwise`` if it is unchanged.

        None if prediction removed the entity from the world.
        """
        now = self._made.get(self.world.tick)
        if now is None or entity_id not in now.touched:
            return otherwise
        return self.world.get(entity_id)

    def provisional(self, command: Command) -> World:
        """Return a copy of the world one tick later, run with an unsent command, without events."""
        ahead = self.world.fork()
        ahead.tick = Tick(self.world.tick + 1)
        self._step(ahead, command)
        return ahead

    def _run(self, tick: int) -> None:
        world = self.world
        world.tick = Tick(tick)
        world.events = []
        self._step(world, self.command_at(tick))
        self._made[tick] = _Made(
            {ident_of(e): clone(e) for e in world if e.owner == self._seat}, self._touched()
        )
        self._emitted(tick, world.events)

    def _step(self, world: World, command: Command) -> None:
        with world.caused_by(self._seat):
            self._game.predict(world, self._seat, command)

    def _touched(self) -> dict[EntityId, PredictedRow | None]:
        """Return the entities that prediction changed and the seat does not own; None: removed."""
        touched: dict[EntityId, PredictedRow | None] = {}
        get = self.world.get
        for entity_id, entity, is_same in self._others:
            now = get(entity_id)
            if now is None:
                touched[entity_id] = None
            elif not is_same(entity, now):
                touched[entity_id] = row_of(now)
        return touched

    # --- reconciling ------------------------------------------------------------------------------

    def reconcile(self, confirmed: Confirmed, before: Confirmed | None) -> Verdict:
        """Apply a snapshot; ``before`` is that of the tick before it, None if there is none."""
        made = self._made.get(confirmed.tick)
        if made is None:
            self._rebuild(confirmed)
            return Verdict(confirmed.tick, compared=False)
        own = {ident_of(e): e for e in confirmed.entities.values() if e.owner == self._seat}
        differences = tuple(_differences(made, own, confirmed))
        if not differences:
            self._accept(confirmed, own)
            return Verdict(confirmed.tick, compared=True)
        explained = before is not None and self._missing_explains(confirmed, before, own)
        self._rebuild(confirmed)
        distance = _farthest(made.own, own, before)
        return Verdict(confirmed.tick, True, differences, distance, explained)

    def _accept(self, confirmed: Confirmed, own: dict[Ident, Entity]) -> None:
        """Keep the predicted entities, give them their ids, and update all others."""
        self._stand_on(confirmed)
        for entity in list(self.world):
            named = own.get(ident_of(entity)) if entity.owner == self._seat else None
            if named is not None and entity.id < 0:
                self.world.despawn(entity)
                entity.id, entity.ordinal, entity.born = named.id, named.ordinal, named.born
                self.world.put(entity)
            elif entity.owner != self._seat and entity.id not in confirmed.entities:
                self.world.despawn(entity)
        still_touched = {entity_id for made in self._made.values() for entity_id in made.touched}
        for entity_id, entity in confirmed.entities.items():
            if entity.owner != self._seat and entity_id not in still_touched:
                self.world.put(clone(entity))

    def _rebuild(self, confirmed: Confirmed) -> None:
        """Reset the world to the snapshot and replay all later commands."""
        last = max(self.world.tick, confirmed.tick)
        made = self._made.get(confirmed.tick)
        self._stand_on(confirmed)
        for entity in list(self.world):
            if entity.id not in confirmed.entities:
                self.world.despawn(entity)
        for entity in confirmed.entities.values():
            self.world.put(self._with_plain_fields(clone(entity), made))
        self.world.tick = Tick(confirmed.tick)
        for tick in range(confirmed.tick + 1, last + 1):
            self._run(tick)

    def _with_plain_fields(self, entity: Entity, made: _Made | None) -> Entity:
        """Copy the fields that are never sent from the predicted entity, if there is one."""
        known = made.own.get(ident_of(entity)) if made and entity.owner == self._seat else None
        if known is not None and type(known) is type(entity):
            for name in _plain_fields(type(entity)):
                setattr(entity, name, getattr(known, name))
        return entity

    def _stand_on(self, confirmed: Confirmed) -> None:
        self._confirmed = confirmed
        self._others = [
            (entity_id, entity, _same(type(entity)))
            for entity_id, entity in confirmed.entities.items()
            if entity.owner != self._seat
        ]
        for tick in [t for t in self._commands if t < confirmed.tick - self._repeat_ticks]:
            del self._commands[tick]
        for tick in [t for t in self._made if t <= confirmed.tick]:
            del self._made[tick]

    def _missing_explains(
        self, confirmed: Confirmed, before: Confirmed, own: dict[Ident, Entity]
    ) -> bool:
        """Return whether stepping the tick without its own command gives the server's state."""
        world = PredictedWorld(
            map=self.world.map,
            options=self.world.options,
            salt=self.world.salt,
            past=self.world.past,
        )
        for entity in before.entities.values():
            world.put(clone(entity))
        world.tick = Tick(confirmed.tick)
        self._step(world, self.command_at(confirmed.tick - 1).repeated())
        again = {ident_of(e): row_of(e) for e in world if e.owner == self._seat}
        return again == {ident: row_of(e) for ident, e in own.items()}


def _differences(
    made: _Made, own: dict[Ident, Entity], confirmed: Confirmed
) -> Iterator[Difference]:
    for ident, predicted in made.own.items():
        true = own.get(ident)
        if true is None:
            yield Difference(type(predicted).__name__, ident, "", "alive", "gone")
        elif row_of(true) != row_of(predicted):
            yield from _field_differences(ident, row_of(predicted), true)
    for ident, true in own.items():
        if ident not in made.own:
            yield Difference(type(true).__name__, ident, "", "gone", "alive")
    yield from _touched_differences(made, confirmed)


def _touched_differences(made: _Made, confirmed: Confirmed) -> Iterator[Difference]:
    for entity_id, row in made.touched.items():
        entity = confirmed.entities.get(entity_id)
        if entity is None:
            if row is not None:
                yield Difference("", entity_id, "", "alive", "gone")
        elif row is None:
            yield Difference(type(entity).__name__, entity_id, "", "gone", "alive")
        elif row != row_of(entity):
            yield from _field_differences(entity_id, row, entity)


def _field_differences(ident: Ident, row: PredictedRow, true: Entity) -> Iterator[Difference]:
    names = compared_fields(type(true))
    for name, predicted, actual in zip(names, row, row_of(true), strict=True):
        if predicted != actual:
            yield Difference(type(true).__name__, ident, name, predicted, actual)


def _farthest(
    predicted: dict[Ident, Entity], true: dict[Ident, Entity], before: Confirmed | None
) -> float:
    """Return the largest distance of an own entity from its predicted position."""
    farthest = 0.0
    for ident, entity in predicted.items():
        other = true.get(ident)
        if other is None or not (hasattr(entity, "x") and hasattr(entity, "y")):
            continue
        earlier = before.entities.get(other.id) if before is not None else None
        if earlier is None or _distance(earlier, other) <= TELEPORT:
            farthest = max(farthest, _distance(entity, other))
    return farthest


def _distance(a: Any, b: Any) -> float:
    dx, dy = a.x - b.x, a.y - b.y
    return float((dx * dx + dy * dy) ** 0.5)
