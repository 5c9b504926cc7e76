"""When journals are opened, synced, cut and closed, call by call and without a thread."""

import errno
import os
from io import BytesIO
from pathlib import Path

import attrs
import pytest
import zstandard

from gameserver.ids import Tick
from gameserver.store.disk import SYNC_S, Disk, Files, compress, is_journal
from gameserver.store.frames import LONGEST_PAYLOAD, MAGIC, frame_of, payloads_of
from gameserver.store.keep import Keep
from gameserver.store.sifting import sifted
from gameserver.store.worker import Job


@attrs.define
class Hand:
    """Does works at once, at a time that the test sets."""

    idle: Job
    time: float = 0.0
    closed: bool = False

    def put(self, work: Job) -> None:
        work()

    def now(self) -> float:
        return self.time

    def close(self, longest_s: float) -> bool:
        assert longest_s > 0
        self.closed = True
        return True


@attrs.define
class NotedFiles(Files):
    """The system's calls, noted; those of a name in ``failing`` fail."""

    calls: list[str] = attrs.field(factory=list)
    failing: set[str] = attrs.field(factory=set)
    most: int = 10**9
    """Most bytes that one write takes."""

    def note(self, name: str) -> None:
        self.calls.append(name)
        if name in self.failing:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    def open(self, path: Path) -> int:
        self.note("open")
        return super().open(path)

    def write(self, descriptor: int, data: bytes, at: int) -> int:
        self.note("write")
        return super().write(descriptor, data[: self.most], at)

    def cut(self, descriptor: int, size: int) -> None:
        self.note("cut")
        super().cut(descriptor, size)

    def sync(self, descriptor: int) -> None:  # noqa: ARG002
        self.note("sync")

    def close(self, descriptor: int) -> None:
        self.note("close")
        super().close(descriptor)


class Bench:
    """A disk whose thread is the test's hand."""

    def __init__(self, folder: Path) -> None:
        self.files = NotedFiles()
        self.cleared = 0
        self.disk = Disk(folder, self.finished, self.make, self.files)

    def make(self, _name: str, idle: Job) -> Hand:
        self.hand = Hand(idle)
        return self.hand

    def finished(self) -> None:
        self.cleared += 1

    def calls(self) -> list[str]:
        calls, self.files.calls = self.files.calls, []
        return calls


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_file_is_synced_once_each_second_if_it_was_written(bench: Bench) -> None:
    file, other = bench.disk.open("m1", b"head"), bench.disk.open("m2", b"")
    file.append(b"one", Tick(1))
    assert bench.calls() == ["open", "cut", "write"]
    bench.hand.time = SYNC_S - 0.01
    file.append(b"two", Tick(2))
    assert bench.calls() == ["write"]
    bench.hand.time = SYNC_S
    file.append(b"three", Tick(3))
    assert bench.calls() == ["write", "sync"]
    bench.hand.time = 2 * SYNC_S - 0.01
    other.append(b"one", Tick(1))
    assert bench.calls() == ["open", "cut", "write"]
    bench.hand.time = 2 * SYNC_S
    bench.disk.put(0, lambda: None)
    assert bench.calls() == ["sync"], "the file that was not written since is left alone"
    other.append(b"two", Tick(2))
    bench.hand.idle()
    bench.hand.idle()
    assert bench.calls() == ["write", "sync"], "a worker without work syncs once"


def test_all_is_synced_before_it_is_told_and_at_the_end(bench: Bench) -> None:
    file = bench.disk.open("m1", b"")
    file.append(b"one", Tick(1))
    seen: list[list[str]] = []
    bench.disk.settle(lambda: seen.append(bench.calls()))
    assert seen == [["open", "cut", "write", "sync"]]
    file.append(b"two", Tick(2))
    bench.disk.close()
    assert bench.calls() == ["write", "sync"]
    assert bench.hand.closed


def test_a_finished_file_is_synced_closed_and_compressed_once(bench: Bench, tmp_path: Path) -> None:
    file = bench.disk.open("m1", b"head ")
    file.append(b"one", Tick(1))
    descriptor = file._descriptor
    bench.calls()
    file.finish()
    assert bench.calls() == ["sync", "close"]
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)
    assert (file.closed, bench.cleared) == (True, 1)
    bench.hand.time = 10 * SYNC_S
    bench.disk.close()
    assert bench.calls() == [], "a closed file is not synced"
    data = (tmp_path / "m1.journal.zst").read_bytes()
    assert zstandard.get_frame_parameters(data).has_checksum
    empty = bench.disk.open("m2", b"head")
    empty.finish()
    assert (bench.calls(), empty.closed, bench.disk.troubles()) == ([], True, [])
    assert bench.cleared == 1, "a journal that was never written needs no room"


def test_a_write_that_takes_only_parts_is_continued(bench: Bench, tmp_path: Path) -> None:
    bench.files.most = 3
    file = bench.disk.open("m1", b"head ")
    file.append(b"one two", Tick(1))
    file.append(b" three", Tick(2))
    assert (tmp_path / "m1.journal").read_bytes() == b"head one two three"


