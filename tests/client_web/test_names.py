"""The player's name in the pages: where it is written, and what an operator's new one changes."""

from pathlib import Path

from tests.client_web.browser import PHONE, Visitor, driven, needs_pages, visitors
from tests.client_web.operator import WIDE, OperatorPage, overseen
from tests.client_web.pair import gather, pair
from tests.e2e.program import program

pytestmark = needs_pages

FOCUSED = "document.activeElement.name ?? ''"


async def test_the_field_of_the_name_has_the_focus_where_there_are_keys(tmp_path: Path) -> None:
    async with program(tmp_path) as server:
        address = server.url.replace("ws:", "http:")

        def drive() -> None:
            with visitors() as open_browser:
                ann, bo = open_browser(**WIDE), open_browser(**PHONE)
                for each in (ann, bo):
                    each.page.goto(address)
                    each.page.get_by_label("Your name").wait_for()
                ann.page.keyboard.type("Ann")
                assert ann.page.get_by_label("Your name").input_value() == "Ann"
                assert bo.page.evaluate(FOCUSED) == ""  # its keyboard would cover the screen

        await driven(drive)
        server.assert_same_process_without_faults()


async def test_the_form_of_a_lobby_proposes_the_name_that_an_operator_gave(tmp_path: Path) -> None:
    async with overseen(tmp_path) as (_, address):

        def drive() -> None:
            with visitors() as open_browser:
                ann, nora = open_browser(**WIDE), OperatorPage(open_browser(**WIDE), address)
                ann.page.goto(address)
                ann.sign_in("Rude", "Show the lobbies")
                ann.sees("Lobbies", exact=True)
                nora.sign_in()
                nora.goes_to("Sessions")
                nora.opens("Rude")
                nora.does("Rename…", reason="rude", New_name="Polite")
                ann.page.wait_for_timeout(500)
                ann.clicks("Create a lobby")
                assert ann.page.get_by_label("Title").input_value() == "Polite's lobby"

        await driven(drive)


# Where the first of some words of an element begins, in pixels from the left.
BEGINS = """(element, words) => {
  const nodes = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (nodes.nextNode()) {
    const at = nodes.currentNode.data.indexOf(words);
    if (at < 0) continue;
    const range = document.createRange();
    range.setStart(nodes.currentNode, at);
    range.setEnd(nodes.currentNode, at + words.length);
    return range.getBoundingClientRect().left;
  }
  throw new Error(`no ${words} in ${element.textContent}`);
}"""
NOA = "\u05e0\u05d5\u05e2\u05d4"


async def test_a_name_from_right_to_left_leaves_the_sentence_around_it_in_order(
    tmp_path: Path,
) -> None:
    def meet(ann: Visitor, bo: Visitor, address: str) -> None:
        gather(ann, bo, address, name=f"{NOA}!")
        ann.clicks("Ready")
        bo.clicks("Ready")
        ann.plays()
        bo.plays()
        own = bo.page.locator(".side.strong small")
        bo.picture(tmp_path, "own")
        assert own.evaluate(BEGINS, "!") < own.evaluate(BEGINS, NOA)
        bo.page.keyboard.press("Escape")
        bo.clicks("Leave the lobby")
        line = ann.page.locator(".match-chat .server").get_by_text("left.")
        line.wait_for()
        ann.picture(tmp_path, "left")
        mark, name, rest = (line.evaluate(BEGINS, words) for words in ("!", NOA, "left."))
        assert mark < name < rest

    await pair(tmp_path, meet)
