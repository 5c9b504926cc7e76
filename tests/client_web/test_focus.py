"""Where the focus is behind each change of screen, and what an upright phone keeps in sight."""

from pathlib import Path

from tests.client_web.alone import alone, waits_for
from tests.client_web.browser import PHONE, Visitor, needs_pages
from tests.client_web.pair import gather, pair
from tests.client_web.test_playing import creates_a_lobby

pytestmark = needs_pages

FOCUSED = "`${document.activeElement.tagName} ${document.activeElement.innerText}`"
COLOUR = "(each) => getComputedStyle(each).color"


def focuses(visitor: Visitor, what: str) -> None:
    waits_for(visitor, lambda: visitor.page.evaluate(FOCUSED) == what)


async def test_each_screen_gives_its_heading_the_focus_and_a_match_is_announced(
    tmp_path: Path,
) -> None:
    def meet(ann: Visitor, bo: Visitor, address: str) -> None:
        ann.page.goto(address)
        ann.sign_in("Ann", "Show the lobbies")
        focuses(ann, "H1 Lobbies")
        for _ in range(4):
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

    await pair(tmp_path, meet, second=PHONE)


def stays_in(visitor: Visitor, dialog: str) -> None:
    """Press Tab all the way round a dialog, also after a click beside it: the focus stays in it."""
    box = visitor.page.get_by_role("dialog", name=dialog)
    for _ in range(box.locator("button, input, select").count() + 2):
        assert box.locator(":focus").count() == 1
        visitor.page.keyboard.press("Tab")
    visitor.page.mouse.click(4, 4)
    for key in ("Tab", "Shift+Tab"):
        visitor.page.keyboard.press(key)
        assert box.locator(":focus").count() == 1


async def test_a_dialog_keeps_the_focus_while_the_screen_behind_it_changes(tmp_path: Path) -> None:
    def meet(ann: Visitor, bo: Visitor, address: str) -> None:
        gather(ann, bo, address)
        bo.clicks("Settings")
        focuses(bo, "BUTTON Done")
        ann.clicks("What to do with Bo")
        ann.clicks("Kick")
        bo.page.locator("main.lobbies").wait_for(state="attached")
        bo.page.wait_for_timeout(300)
        assert bo.page.evaluate(FOCUSED) == "BUTTON Done"
        stays_in(bo, "Settings")
        bo.page.keyboard.press("Escape")
        focuses(bo, "H1 Lobbies")  # the button that opened it is gone
        bo.clicks("Settings")
        bo.page.keyboard.press("Escape")
        focuses(bo, "BUTTON Settings")

    await pair(tmp_path, meet)


async def test_the_box_for_a_password_is_a_dialog_that_keeps_the_focus(tmp_path: Path) -> None:
    def meet(ann: Visitor, bo: Visitor, address: str) -> None:
        ann.page.goto(address)
        ann.sign_in("Ann", "Show the lobbies")
        ann.clicks("Create a lobby")
        ann.page.get_by_label("Title").fill("Friday night")
        ann.clicks("With a password")
        ann.page.get_by_label("Password", exact=True).fill("sesame")
        ann.clicks("Create")
        ann.sees("Friday night")
        bo.page.goto(ann.page.url)
        bo.sign_in("Bo", "Join the lobby")
        box = bo.page.get_by_role("dialog", name="This lobby has a password")
        box.wait_for()
        assert box.get_attribute("aria-modal") == "true"
        waits_for(bo, lambda: bo.page.evaluate(FOCUSED).startswith("INPUT"))
        bo.picture(tmp_path, "password")
        bo.page.keyboard.type("sesam")
        stays_in(bo, "This lobby has a password")
        bo.page.keyboard.press("Escape")
        box.wait_for(state="detached")
        focuses(bo, "H1 Lobbies")
        bo.clicks("Friday night", exact=False)
        bo.clicks("Join", exact=True)
        box.wait_for()
        bo.page.keyboard.type("sesam")
        bo.page.keyboard.press("Enter")
        bo.page.locator(".toast:visible").wait_for()
        bo.page.keyboard.type("e")
        bo.page.keyboard.press("Enter")
        bo.sees("Friday night")
        focuses(bo, "H1 Friday night")

    await pair(tmp_path, meet, second=PHONE)


async def test_the_line_of_keys_fits_a_narrow_window(tmp_path: Path) -> None:
    def play(ann: Visitor) -> None:
        ann.clicks("Ready")
        keys = ann.page.locator(".hands > p")
        keys.wait_for()
        assert keys.evaluate("e => e.clientHeight < 30 && e.scrollWidth <= e.clientWidth")
        tops = "e => new Set([...e.children].filter((c) => c.offsetParent).map(c => c.offsetTop))"
        assert keys.evaluate(f"e => ({tops})(e).size") == 1

    await alone(tmp_path, "examples.pairs:Pairs", play, viewport={"width": 390, "height": 844})
