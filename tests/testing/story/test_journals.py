"""What is wrong with the journals of a story, in the light of what happened to its disk."""

from pathlib import Path
from random import Random
from typing import Any

import pytest

from gameserver.ids import Tick
from gameserver.service.journals import FOLDER
from gameserver.store.disk import compress
from gameserver.store.frames import frame_of
from gameserver.store.records import Hash, pack_other
from gameserver.testing.memorynet import MemoryNet
from gameserver.testing.story.disk import SimulatedDisk
from gameserver.testing.story.journals import wrong_journals
from gameserver.testing.story.report import ALONE, NO_TROUBLES, Report
from gameserver.testing.story.stage import Stage
from tests.store.recorded import GAME, Played


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    net, runtime = MemoryNet(Random(1)), None
    nothing: Any = runtime
    made = Stage(Report(1, 2), GAME, {}, {}, 1.0, NO_TROUBLES, ALONE, nothing, net)
    made.disk = SimulatedDisk(tmp_path, net, Random(1))
    return made


def write(stage: Stage, name: str, data: bytes, *, closed: bool = True) -> None:
    assert stage.disk is not None
    path = stage.disk.folder / FOLDER / f"{name}.journal"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    if closed:
        compress(path)


def whole() -> bytes:
    return Played().play(20).end().file.data


def test_whole_journals_are_replayed_and_right(stage: Stage) -> None:
    write(stage, "one", whole())
    write(stage, "two", whole())
    stage.report.matches = 2
    assert list(wrong_journals(stage)) == []
    assert stage.report.journals == 2


def test_without_a_disk_or_a_match_there_is_nothing_to_replay(stage: Stage) -> None:
    assert list(wrong_journals(stage)) == []
    write(stage, "one", b"no journal")
    stage.disk = None
    assert list(wrong_journals(stage)) == []
    assert stage.report.journals == 0


@pytest.mark.parametrize(("crashes", "full"), [(0, 0), (1, 0), (0, 1)])
def test_what_a_crash_or_a_full_disk_may_cost_is_a_fault_without_them(
    stage: Stage, crashes: int, full: int
) -> None:
    stage.report.crashes, stage.report.full_disks = crashes, full
    stage.report.matches = 9
    write(stage, "cut", Played().play(20).file.data)
    write(stage, "junk", b"no journal of a match", closed=False)
    write(stage, "open", whole(), closed=False)
    found = list(wrong_journals(stage))
    assert stage.report.journals == 3
    if crashes or full:
        assert found == []
    else:
        assert [words.split(":")[0] for words in found] == [
            "journal cut.journal.zst has no end",
            "journal junk.journal",
            "journal open.journal has no end",
            "9 matches had results, and 3 have a journal",
        ]


def test_another_world_is_a_fault_whatever_happened(stage: Stage) -> None:
    played = Played().play(20)
    wrong = played.file.data + frame_of(pack_other(Hash(Tick(20), bytes(16))))
    write(stage, "one", wrong)
    stage.report.crashes = stage.report.full_disks = 1
    assert list(wrong_journals(stage)) == ["journal one.journal.zst differs at tick 20"]


@pytest.mark.parametrize(("crashes", "full", "wrong"), [(0, 0, True), (1, 0, True), (0, 1, False)])
def test_only_a_full_disk_makes_holes(stage: Stage, crashes: int, full: int, wrong: bool) -> None:
    played = Played().play(10)
    played.file.full_once = True
    played.play(10)
    played.recorder.retry()
    write(stage, "one", played.play(10).end().file.data)
    stage.report.crashes, stage.report.full_disks = crashes, full
    found = list(wrong_journals(stage))
    assert bool(found) is wrong
    if wrong:
        assert found[0].startswith("journal one.journal.zst has a hole of ")
