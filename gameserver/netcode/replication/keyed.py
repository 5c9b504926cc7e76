"""The bodies of keyframes: runs of msgpack values, of which each must have its type.

Law: any bytes lead either to values of the types that were asked for, or to `ProtocolError`.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, zip_longest
from typing import Any, Final, TypeAlias

import msgpack

from gameserver.errors import Code, ProtocolError
from gameserver.game.schema.table import ClassTable, ValueKind
from gameserver.ids import Tick

MAX_TEXT: Final = 1024
"""Longest string value in bytes."""

EVENT: Final = -3
CHECKSUM: Final = -4
KEYED: Final = -5
LEARNED: Final = -6
RECENT: Final = -7
"""The records; the last two stand only in what a client keeps for itself."""

KIND_TYPES: Final = {
    ValueKind.INT: int, ValueKind.BOOL: bool, ValueKind.STR: str, ValueKind.FLOAT: int,
}  # fmt: skip

ValueStream: TypeAlias = Iterator[Any]

_LENGTHS: Final[dict[str, Any]] = {
    "max_str_len": MAX_TEXT, "max_array_len": 2, "max_bin_len": 0, "max_map_len": 0,
    "max_ext_len": 0,
}  # fmt: skip


def unpacked(body: bytes) -> ValueStream:
    """Return the values of a body, one after the other."""
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
        raise garbled(f"not msgpack: {error}") from None
    if end != len(body):
        raise garbled("the last value is cut off")


def cause_of(values: ValueStream) -> tuple[Tick | None, int]:
    """Return the cause of a spawn: its tick and ordinal."""
    cause = next(values, None)
    if cause is None:
        return None, -1
    if type(cause) is not list or len(cause) != 2 or {type(part) for part in cause} != {int}:
        raise garbled("a cause is nil or two numbers")
    return Tick(cause[0]), cause[1]


@lru_cache(maxsize=1024)
def kinds_of(table: ClassTable) -> list[type]:
    """Return the types of a class's fields."""
    return [KIND_TYPES[field.kind] for field in table.fields]


def typed_all(values: ValueStream, kinds: list[type]) -> list[Any]:
    """Return the next values, which must have these types: one comparison for all of them."""
    taken = list(islice(values, len(kinds)))
    if [*map(type, taken)] != kinds:
        for value, kind in zip_longest(taken, kinds):
            typed(value, kind)
    return taken


def integer(values: ValueStream) -> int:
    """Return the next value, a whole number."""
    value: int = typed(next(values, None), int)
    return value


def typed(value: Any, kind: type) -> Any:
    """Return a value that must have this type."""
    if type(value) is not kind:
        raise garbled(f"{kind.__name__} expected, not {type(value).__name__}")
    return value


def garbled(what: str) -> ProtocolError:
    """Return the error of a body that no encoder sends."""
    return ProtocolError(Code.BAD_MESSAGE, f"snapshot: {what}")