def test_a_file_that_cannot_be_synced_is_at_fault_until_it_is_tried_again(bench: Bench) -> None:
    file = bench.disk.open("m1", b"")
    file.append(b"one", Tick(1))
    bench.files.failing = {"sync"}
    bench.hand.idle()
    assert file.fault == "Input/output error"
    bench.calls()
    file.append(b"two", Tick(2))
    assert bench.calls() == [], "nothing is written behind what may be lost"
    bench.files.failing = set()
    file.retry()
    file.append(b"three", Tick(3))
    assert (file.fault, file.on_disk, bench.calls()) == ("", 3, ["write"])
    file.finish()
    bench.files.failing = {"sync"}
    other = bench.disk.open("m2", b"")
    other.append(b"one", Tick(1))
    other.finish()
    assert other.closed, "a whole file is closed also if it cannot be synced"


def test_the_torn_end_of_a_journal_is_cut_off_and_its_head_not_repeated(
    bench: Bench, tmp_path: Path
) -> None:
    path = tmp_path / "m1.journal"
    path.write_bytes(b"head one torn")
    file = bench.disk.reopen(path, len(b"head one"), Tick(4))
    assert file.on_disk == 4
    file.append(b" two", Tick(5))
    assert path.read_bytes() == b"head one two"


def test_what_a_killed_process_left_is_compressed_or_deleted(bench: Bench, tmp_path: Path) -> None:
    names = {
        "1.journal": MAGIC + b"frames",
        "2.journal": b"no journal",
        "3.journal.zst.part": MAGIC,
        "4.journal": MAGIC,
    }
    for name, data in names.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "5.journal").mkdir()
    (tmp_path / "4.journal.zst").mkdir()
    paths = [tmp_path / name for name in (*names, "5.journal", "6.journal.zst.part")]
    bench.disk.tidy(paths)
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["1.journal.zst", "2.journal", "4.journal", "4.journal.zst", "5.journal"]
    (sentence,) = bench.disk.troubles()
    assert sentence == "4.journal cannot be tidied up: Is a directory"
    assert bench.cleared == 1


def test_only_a_plain_file_with_the_magic_bytes_is_a_journal(tmp_path: Path) -> None:
    path = tmp_path / "x"
    for data, found in ((MAGIC, True), (MAGIC[:-1], False), (b"x" + MAGIC, False), (b"", False)):
        path.write_bytes(data)
        assert is_journal(path) is found
    os.mkfifo(tmp_path / "pipe")
    assert not is_journal(tmp_path / "pipe")
    assert not is_journal(tmp_path / "nothing")


def test_a_compressed_journal_is_private_and_takes_the_place_of_the_plain_one(
    tmp_path: Path,
) -> None:
    path = tmp_path / "m1.journal"
    path.write_bytes(b"data")
    done = compress(path)
    assert done == tmp_path / "m1.journal.zst"
    assert done.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["m1.journal.zst"]
    plain = zstandard.ZstdDecompressor().decompressobj().decompress(done.read_bytes())
    assert plain == b"data"


def test_the_bound_of_the_queue_counts_what_is_waiting(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gameserver.store.disk.QUEUED_BYTES", 10)
    assert bench.disk.put(10, lambda: None)
    assert bench.disk.put(10, lambda: None), "what was written does not wait"
    ran: list[int] = []
    assert not bench.disk.put(11, lambda: ran.append(1))
    assert bench.disk.put(0, lambda: ran.append(2))
    assert ran == [2]


def test_a_frame_may_be_empty_and_may_end_with_the_data() -> None:
    assert [payload for _, payload in payloads_of(frame_of(b""))] == [b""]
    assert [end for end, _ in payloads_of(frame_of(b"ab") + frame_of(b"c"))] == [10, 19]
    assert not list(payloads_of(frame_of(b"abc")[:-1]))
    too_long = (LONGEST_PAYLOAD + 1).to_bytes(4, "little") + bytes(4) + bytes(LONGEST_PAYLOAD + 1)
    assert not list(payloads_of(too_long))


def test_a_file_that_is_read_piece_by_piece_has_the_same_frames() -> None:
    data = b"".join(map(frame_of, (b"ab", b"", b"c" * 300_000, b"d")))
    wrong = data[:9] + b"x" + data[10:]
    for whole in (wrong, *(data[:cut] for cut in (*range(30), 300_000, len(data) - 1, len(data)))):
        found = [bytes(payload) for _, payload in payloads_of(whole)]
        assert list(sifted(BytesIO(whole), len(data))) == found
    assert list(sifted(BytesIO(data), 18)) == [b"ab", b""]
    assert list(sifted(BytesIO(data), 0)) == []


def test_a_journal_that_is_gone_meanwhile_is_neither_old_nor_in_the_way(
    tmp_path: Path,
) -> None:
    (tmp_path / "1.journal").symlink_to(tmp_path / "nowhere")
    assert Keep(days=1).clear(tmp_path) == []
    assert Keep(days=1)._is_old(tmp_path / "1.journal") is False
