"""The panel of the line: figures, a line made bad, the last half minute step by step."""

import re
from pathlib import Path

import pytest

from tests.client_web.alone import alone, waits_for
from tests.client_web.browser import PHONE, Visitor, driven, needs_pages, visitors
from tests.e2e.program import program

pytestmark = needs_pages

WIDE = {"viewport": {"width": 1280, "height": 720}}


def figure(visitor: Visitor, name: str) -> float:
    """Return the first number of a row of the panel; -1 while there is none."""
    row = visitor.page.locator(".net dl div", has=visitor.page.get_by_text(name, exact=True))
    told = re.search(r"[\d.]+", row.locator("dd").inner_text())
    return float(told[0]) if told else -1


def shown_tick(visitor: Visitor) -> int:
    told = re.search(r"tick (\d+)", visitor.page.locator(".steps p").inner_text())
    assert told
    return int(told[1])


@pytest.mark.parametrize("game", ["arena", "examples.tag:Tag"])
async def test_the_line_is_made_bad_and_the_past_is_stepped_through(
    tmp_path: Path, game: str
) -> None:
    def play(ann: Visitor) -> None:
        ann.clicks("Ready")
        ann.page.locator("main.match").wait_for()
        ann.page.locator(".hud-right").wait_for()
        ann.page.keyboard.press("F3")
        waits_for(ann, lambda: figure(ann, "interval") > 0)
        waits_for(ann, lambda: figure(ann, "inputs late · lost") >= 0)
        ann.sets("lag", 200)
        waits_for(ann, lambda: figure(ann, "round trip") >= 200)

        ann.picture(tmp_path, "panel")
        ann.clicks("Step through the last 30 s")
        newest = shown_tick(ann)
        ann.clicks("One snapshot back")
        # A busy machine may leave out a snapshot.
        waits_for(ann, lambda: shown_tick(ann) < newest)
        before = shown_tick(ann)
        slider = ann.page.get_by_role("slider", name="The last 30 seconds")
        slider.press("ArrowLeft")
        waits_for(ann, lambda: shown_tick(ann) < before)
        slider.press("Home")
        waits_for(ann, lambda: shown_tick(ann) < newest - 25)
        oldest = shown_tick(ann)
        ann.page.keyboard.press("F2")
        ann.page.locator(".inspector dt", has_text="owner").first.wait_for()
        ann.clicks("One snapshot on")
        waits_for(ann, lambda: shown_tick(ann) > oldest)
        ann.picture(tmp_path, "past")
        ann.clicks("Back to now")
        ann.clicks("Step through the last 30 s")
        waits_for(ann, lambda: shown_tick(ann) > newest)
        ann.page.keyboard.press("F3")
        ann.page.locator(".net").wait_for(state="hidden")

    await alone(tmp_path, game, play, **WIDE)


async def test_the_panel_fits_on_a_phone(tmp_path: Path) -> None:
    async with program(tmp_path) as server:

        def drive() -> None:
            with visitors() as open_browser:
                bo = open_browser(**PHONE)
                bo.page.goto(server.url.replace("ws:", "http:"))
                bo.sign_in("Bo", "Quick play")
                bo.plays()
                bo.page.get_by_role("button", name="Menu").tap()
                bo.page.get_by_role("button", name="Network").tap()
                panel = bo.page.locator(".net")
                panel.wait_for()
                bo.page.get_by_role("button", name="Step through the last 30 s").tap()
                bo.picture(tmp_path, "phone")
                box = panel.bounding_box()
                assert box is not None
                assert 0 <= box["x"] <= 390 - box["width"]
                bo.page.get_by_role("button", name="Close the network figures").tap()
                panel.wait_for(state="hidden")
                assert bo.faults == []

        await driven(drive)
