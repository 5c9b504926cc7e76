"""Calls are committed in order and together, and a disk that refuses is told of, not raised."""

import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gameserver.store.people import writer as writer_module
from gameserver.store.people.database import PeopleFile, pack_dump
from gameserver.store.people.writer import TOO_SLOW, PeopleWriter
from gameserver.store.worker import InlineWorker, MakeWorker, ThreadWorker

DUMP = pack_dump({"format": 0})


def until(true: Callable[[], bool]) -> None:
    """Wait for the thread."""
    for _ in range(2000):
        if true():
            return
        time.sleep(0.005)
    raise AssertionError("the thread did not come so far")


def opened(path: Path) -> list[int]:
    file = PeopleFile(path)
    found = [number for number, _ in file.calls(0)]
    file.close()
    return found


def test_what_waits_has_a_bound_and_what_was_written_does_not_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "QUEUED_BYTES", 10)
    writer = PeopleWriter(PeopleFile(tmp_path / "people.db"), lambda _: None, InlineWorker)
    for number in (1, 2):
        writer.put(number, bytes(10), [])
        writer.flush()
        assert writer.fault == ""
    writer.put(3, bytes(11), [])
    writer.flush()
    assert writer.fault == TOO_SLOW
    writer.close()
    assert opened(tmp_path / "people.db") == [1, 2]


def test_an_abandoned_writer_commits_what_was_flushed_and_ends_its_thread(tmp_path: Path) -> None:
    writer = PeopleWriter(PeopleFile(tmp_path / "people.db"), lambda _: None)
    writer.put(1, b"one", [])
    writer.flush()
    writer.put(2, b"two", [])
    writer.abandon()
    thread = next(each for each in threading.enumerate() if each.name == "people writer")
    thread.join(10)
    assert not thread.is_alive()
    assert opened(tmp_path / "people.db") == [1]


def test_a_file_that_is_kept_is_named_by_time_and_reason() -> None:
    name = writer_module.aside_name("unreadable", 1_700_000_000_999)
    assert name == "people-20231114T221320.unreadable.db"


@pytest.mark.parametrize("worker", [ThreadWorker, InlineWorker])
def test_calls_are_committed_before_they_are_told(tmp_path: Path, worker: MakeWorker) -> None:
    path = tmp_path / "people.db"
    seen: list[tuple[int, list[int]]] = []
    writer = PeopleWriter(
        PeopleFile(path), lambda number: seen.append((number, opened(path))), worker
    )
    writer.put(1, b"one", [(0, "a:B", [])])
    writer.put(2, b"two", [])
    writer.flush()
    writer.flush()
    writer.put(3, b"three", [])
    writer.close()
    assert seen[-1] == (3, [1, 2, 3])
    assert all(committed[-1] == number for number, committed in seen)
    assert not writer.fault


def test_what_waits_while_the_disk_works_is_committed_in_one_transaction(tmp_path: Path) -> None:
    file = PeopleFile(tmp_path / "people.db")
    told: list[int] = []
    slow = [True]
    append = file.append

    def appends(items: Any, classes: Any = ()) -> None:
        while slow[0]:
            time.sleep(0.002)
        append(items, classes)

    file.append = appends  # type: ignore[method-assign]
    writer = PeopleWriter(file, told.append)
    for number in range(1, 21):
        writer.put(number, b"call", [])
        writer.flush()
        if number == 1:
            until(writer._queue.empty)
    slow[0] = False
    writer.close()
    assert told == [1, 20]


def test_behind_a_commit_the_thread_rests_so_that_calls_gather(tmp_path: Path) -> None:
    told: list[int] = []
    rests: list[tuple[float, list[int]]] = []

    class Resting(InlineWorker):
        def rest(self, seconds: float) -> None:
            rests.append((seconds, list(told)))

    writer = PeopleWriter(PeopleFile(tmp_path / "people.db"), told.append, Resting)
    writer.put(1, b"one", [])
    writer.flush()
    writer.flush()  # nothing is committed
    writer.put(2, b"two", [])
    writer.flush()
    writer.close()
    assert rests == [(writer_module.GATHER_S, [1]), (writer_module.GATHER_S, [1, 2])]


def refusing(file: PeopleFile, fault: Exception) -> Callable[[], None]:
    """Let a file refuse to append, until what is returned is called."""
    append = file.append

    def refuses(*_: object) -> None:
        raise fault

    file.append = refuses  # type: ignore[method-assign,assignment]

    def mended() -> None:
        file.append = append  # type: ignore[method-assign]

    return mended


@pytest.mark.parametrize(
    "fault", [sqlite3.OperationalError("disk I/O error"), OSError(5, "disk I/O error")]
)
def test_behind_a_fault_nothing_is_written_until_a_dump_begins_anew(
    tmp_path: Path, fault: Exception
) -> None:
    path = tmp_path / "people.db"
    file = PeopleFile(path)
    told: list[int] = []
    writer = PeopleWriter(file, told.append)
    writer.put(1, b"one", [])
    writer.flush()
    until(lambda: told == [1])
    mended = refusing(file, fault)
    writer.put(2, b"two", [])
    writer.flush()
    until(lambda: bool(writer.fault))
    assert writer.fault == "disk I/O error"
    mended()
    writer.put(3, b"three", [])
    writer.flush()
    writer.renew(3, DUMP, 0)
    writer.put(4, b"four", [])
    writer.close()
    assert (told, writer.fault) == ([1, 3, 4], "")
    again = PeopleFile(path)
    assert (again.read().number, [number for number, _ in again.calls(0)]) == (3, [4])
    again.close()


def test_a_disk_that_falls_behind_is_a_fault_and_not_a_growing_queue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "QUEUED_BYTES", 100)
    file = PeopleFile(tmp_path / "people.db")
    writer = PeopleWriter(file, lambda _: None)
    writer.put(1, b"x" * 101, [])
    writer.flush()
    assert writer.fault == TOO_SLOW
    writer.renew(1, DUMP, 0)
    writer.put(2, b"x" * 50, [])
    writer.close()
    assert (writer.fault, opened(tmp_path / "people.db")) == ("", [2])


def test_a_dump_behind_written_calls_drops_those_alone(tmp_path: Path) -> None:
    writer = PeopleWriter(PeopleFile(tmp_path / "people.db"), lambda _: None, InlineWorker)
    for number in (1, 2, 3):
        writer.put(number, b"call", [])
    writer.flush()
    writer.put_dump(2, DUMP, 0)
    writer.close()
    assert opened(tmp_path / "people.db") == [3]


@pytest.mark.parametrize("worker", [ThreadWorker, InlineWorker])
def test_the_end_of_a_writer_commits_what_waits_and_closes_its_file(
    tmp_path: Path, worker: MakeWorker
) -> None:
    file = PeopleFile(tmp_path / "people.db")
    writer = PeopleWriter(file, lambda _: None, worker)
    writer.put(1, b"one", [])
    writer.close()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        list(file.calls(0))
    assert opened(tmp_path / "people.db") == [1]


def test_a_disk_that_hangs_does_not_hold_the_end_of_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "CLOSE_S", 0.05)
    file = PeopleFile(tmp_path / "people.db")
    hangs = [True]

    def append(*_: object) -> None:
        while hangs[0]:
            time.sleep(0.002)

    file.append = append  # type: ignore[method-assign,assignment]
    writer = PeopleWriter(file, lambda _: None)
    writer.put(1, b"one", [])
    writer.close()
    hangs[0] = False
    assert isinstance(writer._worker, ThreadWorker)
    writer._worker._thread.join()
    file.close()
