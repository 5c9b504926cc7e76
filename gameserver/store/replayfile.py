"""Look at the journal of a match that is over, without replaying it: to hand it to its players.

Law: a journal is read in pieces and never held whole, however long the match was.
"""

import hashlib
import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final, Protocol, cast

import attrs
import zstandard

from gameserver.errors import Code, JournalError, RequestError, UnreadableFileError
from gameserver.ids import MatchId, PlayerId
from gameserver.store.disk import CLOSED, OPEN
from gameserver.store.frames import LONGEST_PAYLOAD, MAGIC
from gameserver.store.reading import MOST_BYTES, journal_name
from gameserver.store.records import seated_in

PAGE_BYTES: Final = 32 * 1024
"""Bytes of a page (5): small beside what may wait in a connection, and beside a snapshot's time."""

MOST_KNOWN: Final = 64
"""Journals of which a shelf knows the people (27)."""

_CHUNK: Final = 1 << 18
_HEAD: Final = struct.Struct("<II")


@attrs.frozen
class ReplayFile:
    """A journal that nobody writes any more.

    Attributes:
        path: The file, compressed or plain.
        size: Its bytes.
        digest: SHA-256 of it, in hexadecimal.
        people: Those who had a seat in the match.
    """

    path: Path
    size: int
    digest: str
    people: frozenset[PlayerId]

    def page(self, offset: int) -> bytes:
        """Return at most `PAGE_BYTES` from an offset on; nothing behind the end.

        Raises:
            UnreadableFileError: It is there no more, or another one by now.
        """
        try:
            with self.path.open("rb") as file:
                if os.fstat(file.fileno()).st_size != self.size:
                    raise UnreadableFileError("has changed")
                file.seek(min(offset, self.size))
                return file.read(PAGE_BYTES)
        except OSError as error:
            raise UnreadableFileError(f"cannot be read: {error.strerror}") from None


@attrs.frozen
class ReplayShare:
    """A page of a journal."""

    file: ReplayFile
    data: bytes


class ReplayShelf:
    """The journals of a folder by match, each looked at once.

    It is for one thread at a time. When full: the journal that was looked at first is forgotten.
    """

    def __init__(self, folder: Path) -> None:
        """Know nothing yet; the folder need not be there."""
        self._folder = folder
        self._known: dict[MatchId, ReplayFile] = {}

    def find(self, match_id: MatchId) -> Path | None:
        """Return the file of a match's journal, from memory or from the folder; None if none is."""
        if match_id in self._known:
            return self._known[match_id].path
        name = journal_name(0, match_id).partition("-")[2]
        found = None
        with suppress(OSError), os.scandir(self._folder) as entries:
            for entry in entries:
                rest = entry.name.partition("-")[2]
                if rest == f"{name}{CLOSED}":
                    return Path(entry.path)
                if rest == f"{name}{OPEN}":
                    found = Path(entry.path)
        return found

    def page(self, match_id: MatchId, player_id: PlayerId, offset: int) -> ReplayShare:
        """Return a page for somebody who had a seat.

        Raises:
            JournalError: The file is no journal.
            RequestError: ``forbidden``: the player had no seat.
            UnreadableFileError: There is no file, or it cannot be read.
        """
        try:
            return self._page(match_id, player_id, offset)
        except UnreadableFileError:
            if self._known.pop(match_id, None) is None:
                raise
            return self._page(match_id, player_id, offset)  # compressed, or deleted, meanwhile

    def _page(self, match_id: MatchId, player_id: PlayerId, offset: int) -> ReplayShare:
        file = self._known.get(match_id)
        if file is None:
            path = self.find(match_id)
            if path is None:
                raise UnreadableFileError("is not there")
            file = look_at(path)
            while len(self._known) >= MOST_KNOWN:
                del self._known[next(iter(self._known))]
            self._known[match_id] = file
        if player_id not in file.people:
            raise RequestError(
                Code.FORBIDDEN, "only those who had a seat in a match get its replay"
            )
        return ReplayShare(file, file.page(offset))


class _Reads(Protocol):
    def read(self, size: int, /) -> bytes: ...


def look_at(path: Path) -> ReplayFile:
    """Look at a journal's file.

    Raises:
        JournalError: It is none, or damaged within the frames of seats.
        UnreadableFileError: It cannot be read; the sentence continues the file's name.
    """
    try:
        with path.open("rb") as file:
            digest = hashlib.sha256()
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
            size = file.tell()
            file.seek(0)
            plain = _plain(path, file)
            people = {seat.player_id for payload in _payloads(plain) for seat in seated_in(payload)}
    except OSError as error:
        raise UnreadableFileError(f"cannot be read: {error.strerror}") from None
    except zstandard.ZstdError:
        raise JournalError("it is no journal of a match, or damaged") from None
    return ReplayFile(path, size, digest.hexdigest(), frozenset(people))


def _plain(path: Path, file: BinaryIO) -> _Reads:
    if not path.name.endswith(CLOSED):
        return file
    return cast("_Reads", zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(file))


def _payloads(plain: _Reads) -> Iterator[bytes]:
    """Yield each whole payload up to the torn end, as `gameserver.store.frames.payloads_of`."""
    if _exactly(plain, len(MAGIC)) != MAGIC:
        raise JournalError("it is no journal of a match")
    left = MOST_BYTES
    while left > 0:
        head = _exactly(plain, _HEAD.size)
        if len(head) < _HEAD.size:
            return
        length, checksum = _HEAD.unpack(head)
        payload = _exactly(plain, length) if length <= LONGEST_PAYLOAD else b""
        if len(payload) != length or zlib.crc32(payload) != checksum:
            return
        left -= length
        yield payload


def _exactly(plain: _Reads, size: int) -> bytes:
    """Return this many bytes; fewer at the end."""
    parts = []
    while size and (part := plain.read(min(size, _CHUNK))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
