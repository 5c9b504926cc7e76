"""Build the game's entities from a viewer's sections, snapshot by snapshot.

Law: a returned world is complete and never changes afterwards. An entity that is equal to that of
the previous snapshot is the same object, so that histories share it.
"""

from collections.abc import Sequence
from typing import Any

import attrs

from gameserver.errors import ProtocolError
from gameserver.game.codegen.perclass import per_class
from gameserver.game.entity import Entity, Event
from gameserver.game.game import Game
from gameserver.game.schema.compiled import clone
from gameserver.game.schema.table import table_of
from gameserver.ids import EntityId, Tick
from gameserver.messages.wire import Section
from gameserver.netcode.prediction.interpolation import Confirmed
from gameserver.netcode.replication.decoder import SectionDecoder
from gameserver.netcode.replication.residual import write_function
from gameserver.netcode.replication.rows import EntityRow
from gameserver.netcode.replication.sections import (
    FIRST_CELL,
    PUBLIC,
    audience_of,
    goes_on_alone,
    is_group,
)


@attrs.frozen
class Desync:
    """A section that differs from the server's state; a request for its keyframe is needed.

    Both checksums are 0 if the section could not be decoded.
    """

    section: int
    expected: int
    computed: int


@attrs.define
class Reading:
    """The result of one snapshot."""

    confirmed: Confirmed | None
    """The world; None while the public section waits for a keyframe."""
    events: list[Event] = attrs.field(factory=list)
    desyncs: list[Desync] = attrs.field(factory=list)
    keyframes: int = 0


class SnapshotReader:
    """Decodes the snapshots of one viewer."""

    def __init__(self, game: Game) -> None:
        """Start without sections; the first snapshot must have keyframes."""
        self._table = table_of(game)
        self._decoders: dict[int, SectionDecoder] = {}
        self._built: dict[EntityId, tuple[object, Entity]] = {}
        self._lost: set[int] = set()
        """Sections that could not be decoded; they are ignored until their next keyframe."""
        self._moved: dict[int, Tick] = {}
        """Tick of the last snapshot that each section was decoded for."""

    def apply(self, tick: Tick, sections: Sequence[Section]) -> Reading:
        """Apply a snapshot; sections that are absent from it are extrapolated."""
        reading = Reading(None)
        present = {section.number: section for section in sections}
        if PUBLIC in present and present[PUBLIC].keyframe:
            # With a public keyframe come keyframes of all visible sections: drop all others.
            self._decoders = {n: d for n, d in self._decoders.items() if n in present}
        for number in sorted({*self._decoders, *present}):
            section = present.get(number)
            if section is not None and section.keyframe:
                self._begin(number)
                reading.keyframes += number < FIRST_CELL
            elif number >= FIRST_CELL and number not in self._lost:
                self._begin(number)  # an unknown cell is an empty one and needs no keyframe
            if number in self._decoders and (section is not None or goes_on_alone(number)):
                self._decode(tick, number, section, reading)
        if PUBLIC in self._decoders:
            reading.confirmed = Confirmed(tick, self._entities())
        return reading

    def keyframe(self, number: int) -> Section | None:
        """Return one of the sections of `keyframes`; None if it is not there.

        Raises:
            ProtocolError: As there.
        """
        decoder = self._decoders.get(number)
        return None if decoder is None else Section(number, True, decoder.keyframe())

    def keyframes(self) -> tuple[Section, ...]:
        """Return sections that bring another reader to this state, as a server's keyframes do.

        They also hold what was learned from the bodies before, so that the next ones can be read.
        What is waiting for a keyframe itself is left out.

        Raises:
            ProtocolError: A value cannot be packed; the server has sent what no game has.
        """
        decoders = self._decoders
        return tuple(
            Section(number, keyframe=True, body=decoders[number].keyframe(learned=True))
            for number in sorted(decoders)
        )

    def _begin(self, number: int) -> None:
        """Create the decoder of a section; a group's replaces that of another group."""
        if is_group(number):
            for other in [n for n in self._decoders if is_group(n) and n != number]:
                del self._decoders[other]
        self._lost.discard(number)
        if number not in self._decoders:
            self._decoders[number] = SectionDecoder(self._table, audience_of(number))

    def _decode(self, tick: Tick, number: int, section: Section | None, reading: Reading) -> None:
        decoder = self._decoders[number]
        self._moved[number] = tick
        try:
            decoded = decoder.apply(
                section.body if section else b"", keyframe=bool(section and section.keyframe)
            )
        except ProtocolError:
            del self._decoders[number]
            self._lost.add(number)
            reading.desyncs.append(Desync(number, 0, 0))
            return
        if number >= FIRST_CELL and not decoder.rows:
            del self._decoders[number]
        for table, fields in decoded.events:
            reading.events.append(table.event(**dict(zip(table.names, fields, strict=True))))
        if decoded.checksum is not None and decoded.checksum != decoded.computed:
            assert decoded.computed is not None
            reading.desyncs.append(Desync(number, decoded.checksum, decoded.computed))

    def _entities(self) -> dict[EntityId, Entity]:
        public = self._decoders[PUBLIC].rows
        if max(self._decoders) >= FIRST_CELL:
            public = public | self._rows_of_cells()
        others = [self._decoders[n].rows for n in sorted(self._decoders) if PUBLIC < n < FIRST_CELL]
        built: dict[EntityId, tuple[object, Entity]] = {}
        for entity_id in sorted(public):
            rows = [public[entity_id]]
            rows += [known[entity_id] for known in others if entity_id in known]
            built[entity_id] = self._entity(entity_id, rows)
        self._built = built
        return {entity_id: entity for entity_id, (_, entity) in built.items()}

    def _rows_of_cells(self) -> dict[EntityId, EntityRow]:
        """Merge the cells: of two rows of one entity, the one that was decoded later counts.

        At the same tick a near section counts before a far one.
        """
        rows: dict[EntityId, EntityRow] = {}
        cells = [n for n in self._decoders if n >= FIRST_CELL]
        for number in sorted(cells, key=lambda n: (self._moved[n], goes_on_alone(n))):
            rows.update(self._decoders[number].rows)
        return rows

    def _entity(self, entity_id: EntityId, rows: list[EntityRow]) -> tuple[object, Entity]:
        first = rows[0]
        signature: list[Any] = [first.table.number, first.owner, first.born, first.ordinal]
        for row in rows:
            signature += row.state
        known = self._built.get(entity_id)
        if known is not None and known[0] == signature:
            return known
        entity = clone(_blank(first.table.entity))
        entity.id, entity.owner = entity_id, first.owner
        entity.born, entity.ordinal = first.born or Tick(0), first.ordinal
        for row in rows:
            write_function(row.table)(entity, row.state)
        return signature, entity


@per_class
def _blank(entity: type[Any]) -> Entity:
    made: Entity = entity()
    return made
