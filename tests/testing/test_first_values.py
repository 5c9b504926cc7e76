"""What an author's tests may leave out, and what a simulation's report begins with."""

from typing import Any

import pytest

from gameserver.game.options import form_of
from gameserver.game.schema.table import schema, state_fields
from gameserver.testing.crash import CrashPlayer
from gameserver.testing.determinism import ReplayOrder, pack
from gameserver.testing.maps import map_from_rows
from gameserver.testing.memorynet import MemoryNet
from gameserver.testing.memoryway import Weather
from gameserver.testing.scenario import simulate
from gameserver.testing.skirmish import (
    SIDE,
    Bout,
    BoutOptions,
    Runner,
    Skirmish,
    SkirmishCommand,
    SkirmishOptions,
    Struck,
    Wanderer,
)
from gameserver.testing.stepper import MatchStepper
from gameserver.testing.story.chats import Listener
from gameserver.testing.story.hearing import Hearing
from gameserver.testing.story.report import Cast, Report
from gameserver.testing.story.stage import Stage
from gameserver.testing.story.strangers import _frame
from gameserver.testing.trial import Played
from gameserver.testing.whole import WallClock, WholeServer, simulated_runtime
from tests.defaults import counts, defaults, named

PROMISED: list[tuple[Any, dict[str, object]]] = [
    (simulate, {"players": 4, "seconds": 30.0, "scores_rise": False, "reading_s": 0.0}),
    (
        MatchStepper,
        {"seats": 2, "bots": 0, "options": None, "seed": 1, "teams": 2, "recorded": False},
    ),
    (map_from_rows, {"objects": (), "modes": ("dm",), "max_players": 8}),
    (pack, {"restore": False}),
    (ReplayOrder, {"restore": False, "dump": 0}),
    (MemoryNet, {"clocked": False}),
    (Weather, {"split": 0.0}),
    (simulated_runtime, {"reading_s": 0.0, "wall": None}),
    (Cast, {"guests": 1}),
    (CrashPlayer, {"epoch": 1}),
    (Wanderer, {"seldom": 1}),
    (Hearing.connected, {"crossed": False}),
    (_frame, {"opcode": 2, "masked": True}),
]


@pytest.mark.parametrize(("made", "promised"), PROMISED, ids=named)
def test_what_a_test_leaves_out_is_as_documented(made: Any, promised: dict[str, object]) -> None:
    found = defaults(made)
    assert {name: found[name] for name in promised} == promised


@pytest.mark.parametrize("made", [Report, Played, WallClock, Listener, Stage, WholeServer])
def test_nothing_has_happened_at_first(made: Any) -> None:
    begun = counts(made)
    assert begun
    assert not any(begun.values())


def test_skirmish_sends_names_once_and_keeps_its_runners_on_the_map() -> None:
    declared: Any = schema(Skirmish())["entities"]
    once = {(each["name"], f["name"]) for each in declared for f in each["public"] if "once" in f}
    assert once == {("Board", "title"), ("Runner", "name")}
    bounds = {each.name: (each.lo, each.hi) for each in state_fields(Runner)}
    assert (bounds["x"], bounds["y"]) == ((0, SIDE), (0, SIDE))


def test_a_runner_begins_unhurt_cool_and_with_50_rounds() -> None:
    runner = Runner()
    assert (runner.hurt, runner.heat, runner.ammo, runner.cooldown) == (False, 0.0, 50, 0)
    assert Runner.rewindable
    assert Struck.reliable


def test_skirmish_is_without_end_and_a_bout_takes_ten_seconds() -> None:
    for options, length in ((SkirmishOptions, 0), (BoutOptions, 200)):
        form = {each.name: (each.default, each.lo, each.hi) for each in form_of(options)}
        assert form == {"ticks": (length, 0, 100_000), "break_at": (0, 0, 100_000)}
    assert Bout.tick_rate == 20


def test_a_runner_walks_in_four_directions_and_aims_anywhere() -> None:
    fields = {each.name: (each.lo, each.hi) for each in SkirmishCommand.fields()}
    assert fields == {"move": (0, 4), "aim": (0, 1023), "throw": (0, 1), "shoot": (0, 1)}
