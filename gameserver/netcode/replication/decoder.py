"""Decode one audience's chain: the mirror of :mod:`gameserver.netcode.replication.encoder`.

Law: any bytes lead either to the encoder's state or to `ProtocolError`. After an error the section
is unusable until its next keyframe.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice, zip_longest
from typing import Any, Final

import attrs
import msgpack

from gameserver.accel import State
from gameserver.accel.packing import pack_values
from gameserver.errors import Code, ProtocolError
from gameserver.game.crowd import MOST_ENTITIES
from gameserver.game.entity import Event
from gameserver.game.fields import Audience
from gameserver.game.schema.table import ClassTable, EventTable, GameTable, ValueKind
from gameserver.ids import EntityId, Seat, Tick
from gameserver.netcode.replication.encoder import (
    CHECKSUM,
    DESPAWN,
    EVENT,
    KEYED,
    SPAWN,
    entity_sum,
)
from gameserver.netcode.replication.residual import apply_function, extrapolate_function

MAX_TEXT: Final = 1024
"""Longest string value in bytes."""

_LENGTHS: Final[dict[str, Any]] = {
    "max_str_len": MAX_TEXT, "max_array_len": 2, "max_bin_len": 0, "max_map_len": 0,
    "max_ext_len": 0,
}  # fmt: skip

_KINDS = {ValueKind.INT: int, ValueKind.BOOL: bool, ValueKind.STR: str, ValueKind.FLOAT: int}


@attrs.define(eq=False)
class EntityRow:
    """One entity's values in one section."""

    id: EntityId
    table: ClassTable
    owner: Seat
    state: State
    """Wire values in field order, then the predictor's memory."""
    born: Tick | None = None
    ordinal: int = -1
    """With ``born``: the ordinal of the spawn among those of the owner's command; -1 for none."""


@attrs.define
class Decoded:
    """The contents of one snapshot's body, apart from updates of values."""

    spawned: list[EntityId] = attrs.field(factory=list)
    despawned: list[EntityId] = attrs.field(factory=list)
    events: list[tuple[EventTable, tuple[int | bool | str, ...]]] = attrs.field(factory=list)
    checksum: int | None = None
    """The server's checksum; None if the body has none."""
    computed: int | None = None
    """This side's checksum; differs from the server's in a desync."""


