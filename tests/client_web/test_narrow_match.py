"""The display of a match on an upright phone: nothing of it is cut off."""

from pathlib import Path

import pytest

from tests.client_web.alone import alone, waits_for
from tests.client_web.browser import PHONE, Visitor, driven, needs_pages, visitors
from tests.client_web.test_playing import creates_a_lobby, watches
from tests.e2e.program import program

pytestmark = needs_pages

CUT_OFF = """() => [...document.querySelectorAll(".three .side > span")]
  .filter((each) => each.scrollWidth > each.clientWidth).map((each) => each.textContent)"""
WIDEST = "16th of 16"

# Shows what only an overtime and a bad line show.
SHOW = """([overtime, trouble]) => {
  for (const [kind, text] of [["standing", overtime], ["banner", trouble]]) {
    const line = document.createElement("p");
    line.className = `glass ${kind} warn`;
    line.textContent = text;
    document.querySelector(".hud-top").append(line);
  }
}"""
COVERED = """() => {
  const box = (name) => document.querySelector(name).getBoundingClientRect();
  const over = (a, b) =>
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const pairs = [[".standing", ".minimap"], [".standing", ".clock"], [".banner", ".corner"],
    [".banner", ".standing"], [".banner", ".thumbs"], [".banner", ".hud-bottom"]];
  return pairs.filter(([a, b]) => over(box(a), box(b)));
}"""
# The courtyard ends here on a phone of 844 pixels.
BELOW_THE_FIELD = 540
LINES = {
    "en-GB": (
        "Overtime: the next point wins",
        "Your connection is unsteady: news comes up to 0.3 s late.",
    ),
    "de-DE": (
        "Verlängerung: Der nächste Punkt gewinnt",
        "Deine Verbindung ist unruhig: Neues kommt bis zu 0,3 s zu spät.",
    ),
}


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


@pytest.mark.parametrize("language", ["en-GB", "de-DE"])
async def test_overtime_and_a_bad_line_are_read_whole_and_cover_no_fighter(
    tmp_path: Path, language: str
) -> None:
    def play(ann: Visitor) -> None:
        ann.clicks("Ready")
        ann.plays()
        ann.page.evaluate(SHOW, LINES[language])
        assert ann.page.evaluate(COVERED) == []
        top = ann.page.evaluate("document.querySelector('.banner').getBoundingClientRect().top")
        assert top > BELOW_THE_FIELD
        ann.picture(tmp_path, "overtime")

    await alone(tmp_path, "arena", play, **PHONE)


async def test_a_spectator_has_buttons_for_the_next_and_the_previous_player(
    tmp_path: Path,
) -> None:
    async with program(tmp_path) as server:
        address = server.url.replace("ws:", "http:")

        def drive() -> None:
            with visitors() as open_browser:
                ann, cleo = open_browser(), open_browser(**PHONE)
                ann.page.goto(address)
                ann.sign_in("Ann", "Show the lobbies")
                creates_a_lobby(ann, "With bots", Bots_in_free_seats=4)
                watches(cleo, address, "With bots")
                ann.clicks("Ready")
                assert cleo.plays() == -1
                assert cleo.page.locator(".stick, .thumbs").count() == 0
                watched = cleo.page.locator(".hud-bottom")
                first = watched.inner_text()
                cleo.clicks("Next player", exact=False)
                waits_for(cleo, lambda: watched.inner_text() != first)
                cleo.clicks("Previous player", exact=False)
                waits_for(cleo, lambda: watched.inner_text() == first)
                cleo.picture(tmp_path, "spectator")
                assert ann.faults == cleo.faults == []

        await driven(drive)
        server.assert_same_process_without_faults()
