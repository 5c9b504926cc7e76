"""What is kept of a client that computed another world: so much, so often, and whole."""

import errno
import json
import os
from pathlib import Path

import pytest

from gameserver.store import evidence as module
from gameserver.store.evidence import EVERY_S, PLAYER_S, Evidence
from tests.store.test_disk_order import Bench


class Clock:
    """Seconds that the test sets."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    (tmp_path / "kept").mkdir()
    return Bench(tmp_path)


@pytest.fixture
def evidence(bench: Bench, clock: Clock) -> Evidence:
    return Evidence(bench.disk.folder / "kept", bench.disk, clock)


def kept(bench: Bench) -> list[str]:
    return sorted(path.name for path in (bench.disk.folder / "kept").iterdir())


def test_one_report_is_due_in_some_seconds_and_one_of_a_player_in_a_minute(
    evidence: Evidence, clock: Clock
) -> None:
    assert evidence.due("ann")
    assert not evidence.due("bob")
    clock.now += EVERY_S - 0.5
    assert not evidence.due("bob")
    clock.now += 0.5
    assert evidence.due("bob")
    clock.now += EVERY_S
    assert not evidence.due("ann")
    clock.now = 100.0 + PLAYER_S - 0.5
    assert not evidence.due("ann")
    clock.now += 0.5
    assert evidence.due("ann")
    assert not evidence.due("carl"), "one was due just now"


def test_a_report_is_kept_with_the_world_of_its_match_and_what_the_client_had(
    evidence: Evidence, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.files.most = 7
    assert evidence.keep("r1", {"tick": 5}, b"a whole journal")
    assert evidence.keep_view("r1", b"a view of the client")
    folder = bench.disk.folder / "kept"
    assert kept(bench) == ["r1.journal", "r1.json", "r1.view"]
    assert json.loads((folder / "r1.json").read_bytes()) == {"tick": 5}
    assert (folder / "r1.journal").read_bytes() == b"a whole journal"
    assert (folder / "r1.view").read_bytes() == b"a view of the client"
    assert evidence.keep_view("r1", b"short")
    assert (folder / "r1.view").read_bytes() == b"short", "nothing of the longer one is left"
    calls = bench.calls()
    assert calls.count("open") == calls.count("close") == calls.count("cut") == 4
    monkeypatch.setattr("gameserver.store.disk.QUEUED_BYTES", 20)
    words = len(json.dumps({"tick": 5}, indent=1))
    assert evidence.keep("r2", {"tick": 5}, bytes(20 - words))
    assert not evidence.keep("r3", {"tick": 5}, bytes(21 - words))
    assert evidence.keep_view("r4", bytes(20))
    assert not evidence.keep_view("r5", bytes(21))
    assert {name[:2] for name in kept(bench)} == {"r1", "r2", "r4"}


def test_the_newest_files_stay_by_number(
    evidence: Evidence, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_FILES", 3)
    for number in range(5):
        evidence.keep_view(f"r{number}", b"view")
    assert kept(bench) == ["r2.view", "r3.view", "r4.view"]


def test_the_newest_files_stay_by_bytes(
    evidence: Evidence, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 30)
    for number in range(5):
        evidence.keep_view(f"r{number}", bytes(10))
    assert kept(bench) == ["r2.view", "r3.view", "r4.view"]
    evidence.keep_view("r5", bytes(11))
    assert kept(bench) == ["r4.view", "r5.view"]


@pytest.mark.parametrize("call", ["open", "cut", "write"])
def test_a_disk_that_fails_is_told_and_no_file_stays_open(
    evidence: Evidence, bench: Bench, call: str
) -> None:
    bench.files.failing = {call}
    assert evidence.keep_view("r1", b"view")
    (sentence,) = bench.disk.troubles()
    assert sentence == f"evidence r1 cannot be written: {os.strerror(errno.EIO)}"
    assert bench.files.calls.count("close") == (call != "open")
