"""Everybody can use the screens outside the match: axe finds no serious fault, keys reach all."""

from pathlib import Path
from typing import Any

import pytest

from tests.client_web.browser import FOLDER, PHONE, Visitor, driven, needs_pages, visitors
from tests.client_web.test_playing import creates_a_lobby
from tests.e2e.program import program

AXE = FOLDER / "node_modules" / "axe-core" / "axe.min.js"

needs_axe = pytest.mark.skipif(not AXE.is_file(), reason="needs axe-core; script/test installs it")

pytestmark = [needs_pages, needs_axe]

SERIOUS = ("serious", "critical")


def faults_of(visitor: Visitor) -> list[str]:
    """Return what axe finds on the page that is serious, as sentences."""
    visitor.page.evaluate(AXE.read_text("utf-8"))
    found: dict[str, Any] = visitor.page.evaluate("axe.run()")
    return [
        f"{each['help']}: {node['html'][:200]} {node.get('failureSummary', '')[:300]}"
        for each in found["violations"]
        if each["impact"] in SERIOUS
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("size", [{"viewport": {"width": 1280, "height": 720}}, PHONE])
async def test_axe_finds_no_serious_fault_on_any_screen(
    tmp_path: Path, size: dict[str, Any]
) -> None:
    async with program(tmp_path) as server:
        address = server.url.replace("ws:", "http:")

        def drive() -> dict[str, list[str]]:
            found = {}
            with visitors() as open_browser:
                ann = open_browser(**size)
                ann.page.goto(address)
                found["home"] = faults_of(ann)
                ann.sign_in("Ann", "Show the lobbies")
                ann.sees("Lobbies", exact=True)
                found["lobbies"] = faults_of(ann)
                ann.clicks("Create a lobby")
                found["create"] = faults_of(ann)
                ann.clicks("Cancel")
                few = {"Bots_in_free_seats": 5, "Time_limit": 30, "Score_limit": 1}
                creates_a_lobby(ann, "Open to all", level="hard", **few)
                ann.say("a line")
                ann.hears("a line")
                found["room"] = faults_of(ann)
                ann.clicks("Start now")
                ann.page.locator(".page.results").wait_for()
                found["results"] = faults_of(ann)
                assert ann.faults == []
            return found

        found = await driven(drive)
        assert {screen: faults for screen, faults in found.items() if faults} == {}


async def test_a_lobby_is_created_joined_and_left_with_the_keyboard_alone(tmp_path: Path) -> None:
    async with program(tmp_path) as server:
        address = server.url.replace("ws:", "http:")

        def drive() -> None:
            with visitors() as open_browser:
                ann = open_browser()

                def tab_to(name: str) -> None:
                    """Press Tab until a control of this name has the focus, and is seen to."""
                    for _ in range(80):
                        ann.page.keyboard.press("Tab")
                        focused = ann.page.locator(":focus")
                        said = focused.evaluate(
                            "e => e.ariaLabel || e.labels?.[0]?.innerText || e.innerText || ''"
                        )
                        if said.strip().lower() == name.lower():
                            ring = focused.evaluate("e => getComputedStyle(e).outlineStyle")
                            assert ring != "none", f"{name} shows no focus"
                            return
                    raise AssertionError(f"Tab does not lead to {name}")

                ann.page.goto(address)
                ann.page.get_by_label("Your name").focus()
                ann.page.keyboard.type("Ann")
                tab_to("Show the lobbies")
                ann.page.keyboard.press("Enter")
                ann.sees("Lobbies", exact=True)
                tab_to("Create a lobby")
                ann.page.keyboard.press("Enter")
                tab_to("Create")
                ann.page.keyboard.press("Enter")
                ann.page.get_by_role("button", name="Add bots and start").wait_for()
                tab_to("Ready")
                ann.page.keyboard.press("Space")
                ann.page.get_by_role("button", name="Not ready").wait_for()
                tab_to("Leave the lobby")
                ann.page.keyboard.press("Enter")
                ann.sees("Lobbies", exact=True)
                assert ann.faults == []

        await driven(drive)
