"""Encode and decode deltas: snapshots that go on from the one before, without a msgpack object.

Law: a delta is a whole message, its first byte is below 0x80, and it holds no keyframe, so it is
understood only by a viewer who has the snapshot before it. Hostile bytes raise `ProtocolError` and
nothing else.

::

    first byte   32 * min(n, 3) + ticks    n: number of changes
                                           ticks: since the snapshot before, 1 to 31;
                                           0: the whole tick follows
    tick         varint                    only if ``ticks`` is 0
    n            varint                    only if it is at least 3
    n changes    section, length: varints; then the body, ``length`` bytes
    the rest     body of the public section; it is absent if there is none

A varint has seven bits in each byte, the lowest first; all bytes but the last have bit 7 set (as in
Protocol Buffers).
"""

from collections.abc import Sequence
from typing import Final

import attrs

from gameserver.ids import Tick
from gameserver.messages.wire import Delta, Section, Snapshot
from gameserver.protocol import limits
from gameserver.protocol.hot import bad

MOST_TICKS: Final = 31
"""Most ticks since the snapshot before that the first byte tells."""

OUTSIDE: Final = "a snapshot came before any match"
"""Sentence about a delta of a peer that has not even greeted."""

_COUNT: Final = 32
_MANY: Final = 3
"""Number of changes from which it stands in bytes of its own."""

_HEADS: Final = tuple(bytes((ticks,)) for ticks in range(MOST_TICKS + 1))
"""The first bytes of deltas without changes, by their ticks."""

_VARINT_BITS: Final = 35
"""Most bits of a varint, those of five bytes: more than a tick or a length has."""


def is_delta(message: bytes) -> bool:
    """Tell whether a message of the server is a delta; no other kind begins so."""
    return message[:1] < b"\x80" and bool(message)


def encode_change(section: int, body: bytes) -> bytes:
    """Return one change, for `join_delta`; ``section`` is not the public one."""
    return b"".join([_varint(section), _varint(len(body)), body])


def join_delta(tick: Tick, since: Tick, public: bytes, changes: Sequence[bytes] = ()) -> bytes:
    """Return the delta of a tick.

    Args:
        tick: Of the delta.
        since: Tick of the snapshot before.
        public: Body of the public section; empty if it is absent.
        changes: From `encode_change`, of different sections.
    """
    ticks, count = tick - since, len(changes)
    if not count and 1 <= ticks <= MOST_TICKS:
        return _HEADS[ticks] + public
    if 1 <= ticks <= MOST_TICKS and count < _MANY:
        return b"".join([bytes((_COUNT * count + ticks,)), *changes, public])
    near = ticks if 1 <= ticks <= MOST_TICKS else 0
    head = bytes((_COUNT * min(count, _MANY) + near,))
    whole = b"" if near else _varint(tick)
    many = _varint(count) if count >= _MANY else b""
    return b"".join([head, whole, many, *changes, public])


def with_changes(delta: bytes, changes: Sequence[bytes]) -> bytes:
    """Return a delta of `join_delta` with further ``changes`` before those that it has."""
    first = delta[0]
    count, near = divmod(first, _COUNT)
    at = 1
    if not near:
        _, at = _read_varint(delta, at)
    whole = delta[1:at]
    if count == _MANY:
        count, at = _read_varint(delta, at)
    count += len(changes)
    head = bytes((_COUNT * min(count, _MANY) + near,))
    many = _varint(count) if count >= _MANY else b""
    return b"".join([head, whole, many, *changes, delta[at:]])


def decode_delta(message: bytes) -> Delta:
    """Decode a message for which `is_delta` holds.

    Raises:
        ProtocolError: It is cut off, or tells a section twice.
    """
    head, at = decode_head(message)
    count = message[0] // _COUNT
    if count == _MANY:
        count, at = _read_varint(message, at)
        if not _MANY <= count <= limits.SERVER_ITEMS:
            raise bad("a delta has too many or too few changes")
    sections = []
    for _ in range(count):
        number, at = _read_varint(message, at)
        length, at = _read_varint(message, at)
        if not 0 < number < limits.SERVER_ITEMS or length > len(message) - at:
            raise bad("a change of a delta is cut off, or has no section")
        sections.append(Section(number, False, message[at : at + length]))
        at += length
    if len({section.number for section in sections}) != len(sections):
        raise bad("a section stands in a delta twice")
    if at < len(message):
        sections.insert(0, Section(0, False, message[at:]))
    return attrs.evolve(head, sections=tuple(sections))


def decode_head(message: bytes) -> tuple[Delta, int]:
    """Return a delta's tick, without its sections, and the place behind it.

    Raises:
        ProtocolError: It is cut off, or the tick is too large.
    """
    ticks = message[0] % _COUNT
    if ticks:
        return Delta(ticks, None, ()), 1
    tick, at = _read_varint(message, 1)
    if tick >= limits.TICK:
        raise bad("the tick of a delta is too large")
    return Delta(0, Tick(tick), ()), at


def encode_delta(delta: Delta) -> bytes:
    """Return a delta's message."""
    public = b"".join(section.body for section in delta.sections if not section.number)
    changes = [encode_change(s.number, s.body) for s in delta.sections if s.number]
    if delta.tick is None:
        return join_delta(Tick(delta.ticks), Tick(0), public, changes)
    return join_delta(delta.tick, delta.tick, public, changes)


@attrs.define
class SnapshotSequence:
    """The snapshots that one viewer is sent, from which deltas count on.

    Attributes:
        newest: Tick of the newest snapshot; 0 before the first.
    """

    newest: Tick = attrs.field(default=Tick(0))

    def next(self, parts: Sequence[Snapshot | Delta]) -> Snapshot:
        """Return the whole snapshot that the parts of one message are, all of the same tick.

        Raises:
            ProtocolError: Its tick is too large.
        """
        tick, first = self.newest, parts[0]
        if first.tick is not None:
            tick = first.tick
        elif isinstance(first, Delta):
            tick = Tick(tick + first.ticks)
        if tick >= limits.TICK:
            raise bad("the tick of a delta is too large")
        self.newest = tick
        return Snapshot(tick, tuple(section for part in parts for section in part.sections))


def _varint(value: int) -> bytes:
    if value < 0x80:
        return bytes((value,))
    made = bytearray()
    while value >= 0x80:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    """Return a varint and the place behind it.

    Raises:
        ProtocolError: It is cut off or too long.
    """
    value = 0
    for shift in range(0, _VARINT_BITS, 7):
        if at >= len(data):
            raise bad("a delta is cut off")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise bad("a number of a delta is too long")