class SectionDecoder:
    """The viewer's end of one audience's chain.

    Attributes:
        rows: The section's entities by id.
    """

    def __init__(self, table: GameTable, audience: Audience) -> None:
        """Start without entities; the first body must be a keyframe."""
        self._table = table
        self._audience = audience
        self.rows: dict[EntityId, EntityRow] = {}

    def apply(self, body: bytes, *, keyframe: bool) -> Decoded:
        """Apply the body of the next snapshot; for an absent section the body is empty.

        Raises:
            ProtocolError: No encoder in this state could have sent the body.
        """
        decoded = Decoded()
        before = set(self.rows) if keyframe else set()
        if keyframe:
            self.rows = {}
        touched: set[EntityId] = set()
        values = _values(body) if body else iter(())
        for head in values:
            if type(head) is not int:
                raise _garbled("a record begins with a number")
            if head >= 1:
                touched.add(self._update(EntityId(head), values))
            else:
                self._record(head, values, decoded, touched)
        self._extrapolate(touched)
        if keyframe:
            decoded.despawned += sorted(before - set(self.rows))
            decoded.spawned = [i for i in decoded.spawned if i not in before]
        if decoded.checksum is not None:
            decoded.computed = self.checksum()
        return decoded

    def keyframe(self) -> bytes:
        """Return a body that brings another decoder to this state, as a server's keyframe does.

        Raises:
            ProtocolError: A value needs more than the 64 bits that msgpack can pack.
        """
        try:
            return b"".join(_keyed(row) for row in self.rows.values())
        except OverflowError:
            raise _garbled("a value is out of bounds") from None

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
                raise _garbled(f"a value of entity {row.id} is out of bounds") from None
        return total & 0xFFFFFFFF

    # --- records -----------------------------------------------------------------------------

    def _record(
        self, head: int, values: Iterator[Any], decoded: Decoded, touched: set[EntityId]
    ) -> None:
        if head in (SPAWN, KEYED):
            row = self._full(values, with_memory=head == KEYED)
            self.rows[row.id] = row
            touched.add(row.id)
            decoded.spawned.append(row.id)
        elif head == DESPAWN:
            gone = EntityId(_integer(values))
            if self.rows.pop(gone, None) is None:
                raise _garbled(f"entity {gone} is not known")
            decoded.despawned.append(gone)
        elif head == EVENT:
            decoded.events.append(self._event(values))
        elif head == CHECKSUM:
            decoded.checksum = _integer(values)
        else:
            raise _garbled(f"record {head} is unknown")

    def _update(self, entity_id: EntityId, values: Iterator[Any]) -> EntityId:
        row = self.rows.get(entity_id)
        if row is None:
            raise _garbled(f"entity {entity_id} is not known")
        mask = _integer(values)
        if not 1 <= mask < 1 << len(row.table.fields):
            raise _garbled(f"mask {mask} does not fit {row.table.entity.__name__}")
        apply_function(row.table)(row.state, mask, _typed_all(values, _kinds(row.table, mask)))
        return entity_id

    def _full(self, values: Iterator[Any], *, with_memory: bool) -> EntityRow:
        entity_id, number, owner = _integer(values), _integer(values), _integer(values)
        if entity_id < 1 or not 0 <= number < len(self._table.by_number):
            raise _garbled(f"entity {entity_id} of class {number} cannot be")
        table = self._table.by_number[number].get(self._audience)
        if table is None or len(self.rows) >= MOST_ENTITIES:
            raise _garbled(f"class {number} has nothing for this section")
        born, ordinal = _cause(values)
        state: State = _typed_all(values, _kinds(table, (1 << len(table.fields)) - 1))
        state += [_integer(values) if with_memory else 0 for _ in table.linear]
        return EntityRow(EntityId(entity_id), table, Seat(owner), state, born, ordinal)

    def _event(self, values: Iterator[Any]) -> tuple[EventTable, tuple[int | bool | str, ...]]:
        number = _integer(values)
        if not 0 <= number < len(self._table.events):
            raise _garbled(f"event {number} is unknown")
        table = self._table.events[number]
        return table, tuple(_typed_all(values, [_KINDS[kind] for kind in table.kinds]))

    def _extrapolate(self, touched: set[EntityId]) -> None:
        for entity_id, row in self.rows.items():
            if row.table.linear and entity_id not in touched:
                extrapolate_function(row.table)(row.state)


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
    typed = [_typed(value, _KINDS[kind]) for value, kind in zip(fields, row.kinds, strict=True)]
    return row.event(**dict(zip(row.names, typed, strict=True)))


def _values(body: bytes) -> Iterator[Any]:
    unpacker = msgpack.Unpacker(
        max_buffer_size=max(len(body), 1),
        **_LENGTHS,
    )
    unpacker.feed(body)
    end = 0
    try:
        for value in unpacker:
            end = unpacker.tell()  # read now: at the end it includes the head of a truncated value
            yield value
    except (ValueError, msgpack.UnpackException) as error:
        raise _garbled(f"not msgpack: {error}") from None
    if end != len(body):
        raise _garbled("the last value is cut off")


def _cause(values: Iterator[Any]) -> tuple[Tick | None, int]:
    cause = next(values, None)
    if cause is None:
        return None, -1
    if type(cause) is not list or len(cause) != 2 or {type(part) for part in cause} != {int}:
        raise _garbled("a cause is nil or two numbers")
    return Tick(cause[0]), cause[1]


@lru_cache(maxsize=1024)
def _kinds(table: ClassTable, mask: int) -> list[type]:
    """Return the types of the fields that a mask names."""
    return [_KINDS[field.kind] for i, field in enumerate(table.fields) if mask >> i & 1]


def _typed_all(values: Iterator[Any], kinds: list[type]) -> list[Any]:
    """Return the next values, which must have these types: one comparison for all of them."""
    taken = list(islice(values, len(kinds)))
    if [*map(type, taken)] != kinds:
        for value, kind in zip_longest(taken, kinds):
            _typed(value, kind)
    return taken


def _integer(values: Iterator[Any]) -> int:
    value: int = _typed(next(values, None), int)
    return value


def _typed(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise _garbled(f"{kind.__name__} expected, not {type(value).__name__}")
    return value


def _garbled(what: str) -> ProtocolError:
    return ProtocolError(Code.BAD_MESSAGE, f"snapshot: {what}")
