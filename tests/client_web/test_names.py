"""The player's name in the pages: where it is written, and what an operator's new one changes."""

from pathlib import Path

from tests.client_web.browser import PHONE, driven, needs_pages, visitors
from tests.client_web.operator import WIDE, OperatorPage, overseen
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
