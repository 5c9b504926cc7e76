"""What ``check`` makes of its matches: seeds, lengths, lines of the report, and JSON."""

import json
import threading
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from rich.progress import Progress

from gameserver.cli import check
from gameserver.game.checking.found import Found
from gameserver.game.game import Game
from gameserver.game.maps.mapfault import Fault, Severity
from gameserver.game.maps.tilemap import TileMap
from gameserver.testing.maps import map_from_rows
from gameserver.testing.trial import Plan, Played
from tests.cli.command import gameserver

SOUND = "tests.testing.faulty_games:Sound"
SKIRMISH = "gameserver.testing.skirmish:Skirmish"
MAP = map_from_rows("....", "....")
SLOW = Fault(Severity.WARNING, "Sound.step", "takes long", "do less")
BROKEN = Fault(Severity.ERROR, "Sound.bot", "raised", "look there")
UNFIT = Fault(Severity.ERROR, "Sound.map_fits", "no map fits", "")


@attrs.define
class Trial:
    """Takes the place of the matches: records what is asked for, and answers with given results."""

    results: list[tuple[tuple[Fault, ...], int, bool, str]] = attrs.field(factory=list)
    unfit: bool = False
    wanted_ticks: int = 0
    maps: int = 0
    played: list[tuple[str, str, int]] = attrs.field(factory=list)
    during: Callable[[], None] = lambda: None

    def plans(self, game: Game, maps: list[TileMap], ticks: int, found: Found) -> Any:
        self.wanted_ticks, self.maps = ticks, len(maps)
        if self.unfit:
            found.error(UNFIT.place, UNFIT.message)
        for number, _ in enumerate(self.results):
            yield Plan(f"options {number}", game.options(), MAP, ticks, "")

    def play(
        self, game: Game, spec: str, plan: Plan, seed: int, progress: Callable[[int], None]
    ) -> Played:
        assert type(game).__name__ in spec
        self.during()
        progress(1)
        faults, ticks, ended, tally = self.results[len(self.played)]
        self.played.append((plan.label, spec, seed))
        return Played(plan, faults, ticks, ended, 1.23456, tally)


@pytest.fixture
def trial(monkeypatch: pytest.MonkeyPatch) -> Trial:
    made = Trial([((), 60, False, "0123456789abcdef")])
    monkeypatch.setattr(check, "plans", made.plans)
    monkeypatch.setattr(check, "play", made.play)
    return made


def test_each_match_has_a_seed_of_its_own_and_the_length_in_ticks(trial: Trial) -> None:
    trial.results *= 3
    assert gameserver("check", SOUND, "--seconds", "1.25", "--seed", "7").code == 0
    assert trial.played == [(f"options {i}", SOUND, 7 + i) for i in range(3)]
    assert trial.wanted_ticks == round(1.25 * 30)
    assert trial.maps >= 3, "the maps that come with the program"
    trial.played.clear()
    assert gameserver("check", SOUND).code == 0
    assert (trial.wanted_ticks, trial.played[0][2]) == (600, 1)


def test_a_report_has_a_line_for_each_match_and_a_table_of_all_faults(trial: Trial) -> None:
    trial.results = [
        ((), 60, False, "0123456789abcdef"),
        ((SLOW,), 45, True, "fedcba9876543210"),
        ((BROKEN,), 0, False, ""),
    ]
    trial.unfit = True
    ended = gameserver("check", SKIRMISH)
    assert ended.code == 1
    lines = [line.rstrip() for line in ended.out.splitlines()]
    assert not ended.at_once
    assert lines[:4] == [
        f"✗ {SKIRMISH}: 4 entities, 3 events",
        "  ✓ options 0 on drawn: 60 ticks so far, 1.23 ms a step, 01234567",
        "  ✓ options 1 on drawn: 45 ticks to its end, 1.23 ms a step, fedcba98",
        "  ✗ options 2 on drawn",
    ]
    head, *rows = [line.split() for line in lines[4:] if line]
    assert " ".join(head) == "place what is wrong what to do"
    assert [" ".join(row) for row in rows] == [
        "error Sound.map_fits no map fits",
        "warning Sound.step takes long do less",
        "error Sound.bot raised look there",
    ]


