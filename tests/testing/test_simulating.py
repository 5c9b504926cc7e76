"""The command that simulates many seeds, with runs of its own making."""

import gc
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import attrs
import pytest
import structlog
from click.testing import CliRunner, Result

from gameserver.accel import VARIABLE
from gameserver.arena import Arena
from gameserver.game.maps.shipped import shipped_maps
from gameserver.game.maps.tilemap import ObjectKind
from gameserver.testing import simulate as simulations
from gameserver.testing.scenario import Report
from gameserver.testing.simulate import BOUT, ROOM, SUMS, Chosen, main, run_seed
from gameserver.testing.skirmish import Bout

CHOSEN = Chosen(BOUT, Path(), {}, 2, 1.0)


@attrs.define
class Runs:
    """Takes the place of the simulation: records each call, and returns what is wanted."""

    calls: list[tuple[int, Any, Any, dict[str, Any]]] = attrs.field(factory=list)
    bad: dict[int, str] = attrs.field(factory=dict)
    """Faults by seed."""
    restless: set[int] = attrs.field(factory=set)
    """Seeds of which each run leaves another trace."""
    differs: set[int] = attrs.field(factory=set)
    """Seeds that leave another trace in each implementation of the hot path."""
    collects: list[bool] = attrs.field(factory=list)
    paths: list[tuple[int, str]] = attrs.field(factory=list)

    def __call__(self, seed: int, game: Any, maps: Any, **given: Any) -> Report:
        self.calls.append((seed, game, maps, given))
        self.collects.append(gc.isenabled())
        self.paths.append((seed, path := os.environ.get(VARIABLE, "")))
        trace = f"{len(self.calls)}" if seed in self.restless else "same"
        trace += path if seed in self.differs else ""
        report = Report(seed, given["players"], virtual_s=90.0, cuts=1, stalls=2, trace=trace)
        report.slow_readers, report.reconnects, report.matches = 3, 4, 5
        report.lines, report.messages = 6, 700
        report.faults += [self.bad[seed]] if seed in self.bad else []
        return report


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Runs]:
    made = Runs()
    monkeypatch.setattr(simulations, "simulate", made)
    # Threads instead of processes, which would not know these runs; what they begin with is left
    # out, since it would concern this process.
    monkeypatch.setattr(
        simulations, "ProcessPoolExecutor", lambda jobs, *_: ThreadPoolExecutor(min(jobs, 1))
    )
    monkeypatch.setattr(gc, "collect", lambda: 0)  # it takes long in a process of tests
    yield made
    assert gc.isenabled()


