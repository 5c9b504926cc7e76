"""The page for game authors: its code runs unchanged, and its game passes the checks."""

import re
from pathlib import Path
from typing import Any

import pytest

from gameserver.game.checking import definition_faults
from gameserver.game.checking.found import Found
from gameserver.game.maps.tiled import load_map
from gameserver.testing.stepper import MatchStepper
from gameserver.testing.trial import plans

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "writing-a-game.md").read_text("utf-8")
SNIPPETS = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def ran(snippet: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "snippet"}
    exec(compile(snippet, "docs/writing-a-game.md", "exec"), names)
    return names


@pytest.mark.parametrize("number", range(len(SNIPPETS)))
def test_every_snippet_of_the_page_runs_unchanged(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert ran(SNIPPETS[number])


def test_the_team_game_of_the_page_is_valid_and_ends_with_a_winner() -> None:
    (snippet,) = [each for each in SNIPPETS if "class TeamTag" in each]
    game = ran(snippet)["TeamTag"]()
    assert definition_faults(game) == []
    found = Found()
    tile_map = load_map(ROOT / "maps" / "courtyard.tmj")
    planned = list(plans(game, [tile_map], 300, found))
    assert [plan.label for plan in planned][:2] == ["the default options", "mode = solo"]
    shortest = next(plan for plan in planned if plan.label.endswith("lowest"))
    stepper = MatchStepper(game, tile_map, seats=2, bots=3, options=shortest.options)
    report = stepper.run(300)
    assert report.fault is None
    assert report.outcome is not None
    assert len(report.outcome.team_scores) == 2
    assert report.outcome.winner in ("Team 1", "Team 2", "")
