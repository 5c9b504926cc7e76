"""What an operator tells everybody while a match is on: whose word it is, and where it stands."""

from pathlib import Path
from typing import Any

import pytest

from tests.client_web.browser import PHONE, Visitor, driven, needs_pages, visitors
from tests.client_web.operator import WIDE, OperatorPage, overseen
from tests.client_web.test_playing import creates_a_lobby

pytestmark = needs_pages

LONG = "The server is started again at eight; your lobbies and matches go on behind it. " * 6

# The parts of the display that a toast lies over.
COVERED = """() => {
  const box = (each) => each.getBoundingClientRect();
  const toast = box(document.querySelector(".toast"));
  const parts = [
    ".hud-top > *, .meters, .badge, .hud-right > *, .kills li, .match-chat p, .announce",
    ".thumbs, .corner",
  ];
  return [...document.querySelectorAll(parts.join())]
    .filter((each) => {
      const { top, right, bottom, left } = box(each);
      const apart = bottom <= toast.top || top >= toast.bottom;
      return !apart && right > toast.left && left < toast.right;
    })
    .map((each) => each.className);
}"""

# Shows what only a bad line shows.
BAD_LINE = """() => {
  const banner = document.createElement("p");
  banner.className = "glass banner warn";
  banner.textContent = "Your connection is unsteady: news comes up to 0.9 s late.";
  document.querySelector(".hud-top").append(banner);
}"""

# How much of the screen a toast covers, and whether it covers the middle, where the own fighter is.
SHARE = """() => {
  const { top, right, bottom, left } = document.querySelector(".toast").getBoundingClientRect();
  const [x, y] = [innerWidth / 2, innerHeight / 2];
  const middle = left < x && x < right && top < y && y < bottom;
  return [((right - left) * (bottom - top)) / (innerWidth * innerHeight), middle];
}"""
LARGEST_SHARE = 0.07

LYING: dict[str, Any] = {**PHONE, "viewport": {"width": 844, "height": 390}}


def plays_with_bots(visitor: Visitor, address: str) -> None:
    visitor.page.goto(address)
    visitor.sign_in("Ann", "Show the lobbies")
    creates_a_lobby(visitor, "With bots", Bots_in_free_seats=4)
    visitor.clicks("Ready")
    visitor.plays()


@pytest.mark.parametrize("size", [WIDE, PHONE, LYING], ids=["wide", "phone", "lying"])
async def test_a_word_to_all_is_the_servers_and_covers_no_part_of_the_display(
    tmp_path: Path, size: dict[str, Any]
) -> None:
    async with overseen(tmp_path) as (_, address):

        def drive() -> None:
            with visitors() as open_browser:
                ann = open_browser(**size)
                plays_with_bots(ann, address)
                nora = OperatorPage(open_browser(**WIDE), address)
                nora.sign_in()
                nora.does("Tell all\u2026", confirm="Tell all", Text_for_all_players=LONG.strip())
                ann.hears(f"Server: {LONG.strip()}")
                ann.page.evaluate(BAD_LINE)
                ann.picture(tmp_path, "told")
                assert ann.page.evaluate(COVERED) == []
                share, middle = ann.page.evaluate(SHARE)
                assert share < LARGEST_SHARE
                assert not middle
                ann.page.keyboard.press("Escape")
                whole = ann.page.get_by_role("dialog").get_by_text(f"Server: {LONG.strip()}")
                whole.wait_for()
                assert ann.page.locator(".toast").is_hidden()
                ann.picture(tmp_path, "menu")
                assert ann.faults == []

        await driven(drive)


async def test_the_menu_of_a_match_tells_refusals_too_and_what_was_said_before(
    tmp_path: Path,
) -> None:
    async with overseen(tmp_path) as (_, address):

        def drive() -> None:
            with visitors() as open_browser:
                ann = open_browser(**PHONE)
                plays_with_bots(ann, address)
                nora = OperatorPage(open_browser(**WIDE), address)
                nora.sign_in()
                nora.does("Tell all\u2026", confirm="Tell all", Text_for_all_players="Cake!")
                ann.hears("Server: Cake!")
                for _ in range(2):
                    ann.page.keyboard.press("Enter")
                    ann.say("hello")
                ann.page.locator(".toast").get_by_text("You have just said that.").wait_for()
                ann.page.keyboard.press("Escape")
                told = ann.page.get_by_role("dialog").locator(".heard")
                told.first.wait_for()
                assert told.all_inner_texts() == ["You have just said that.", "Server: Cake!"]
                assert ann.page.locator(".toast").is_hidden()
                ann.picture(tmp_path, "menu")

        await driven(drive)
