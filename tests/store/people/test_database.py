"""The file of the store: private, upgraded step by step, shortened without losing anything."""

import sqlite3
from pathlib import Path

import pytest
import zstandard

from gameserver.store.people import schema
from gameserver.store.people.database import PeopleFile, pack_dump, unpack_dump
from gameserver.store.people.schema import NewerStoreError
from gameserver.store.people.writer import set_aside
from tests.memory import memory_below

DUMP = pack_dump({"format": 0})


def numbers(file: PeopleFile) -> list[int]:
    return [number for number, _ in file.calls(0)]


def test_a_file_and_what_lies_beside_it_are_readable_for_their_owner_alone(tmp_path: Path) -> None:
    file = PeopleFile(tmp_path / "deep" / "people.db")
    file.append([(1, b"one")])
    files = list((tmp_path / "deep").iterdir())
    assert len(files) > 1
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in files)
    file.close()


def test_what_was_appended_is_read_by_the_next_process(tmp_path: Path) -> None:
    file = PeopleFile(tmp_path / "people.db")
    file.append([(1, b"one"), (2, b"two")], [(0, "a:B", ["x", "y"])])
    file.note({"game": "tag", "rules": {"wide": 2}})
    file.close()
    again = PeopleFile(tmp_path / "people.db")
    stored = again.read()
    assert (stored.number, stored.dump, stored.calls) == (0, None, 2)
    assert stored.about == {"game": "tag", "rules": {"wide": 2}}
    assert list(again.calls(0)) == [(1, b"one"), (2, b"two")]
    assert list(again.calls(0, 1)) == [(1, b"one")]
    assert again.classes().rows == [("a:B", ["x", "y"])]
    again.close()


def test_a_dump_drops_the_calls_before_it_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gameserver.store.people.database._DROPPED_AT_ONCE", 3)
    file = PeopleFile(tmp_path / "people.db")
    file.append([(number, b"call") for number in range(1, 11)])
    file.put_dump(2, DUMP, 1)
    file.put_dump(8, DUMP, 2)
    stored = file.read()
    assert (stored.number, stored.dump, stored.calls) == (8, {"format": 0}, 2)
    assert numbers(file) == [9, 10]
    file.close()


def test_a_new_start_drops_everything_but_its_dump(tmp_path: Path) -> None:
    file = PeopleFile(tmp_path / "people.db")
    file.append([(1, b"one"), (2, b"two")], [(0, "a:B", [])])
    file.put_dump(1, DUMP, 1)
    file.start_over(7, DUMP, 2)
    assert (file.read().number, numbers(file), file.classes().rows) == (7, [], [])
    file.append([(8, b"eight")], [(0, "c:D", [])])
    assert numbers(file) == [8]
    file.close()


def test_a_transaction_that_fails_changes_nothing(tmp_path: Path) -> None:
    file = PeopleFile(tmp_path / "people.db")
    file.append([(1, b"one")])
    with pytest.raises(sqlite3.IntegrityError):
        file.append([(2, b"two"), (1, b"again")], [(0, "a:B", [])])
    assert (numbers(file), file.classes().rows) == ([1], [])
    file.append([(2, b"two")])
    file.close()


def test_dropped_bytes_are_overwritten(tmp_path: Path) -> None:
    file = PeopleFile(tmp_path / "people.db")
    file.append([(number, b"the secret of %d" % number) for number in range(1, 200)])
    file.put_dump(199, DUMP, 1)
    assert not [path for path in tmp_path.iterdir() if b"the secret of" in path.read_bytes()]
    file.append([(200, b"the secret of 200")])
    file.start_over(200, DUMP, 1)
    assert not [path for path in tmp_path.iterdir() if b"the secret of" in path.read_bytes()]
    file.close()
    assert b"the secret of" not in (tmp_path / "people.db").read_bytes()


def test_a_file_of_a_newer_version_is_refused_and_not_changed(tmp_path: Path) -> None:
    PeopleFile(tmp_path / "people.db").close()
    database = sqlite3.connect(tmp_path / "people.db")
    database.execute("PRAGMA user_version = 99")
    database.close()
    before = (tmp_path / "people.db").read_bytes()
    with pytest.raises(NewerStoreError, match="version 99 of the tables, and this program knows 1"):
        PeopleFile(tmp_path / "people.db")
    assert (tmp_path / "people.db").read_bytes() == before