def call(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def rows_of(output: str) -> dict[str, str]:
    pairs = (line.strip().split("  ", 1) for line in output.splitlines() if "  " in line.strip())
    return {name: value.strip() for name, value in pairs}


def test_all_seeds_are_run_twice_and_their_counts_are_added(runs: Runs) -> None:
    result = call("--first", "5", "--seeds", "3")
    assert result.exit_code == 0
    assert [seed for seed, *_ in runs.calls] == [5, 5, 6, 6, 7, 7]
    rows = rows_of(result.output)
    del rows["times real time"]
    assert rows == {
        "seeds": "3",
        "failed": "0",
        "virtual time": "4 min",  # 4.5, rounded to even
        "matches with results": "15",
        **{name.replace("_", " "): "0" for name in SUMS},
        "cuts": "3",
        "stalls": "6",
        "slow readers": "9",
        "reconnects": "12",
        "lines": "18",
        "messages": "2,100",
    }
    seed, game, maps, given = runs.calls[0]
    assert isinstance(game, Bout)
    assert maps == {ROOM.name: ROOM}
    assert (seed, given) == (5, {"players": 4, "seconds": 20.0, "options": {}, "scores_rise": True})
    assert runs.collects == [False] * 6


def test_by_default_twenty_seeds_are_run(runs: Runs) -> None:
    assert call("--once").exit_code == 0
    assert [seed for seed, *_ in runs.calls] == list(range(1, 21))


def test_new_seeds_are_run_too_and_shown(runs: Runs) -> None:
    result = call("--seeds", "2", "--new", "3", "--once")
    seeds = [seed for seed, *_ in runs.calls]
    assert seeds[:2] == [1, 2]
    assert len({*seeds}) == 5
    (line,) = [line for line in result.output.splitlines() if line.startswith("new seeds: ")]
    assert line.removeprefix("new seeds: ").split(", ") == [f"{seed}" for seed in seeds[2:]]


def test_the_trace_of_a_single_seed_is_shown(runs: Runs) -> None:
    assert rows_of(call("--seeds", "1").output)["trace"] == "same"
    assert "trace" not in rows_of(call("--seeds", "2").output)
    assert len(runs.calls) == 6


def test_a_failed_seed_is_shown_with_its_fault_and_its_command(runs: Runs) -> None:
    runs.bad[8] = "a [bold] fault"
    result = call("--seeds", "2", "--first", "7", "--players", "3", "--option", "ticks=90")
    assert result.exit_code == 1
    assert [seed for seed, *_ in runs.calls] == [7, 7, 8], "a failed seed is not run again"
    lines = result.output.splitlines()
    at = lines.index("seed 8 failed")
    again = "script/simulate --first 8 --seeds 1 --players 3 --seconds 20 --option ticks=90"
    assert [line.strip() for line in lines[at + 1 : at + 3]] == [
        "a [bold] fault",
        f"repeat: {again}",
    ]
    assert rows_of(result.output)["failed"] == "1"


def test_a_seed_of_which_two_runs_differ_has_failed(runs: Runs) -> None:
    runs.restless.add(2)
    run = run_seed(CHOSEN, 2, twice=True)
    assert run.outcome.faults == ["a second run of the same seed had another trace"]
    assert run_seed(CHOSEN, 1, twice=True).outcome.faults == []
    assert run_seed(CHOSEN, 2, twice=False).outcome.faults == []


@pytest.mark.parametrize("before", [None, "pure"])
def test_each_seed_is_run_in_native_and_in_pure_code_and_must_leave_the_same_trace(
    runs: Runs, monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    if before is not None:
        monkeypatch.setenv(VARIABLE, before)
    else:
        monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(simulations, "implementation", lambda _: None)
    runs.differs.add(6)
    result = call("--first", "5", "--seeds", "2", "--both-paths")
    assert result.exit_code == 1
    assert runs.paths == [(5, "native"), (6, "native"), (5, "pure"), (6, "pure")]
    assert os.environ.get(VARIABLE) == before
    at = (lines := result.output.splitlines()).index("seed 6 failed")
    assert lines[at + 1].strip() == "native and pure code left two traces"
    assert lines[at + 2].endswith("--first 6 --seeds 1 --players 4 --seconds 20 --both-paths")
    assert "seed 5 failed" not in lines
    assert (rows_of(result.output)["seeds"], rows_of(result.output)["failed"]) == ("4", "1")
    assert call("--first", "5", "--seeds", "1", "--both-paths").exit_code == 0
    runs.bad[5] = "a fault of one path alone, or of both"
    repeat = call("--first", "5", "--seeds", "1", "--both-paths").output.splitlines()[2].strip()
    assert repeat.endswith("--both-paths"), "the path that runs by default may be the other one"


def test_without_native_code_there_is_nothing_to_compare(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: str) -> None:
        raise ImportError("no native code")

    monkeypatch.setattr(simulations, "implementation", missing)
    result = call("--both-paths")
    assert (result.exit_code, runs.calls) == (1, [])
    assert "script/build-native" in result.output


def test_the_speed_is_virtual_time_by_processor_time(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings = iter([100.0, 103.0, 200.0, 202.0, 300.0, 301.0])
    monkeypatch.setattr(time, "process_time", lambda: next(readings))
    assert run_seed(CHOSEN, 1, twice=True).speed == 30.0
    readings = iter([100.0, 103.0, 200.0, 202.0, 300.0, 301.0])
    result = call("--seeds", "3")
    assert rows_of(result.output)["times real time"] == "45.0 (median, one processor)"
    assert len(runs.calls) == 8


def test_options_are_numbers_truth_values_or_words(runs: Runs) -> None:
    words = ["ticks=-3", "fast=true", "slow=false", "mode=a=b"]
    arguments = [word for each in words for word in ("--option", each)]
    assert call("--seeds", "1", "--once", *arguments).exit_code == 0
    ((*_, given),) = runs.calls
    assert given["options"] == {"ticks": -3, "fast": True, "slow": False, "mode": "a=b"}
    assert isinstance(given["options"]["fast"], bool)
    refused = call("--option", "ticks")
    assert refused.exit_code == 2
    assert "--option must be NAME=VALUE, not ticks" in refused.output


def test_another_game_is_simulated_on_its_maps(runs: Runs) -> None:
    assert call("--seeds", "1", "--once", "--game", "arena").exit_code == 0
    ((_, game, maps, _),) = runs.calls
    assert isinstance(game, Arena)
    assert "courtyard" in maps
    assert (
        Chosen("arena", shipped_maps(), {}, 4, 1.5)
        .again(3)
        .endswith(f"--seconds 1.5 --game arena --maps {shipped_maps()}")
    )


@pytest.mark.parametrize("words", [["--seeds", "0"], ["--players", "0"], ["--players", "65"]])
def test_numbers_out_of_range_are_refused(words: list[str], runs: Runs) -> None:
    assert call(*words).exit_code == 2
    assert call("--game", "no.such:Game").exit_code == 1
    assert runs.calls == []


def test_the_room_of_the_small_game_has_a_place_to_start() -> None:
    assert (ROOM.width, ROOM.height) == (16, 16)
    (spawn,) = ROOM.objects
    assert (spawn.id, spawn.kind, spawn.team) == (1, ObjectKind.SPAWN, 0)
    assert (spawn.x, spawn.y) == (2048, 2048)


def test_a_process_of_simulations_leaves_ctrl_c_to_its_parent_and_logs_no_errors(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before, logs = signal.getsignal(signal.SIGINT), structlog.get_config()
    try:
        simulations._begin_process()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        assert gc.get_freeze_count() > 0
        structlog.get_logger().error("a fault that belongs to the story")
        assert capsys.readouterr().out == ""
    finally:
        signal.signal(signal.SIGINT, before)
        gc.unfreeze()
        structlog.configure(**logs)
