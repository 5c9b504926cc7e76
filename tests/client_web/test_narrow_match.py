"""The display of a match on an upright phone: nothing of it is cut off."""

from pathlib import Path

from tests.client_web.alone import alone
from tests.client_web.browser import PHONE, Visitor, needs_pages

pytestmark = needs_pages

CUT_OFF = """() => [...document.querySelectorAll(".three .side > span")]
  .filter((each) => each.scrollWidth > each.clientWidth).map((each) => each.textContent)"""
WIDEST = "16th of 16"


async def test_the_own_place_is_read_whole(tmp_path: Path) -> None:
    def play(ann: Visitor) -> None:
        ann.clicks("Ready")
        ann.plays()
        place = ann.page.locator(".three .side.strong b > span")
        assert place.inner_text().endswith(" of 5")
        assert ann.page.evaluate(CUT_OFF) == []
        ann.picture(tmp_path, "place")
        place.evaluate(f"each => each.lastChild.textContent = '{WIDEST}'")
        assert ann.page.evaluate(CUT_OFF) == []

    await alone(tmp_path, "arena", play, **PHONE)