def test_a_report_folds_its_table_and_nothing_else_on_a_narrow_terminal(trial: Trial) -> None:
    trial.results = [((SLOW,), 60, False, "0123456789abcdef"), ((BROKEN,), 60, False, "")]
    ended = gameserver("check", SKIRMISH, width=60)
    assert [line.rstrip() for line in ended.out.splitlines()] == [
        f"✗ {SKIRMISH}: 4 entities, 3 events",
        "  ✓ options 0 on drawn: 60 ticks so far, 1.23 ms a step, 01234567",
        "  ✗ options 1 on drawn",
        "             place         what is wrong    what to do",
        "  warning    Sound.step    takes long       do less",
        "  error      Sound.bot     raised           look there",
    ]
    trial.played.clear()
    first, second, third, heads, warning, error = gameserver(
        "check", SKIRMISH, colours=True
    ).out.splitlines()
    assert first.startswith(f"\x1b[31m✗\x1b[0m {SKIRMISH}: 4 ent")
    assert second.startswith("  \x1b[32m✓\x1b[0m options 0 on drawn: 60 ticks")
    assert third == "  \x1b[31m✗\x1b[0m options 1 on drawn"
    assert "\x1b[2mplace" in heads
    assert warning.startswith("  \x1b[33mwarning\x1b[0m    Sound.step    takes long       do less")
    assert error.startswith("  \x1b[31merror\x1b[0m      Sound.bot     raised           look there")
    trial.played.clear()
    trial.results = [((), 60, False, "0123456789abcdef")]
    (first, *_) = gameserver("check", SKIRMISH, width=40).out.splitlines()
    assert first == f"✓ {SKIRMISH}: 4 entities, 3 events", "longer than the terminal is wide"
    trial.played.clear()
    assert len(gameserver("check", SKIRMISH).out.splitlines()) == 2, "no table without faults"


@pytest.mark.parametrize(("fault", "code"), [(SLOW, 0), (BROKEN, 1)])
def test_only_errors_are_exit_code_1(trial: Trial, fault: Fault, code: int) -> None:
    trial.results = [((fault,), 60, False, "")]
    assert gameserver("check", SOUND).code == code
    trial.played.clear()
    assert gameserver("check", SOUND, "--json").code == code


def test_the_json_holds_game_faults_and_matches(trial: Trial) -> None:
    trial.results = [((SLOW,), 60, True, "0123456789abcdef")]
    told = json.loads(gameserver("check", SKIRMISH, "--json").out)
    assert told == {
        "game": "skirmish",
        "faults": [
            {
                "severity": "warning",
                "place": "Sound.step",
                "message": "takes long",
                "hint": "do less",
            }
        ],
        "matches": [
            {
                "options": "options 0",
                "map": "drawn",
                "ticks": 60,
                "ended": True,
                "step_ms": 1.235,
                "world_hash": "0123456789abcdef",
            }
        ],
    }


@pytest.mark.parametrize("daemon", [True, False])
def test_a_thread_that_goes_on_is_a_warning_and_not_waited_for(trial: Trial, daemon: bool) -> None:
    end = threading.Event()

    def start() -> None:
        threading.Thread(target=end.wait, name="forever", daemon=daemon).start()

    trial.during = start
    try:
        ended = gameserver("check", SKIRMISH)
    finally:
        end.set()
    assert ended.code == 0
    assert "starts threads that go on: forever    a match is played by its step alone" in ended.out
    assert ended.at_once is not daemon, "a thread that is no daemon would keep the process"


def test_a_folder_without_maps_is_one_line(tmp_path: Any) -> None:
    ended = gameserver("check", SOUND, "--maps", str(tmp_path))
    assert ended.code == 2
    assert f"maps in {tmp_path}: " in ended.sentence


def test_the_bar_moves_with_the_ticks_of_each_match(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    bars: list[Any] = []
    seen: list[tuple[str, float]] = []

    class Kept(Progress):
        def __init__(self, *columns: Any, **given: Any) -> None:
            super().__init__(*columns, **given)
            bars.append(self)

        def advance(self, task_id: Any, advance: float = 1) -> None:
            super().advance(task_id, advance)
            seen.append((self.tasks[0].description, self.tasks[0].completed))

    monkeypatch.setattr(check, "Progress", Kept)
    trial.results = [((), 60, False, ""), ((), 45, True, "")]
    gameserver("check", SKIRMISH, "--seconds", "2")
    (bar,) = bars
    ticks = trial.wanted_ticks
    assert seen == [("playing with options 0", 1), ("playing with options 1", ticks + 1)]
    assert (bar.tasks[0].completed, bar.tasks[0].total) == (2 * ticks, 2 * ticks)
    assert bar.live.transient, "nothing of it is left on the terminal"
