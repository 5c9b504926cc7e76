"""Journals on a real disk: written in order, compressed at the end, deleted when they are old."""

import errno
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zstandard

from gameserver.ids import Tick
from gameserver.store import disk as disk_module
from gameserver.store.disk import Disk, compress
from gameserver.store.keep import Keep
from gameserver.store.reading import journals_in, read_journal
from gameserver.store.verify import verify
from tests.store.recorded import GAME, Played


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    made = Disk(tmp_path / "matches")
    yield made
    made.close()


def until(true: Callable[[], bool]) -> None:
    """Wait for the writing thread."""
    for _ in range(2000):
        if true():
            return
        time.sleep(0.005)
    raise AssertionError("the thread did not come so far")


def test_a_journal_is_written_as_it_grows_and_compressed_at_its_end(disk: Disk) -> None:
    file = disk.open("m1", b"head")
    assert not disk.folder.exists(), "nothing is created for nothing"
    assert file.append(b"one", Tick(3))
    assert file.append(b"two", Tick(5))
    until(lambda: file.on_disk == 5)
    path = disk.folder / "m1.journal"
    assert path.read_bytes() == b"headonetwo"
    assert path.stat().st_mode & 0o777 == 0o600
    file.finish()
    until(lambda: not path.exists())
    assert [each.name for each in disk.folder.iterdir()] == ["m1.journal.zst"]
    assert disk.troubles() == []


def test_a_match_through_a_real_disk_replays(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    played = Played()
    file = disk.open("m1", played.file.data)
    played.recorder._file = file
    played.play(200).end()
    disk.close()
    verdict = verify(read_journal(tmp_path / "m1.journal.zst"), GAME)
    assert (verdict.ticks, verdict.differs_at, verdict.finished) == (200, None, True)


def test_a_full_disk_leaves_whole_frames_and_is_written_again_when_told(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = disk.open("m1", b"")
    file.append(b"whole", Tick(1))
    until(lambda: file.on_disk == 1)
    real, calls = os.pwrite, 0

    def half(descriptor: int, data: bytes, at: int) -> int:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(descriptor, data[: len(data) // 2], at)

    monkeypatch.setattr(os, "pwrite", half)
    file.append(b"never", Tick(2))
    file.append(b"nor this", Tick(3))
    until(lambda: bool(file.fault))
    monkeypatch.setattr(os, "pwrite", real)
    assert file.fault == "No space left on device"
    assert (disk.folder / "m1.journal").read_bytes() == b"whole", "half a frame is cut off again"
    file.append(b"dropped, too", Tick(4))
    file.retry()
    assert file.fault == ""
    file.append(b" again", Tick(9))
    until(lambda: file.on_disk == 9)
    assert (disk.folder / "m1.journal").read_bytes() == b"whole again"


def test_a_folder_that_cannot_be_made_is_a_fault_and_no_crash(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    disk = Disk(tmp_path / "file" / "matches")
    file = disk.open("m1", b"")
    file.append(b"x", Tick(1))
    until(lambda: bool(file.fault))
    assert file.fault == "Not a directory"
    file.finish()
    disk.close()
    assert disk.troubles() == []
    assert not file.closed


def test_a_journal_that_was_full_at_its_end_is_closed_later(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int, _data: bytes, _at: int) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    begun, never = disk.open("m1", b"head "), disk.open("m2", b"head ")
    begun.append(b"first", Tick(1))
    until(lambda: begun.on_disk == 1)
    real = os.pwrite
    monkeypatch.setattr(os, "pwrite", full)
    for file in (begun, never):
        file.append(b" lost", Tick(2))
        file.finish()
    until(lambda: bool(begun.fault and never.fault))
    assert not begun.closed
    assert not never.closed
    monkeypatch.setattr(os, "pwrite", real)
    for file in (begun, never):
        file.retry()
        file.append(b" end", Tick(3))
        file.finish()
    until(lambda: begun.closed and never.closed)
    disk.close()
    names = sorted(path.name for path in disk.folder.iterdir())
    assert names == ["m1.journal.zst", "m2.journal.zst"]
    unpack = zstandard.ZstdDecompressor().decompressobj
    plain = [unpack().decompress((disk.folder / name).read_bytes()) for name in names]
    assert plain == [b"head first end", b"head  end"]


def test_a_disk_that_hangs_takes_no_more_than_its_bound(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk_module, "QUEUED_BYTES", 1000)
    hanging, file = disk.open("m1", b""), disk.open("m2", b"")
    going = [False]
    disk.put(0, lambda: until(lambda: going[0]))
    assert hanging.append(bytes(600), Tick(1))
    assert not file.append(bytes(401), Tick(1))
    assert file.append(bytes(400), Tick(1))
    going[0] = True
    until(lambda: file.on_disk == 1)
    until(lambda: file.append(bytes(1000), Tick(2)))


def test_a_bug_in_one_work_is_told_and_ends_no_other(disk: Disk) -> None:
    file = disk.open("m1", b"")
    nothing: list[None] = []
    disk.put(0, lambda: nothing[0])
    file.append(b"x", Tick(1))
    until(lambda: file.on_disk == 1)
    assert disk.troubles() == ["a journal met a fault: IndexError('list index out of range')"]


def test_what_was_written_is_synced_within_a_second(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", synced.append)
    monkeypatch.setattr(disk_module, "SYNC_S", 0.01)
    disk.open("m1", b"").append(b"x", Tick(1))
    until(lambda: bool(synced))


def test_a_journal_that_cannot_be_compressed_stays_as_it_is(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path) -> Path:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(disk_module, "compress", full)
    file = disk.open("m1", b"")
    file.append(b"x", Tick(1))
    file.finish()
    disk.close()
    assert disk.troubles() == ["m1.journal cannot be compressed: No space left on device"]
    assert (disk.folder / "m1.journal").exists()


def test_half_of_a_compressed_file_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / "m1.journal"
    path.write_bytes(b"x")
    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OSError, match="No space"):
        compress(path)
    assert [each.name for each in tmp_path.iterdir()] == ["m1.journal"]


def make(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_bytes(b"")


def test_the_newest_journals_are_kept_and_running_ones_in_any_case(tmp_path: Path) -> None:
    make(tmp_path, "1-a.journal.zst", "2-b.journal", "3-c.journal.zst", "4-d.journal.zst", "notes")
    assert Keep().clear(tmp_path) == []
    deleted = Keep(matches=2).clear(tmp_path, {"2-b"})
    assert [path.name for path in deleted] == ["1-a.journal.zst"]
    assert [path.name for path in journals_in(tmp_path)] == [
        "2-b.journal", "3-c.journal.zst", "4-d.journal.zst",
    ]  # fmt: skip
    assert (tmp_path / "notes").exists()


def test_journals_are_kept_for_some_days(tmp_path: Path) -> None:
    make(tmp_path, "1-a.journal.zst", "2-b.journal.zst")
    old = time.time() - 3 * 86_400
    os.utime(tmp_path / "1-a.journal.zst", (old, old))
    assert Keep(days=4).clear(tmp_path) == []
    assert [path.name for path in Keep(days=2).clear(tmp_path)] == ["1-a.journal.zst"]
    assert Keep(days=2).clear(tmp_path / "nowhere") == []
