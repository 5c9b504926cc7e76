"""Everybody can use the screens of a match: axe finds no serious fault, keys reach all of it."""

from pathlib import Path
from typing import Any

import pytest

from tests.client_web.alone import waits_for
from tests.client_web.browser import PHONE, Visitor, driven, needs_pages, visitors
from tests.client_web.test_access import faults_of, needs_axe
from tests.client_web.test_any_game import value_of
from tests.client_web.test_playing import creates_a_lobby
from tests.e2e.program import program

pytestmark = [needs_pages, needs_axe]

WIDE = {"viewport": {"width": 1280, "height": 720}}
REGATTA = "tests.client_web.regatta:Regatta"


def enters(visitor: Visitor, address: str) -> None:
    visitor.page.goto(address)
    visitor.sign_in("Ann", "Show the lobbies")
    creates_a_lobby(visitor, "With bots", Bots_in_free_seats=4)
    visitor.clicks("Ready")
    visitor.page.locator(".hud-right").wait_for()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("game", ["arena", "examples.pairs:Pairs", REGATTA])
async def test_axe_finds_no_serious_fault_in_a_match(
    tmp_path: Path, game: str, size: dict[str, Any]
) -> None:
    async with program(tmp_path, "--game", game) as server:

        def drive() -> dict[str, list[str]]:
            found = {}
            with visitors() as open_browser:
                ann = open_browser(**size)
                enters(ann, server.url.replace("ws:", "http:"))
                found["match"] = faults_of(ann)
                ann.page.keyboard.press("F2")
                ann.page.keyboard.press("F3")
                ann.page.locator(".net dd").first.wait_for()
                found["panel"] = faults_of(ann)
                ann.page.get_by_role("button", name="Step through the last 30 s").press("Enter")
                ann.page.locator(".steps").wait_for()
                found["past"] = faults_of(ann)
                ann.page.keyboard.press("F3")
                ann.page.keyboard.press("Escape")
                ann.page.get_by_role("dialog").wait_for()
                found["menu"] = faults_of(ann)
                ann.picture(tmp_path, "menu")
                assert ann.faults == []
            return found

        found = await driven(drive)
        assert {screen: faults for screen, faults in found.items() if faults} == {}


async def test_tab_leads_to_a_button_of_the_game_which_keys_press(tmp_path: Path) -> None:
    async with program(tmp_path, "--game", REGATTA) as server:

        def drive() -> None:
            with visitors() as open_browser:
                ann = open_browser(**WIDE)
                enters(ann, server.url.replace("ws:", "http:"))
                ann.page.keyboard.press("F2")
                ann.page.locator(".inspector h3").wait_for()
                for _ in range(12):
                    ann.page.keyboard.press("Tab")
                    focused = ann.page.locator(":focus")
                    if focused.inner_text().startswith("fire"):
                        break
                ring = focused.evaluate("e => getComputedStyle(e).outlineStyle")
                assert ring != "none"
                ann.page.keyboard.press("Enter")
                waits_for(ann, lambda: value_of(ann, "turns") == "1")
                assert ann.page.get_by_label("Say something").count() == 0  # Enter is the button's
                ann.page.keyboard.press("Escape")
                ann.page.get_by_role("dialog").get_by_text("fire: T").wait_for()
                assert ann.faults == []

        await driven(drive)


async def test_the_menu_keeps_the_focus_and_gives_it_back(tmp_path: Path) -> None:
    async with program(tmp_path) as server:

        def drive() -> None:
            with visitors() as open_browser:
                ann = open_browser(**WIDE)
                enters(ann, server.url.replace("ws:", "http:"))
                ann.page.keyboard.press("Escape")
                dialog = ann.page.get_by_role("dialog")
                seen = []
                for _ in range(12):
                    focused = dialog.locator(":focus")
                    seen.append(focused.evaluate("e => e.textContent || e.tagName"))
                    ann.page.keyboard.press("Tab")
                assert seen[0] == "Back to the match"
                assert seen.count("Back to the match") == 2
                assert "Leave the lobby" in seen
                ann.page.keyboard.press("Escape")
                dialog.wait_for(state="hidden")
                ann.page.keyboard.down("Tab")  # nothing has the focus: it is the game's again
                ann.page.locator(".scoreboard").wait_for()
                ann.page.keyboard.up("Tab")
                ann.page.locator(".scoreboard").wait_for(state="hidden")
                assert ann.faults == []

        await driven(drive)
