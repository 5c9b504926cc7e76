"""The file of the store: an SQLite database in WAL mode, used by one server at a time.

All functions block, and none of them is called by the loop of a running server: the thread of
`gameserver.store.people.writer` calls them, the start of a server, and the tool that shortens the
log.
"""

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import attrs
import msgpack
import zstandard

from gameserver.rooms.packed import PackedClasses, Plain
from gameserver.store.people.schema import upgrade

FILE: Final = "people.db"
"""Name of the file in the folder of the data."""

_DROPPED_AT_ONCE: Final = 2_000
"""Calls that are dropped in one transaction, so that the server's own commits need not wait."""

MOST_DUMP_BYTES: Final = 1 << 30
"""Most bytes of a dump, unpacked (48): some kilobytes for each session, and 10,000 sessions."""

_TOO_LARGE: Final = "it is larger than any can be"
_BUSY_S: Final = 5.0
_LEVEL: Final = 3

Item = tuple[int, bytes]
"""Number and record of a call."""

ClassRow = tuple[int, str, list[str]]
"""Number, name and fields of a class."""


@attrs.frozen
class Stored:
    """What a file has of a hall: the newest dump, and how many calls lie behind it."""

    number: int
    """Number of the last call before the dump; 0 without a dump."""
    dump: Mapping[str, Plain] | None
    calls: int
    """Number of calls behind it."""
    about: Mapping[str, Any]
    """Facts that the server has noted, such as its rules."""


