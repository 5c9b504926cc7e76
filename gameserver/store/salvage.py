"""Whole frames behind bytes of a journal that have changed since they were written.

A file that was cut off ends with half of a frame, and has nothing behind it. Where whole frames
follow, bytes within the file have changed. A checkpoint is whole by itself, so reading goes on at
the next one, as behind a hole; or at the end, which tells the result.

Law: what is found passes its checksum, and the search costs no more than `MOST_CHECKED` (35).
"""

import re
from typing import Final

import attrs

from gameserver.errors import JournalError
from gameserver.ids import Tick
from gameserver.match.journal import TickRecord
from gameserver.store.frames import frame_at, payloads_of
from gameserver.store.records import (
    Checkpoint,
    End,
    Header,
    Hole,
    numbered_records,
    pack_other,
)

MOST_CHECKED: Final = 1 << 28
"""Bytes whose checksums are computed in one search: a tenth of a second."""

# A length of at most 16 MiB, any checksum, then a short array that begins with the kind of a record
# behind the header.
BEGIN: Final = re.compile(rb"(?=[\x00-\xff]{3}[\x00\x01][\x00-\xff]{4}[\x91-\x9f][\x01-\x08])")


@attrs.frozen
class Damage:
    """A place of a journal that cannot be read, with whole frames behind it.

    Attributes:
        begin: Its first byte.
        end: The first byte behind it of a whole frame.
        first: The first tick that is lost.
        last: The last tick that is lost; below ``first`` if none is.
        passed: Whether the match can be read behind it.
    """

    begin: int
    end: int
    first: Tick
    last: Tick
    passed: bool

    @property
    def ticks(self) -> int:
        """How many ticks are lost."""
        return max(0, self.last - self.first + 1)


@attrs.frozen
class Salvaged:
    """The payloads of a journal behind its header, those that can be read.

    Attributes:
        payloads: In place of what is lost behind a damage stands a hole.
        whole: The byte behind the last of them.
        damages: In order.
    """

    payloads: tuple[memoryview, ...]
    whole: int
    damages: tuple[Damage, ...]


def salvage(data: bytes, begin: int, header: Header) -> Salvaged:
    """Read all payloads from index ``begin`` on, also those behind damages.

    Raises:
        JournalError: A whole frame beside a damage holds no records.
    """
    found: list[memoryview] = []
    damages: list[Damage] = []
    budget = MOST_CHECKED
    whole = begin
    while True:
        for whole, payload in payloads_of(data, whole):  # noqa: B007, B020  the index goes on
            found.append(payload)
        start, budget = _next_frame(data, whole + 1, budget)
        if start < 0:
            return Salvaged(tuple(found), whole, tuple(damages))
        tick = _last_tick(found, header)
        behind, last = _entry(data, start, tick, header)
        if behind is None:
            damages.append(Damage(whole, start, Tick(tick + 1), last, passed=False))
            return Salvaged(tuple(found), whole, tuple(damages))
        payload, at = behind
        damages.append(Damage(whole, start, Tick(tick + 1), last, passed=True))
        found.append(payload)
        whole = at


def _next_frame(data: bytes, begin: int, budget: int) -> tuple[int, int]:
    """Return the index of the next whole frame, and what is left to check; -1 if there is none."""
    for match in BEGIN.finditer(data, begin):
        end, size = frame_at(data, match.start(), budget)
        budget -= size
        if end:
            return match.start(), budget
        if budget <= 0:
            break
    return -1, budget


def _last_tick(payloads: list[memoryview], header: Header) -> Tick:
    for payload in reversed(payloads):
        for _, record in reversed(numbered_records(payload, header)):
            if not isinstance(record, Header):
                return record.last if isinstance(record, Hole) else record.tick
    return Tick(0)


def _entry(
    data: bytes, start: int, tick: Tick, header: Header
) -> tuple[tuple[memoryview, int] | None, Tick]:
    """Return where reading goes on behind a damage, and the last tick that is lost.

    The place is a payload and the index behind its frame: None if there is none, and then the tick
    is the last one of the file.
    """
    last, at_once = tick, True
    for end, payload in payloads_of(data, start):
        for at, record in numbered_records(payload, header):
            if isinstance(record, Header):
                raise JournalError("a header stands behind a damage")
            if at_once and _follows(record, tick):
                return (payload, end), tick  # a frame of seats was damaged, or of a hash
            at_once = False
            if isinstance(record, Checkpoint | End) and record.tick > tick:
                hole = pack_other(Hole(Tick(tick + 1), record.tick))
                return (memoryview(hole + bytes(payload[at:])), end), record.tick
            if isinstance(record, End) and record.tick == tick:
                return (memoryview(bytes(payload[at:])), end), tick
            last = max(last, record.last if isinstance(record, Hole) else record.tick)
    return None, last


def _follows(record: object, tick: Tick) -> bool:
    """Tell whether a record is the next one behind a tick, so that no tick is lost."""
    if isinstance(record, TickRecord):
        return record.tick == tick + 1
    if isinstance(record, Hole):
        return record.first == tick + 1
    return getattr(record, "tick", None) == tick
