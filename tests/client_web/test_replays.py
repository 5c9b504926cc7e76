"""Matches that are over are watched in the page, of Arena and of any other game."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.client_web.alone import waits_for
from tests.client_web.browser import Visitor, driven, needs_pages, visitors
from tests.client_web.test_access import faults_of
from tests.client_web.test_playing import creates_a_lobby
from tests.e2e.program import program

pytestmark = needs_pages

WIDE = {"viewport": {"width": 1280, "height": 720}}


async def visited(
    folder: Path, play: Callable[[Visitor], None], *flags: str, **context: Any
) -> None:
    """Let somebody play on a server that keeps journals."""
    async with program(folder, "--data", str(folder / "data"), *flags) as server:

        def drive() -> None:
            with visitors() as open_browser:
                ann = open_browser(**{**WIDE, **context})
                ann.page.goto(server.url.replace("ws:", "http:"))
                ann.sign_in("Ann", "Show the lobbies")
                play(ann)

        await driven(drive)
        server.assert_same_process_without_faults()


def plays_to_the_end(ann: Visitor) -> None:
    few = {"Bots_in_free_seats": 5, "Time_limit": 30, "Score_limit": 1}
    creates_a_lobby(ann, "Short", level="hard", **few)
    ann.clicks("Start now")
    ann.page.locator(".page.results").wait_for()


def place(ann: Visitor) -> int:
    return int(ann.page.get_by_label("Place in the match").input_value())


def drags(ann: Visitor) -> None:
    """Draw the field to the right by a part of the screen."""
    mouse = ann.page.mouse
    mouse.move(640, 300)
    mouse.down()
    mouse.move(840, 400, steps=8)
    mouse.up()


async def test_a_match_of_arena_is_watched_with_all_controls(tmp_path: Path) -> None:
    def play(ann: Visitor) -> None:
        page = ann.page
        plays_to_the_end(ann)
        ann.picture(tmp_path, "results")
        ann.clicks("Watch replay")
        page.locator(".replay .meters").wait_for()
        waits_for(ann, lambda: place(ann) > 20)
        page.keyboard.press("Space")
        page.get_by_role("button", name="Play", exact=True).wait_for()
        page.keyboard.press("Home")
        waits_for(ann, lambda: place(ann) == 0)
        for key, at in ((".", 1), (".", 2), (",", 1), ("Home", 0)):
            page.keyboard.press(key)
            waits_for(ann, lambda at=at: place(ann) == at)  # type: ignore[misc]
        last = int(page.get_by_label("Place in the match").get_attribute("max") or 0)
        page.keyboard.press("End")
        waits_for(ann, lambda: place(ann) == last)
        page.locator(".replay .ending").wait_for()
        page.locator(".replay .scoreboard tbody tr").nth(5).wait_for()
        page.get_by_label("Place in the match").fill(str(last // 2))
        waits_for(ann, lambda: place(ann) == last // 2)
        page.keyboard.press("Tab")  # off the slider, whose own keys move it
        names = page.get_by_label("Follow").locator("option").all_inner_texts()
        assert len(names) == 6
        assert "Ann" in names
        page.get_by_label("Follow").select_option("Ann")
        page.locator(".replay").get_by_role("button", name="Play", exact=True).focus()
        page.keyboard.press("n")
        follows = "e => e.options[e.selectedIndex].text"
        after = names[(names.index("Ann") + 1) % 6]
        waits_for(ann, lambda: page.get_by_label("Follow").evaluate(follows) == after)
        drags(ann)
        waits_for(ann, lambda: page.get_by_label("Follow").evaluate(follows) == "nobody")
        ann.picture(tmp_path, "free")
        page.keyboard.press("n")  # back to the same player
        waits_for(ann, lambda: page.get_by_label("Follow").evaluate(follows) == after)
        page.keyboard.press("w")
        waits_for(ann, lambda: page.get_by_label("Follow").evaluate(follows) == "nobody")
        page.keyboard.press("n")
        waits_for(ann, lambda: page.get_by_label("Follow").evaluate(follows) == after)
        page.mouse.wheel(0, 300)
        page.wait_for_timeout(300)
        ann.picture(tmp_path, "far")
        page.keyboard.press("+")
        assert page.get_by_label("Speed").input_value() == "2"
        assert faults_of(ann) == []
        ann.picture(tmp_path, "replay")
        page.keyboard.press("Escape")
        page.locator(".replay").wait_for(state="hidden")
        assert ann.faults == []

    await visited(tmp_path, play)
    assert len(list((tmp_path / "data" / "films").iterdir())) == 1


async def test_matches_of_another_game_are_listed_and_watched(tmp_path: Path) -> None:
    def play(ann: Visitor) -> None:
        page = ann.page
        ann.clicks("Replays")
        ann.hears("No match yet")
        ann.clicks("Back")
        creates_a_lobby(ann, "Tag", Bots_in_free_seats=4)
        ann.clicks("Ready")
        page.locator(".ranks li").nth(4).wait_for()
        page.keyboard.down("d")
        page.wait_for_timeout(2000)
        page.keyboard.press("Escape")
        ann.clicks("Leave the lobby")
        ann.sees("Lobbies", exact=True)
        ann.clicks("Replays")
        row = page.locator(".played")
        row.wait_for()
        assert "Ann" in row.inner_text()
        assert faults_of(ann) == []
        ann.picture(tmp_path, "list")
        ann.clicks("Watch")
        page.locator(".replay .ranks li").nth(4).wait_for()
        waits_for(ann, lambda: place(ann) > 20)
        ann.picture(tmp_path, "replay")
        ann.clicks("Close")
        ann.sees("Replays", exact=True)
        assert ann.faults == []

    await visited(tmp_path, play, "--game", "examples.tag:Tag")


@pytest.mark.parametrize("flags", [("--replays", "nobody"), ("--data", "")], ids=" ".join)
async def test_a_server_that_gives_out_none_is_asked_for_none(
    tmp_path: Path, flags: tuple[str, ...]
) -> None:
    def play(ann: Visitor) -> None:
        ann.page.get_by_role("button", name="Sign out").wait_for()
        assert ann.page.get_by_role("button", name="Replays").count() == 0
        plays_to_the_end(ann)
        ann.page.get_by_role("button", name="Leave").wait_for()
        ann.picture(tmp_path, "without")
        assert ann.page.get_by_role("button", name="replay").count() == 0
        assert ann.faults == []

    await visited(tmp_path, play, *flags)
