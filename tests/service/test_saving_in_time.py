"""When the log of people is flushed, begun anew and shortened: on virtual time, with a writer that
notes what it is asked for.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import attrs
import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from gameserver.service import saving as saving_module
from gameserver.service.gate import Gate
from gameserver.service.runtime import Runtime
from gameserver.service.saving import LOOK_S, QUIET_S, RETRY_S, SLOW_S, Saving
from gameserver.store.people.database import FILE, PeopleFile
from tests.rooms.party import Party

RUNTIME = Runtime(threads=False)


@attrs.define
class Writer:
    """Notes when it is asked for what; its fault is set by the test."""

    asked: list[tuple[str, float]] = attrs.field(factory=list)
    dumps: list[bytes] = attrs.field(factory=list)
    fault: str = ""
    file: object = None

    def _note(self, name: str) -> None:
        self.asked.append((name, trio.current_time()))

    def times(self, name: str) -> list[float]:
        return [at for asked, at in self.asked if asked == name]

    def flush(self) -> None:
        self._note("flush")

    def renew(self, number: int, state: bytes, at_ms: int) -> None:
        assert at_ms > 0
        self._note(f"renew {number}")
        self.dumps.append(state)

    def put_dump(self, number: int, state: bytes, at_ms: int) -> None:
        assert at_ms > 0
        self._note(f"dump {number}")
        self.dumps.append(state)

    def close(self) -> None:
        self._note("close")

    def abandon(self) -> None:
        self._note("abandon")


@attrs.define
class Saved:
    """A `Saving` that has begun, and runs."""

    writer: Writer = attrs.field(factory=Writer)
    saving: Saving = attrs.field(init=False)
    began: float = attrs.field(factory=trio.current_time)
    released: int = 0

    def __attrs_post_init__(self) -> None:
        self.saving = Saving(Gate(), RUNTIME, self.release)

    def holds(self) -> bool:
        return self.saving.gate.holds

    def release(self) -> None:
        self.released += 1


@asynccontextmanager
async def saved(folder: Path) -> AsyncIterator[Saved]:
    """Begin behind call 7."""
    some = Saved()
    file = PeopleFile(folder / FILE)
    some.saving.begin(file, Party().hall, 7, {})
    file.close()
    some.saving._writer = cast("Any", some.writer)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(some.saving.run)
        yield some
        nursery.cancel_scope.cancel()


async def test_calls_for_which_nobody_waits_are_flushed_at_equal_distances(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    del autojump_clock
    async with saved(tmp_path) as some:
        await trio.sleep(10 * QUIET_S + LOOK_S / 2)
        times = some.writer.times("flush")
        assert times[0] - some.began == pytest.approx(LOOK_S)
        for one, two in pairwise(times):
            assert QUIET_S - 0.001 <= two - one <= QUIET_S + LOOK_S + 0.001


async def test_a_new_log_is_tried_every_few_seconds_after_a_fault(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    del autojump_clock
    async with saved(tmp_path) as some:
        some.saving.gate.decide(8)
        assert some.holds()
        some.writer.fault = "disk full"
        with capture_logs() as lines:
            await trio.sleep(3.5 * RETRY_S)
        assert [line["event"] for line in lines] == ["people not saved"]
        assert not some.holds()
        assert some.released == 1
        times = some.writer.times("renew 7")
        assert [at - some.began for at in times] == [
            pytest.approx(each * RETRY_S, abs=(each + 1) * LOOK_S + 0.001) for each in (1, 2, 3)
        ]
        assert all(state != b"" for state in some.writer.dumps)


async def test_what_was_told_at_a_fault_is_not_a_commit_after_it(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    del autojump_clock
    async with saved(tmp_path) as some:
        some.writer.fault = "disk full"
        await trio.sleep(2 * LOOK_S)
        with capture_logs() as lines:
            some.saving._told(9)  # of a commit before the fault
            assert lines == []
            some.saving.gate.decide(12)
            assert not some.holds(), "nobody waits for a disk at fault"
            some.writer.fault = ""
            some.saving._told(10)
        assert [line["event"] for line in lines] == ["people saved again"]
        assert some.holds()
        some.saving._told(12)
        assert not some.holds()
        some.saving.gate.decide(12)
        some.saving._told(11)  # of a dump that was made meanwhile
        assert not some.holds()


async def test_a_gate_that_opens_in_time_is_not_slow(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    del autojump_clock
    async with saved(tmp_path) as some:
        with capture_logs() as lines:
            for number in range(8, 14):
                some.saving.gate.decide(number + 1)
                await trio.sleep(SLOW_S * 0.8)
                assert some.holds()
                some.saving._told(number)
            assert lines == []
            released = some.released
            await trio.sleep(SLOW_S + 3 * LOOK_S)
        assert [line["event"] for line in lines] == ["people not saved"]
        assert some.released == released + 1
        assert not some.holds()


@pytest.mark.parametrize("fails", [False, True])
async def test_a_long_log_gets_a_dump_once_and_only_from_a_disk_that_works(
    autojump_clock: MockClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, fails: bool
) -> None:
    del autojump_clock
    monkeypatch.setattr(saving_module, "DUMP_CALLS", 3)
    async with saved(tmp_path) as some:
        some.saving._number += 2
        await trio.sleep(3 * LOOK_S)
        assert some.writer.dumps == []
        some.saving._number += 1
        if fails:
            some.writer.fault = "disk full"
        await trio.sleep(6 * LOOK_S)
        assert len(some.writer.times("dump 10")) == (not fails)
        some.saving._number += 2
        await trio.sleep(3 * LOOK_S)
        assert len(some.writer.dumps) == (not fails)
        some.saving._number += 1
        await trio.sleep(3 * LOOK_S)
        assert len(some.writer.times("dump 13")) == (not fails)


async def test_a_copy_that_cannot_be_made_shortens_nothing(
    autojump_clock: MockClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: object) -> bytes:
        raise OSError("no memory for a copy of the process")

    del autojump_clock
    async with saved(tmp_path) as some:
        monkeypatch.setattr(saving_module, "dump", fails)
        monkeypatch.setattr(saving_module, "DUMP_CALLS", 1)
        some.saving._number += 1
        with capture_logs() as lines:
            await trio.sleep(3 * LOOK_S)
        (line,) = lines
        assert line["event"] == "log of people not shortened"
        assert "no memory" in line["fault"]
        assert some.writer.dumps == []


@pytest.mark.parametrize("end", ["close", "abandon"])
async def test_messages_go_out_at_the_end_and_only_a_regular_end_leaves_a_dump(
    autojump_clock: MockClock, tmp_path: Path, end: str
) -> None:
    del autojump_clock
    async with saved(tmp_path) as some:
        some.saving.gate.decide(8)
        if end == "close":
            await some.saving.close()
        else:
            some.saving.abandon()
        assert not some.saving.active
        assert not some.holds()
        assert some.released == (end == "close")
        asked = [name for name, _ in some.writer.asked]
        assert asked == (["dump 7", "close"] if end == "close" else ["abandon"])
        await some.saving.close()
        some.saving.abandon()
        await trio.sleep(2 * QUIET_S)
        assert len(some.writer.asked) == len(asked), "it is not touched any more"


async def test_a_saving_that_never_began_ends_without_a_word() -> None:
    some = Saving(Gate(), RUNTIME, lambda: None)
    await some.close()
    some.abandon()
    some.flush()
    assert some.file is None
