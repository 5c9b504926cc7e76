"""Where panels, badges and banners lie in a match: none covers another, and all can be reached."""

from pathlib import Path
from typing import Any, Final

import pytest

from tests.client_web.alone import alone, waits_for
from tests.client_web.browser import PHONE, Visitor, needs_pages
from tests.client_web.operator import WIDE

pytestmark = needs_pages

LYING: Final[dict[str, Any]] = {**PHONE, "viewport": {"width": 844, "height": 390}}

# Pairs of things on the screen that lie over each other, of all that a selector finds.
OVER: Final = """(selector) => {
  const all = [...document.querySelectorAll(selector)].filter((e) => e.checkVisibility());
  const found = [];
  for (const [n, one] of all.entries()) for (const other of all.slice(n + 1)) {
    const [a, b] = [one.getBoundingClientRect(), other.getBoundingClientRect()];
    const apart =
      a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
    if (!apart) found.push(`${one.className} over ${other.className}`);
  }
  return found;
}"""
LOWEST: Final = """() => innerHeight -
  document.querySelector(".net > :last-child").getBoundingClientRect().bottom"""
COVERED: Final = """() => {
  const left = document.querySelector(".net").getBoundingClientRect().left;
  const told = document.querySelector("main.match").style.getPropertyValue("--covered");
  return [Math.round(innerWidth - left), Math.round(parseFloat(told))];
}"""


@pytest.mark.parametrize("game", ["arena", "examples.tag:Tag"])
async def test_both_panels_fit_beside_each_other_on_a_wide_screen(
    tmp_path: Path, game: str
) -> None:
    def play(ann: Visitor) -> None:
        ann.clicks("Ready")
        ann.page.locator("main.match .hud-right").wait_for()
        ann.page.keyboard.press("F3")
        ann.page.get_by_label("lag").wait_for()
        covered, told = ann.page.evaluate(COVERED)
        assert covered == told  # the camera leaves so much free
        ann.page.keyboard.press("F2")
        ann.page.locator(".inspector dl").wait_for()
        over = ".inspector, .net, .meters, .hands > p, .three > *, .minimap, .ping, .told > *"
        waits_for(ann, lambda: ann.page.evaluate(LOWEST) >= 0)
        assert ann.page.evaluate(OVER, over) == []
        ann.picture(tmp_path, "both")

    await alone(tmp_path, game, play, **WIDE)


async def test_a_phone_shows_one_panel_at_a_time_beside_banner_and_buttons(tmp_path: Path) -> None:
    def play(ann: Visitor) -> None:
        ann.clicks("Ready")
        ann.plays()
        for key, panel in (("F2", ".inspector"), ("F3", ".net")):
            ann.page.keyboard.press(key)
            ann.page.locator(panel).wait_for()
            assert ann.page.locator(".inspector, .net").count() == 1
            ann.page.evaluate("""() => {
              const banner = document.createElement("p");
              banner.className = "glass banner warn";
              banner.textContent = "Your connection is unsteady: news comes up to 0.9 s late.";
              document.querySelector(".hud-top").append(banner);
            }""")
            over = ".inspector, .net, .banner:last-child, .meters, .corner, .three, .thumbs"
            assert ann.page.evaluate(OVER, ".net, .inspector, .thumbs, .stick i") == []
            assert ann.page.evaluate(OVER, over) == []
            ann.picture(tmp_path, panel[1:])

    await alone(tmp_path, "arena", play, **LYING)


async def test_the_sticks_of_an_upright_phone_lie_beside_all_buttons(tmp_path: Path) -> None:
    def play(ann: Visitor) -> None:
        ann.clicks("Ready")
        ann.plays()
        parts = ".stick i, .thumbs, .corner, .meters"
        assert ann.page.evaluate(OVER, parts) == []
        ann.page.evaluate("""() => {
          document.querySelector(".badges")?.remove();
          const badges = document.createElement("div");
          badges.className = "badges";
          badges.innerHTML = '<p class="glass badge warn">A</p><p class="glass badge">B</p>';
          document.querySelector(".hud-bottom").prepend(badges);
        }""")
        assert ann.page.evaluate(OVER, parts) == []
        ann.picture(tmp_path, "sticks")

    await alone(tmp_path, "arena", play, **PHONE)


@pytest.mark.parametrize("size", [WIDE, LYING], ids=["wide", "lying"])
async def test_what_is_stepped_through_is_in_sight_beside_the_other_panel(
    tmp_path: Path, size: dict[str, Any]
) -> None:
    def play(ann: Visitor) -> None:
        ann.clicks("Ready")
        ann.plays()
        if size is WIDE:
            ann.page.keyboard.press("F2")
            ann.page.locator(".inspector dl").wait_for()
        ann.page.keyboard.press("F3")
        ann.clicks("Step through the last 30 s")
        ann.page.locator(".steps").wait_for()
        ann.picture(tmp_path, "steps")
        left_over, above = ann.page.evaluate("""() => {
          const [net, steps] = [".net", ".steps"].map((each) =>
            document.querySelector(each).getBoundingClientRect());
          return [Math.min(net.bottom, innerHeight) - steps.bottom, steps.top - net.top];
        }""")
        assert left_over >= 0
        assert above > 0
        ann.clicks("Back to now")
        ann.page.get_by_role("button", name="Step through the last 30 s").wait_for()

    await alone(tmp_path, "arena", play, **size)


async def test_the_badges_of_an_upright_phone_lie_beside_its_buttons(tmp_path: Path) -> None:
    def play(ann: Visitor) -> None:
        ann.clicks("Ready")
        ann.page.get_by_text("Protected").wait_for()
        assert ann.page.evaluate(OVER, ".badge, .corner, .meters") == []
        ann.picture(tmp_path, "protected")

    await alone(tmp_path, "arena", play, **PHONE)