class PeopleFile:
    """An open file."""

    def __init__(self, path: Path) -> None:
        """Open a file, or create it, readable by its owner alone.

        Raises:
            NewerStoreError: A newer version of this program has written it.
            OSError, sqlite3.Error: It cannot be opened or written, or is no database.
        """
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        # Also the files beside it get these permissions from SQLite.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        self._database = sqlite3.connect(
            path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
        )
        try:
            self._database.execute("PRAGMA journal_mode = WAL")
            # A commit is on disk when it returns, also when the power fails.
            self._database.execute("PRAGMA synchronous = FULL")
            # Dropped calls held chat and passwords of lobbies: their bytes are overwritten.
            self._database.execute("PRAGMA secure_delete = ON")
            upgrade(self._database)
        except BaseException:
            self._database.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    # --- writing ----------------------------------------------------------------------------

    def append(self, items: Iterable[Item], classes: Iterable[ClassRow] = ()) -> None:
        """Write calls and the classes that they are the first to use, in one transaction.

        Raises:
            sqlite3.Error: The disk is full, or refuses.
        """
        with _Transaction(self._database):
            self._database.executemany(
                "INSERT OR REPLACE INTO classes VALUES (?, ?, ?)",
                [(number, name, json.dumps(fields)) for number, name, fields in classes],
            )
            self._database.executemany("INSERT INTO calls VALUES (?, ?)", items)

    def note(self, about: Mapping[str, Any]) -> None:
        """Write facts, each in place of the one of its name.

        Raises:
            sqlite3.Error: The disk is full, or refuses.
        """
        rows = [(key, msgpack.packb(value)) for key, value in about.items()]
        with _Transaction(self._database):
            self._database.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", rows)

    def put_dump(self, number: int, state: bytes, at_ms: int) -> None:
        """Write a dump of the hall behind call ``number``, and drop all that it makes needless.

        Args:
            number: The last call that the dump contains.
            state: What `pack_dump` returned.
            at_ms: Unix time in milliseconds.

        Raises:
            sqlite3.Error: The disk is full, or refuses.
        """
        with _Transaction(self._database):
            self._database.execute(
                "INSERT OR REPLACE INTO dumps VALUES (?, ?, ?)", (number, at_ms, state)
            )
            self._database.execute("DELETE FROM dumps WHERE number < ?", (number,))
        self._drop_calls(number)

    def _drop_calls(self, number: int) -> None:
        dropped = _DROPPED_AT_ONCE
        while dropped == _DROPPED_AT_ONCE:
            dropped = self._database.execute(
                "DELETE FROM calls WHERE number IN"
                " (SELECT number FROM calls WHERE number <= ? LIMIT ?)",
                (number, _DROPPED_AT_ONCE),
            ).rowcount
        self._forget_old_pages()

    def _forget_old_pages(self) -> None:
        """Empty the log of pages beside the file: it has the bytes of what was dropped."""
        self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def start_over(self, number: int, state: bytes, at_ms: int) -> None:
        """Write a dump that follows no written calls: those are dropped, whatever their number.

        Raises:
            sqlite3.Error: The disk is full, or refuses.
        """
        with _Transaction(self._database):
            for table in ("calls", "classes", "dumps"):
                self._database.execute(f"DELETE FROM {table}")  # noqa: S608  fixed names
            self._database.execute("INSERT INTO dumps VALUES (?, ?, ?)", (number, at_ms, state))
        self._forget_old_pages()

    def copy_to(self, path: Path) -> None:
        """Write a copy of the whole file, readable by its owner alone.

        Raises:
            sqlite3.Error: The disk is full, or refuses.
        """
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        copy = sqlite3.connect(path)
        try:
            self._database.backup(copy)
        finally:
            copy.close()

    # --- reading ----------------------------------------------------------------------------

    def read(self) -> Stored:
        """Return the newest dump and the facts.

        Raises:
            ValueError: The dump is damaged.
            sqlite3.Error: The file cannot be read.
        """
        row = self._database.execute(
            "SELECT number, state FROM dumps ORDER BY number DESC LIMIT 1"
        ).fetchone()
        number, dump = (row[0], unpack_dump(row[1])) if row else (0, None)
        (calls,) = self._database.execute(
            "SELECT count(*) FROM calls WHERE number > ?", (number,)
        ).fetchone()
        about = {
            key: msgpack.unpackb(value, strict_map_key=False)
            for key, value in self._database.execute("SELECT key, value FROM about")
        }
        return Stored(number, dump, calls, about)

    def calls(self, after: int, last: int | None = None) -> Iterator[Item]:
        """Iterate over the calls behind a number, up to ``last``, in order.

        Raises:
            sqlite3.Error: The file cannot be read.
        """
        yield from self._database.execute(
            "SELECT number, record FROM calls WHERE number > ? AND number <= ? ORDER BY number",
            (after, last if last is not None else 2**62),
        )

    def classes(self) -> PackedClasses:
        """Return the classes of the calls.

        Raises:
            ValueError: One of them is missing.
            sqlite3.Error: The file cannot be read.
        """
        rows = self._database.execute("SELECT number, name, fields FROM classes ORDER BY number")
        found = [(number, name, json.loads(fields)) for number, name, fields in rows]
        if [number for number, _, _ in found] != list(range(len(found))):
            raise ValueError("the store misses a class of its calls")
        return PackedClasses((name, fields) for _, name, fields in found)


class _Transaction:
    """Commits at the end of its block, and takes everything back behind an exception."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def __enter__(self) -> None:
        self._database.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            self._database.execute("COMMIT" if kind is None else "ROLLBACK")
        except sqlite3.Error:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            if kind is None:
                raise


def pack_dump(dump: Mapping[str, Plain]) -> bytes:
    """Return a hall's dump as compressed bytes."""
    packed = msgpack.packb(dump, unicode_errors="surrogatepass")
    return zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compress(packed)


def unpack_dump(state: bytes) -> Mapping[str, Plain]:
    """Return the dump that `pack_dump` has packed.

    Raises:
        ValueError: The bytes are damaged.
    """
    try:
        # The head announces a size, which would be allocated; a damaged one announces any.
        if zstandard.frame_content_size(state) > MOST_DUMP_BYTES:
            raise ValueError(_TOO_LARGE)  # noqa: TRY301  in the words of all other damages
        packed = zstandard.ZstdDecompressor().decompress(state)
        found: Mapping[str, Plain] = msgpack.unpackb(
            packed, unicode_errors="surrogatepass", strict_map_key=False
        )
    except (zstandard.ZstdError, msgpack.UnpackException, ValueError) as error:
        raise ValueError(f"the dump of the store is damaged: {error}") from error
    return found
