"""Where the focus is behind each change of screen, and what an upright phone keeps in sight."""

from pathlib import Path

from tests.client_web.alone import alone, waits_for
from tests.client_web.browser import PHONE, Visitor, driven, needs_pages, visitors
from tests.client_web.operator import WIDE
from tests.client_web.test_playing import creates_a_lobby
from tests.e2e.program import program

pytestmark = needs_pages

FOCUSED = "`${document.activeElement.tagName} ${document.activeElement.innerText}`"
COLOUR = "(each) => getComputedStyle(each).color"


def focuses(visitor: Visitor, what: str) -> None:
    waits_for(visitor, lambda: visitor.page.evaluate(FOCUSED) == what)


async def test_each_screen_gives_its_heading_the_focus_and_a_match_is_announced(
    tmp_path: Path,
) -> None:
    async with program(tmp_path) as server:
        address = server.url.replace("ws:", "http:")

        def drive() -> None:
            with visitors() as open_browser:
                ann, bo = open_browser(**WIDE), open_browser(**PHONE)
                ann.page.goto(address)
                ann.sign_in("Ann", "Show the lobbies")
                focuses(ann, "H1 Lobbies")
                for _ in range(5):
                    ann.page.keyboard.press("Tab")
                focuses(ann, "BUTTON Create a lobby")
                ann.page.keyboard.press("Enter")
                focuses(ann, "H1 Create a lobby")
                ann.clicks("Cancel")
                link = creates_a_lobby(ann, "Friday night", Time_limit=30, Bots_in_free_seats=1)
                focuses(ann, "H1 Friday night")
                bo.page.goto(link)
                bo.sign_in("Bo", "Join the lobby")
                ready = bo.page.get_by_role("button", name="Ready", exact=True)
                ready.wait_for()
                assert ready.evaluate("e => e.getBoundingClientRect().bottom <= innerHeight")
                ann.say("only the content changes")
                bo.hears("only the content changes")
                assert ann.page.evaluate(FOCUSED).startswith("INPUT")
                colour = ann.page.locator(".lines b").last.evaluate(COLOUR)
                mark = ann.page.locator(".seat.mine circle").get_attribute("fill")
                for each in (ann, bo):
                    each.clicks("Ready")
                ann.plays()
                assert ann.page.evaluate("document.activeElement === document.body")
                assert ann.page.locator(".spoken").inner_text() == "The match is on"
                said = ann.page.locator(".match-chat b").last
                assert said.evaluate(COLOUR) == colour
                assert ann.page.evaluate(
                    "([name, mark]) => { const e = document.createElement('i');"
                    " e.style.color = mark; document.body.append(e);"
                    " return getComputedStyle(e).color === name; }",
                    [colour, mark],
                )
                ann.page.locator(".page.results").wait_for()
                waits_for(ann, lambda: ann.page.evaluate(FOCUSED).startswith("H1"))
                assert ann.faults == bo.faults == []

        await driven(drive)
        server.assert_same_process_without_faults()


async def test_the_line_of_keys_fits_a_narrow_window(tmp_path: Path) -> None:
    def play(ann: Visitor) -> None:
        ann.clicks("Ready")
        keys = ann.page.locator(".hands > p")
        keys.wait_for()
        assert keys.evaluate("e => e.clientHeight < 30 && e.scrollWidth <= e.clientWidth")
        tops = "e => new Set([...e.children].filter((c) => c.offsetParent).map(c => c.offsetTop))"
        assert keys.evaluate(f"e => ({tops})(e).size") == 1

    await alone(tmp_path, "examples.pairs:Pairs", play, viewport={"width": 390, "height": 844})
