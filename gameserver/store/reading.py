"""Read a journal, finished or cut off, from a file that nobody vouches for.

Law: the frames before the torn end count, whatever ended the process. Of a compressed file no more
is unpacked than `MOST_BYTES` (threat 35).
"""

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import attrs
import zstandard

from gameserver.errors import JournalError, UnreadableFileError
from gameserver.files import read_file
from gameserver.match.journal import TickRecord
from gameserver.store.disk import CLOSED, OPEN
from gameserver.store.frames import MAGIC, payloads_of
from gameserver.store.records import End, Hash, Header, Hole, JournalRecord, records_of
from gameserver.store.salvage import Damage, salvage

MOST_BYTES: Final = 1 << 30
"""Most bytes of a journal, unpacked: hours of a full match."""

_MOST_WINDOW: Final = 1 << 27
"""Most bytes that unpacking looks back."""


@attrs.frozen
class StoredMatch:
    """A journal in memory.

    Attributes:
        header: What the match began with.
        torn: Bytes behind the last whole frame.
        whole: Bytes of the unpacked file up to there.
        damages: Where bytes have changed since they were written, with whole frames behind them.
    """

    header: Header
    _payloads: tuple[memoryview, ...]
    torn: int
    whole: int
    damages: tuple[Damage, ...]

    @property
    def damaged(self) -> bool:
        """Whether bytes have changed since they were written."""
        return bool(self.damages)

    def records(self) -> Iterator[JournalRecord]:
        """Yield the records behind the header in order; an end is the last one.

        Raises:
            JournalError: A frame holds something else, or ticks are missing without a hole.
        """
        return (record for _, record in self.numbered())

    def numbered(self, first: int = 0, tick: int = 0) -> Iterator[tuple[int, JournalRecord]]:
        """Yield records as `records` does, each with the number of its frame.

        Args:
            first: The frame to begin with.
            tick: The last tick before that frame.

        Raises:
            JournalError: As `records`.
        """
        for number in range(first, len(self._payloads)):
            for record in records_of(self._payloads[number], self.header):
                if isinstance(record, TickRecord):
                    if record.tick != tick + 1:
                        raise JournalError(f"tick {record.tick} follows tick {tick}")
                    tick = record.tick
                elif isinstance(record, Hole):
                    if record.first != tick + 1 or record.last < record.first:
                        raise JournalError(f"a hole begins at {record.first} behind tick {tick}")
                    tick = record.last
                elif isinstance(record, Header) or record.tick != tick:
                    raise JournalError(f"a record is out of its order behind tick {tick}")
                yield number, record
                if isinstance(record, End):
                    return


@attrs.frozen
class Contents:
    """What is in a journal.

    Attributes:
        ticks: The last tick.
        left_out: Ticks within holes.
        hashes: Number of hashes.
        end: The end; None if the match was cut off.
    """

    ticks: int
    left_out: int
    hashes: int
    end: End | None


def read_journal(path: Path) -> StoredMatch:
    """Read a journal's file.

    Raises:
        JournalError: It is no journal, or of a newer version.
        UnreadableFileError: It cannot be read; the sentence continues the file's name.
    """
    data = read_file(path, MOST_BYTES)
    if path.name.endswith(CLOSED) or not data.startswith(MAGIC):
        data = _unpacked(data)
    if not data.startswith(MAGIC):
        raise JournalError("it is no journal of a match")
    first = next(payloads_of(data, len(MAGIC)), None)
    if first is None:
        raise JournalError("it ends within its header")
    begin, payload = first
    header, *more = records_of(payload)
    if not isinstance(header, Header) or more:
        raise JournalError("it does not begin with a header")
    found = salvage(data, begin, header)
    torn = len(data) - found.whole
    return StoredMatch(header, found.payloads, torn, found.whole, found.damages)


def _unpacked(data: bytes) -> bytes:
    try:
        reader = zstandard.ZstdDecompressor(max_window_size=_MOST_WINDOW).stream_reader(data)
        plain = reader.read(MOST_BYTES + 1)
    except zstandard.ZstdError:
        raise JournalError("it is no journal of a match, or damaged") from None
    if len(plain) > MOST_BYTES:
        raise JournalError("it is larger than any match can be")
    return plain


def contents(match: StoredMatch) -> Contents:
    """Count what is in a journal.

    Raises:
        JournalError: As `StoredMatch.records`.
    """
    ticks = left_out = hashes = 0
    end = None
    for record in match.records():
        ticks = record.last if isinstance(record, Hole) else record.tick  # type: ignore[union-attr]
        if isinstance(record, Hole):
            left_out += record.last - record.first + 1
        elif isinstance(record, Hash):
            hashes += 1
        elif isinstance(record, End):
            end = record
    return Contents(ticks, left_out, hashes, end)


def brief(match: StoredMatch) -> Contents:
    """Return what `contents` does, by the last records alone: ticks and end, for long lists.

    Raises:
        JournalError: The last frame is damaged.
    """
    for payload in reversed(match._payloads):  # noqa: SLF001  of this module
        for record in reversed(records_of(payload, match.header)):
            if not isinstance(record, Header):
                end = record if isinstance(record, End) else None
                return Contents(record.last if isinstance(record, Hole) else record.tick, 0, 0, end)
    return Contents(0, 0, 0, None)


def journal_name(began_ms: int, match_id: str) -> str:
    """Return the name of a journal's file, without its ending; names sort by time."""
    began = datetime.fromtimestamp(began_ms / 1000, UTC)
    # An id is the server's own, but no file's name may depend on that.
    return f"{began:%Y%m%dT%H%M%S}-{_harmless(match_id)}"


def _harmless(match_id: str) -> str:
    return re.sub("[^A-Za-z0-9_-]", "_", match_id)


def journal_of(folder: Path, match_id: str) -> Path | None:
    """Return the journal of a match, a finished one before its plain one; None if there is none.

    Raises:
        UnreadableFileError: The folder is there and cannot be read.
    """
    name = _harmless(match_id)
    found = None
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                rest = entry.name.partition("-")[2]
                if rest == f"{name}{CLOSED}":
                    return Path(entry.path)
                if rest == f"{name}{OPEN}":
                    found = Path(entry.path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnreadableFileError(f"cannot be read: {error.strerror}") from None
    return found


def journals_in(folder: Path) -> list[Path]:
    """Return the journals of a folder, oldest first: their names begin with the time."""
    try:
        found = [path for path in folder.iterdir() if path.name.endswith((OPEN, CLOSED))]
    except OSError as error:
        raise UnreadableFileError(f"cannot be read: {error.strerror}") from None
    return sorted(found, key=lambda path: path.name)
