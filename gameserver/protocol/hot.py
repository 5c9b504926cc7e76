"""Encode and decode the kinds that are sent every tick: positional arrays of small integers.

Law: these kinds are written by hand, without `gameserver.protocol.shape`: checking one message
costs well under a microsecond more than msgpack itself. Hostile bytes raise `ProtocolError` and
nothing else.

::

    input     [1, seq, tick, seen, view, field…]     C -> S
    snapshot  [2, tick, header, body, …]             S -> C   header = 2 * section + keyframe
                                                     most are `gameserver.protocol.deltas` instead
    steer     [3, tick, ticks]                       S -> C
    ping      [4, nonce]                             both
    pong      [5, nonce, time_ms]                    both
    seen      [6, tick]                              C -> S
    shift     [7, tick, ticks]                       S -> C
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgpack

from gameserver.errors import Code, ProtocolError
from gameserver.ids import Tick
from gameserver.messages.wire import Input, Kind, Ping, Pong, Section, Seen, Shift, Snapshot, Steer
from gameserver.protocol import limits

_pack = msgpack.Packer().pack
_HEAD: Final = 5
_SNAPSHOT: Final = bytes((Kind.SNAPSHOT,))
_FIXARRAY: Final = range(0x91, 0xA0)
_LIFE_PARTS: Final = 3
_NUMBERS_ONLY: Final[dict[str, Any]] = {
    "max_str_len": 0, "max_bin_len": 0, "max_map_len": 0, "max_ext_len": 0,
}  # fmt: skip
LONGEST: Final = 64 + 9 * limits.INPUT_FIELDS
"""Bytes of the longest possible input: five integers and `limits.INPUT_FIELDS` fields of nine
bytes at most."""

LANE_HEADS: Final = frozenset(
    {bytes((0x90 | size, Kind.INPUT)) for size in range(_HEAD, 16)}
    | {bytes((0xDC, 0, size, Kind.INPUT)) for size in range(16, _HEAD + limits.INPUT_FIELDS + 1)}
    | {bytes((0x92, Kind.SEEN))}
)
"""First bytes of the payloads that may go straight to a match: inputs and acknowledgements. The
array header of an input has three bytes from 11 fields on."""

LIFE_HEADS: Final = frozenset(
    {bytes((0x92, Kind.PING)), bytes((0x93, Kind.PONG)), bytes((0x92, Kind.PONG))}
)
"""First bytes of pings and pongs."""


def peek_kind(message: bytes) -> int:
    """Return the kind of a message's first object without decoding the object; 0 if unreadable."""
    if len(message) < 2:
        return 0
    first = message[0]
    if first in _FIXARRAY:
        kind = message[1]
    elif first == 0xDC and len(message) > 3:
        kind = message[3]
    else:
        return 0
    return kind if kind < 0x80 else 0


def sign_of_life(message: bytes) -> Ping | Pong | None:
    """Decode a message that begins with one of `LIFE_HEADS`.

    Returns:
        The ping or pong; None if it is malformed or not the only object of the message.
    """
    try:
        row = msgpack.unpackb(message, max_array_len=_LIFE_PARTS, **_NUMBERS_ONLY)
    except (ValueError, msgpack.UnpackException):
        return None
    for value in row:
        if type(value) is not int or not 0 <= value < limits.INTEGER:
            return None
    match row:
        case [Kind.PING, nonce]:
            return Ping(nonce)
        case [Kind.PONG, nonce, time_ms]:
            return Pong(nonce, time_ms)
    return None


def bad(what: str) -> ProtocolError:
    """Return a `ProtocolError` with code ``bad_message`` and this sentence."""
    return ProtocolError(Code.BAD_MESSAGE, what)


def decode_seen(message: bytes) -> Seen:
    """Decode a message that consists of one acknowledgement of a snapshot.

    Raises:
        ProtocolError: The message is anything else.
    """
    return seen_of(_one(message))


def _one(message: bytes) -> Any:
    if len(message) > LONGEST:
        raise bad("too long for an input")
    try:
        return msgpack.unpackb(message, max_array_len=_HEAD + limits.INPUT_FIELDS, **_NUMBERS_ONLY)
    except (ValueError, msgpack.UnpackException):
        raise bad("an input is one flat array of integers") from None


def input_of(row: Any) -> Input:
    """Shape an unpacked row into an input.

    Raises:
        ProtocolError: A value is no integer, or out of its bounds.
    """
    if type(row) is not list or not _HEAD <= len(row) <= _HEAD + limits.INPUT_FIELDS:
        raise bad("an input is [1, seq, tick, seen, view, field...]")
    for value in row:
        if type(value) is not int or not -limits.INTEGER < value < limits.INTEGER:
            raise bad("an input holds whole numbers below 2^53 only")
    kind, seq, tick, seen, view = row[:_HEAD]
    if kind != Kind.INPUT or seq < 0:
        raise bad("an input begins with 1, and its seq is not negative")
    if not (0 <= tick < limits.TICK and 0 <= seen < limits.TICK and 0 <= view < limits.VIEW):
        raise bad("an input's tick, seen or view is out of bounds")
    return Input(seq, Tick(tick), Tick(seen), view, tuple(row[_HEAD:]))


