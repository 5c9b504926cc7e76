"""Decode one audience's chain: the mirror of :mod:`gameserver.netcode.replication.encoder`.

Law: any bytes lead either to the state of an encoder or to `ProtocolError`. After an error the
section is unusable until its next keyframe.
"""

from collections.abc import Sequence
from typing import Any

from gameserver.accel.contexts import contexts_in_all
from gameserver.accel.packing import pack_values
from gameserver.accel.rangecoding import HIGHEST, LOWEST, PRIOR, SLOTS, SLOWEST, ContextSets
from gameserver.errors import Code, ProtocolError
from gameserver.game.entity import Event
from gameserver.game.fields import Audience
from gameserver.game.schema.table import EventTable, GameTable
from gameserver.ids import EntityId
from gameserver.netcode.replication.bodies import read_body
from gameserver.netcode.replication.encoder import entity_sum
from gameserver.netcode.replication.keyed import (
    CHECKSUM,
    EVENT,
    KEYED,
    KIND_TYPES,
    LEARNED,
    RECENT,
    ValueStream,
    cause_of,
    garbled,
    integer,
    kinds_of,
    typed,
    typed_all,
    unpacked,
)
from gameserver.netcode.replication.residual import extrapolate_function
from gameserver.netcode.replication.rows import Decoded, EntityRow, new_row


class SectionDecoder:
    """The viewer's end of one audience's chain.

    Attributes:
        rows: The section's entities by id.
    """

    def __init__(self, table: GameTable, audience: Audience) -> None:
        """Start without entities; the first body must be a keyframe."""
        self._table = table
        self._audience = audience
        self._sets = ContextSets()
        self.rows: dict[EntityId, EntityRow] = {}

    def apply(self, body: bytes, *, keyframe: bool) -> Decoded:
        """Apply the body of the next snapshot; for an absent section the body is empty.

        Raises:
            ProtocolError: No encoder in this state could have sent the body.
        """
        decoded = Decoded()
        if keyframe:
            before = set(self.rows)
            self.rows = {}
            self._sets.clear()
            self._keyframe(body, decoded)
            decoded.despawned += sorted(before - set(self.rows))
            decoded.spawned = [i for i in decoded.spawned if i not in before]
        elif body:
            read_body(body, self._table, self._audience, self._sets, self.rows, decoded)
        else:
            for row in self.rows.values():
                if row.table.linear:
                    extrapolate_function(row.table)(row.state)
        if not self.rows:
            self._sets.clear()
        if decoded.checksum is not None:
            decoded.computed = self.checksum()
        return decoded

    def keyframe(self, *, learned: bool = False) -> bytes:
        """Return a body that brings another decoder to this state, as a server's keyframe does.

        Args:
            learned: Add what was learned, so that the other one can go on with the next body.

        Raises:
            ProtocolError: A value needs more than the 64 bits that msgpack can pack.
        """
        try:
            rows = b"".join(_keyed(row) for row in self.rows.values())
            return rows + b"".join(self._learned()) if learned else rows
        except OverflowError:
            raise garbled("a value is out of bounds") from None

    def checksum(self) -> int:
        """Return the 32-bit checksum of all values of this section.

        Raises:
            ProtocolError: A value needs more than the 64 bits that msgpack can pack.
        """
        total = 0
        for row in self.rows.values():
            values = row.state[: len(row.table.fields)]
            try:
                total += entity_sum(row.id, row.table.number, row.owner, values)
            except OverflowError:
                raise garbled(f"a value of entity {row.id} is out of bounds") from None
        return total & 0xFFFFFFFF

    # --- keyframes ---------------------------------------------------------------------------

    def _keyframe(self, body: bytes, decoded: Decoded) -> None:
        values = unpacked(body) if body else iter(())
        for head in values:
            if type(head) is not int:
                raise garbled("a record begins with a number")
            if head == KEYED:
                row = self._full(values)
                self.rows[row.id] = row
                decoded.spawned.append(row.id)
            elif head == EVENT:
                decoded.events.append(self._event(values))
            elif head == CHECKSUM:
                decoded.checksum = integer(values)
            elif head == LEARNED:
                self._learn(values)
            elif head == RECENT:
                self._recall(values)
            else:
                raise garbled(f"record {head} is unknown")

    def _full(self, values: ValueStream) -> EntityRow:
        entity_id, number, owner = integer(values), integer(values), integer(values)
        row = new_row(self._table, self._audience, self.rows, entity_id, number, owner)
        row.born, row.ordinal = cause_of(values)
        row.state = typed_all(values, kinds_of(row.table))
        row.state += [integer(values) for _ in row.table.linear]
        return row

    def _event(self, values: ValueStream) -> tuple[EventTable, tuple[int | bool | str, ...]]:
        number = integer(values)
        if not 0 <= number < len(self._table.events):
            raise garbled(f"event {number} is unknown")
        table = self._table.events[number]
        return table, tuple(typed_all(values, [KIND_TYPES[kind] for kind in table.kinds]))

    def _learned(self) -> list[bytes]:
        """Return records of all that was learned, which only a client of ours writes and reads."""
        parts = []
        for number, contexts in self._sets.items():
            known = [(slot, state) for slot, state in enumerate(contexts) if state != PRIOR]
            parts.append(pack_values([LEARNED, number, len(known), *sum(known, ())]))
        for row in self.rows.values():
            pairs = [(row.mask >> i & 1, last) for i, last in enumerate(row.last)]
            parts.append(pack_values([RECENT, row.id, row.history, *sum(pairs, ())]))
        return parts

    def _learn(self, values: ValueStream) -> None:
        number, count = integer(values), integer(values)
        lists = contexts_in_all(len(self._table.by_number), len(self._table.events))
        if not 0 <= number < lists:
            raise garbled(f"there are no contexts {number}")
        contexts = self._sets[number]
        for _ in range(count):
            slot, state = integer(values), integer(values)
            sound = LOWEST <= state >> 3 <= HIGHEST and state & 7 <= SLOWEST
            if not (0 <= slot < SLOTS and sound):
                raise garbled(f"a context cannot be {state}")
            contexts[slot] = state

    def _recall(self, values: ValueStream) -> None:
        row = self.rows.get(EntityId(integer(values)))
        if row is None:
            raise garbled("an entity is not known")
        row.history = integer(values) & 3
        row.mask = 0
        for i in range(len(row.last)):
            row.mask |= (integer(values) & 1) << i
            row.last[i] = integer(values)


def _keyed(row: EntityRow) -> bytes:
    cause = None if row.born is None else [row.born, row.ordinal]
    return pack_values([KEYED, row.id, row.table.number, row.owner, cause, *row.state])


def event_of(table: GameTable, number: int, fields: Sequence[Any]) -> Event:
    """Build the reliable game event of a ``match.event`` message.

    Raises:
        ProtocolError: The game has no such event, or the fields' number or types are wrong.
    """
    if not 0 <= number < len(table.events):
        raise ProtocolError(Code.BAD_MESSAGE, f"the game has no event {number}")
    row = table.events[number]
    if len(fields) != len(row.kinds):
        raise ProtocolError(Code.BAD_MESSAGE, f"event {number} has not {len(fields)} fields")
    shaped = [typed(value, KIND_TYPES[kind]) for value, kind in zip(fields, row.kinds, strict=True)]
    return row.event(**dict(zip(row.names, shaped, strict=True)))
