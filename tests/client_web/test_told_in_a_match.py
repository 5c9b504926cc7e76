"""What an operator tells everybody while a match is on: whose word it is, and where it stands."""

from pathlib import Path
from typing import Any

import pytest

from tests.client_web.browser import PHONE, Visitor, driven, needs_pages, visitors
from tests.client_web.operator import WIDE, OperatorPage, overseen
from tests.client_web.test_playing import creates_a_lobby

pytestmark = needs_pages

LONG = "The server is started again at eight; your lobbies and matches go on behind it. " * 2

# The parts of the display that a toast lies over.
COVERED = """() => {
  const box = (each) => each.getBoundingClientRect();
  const toast = box(document.querySelector(".toast"));
  return [...document.querySelectorAll(".hud-top > *, .meters, .hud-right > *, .thumbs, .corner")]
    .filter((each) => {
      const { top, right, bottom, left } = box(each);
      const apart = bottom <= toast.top || top >= toast.bottom;
      return !apart && right > toast.left && left < toast.right;
    })
    .map((each) => each.className);
}"""

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
                assert ann.page.evaluate(COVERED) == []
                ann.picture(tmp_path, "told")
                assert ann.faults == []

        await driven(drive)
