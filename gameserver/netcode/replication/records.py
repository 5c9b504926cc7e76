"""Write the records of a body that is no keyframe: what came and went, events, the checksum.

Law: `gameserver.netcode.replication.bodies` reads them by the same contexts in the same order.
"""

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Any, Final

from gameserver.accel import BodyWriter, Track
from gameserver.accel.contexts import (
    BORN,
    CAUSED,
    ENTITY_ID,
    ENTITY_TYPE,
    EVENT_TYPE,
    GONE_ID,
    MORE,
    ORDINAL,
    OWNER,
    RECORD,
    SECTION,
    event_contexts,
    spawn_contexts,
)
from gameserver.game.schema.table import EventTable, GameTable, ValueKind
from gameserver.ids import EntityId

ToldEventRow = tuple[EventTable, Sequence[int | bool | str]]
"""An event's table, and its fields."""


MOST_RECORDS: Final = 65_536
"""Most records of a body (46). One may take a hundredth of a bit, so the bytes are no bound."""


class ChangeKind(IntEnum):
    """The kinds of records behind the updates, by their two bits."""

    SPAWN = 0
    GONE = 1
    EVENT = 2
    CHECKSUM = 3


class SectionRecords:
    """Writes records into the bodies of one section."""

    def __init__(self, writer: BodyWriter, table: GameTable) -> None:
        """Write into the body that ``writer`` has begun."""
        self._writer = writer
        self._classes = len(table.by_number)

    def write(
        self, born: Iterable[Track], gone: Iterable[EntityId], events: Iterable[ToldEventRow],
        checksum: int | None,
    ) -> None:  # fmt: skip
        """Write records of all of these; None for no checksum."""
        for track in born:
            self._spawn(track)
        for entity_id in gone:
            self._head(ChangeKind.GONE)
            self._writer.whole(GONE_ID, entity_id)
        for table, values in events:
            self._head(ChangeKind.EVENT)
            self._writer.whole(EVENT_TYPE, table.number)
            for place, kind in enumerate(table.kinds):
                contexts = event_contexts(self._classes, table.number, place)
                self._value(contexts, kind, values[place])
        if checksum is not None:
            self._head(ChangeKind.CHECKSUM)
            self._writer.direct(checksum, 32)

    def end(self) -> None:
        """Write that no record follows."""
        self._writer.flag(SECTION, MORE, False)

    def _head(self, kind: ChangeKind) -> None:
        writer = self._writer
        writer.flag(SECTION, MORE, True)
        writer.flag(SECTION, RECORD + 1, kind >= ChangeKind.EVENT)
        writer.flag(SECTION, RECORD + 2 + (kind >> 1), bool(kind & 1))

    def _spawn(self, track: Track) -> None:
        writer, entity, number = self._writer, track.entity, track.table.number
        self._head(ChangeKind.SPAWN)
        writer.whole(ENTITY_ID, entity.id)
        writer.whole(ENTITY_TYPE, number)
        writer.whole(OWNER, entity.owner)
        writer.flag(OWNER, CAUSED, entity.ordinal >= 0)
        if entity.ordinal >= 0:
            writer.whole(BORN, entity.born)
            writer.whole(ORDINAL, entity.ordinal)
        state, first = track.state, spawn_contexts(number)
        for i, field in enumerate(track.table.fields):
            self._value(first + i, field.kind, state[i])

    def _value(self, contexts: int, kind: ValueKind, value: Any) -> None:
        if kind is ValueKind.BOOL:
            self._writer.flag(contexts, 0, value)
        elif kind is ValueKind.STR:
            self._writer.text(contexts, value)
        else:
            self._writer.whole(contexts, value)