def test_an_older_file_gets_the_steps_that_it_misses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = PeopleFile(tmp_path / "people.db")
    file.append([(1, b"one")])
    file.close()
    step = "ALTER TABLE calls ADD COLUMN colour TEXT DEFAULT 'red';"
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, step))
    PeopleFile(tmp_path / "people.db").close()
    PeopleFile(tmp_path / "people.db").close()  # made once only
    database = sqlite3.connect(tmp_path / "people.db")
    assert database.execute("SELECT * FROM calls").fetchall() == [(1, b"one", "red")]
    assert database.execute("PRAGMA user_version").fetchone() == (2,)
    database.close()


def test_a_step_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    PeopleFile(tmp_path / "people.db").close()
    step = "CREATE TABLE colours (name TEXT); CREATE TABLE calls (twice TEXT);"
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, step))
    with pytest.raises(sqlite3.OperationalError, match="calls already exists"):
        PeopleFile(tmp_path / "people.db")
    database = sqlite3.connect(tmp_path / "people.db")
    assert not database.execute("SELECT * FROM sqlite_master WHERE name = 'colours'").fetchall()
    assert database.execute("PRAGMA user_version").fetchone() == (1,)
    database.close()


ENDLESS = bytes.fromhex("28b52ffd e0 00000000000000 40 010000")
"""The head of a compressed frame of 2^62 bytes."""


@pytest.mark.parametrize("state", [b"", b"nothing", DUMP[:-3], DUMP[:6] + b"x" + DUMP[7:], ENDLESS])
def test_a_damaged_dump_is_refused(state: bytes) -> None:
    with pytest.raises(ValueError, match="damaged"):
        unpack_dump(state)


def test_a_dump_is_unpacked_up_to_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gameserver.store.people.database.MOST_DUMP_BYTES", 1 << 21)
    bomb = zstandard.compress(bytes(1 << 26))
    with memory_below(16 << 20), pytest.raises(ValueError, match="larger than any can be"):
        unpack_dump(bomb)


def test_a_file_set_aside_takes_along_what_lies_beside_it(tmp_path: Path) -> None:
    file = PeopleFile(tmp_path / "people.db")
    file.append([(1, b"one")])
    aside = set_aside(tmp_path / "people.db", "old.db")
    file.close()
    assert not (tmp_path / "people.db").exists()
    assert aside == tmp_path / "old.db"
    again = PeopleFile(aside)
    assert numbers(again) == [1]
    again.close()


def test_a_copy_has_everything_and_is_private(tmp_path: Path) -> None:
    file = PeopleFile(tmp_path / "people.db")
    file.append([(1, b"one")])
    file.copy_to(tmp_path / "copy.db")
    file.close()
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600
    copy = PeopleFile(tmp_path / "copy.db")
    assert numbers(copy) == [1]
    copy.close()


def test_a_commit_is_on_disk_when_it_returns(tmp_path: Path) -> None:
    file = PeopleFile(tmp_path / "people.db")
    full = 2
    assert file._database.execute("PRAGMA synchronous").fetchone() == (full,)
    assert file._database.execute("PRAGMA secure_delete").fetchone() == (1,)
    assert file._database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    file.close()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        file.read()


def test_older_dumps_are_dropped(tmp_path: Path) -> None:
    file = PeopleFile(tmp_path / "people.db")
    for number in (3, 5):
        file.put_dump(number, DUMP, number)
    assert file._database.execute("SELECT number FROM dumps").fetchall() == [(5,)]
    file.close()


def test_a_commit_that_fails_is_raised_and_taken_back(tmp_path: Path) -> None:
    file = PeopleFile(tmp_path / "people.db")
    file._database.executescript(
        "PRAGMA foreign_keys = ON;"
        "CREATE TABLE kept (id INTEGER PRIMARY KEY);"
        "CREATE TABLE refers (id INTEGER REFERENCES kept DEFERRABLE INITIALLY DEFERRED);"
        "CREATE TRIGGER bad AFTER INSERT ON calls WHEN NEW.number = 13"
        " BEGIN INSERT INTO refers VALUES (1); END;"
    )
    file.append([(1, b"one")])
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        file.append([(2, b"two"), (13, b"bad")])
    assert numbers(file) == [1]
    file.append([(2, b"two")])
    assert numbers(file) == [1, 2]
    file.close()


def test_maps_with_numbers_as_keys_and_halves_of_characters_come_back(tmp_path: Path) -> None:
    dump = {"format": 0, "seats": {1: "\ud800"}}
    assert unpack_dump(pack_dump(dump)) == dump
    flipped = bytearray(pack_dump({"text": "x" * 100}))
    flipped[-1] ^= 1
    with pytest.raises(ValueError, match="damaged"):
        unpack_dump(bytes(flipped))
    file = PeopleFile(tmp_path / "people.db")
    file.note({"rules": {1: "one"}})
    assert file.read().about == {"rules": {1: "one"}}
    file.close()
