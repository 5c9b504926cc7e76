"""Words of another language fit: each on one line, within the margins, and none is cut."""

from pathlib import Path
from typing import Any, Final

import pytest

from tests.client_web.browser import PHONE, Visitor, driven, needs_pages, visitors
from tests.client_web.operator import WIDE
from tests.client_web.pair import pair
from tests.client_web.test_playing import creates_a_lobby
from tests.e2e.program import program

pytestmark = needs_pages

QUICK: Final = {"Bots auf freien Plätzen": 3, "Spielzeit": 30, "Punkte zum Sieg": 1}
ONE_LINE_PX: Final = 40
WHOLE_TITLE_PX: Final = 120

# The texts that a selector finds and that are cut, on several lines, or beyond the page's margins.
CROWDED: Final = """(selector) => {
  const main = document.querySelector("main");
  const { paddingLeft, paddingRight } = getComputedStyle(main);
  const [least, most] = [parseFloat(paddingLeft), innerWidth - parseFloat(paddingRight)];
  return [...document.querySelectorAll(selector)].filter((each) => {
    const words = [];
    const nodes = document.createTreeWalker(each, NodeFilter.SHOW_TEXT);
    while (nodes.nextNode()) {
      const range = document.createRange();
      range.selectNodeContents(nodes.currentNode);
      words.push(...range.getClientRects());
    }
    const lines = new Set(words.map(({ bottom }) => Math.round(bottom / 8)));
    const left = Math.min(...words.map((word) => word.left));
    const right = Math.max(...words.map((word) => word.right));
    const cut = each.scrollWidth > each.clientWidth + 1;
    return cut || lines.size > 1 || left < least - 1 || right > most + 1;
  }).map((each) => each.textContent);
}"""


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("language", ["en-GB", "de-DE"])
async def test_filters_and_buttons_of_the_lobbies_and_the_meters_of_a_match_fit(
    tmp_path: Path, size: dict[str, Any], language: str
) -> None:
    async with program(tmp_path, "--data", str(tmp_path / "data")) as server:

        def drive() -> None:
            with visitors() as open_browser:
                ann = open_browser(**size, locale=language)
                ann.page.goto(server.url.replace("ws:", "http:"))
                ann.page.locator(".hero input").fill("Ann")
                ann.page.locator(".hero button").nth(1).click()
                ann.page.locator(".top .quiet").nth(2).wait_for()  # replays, settings, sign out
                crowd = ".filters .segments button, .filters .toggle, .top .quiet, .foot button"
                ann.picture(tmp_path, "lobbies")
                assert ann.page.evaluate(CROWDED, crowd) == []
                ann.page.locator(".actions .primary").click()
                ann.plays()
                ann.page.locator(".meter.dash .bar.full").wait_for()
                ann.picture(tmp_path, "match")
                assert ann.page.evaluate(CROWDED, ".meter.dash") == []
                if size is WIDE:
                    assert ann.page.evaluate(CROWDED, ".clock small") == []
                assert ann.faults == []

        await driven(drive)
        server.assert_same_process_without_faults()


async def test_the_titles_of_lobbies_are_read_beside_the_chat_of_a_narrow_window(
    tmp_path: Path,
) -> None:
    def meet(ann: Visitor, bo: Visitor, address: str) -> None:
        ann.page.goto(address)
        ann.sign_in("Ann", "Show the lobbies")
        creates_a_lobby(ann, "Friday night in the yard")
        bo.page.goto(address)
        bo.sign_in("Bo", "Show the lobbies")
        title = bo.page.locator(".lobby .what b")
        title.wait_for()
        bo.picture(tmp_path, "lobbies")
        assert bo.page.evaluate(CROWDED, ".lobby .what b, .lobby .map, .lobby .mode") == []
        wide = "(title) => title.getBoundingClientRect().width"
        assert title.evaluate(wide) > WHOLE_TITLE_PX

    await pair(tmp_path, meet, second={"viewport": {"width": 1024, "height": 700}})


async def test_names_and_buttons_of_a_result_fit_on_a_german_phone(tmp_path: Path) -> None:
    async with program(tmp_path) as server:

        def drive() -> None:
            with visitors() as open_browser:
                ann = open_browser(**PHONE, locale="de-DE")
                ann.page.goto(server.url.replace("ws:", "http:"))
                ann.page.get_by_label("Dein Name").fill("Ann")
                ann.clicks("Lobbys zeigen")
                ann.clicks("Lobby eröffnen")
                for label, value in QUICK.items():
                    ann.sets(label, value)
                ann.clicks("schwer")
                ann.clicks("Eröffnen")
                ann.clicks("Bereit")
                ann.page.locator(".results").wait_for()
                ann.page.get_by_text("Abschüsse").wait_for()
                ann.picture(tmp_path, "results")
                assert ann.page.evaluate(CROWDED, "th, td.name bdi, .foot .big") == []
                high = "(row) => row.getBoundingClientRect().height"
                rows = ann.page.locator("tbody tr")
                assert {row.evaluate(high) < ONE_LINE_PX for row in rows.all()} == {True}
                assert ann.faults == []

        await driven(drive)
        server.assert_same_process_without_faults()


async def test_the_title_of_a_lobby_without_one_is_in_the_language_of_each_page(
    tmp_path: Path,
) -> None:
    def meet(ann: Visitor, bo: Visitor, address: str) -> None:
        ann.page.goto(address)
        ann.page.get_by_label("Dein Name").fill("Ann")
        ann.clicks("Lobbys zeigen")
        ann.clicks("Lobby eröffnen")
        assert ann.page.get_by_label("Titel").input_value() == "Lobby von Ann"
        ann.clicks("Eröffnen")
        ann.sees("Lobby von Ann")
        ann.clicks("Sperren")
        ann.page.locator(".pill").get_by_text("gesperrt").wait_for()
        ann.clicks("Entsperren")
        bo.page.goto(ann.page.url)
        bo.sign_in("Bo", "Join the lobby")
        bo.sees("Ann's lobby")

    await pair(tmp_path, meet, first={**WIDE, "locale": "de-DE"})
