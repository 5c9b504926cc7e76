"""The process: the collector, memory, time, and open descriptors."""

import errno
import gc
import resource
import sys
import time
import weakref
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gameserver.errors import ConfigError
from gameserver.service import descriptors, runtime
from gameserver.service.descriptors import ENOUGH, Allowance, allowance, in_use, limit, raise_limit
from gameserver.service.runtime import OLDER, PER_VIEWER, YOUNGEST, Collector

# --- the process ----------------------------------------------------------------------------------


def test_the_collector_is_tuned_by_viewers_between_its_bounds() -> None:
    before = gc.get_threshold()
    least, most = YOUNGEST
    try:
        for viewers, youngest in [(0, least), (10, least + 10 * PER_VIEWER), (10**6, most)]:
            Collector().tune(viewers)
            assert gc.get_threshold() == (youngest, *OLDER)
    finally:
        gc.set_threshold(*before)


def test_a_settled_collector_leaves_out_what_exists_and_is_tuned() -> None:
    class Cycle:
        def __init__(self) -> None:
            self.me = self

    before = gc.get_threshold()
    left = weakref.ref(Cycle())
    try:
        Collector().settle()
        assert left() is None, "garbage is collected first: else it would be kept for ever"
        assert gc.get_freeze_count() > 1000
        assert gc.get_threshold() == (YOUNGEST[0], *OLDER)
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


def test_garbage_collections_are_reported_only_while_they_are_watched() -> None:
    phases: list[str] = []
    with Collector().watching(phases.append):
        gc.collect()
    gc.collect()
    assert phases == ["start", "stop"]


def test_memory_is_read_from_the_system_or_its_largest_value_is_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    statm = tmp_path / "statm"
    statm.write_text("900 25 3 4 5 6 7\n", "ascii")
    monkeypatch.setattr(runtime, "_STATM", statm)
    assert runtime.memory_bytes() == 25 * resource.getpagesize()
    monkeypatch.setattr(runtime, "_STATM", tmp_path / "none")
    usage = SimpleNamespace(ru_maxrss=7)
    monkeypatch.setattr(resource, "getrusage", lambda _who: usage)
    monkeypatch.setattr(sys, "platform", "linux")
    assert runtime.memory_bytes() == 7 * 1024
    monkeypatch.setattr(sys, "platform", "darwin")
    assert runtime.memory_bytes() == 7
    monkeypatch.setattr(runtime, "resource", None)
    assert runtime.memory_bytes() == 0


def test_unix_time_is_in_milliseconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_234_567_890_999_999)
    assert runtime.wall_ms() == 1_234_567_890


# --- descriptors ----------------------------------------------------------------------------------


class Limits:
    """Stands in for the system's limits on descriptors."""

    RLIMIT_NOFILE = 7
    RLIM_INFINITY = -1

    def __init__(self, soft: int, hard: int, *, strict: bool = False) -> None:
        self.soft, self.hard, self.strict = soft, hard, strict
        self.calls: list[tuple[int, int]] = []

    def getrlimit(self, _what: int) -> tuple[int, int]:
        return self.soft, self.hard

    def setrlimit(self, _what: int, both: tuple[int, int]) -> None:
        self.calls.append(both)
        if self.strict:
            raise OSError(errno.EPERM, "no")


@pytest.mark.parametrize(
    ("soft", "hard", "asked", "now"),
    [
        (100, 500, [(500, 500)], 100),
        (500, 500, [], 500),
        (100, -1, [(ENOUGH, -1)], 100),
        (ENOUGH, -1, [], ENOUGH),
        (-1, -1, [], ENOUGH),
        (-1, 500, [], ENOUGH),
    ],
)
@pytest.mark.parametrize("strict", [False, True])
def test_the_limit_is_raised_as_far_as_the_system_allows(
    monkeypatch: pytest.MonkeyPatch,
    soft: int,
    hard: int,
    asked: list[tuple[int, int]],
    now: int,
    strict: bool,
) -> None:
    system = Limits(soft, hard, strict=strict)
    monkeypatch.setattr(descriptors, "resource", system)
    raise_limit()
    assert system.calls == asked
    assert limit() == now


def test_a_system_without_limits_has_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(descriptors, "resource", None)
    raise_limit()
    assert limit() == ENOUGH


def test_where_open_descriptors_cannot_be_counted_some_are_assumed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def refuse(path: Path) -> Any:
        asked.append(str(path))
        raise OSError(errno.ENOENT, "none")

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert in_use() == 32
    assert asked == ["/proc/self/fd", "/dev/fd"]


@pytest.mark.parametrize(
    ("most", "used", "found"),
    [
        (16 + 8 + 2, 16, Allowance(1, 4)),
        (1016, 16, Allowance(437, 62)),
        (2064, 16, Allowance(1408, 64)),
        (4752, 16, Allowance(4096, 64)),
        (4751, 16, Allowance(4095, 64)),
    ],
)
def test_descriptors_are_shared_out(most: int, used: int, found: Allowance) -> None:
    assert allowance(4096, 512, 64, most=most, used=used) == found


def test_one_descriptor_less_than_the_fewest_is_too_few() -> None:
    with pytest.raises(ConfigError, match="is 25, of which 16 are taken"):
        allowance(4096, 512, 64, most=25, used=16)