def seen_of(row: Any) -> Seen:
    """Shape an unpacked row into an acknowledgement.

    Raises:
        ProtocolError: It is not ``[6, tick]``.
    """
    if type(row) is not list or len(row) != 2 or row[0] != Kind.SEEN:
        raise bad("a seen is [6, tick]")
    return Seen(Tick(small("the tick of a seen", row[1], limits.TICK)))


def small(what: str, value: Any, below: int, least: int = 0) -> int:
    """Return ``value`` if it is an integer from ``least`` to ``below - 1``.

    Raises:
        ProtocolError: It is not; ``what`` names the value in the sentence.
    """
    if type(value) is not int or not least <= value < below:
        raise bad(f"{what} must be a whole number from {least} to {below - 1}")
    return value


def encode_input(given: Input) -> bytes:
    """Return ``[1, seq, tick, seen, view, field...]``."""
    head = [Kind.INPUT, given.seq, given.tick, given.seen, given.view]
    packed: bytes = _pack([*head, *given.row])
    return packed


def longest_input(bounds: Iterable[tuple[int, int]]) -> int:
    """Return the most bytes that an input can have; ``bounds`` are its fields' (lo, hi)."""
    row = tuple(max(lo, hi, key=lambda value: len(_pack(value))) for lo, hi in bounds)
    tick = Tick(limits.TICK - 1)
    return len(encode_input(Input(limits.INTEGER - 1, tick, tick, limits.VIEW - 1, row)))


def encode_seen(seen: Seen) -> bytes:
    """Return ``[6, tick]``."""
    packed: bytes = _pack([Kind.SEEN, seen.tick])
    return packed


def encode_section(number: int, body: bytes, *, keyframe: bool = False) -> bytes:
    """Return the header and body of one section, to be joined by `join_sections`."""
    header: bytes = _pack(2 * number + keyframe)
    packed: bytes = _pack(body)
    return header + packed


def join_sections(tick: Tick, sections: Sequence[bytes]) -> bytes:
    """Return a snapshot; ``sections`` come from `encode_section`, all with other numbers."""
    packed: bytes = _pack(tick)
    return b"".join([_array(2 + 2 * len(sections)), _SNAPSHOT, packed, *sections])


def _array(count: int) -> bytes:
    return bytes((0x90 | count,)) if count < 16 else b"\xdc" + count.to_bytes(2, "big")


def encode_snapshot(tick: Tick, sections: Sequence[tuple[int, bytes]]) -> bytes:
    """Return a snapshot from pairs of a header, ``2 * section + keyframe``, and a body."""
    packed: bytes = _pack([Kind.SNAPSHOT, tick, *(value for pair in sections for value in pair)])
    return packed


def snapshot_of(row: Any) -> Snapshot:
    """Shape an unpacked row into a snapshot.

    Raises:
        ProtocolError: It is not ``[2, tick, header, body, ...]``.
    """
    if type(row) is not list or len(row) < 2 or len(row) % 2 or row[0] != Kind.SNAPSHOT:
        raise bad("a snapshot is [2, tick, header, body, ...]")
    sections = []
    for i in range(2, len(row), 2):
        header, body = row[i], row[i + 1]
        if type(body) is not bytes:
            raise bad("a section's body is binary")
        number = small("a section's header", header, 2 * limits.SERVER_ITEMS)
        sections.append(Section(number >> 1, bool(number & 1), body))
    if len({section.number for section in sections}) != len(sections):
        raise bad("a section stands in a snapshot twice")
    return Snapshot(Tick(small("a snapshot's tick", row[1], limits.TICK)), tuple(sections))


def encode_steer(tick: Tick, ticks: int) -> bytes:
    """Return ``[3, tick, ticks]``: the client's lead should change by this many ticks."""
    packed: bytes = _pack([Kind.STEER, tick, ticks])
    return packed


def steer_of(row: Any) -> Steer:
    """Shape an unpacked row into a change of lead.

    Raises:
        ProtocolError: It is not ``[3, tick, ticks]``.
    """
    if type(row) is not list or len(row) != 3 or row[0] != Kind.STEER:
        raise bad("a steer is [3, tick, ticks]")
    tick = Tick(small("a steer's tick", row[1], limits.TICK))
    return Steer(tick, small("a steer's ticks", row[2], 1 << 15, -(1 << 15)))


def encode_shift(tick: Tick, ticks: int) -> bytes:
    """Return ``[7, tick, ticks]``: from this tick on all ticks come this many periods later."""
    packed: bytes = _pack([Kind.SHIFT, tick, ticks])
    return packed


def shift_of(row: Any) -> Shift:
    """Shape an unpacked row into a move of all ticks in time.

    Raises:
        ProtocolError: It is not ``[7, tick, ticks]``.
    """
    if type(row) is not list or len(row) != 3 or row[0] != Kind.SHIFT:
        raise bad("a shift is [7, tick, ticks]")
    tick = Tick(small("a shift's tick", row[1], limits.TICK))
    return Shift(tick, small("a shift's ticks", row[2], limits.TICK))


def encode_ping(nonce: int) -> bytes:
    """Return ``[4, nonce]``."""
    packed: bytes = _pack([Kind.PING, nonce])
    return packed


def encode_pong(pong: Pong) -> bytes:
    """Return ``[5, nonce, time_ms]``."""
    packed: bytes = _pack([Kind.PONG, pong.nonce, pong.time_ms])
    return packed
