"""Limits of a match in the form and in the lobby: 0 is none."""

from pathlib import Path

from tests.client_web.browser import driven, needs_pages, visitors
from tests.client_web.operator import WIDE
from tests.client_web.test_playing import creates_a_lobby
from tests.e2e.program import program

pytestmark = needs_pages


async def test_a_limit_of_zero_is_none_and_a_number_of_zero_is_not(tmp_path: Path) -> None:
    async with program(tmp_path) as server:
        address = server.url.replace("ws:", "http:")

        def drive() -> None:
            with visitors() as open_browser:
                ann = open_browser(**WIDE)
                ann.page.goto(address)
                ann.sign_in("Ann", "Show the lobbies")
                creates_a_lobby(ann, "Friday night", Time_limit=0, Score_limit=0)
                facts = ann.page.locator(".facts > div").all_inner_texts()
                assert {"Time limit\nnone", "Score limit\nnone"} <= set(facts)
                ann.clicks("Change")
                slides = ann.page.locator(".slide > span").all_inner_texts()
                told = {" ".join(each.split()) for each in slides}
                assert {"Time limit none", "Score limit none", "Bots in free seats 0"} <= told
                ann.picture(tmp_path, "limits")
                assert ann.faults == []

        await driven(drive)
        server.assert_same_process_without_faults()
