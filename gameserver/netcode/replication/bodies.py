"""Read the body of a section that is no keyframe: updates, then records.

Law: what the writer learned (`gameserver.accel.bodies`, `gameserver.netcode.replication.records`),
the reader learns here from the same bits in the same order.
"""

from typing import Any, Final

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
    RESTART,
    SECTION,
    TOLD,
    class_contexts,
    event_contexts,
    field_contexts,
    spawn_contexts,
)
from gameserver.accel.rangecoding import RARE, REPEAT, ContextSets, RangeReader
from gameserver.game.fields import Audience
from gameserver.game.schema.table import EventTable, GameTable, ValueKind
from gameserver.ids import EntityId, Tick
from gameserver.netcode.replication.keyed import MAX_TEXT, garbled
from gameserver.netcode.replication.records import MOST_RECORDS, ChangeKind
from gameserver.netcode.replication.residual import apply_function, extrapolate_function
from gameserver.netcode.replication.rows import Decoded, EntityRow, new_row

_RECENT: Final = 3
"""Mask of an entity's history."""


def read_body(
    body: bytes, table: GameTable, audience: Audience, sets: ContextSets,
    rows: dict[EntityId, EntityRow], decoded: Decoded,
) -> None:  # fmt: skip
    """Bring the section's rows, and what was learned, to the next snapshot.

    Raises:
        ProtocolError: No encoder in this state could have sent the body.
    """
    _Body(body, table, audience, sets, rows).read(decoded)


class _Body:
    """One body while it is read."""

    def __init__(
        self, body: bytes, table: GameTable, audience: Audience, sets: ContextSets,
        rows: dict[EntityId, EntityRow],
    ) -> None:  # fmt: skip
        self._reader = RangeReader(body)
        self._table = table
        self._audience = audience
        self._sets = sets
        self._rows = rows

    def read(self, decoded: Decoded) -> None:
        reader, sets = self._reader, self._sets
        if reader.bit([RARE], RESTART):
            sets.clear()
            for row in self._rows.values():
                row.history = row.mask = 0
                row.last = [0] * len(row.last)
        changed = reader.bit(sets[SECTION], TOLD)
        for row in self._rows.values():
            update = self._update(row) if changed else None
            if update is not None:
                apply_function(row.table)(row.state, row.mask, update)
            elif row.table.linear:
                extrapolate_function(row.table)(row.state)
        records = 0
        while reader.bit(sets[SECTION], MORE):
            records += 1
            if records > MOST_RECORDS:
                raise garbled("there are too many records")
            self._record(decoded)
        reader.end()

    def _update(self, row: EntityRow) -> list[Any] | None:
        """Return the residuals of an entity in the order of its fields, and set its mask."""
        reader, sets, number = self._reader, self._sets, row.table.number
        told = reader.bit(sets[class_contexts(number)], row.history)
        row.history = (row.history << 1 | told) & _RECENT
        if not told:
            row.mask = 0
            return None
        contexts = field_contexts(number)
        residuals: list[Any] = []
        memory = len(row.table.fields) - 1
        mask = present = 0
        for i, field in enumerate(row.table.fields):
            memory += field.linear
            if field.once:
                continue
            learned, was = sets[contexts + i], row.mask >> i & 1
            present = reader.bit(learned, 2 * was + present)
            if not present:
                continue
            mask |= 1 << i
            if field.kind is ValueKind.BOOL:
                residuals.append(not row.state[i])
            elif field.kind is ValueKind.STR:
                residuals.append(reader.text(learned, MAX_TEXT))
            elif field.linear:
                residuals.append(reader.signed(learned, row.state[memory]))
            else:
                near = row.last[i]
                if not (near and reader.bit(learned, REPEAT + was)):
                    row.last[i] = reader.signed(learned, near)
                residuals.append(row.last[i])
        if not mask:
            raise garbled("an update tells nothing")
        row.mask = mask
        return residuals

    # --- records -----------------------------------------------------------------------------

    def _record(self, decoded: Decoded) -> None:
        reader, learned = self._reader, self._sets[SECTION]
        high = reader.bit(learned, RECORD + 1)
        kind = 2 * high + reader.bit(learned, RECORD + 2 + high)
        if kind == ChangeKind.SPAWN:
            row = self._spawn()
            self._rows[row.id] = row
            decoded.spawned.append(row.id)
        elif kind == ChangeKind.GONE:
            gone = EntityId(self._whole(GONE_ID))
            if self._rows.pop(gone, None) is None:
                raise garbled(f"entity {gone} is not known")
            decoded.despawned.append(gone)
        elif kind == ChangeKind.EVENT:
            decoded.events.append(self._event())
        else:
            decoded.checksum = reader.direct(32)

    def _spawn(self) -> EntityRow:
        entity_id, number = self._whole(ENTITY_ID), self._whole(ENTITY_TYPE)
        owner = self._whole(OWNER)
        row = new_row(self._table, self._audience, self._rows, entity_id, number, owner)
        if self._reader.bit(self._sets[OWNER], CAUSED):
            row.born, row.ordinal = Tick(self._whole(BORN)), self._whole(ORDINAL)
        contexts = spawn_contexts(number)
        for i, field in enumerate(row.table.fields):
            row.state.append(self._value(contexts + i, field.kind))
        row.state += [0] * len(row.table.linear)
        return row

    def _event(self) -> tuple[EventTable, tuple[int | bool | str, ...]]:
        number = self._whole(EVENT_TYPE)
        if not 0 <= number < len(self._table.events):
            raise garbled(f"event {number} is unknown")
        table, classes = self._table.events[number], len(self._table.by_number)
        values = [
            self._value(event_contexts(classes, number, place), kind)
            for place, kind in enumerate(table.kinds)
        ]
        return table, tuple(values)

    def _value(self, contexts: int, kind: ValueKind) -> int | bool | str:
        learned = self._sets[contexts]
        if kind is ValueKind.BOOL:
            return bool(self._reader.bit(learned, 0))
        if kind is ValueKind.STR:
            return self._reader.text(learned, MAX_TEXT)
        return self._reader.whole(learned)

    def _whole(self, contexts: int) -> int:
        return self._reader.whole(self._sets[contexts])
