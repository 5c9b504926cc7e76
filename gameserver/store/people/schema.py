"""The tables of the store of sessions, lobbies and chat, and the steps between their versions.

Law: a step that was released never changes; a new version of the tables is a new step. A file of an
older version is brought up to date when it is opened, in one transaction; one of a newer version is
refused.
"""

import sqlite3
from typing import Final

STEPS: Final = (
    # 1: the first tables
    """
    CREATE TABLE about (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE classes (number INTEGER PRIMARY KEY, name TEXT NOT NULL, fields TEXT NOT NULL);
    CREATE TABLE dumps (number INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, state BLOB NOT NULL);
    CREATE TABLE calls (number INTEGER PRIMARY KEY, record BLOB NOT NULL);
    """,
)
"""SQL of each version; `PRAGMA user_version` is the number of the steps that were made."""


class NewerStoreError(Exception):
    """The file was written by a newer version of this program."""


def upgrade(database: sqlite3.Connection) -> None:
    """Bring the tables up to date.

    Raises:
        NewerStoreError: The file has a version that this program does not know.
        sqlite3.Error: The file cannot be written, or is no database.
    """
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version > len(STEPS):
        raise NewerStoreError(
            f"it has version {version} of the tables, and this program knows {len(STEPS)};"
            " start the newer program"
        )
    for number, step in enumerate(STEPS[version:], version + 1):
        database.executescript(f"BEGIN; {step} PRAGMA user_version = {number}; COMMIT;")
