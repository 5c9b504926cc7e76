"""Look at the journal of a match that is over, without replaying it: to hand it to its players.

Law: a journal is read in pieces and never held whole, however long the match was.
"""

import hashlib
import os
from pathlib import Path
from typing import BinaryIO, Final, cast

import attrs
import zstandard

from gameserver.errors import Code, JournalError, RequestError, UnreadableFileError
from gameserver.ids import MatchId, PlayerId
from gameserver.store.disk import CLOSED
from gameserver.store.frames import MAGIC, ReadsBytes, read_exactly
from gameserver.store.reading import MOST_BYTES, journal_of
from gameserver.store.records import seated_in
from gameserver.store.sifting import sifted

PAGE_BYTES: Final = 32 * 1024
"""Bytes of a page (5): small beside what may wait in a connection, and beside a snapshot's time."""

MOST_KNOWN: Final = 64
"""Journals of which a shelf knows the people (27)."""

_CHUNK: Final = 1 << 18


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

    def page(self, offset: int, most: int = PAGE_BYTES) -> bytes:
        """Return at most so many bytes from an offset on; nothing behind the end.

        Raises:
            UnreadableFileError: It is there no more, or another one by now.
        """
        try:
            with self.path.open("rb") as file:
                if os.fstat(file.fileno()).st_size != self.size:
                    raise UnreadableFileError("has changed")
                file.seek(min(offset, self.size))
                return file.read(most)
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
        """Return the file of a match's journal, from memory or from the folder; None if none is.

        Raises:
            UnreadableFileError: The folder cannot be read.
        """
        if match_id in self._known:
            return self._known[match_id].path
        return journal_of(self._folder, match_id)

    def page(
        self, match_id: MatchId, player_id: PlayerId, offset: int, most: int = PAGE_BYTES
    ) -> ReplayShare:
        """Return a page of at most so many bytes for somebody who had a seat.

        Raises:
            JournalError: The file is no journal.
            RequestError: ``forbidden``: the player had no seat.
            UnreadableFileError: There is no file, or it cannot be read.
        """
        try:
            return self._page(match_id, player_id, offset, most)
        except UnreadableFileError:
            if self._known.pop(match_id, None) is None:
                raise
            return self._page(
                match_id, player_id, offset, most
            )  # compressed, or deleted, meanwhile

    def _page(self, match_id: MatchId, player_id: PlayerId, offset: int, most: int) -> ReplayShare:
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
        return ReplayShare(file, file.page(offset, most))


def look_at(path: Path) -> ReplayFile:
    """Look at a journal's file, also behind bytes that have changed since they were written.

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
            if read_exactly(plain, len(MAGIC)) != MAGIC:
                raise JournalError("it is no journal of a match")
            payloads = sifted(plain, MOST_BYTES)
            people = {seat.player_id for payload in payloads for seat in seated_in(payload)}
    except OSError as error:
        raise UnreadableFileError(f"cannot be read: {error.strerror}") from None
    except zstandard.ZstdError:
        raise JournalError("it is no journal of a match, or damaged") from None
    return ReplayFile(path, size, digest.hexdigest(), frozenset(people))


def _plain(path: Path, file: BinaryIO) -> ReadsBytes:
    if not path.name.endswith(CLOSED):
        return file
    reader = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(file)
    return cast("ReadsBytes", reader)
