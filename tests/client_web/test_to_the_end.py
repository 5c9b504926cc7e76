"""Two pages and the pygame client in one match to its end, and in the next one."""

import re
from pathlib import Path

import trio

from tests.client_web.browser import driven, needs_pages, visitors
from tests.client_web.test_playing import creates_a_lobby
from tests.e2e.program import program
from tests.e2e.test_client_demo import autoplay

pytestmark = needs_pages

VERDICT = re.compile("^(Victory|Defeat|Draw|Match over)$")


async def test_pages_and_the_pygame_client_play_to_the_end_and_again(tmp_path: Path) -> None:
    async with program(tmp_path) as server, trio.open_nursery() as nursery:
        address = server.url.replace("ws:", "http:")

        def drive() -> None:
            with visitors() as open_browser:
                ann, bo = open_browser(), open_browser()
                ann.page.goto(address)
                ann.sign_in("Ann", "Show the lobbies")
                few = {"Bots_in_free_seats": 3, "Time_limit": 30, "Score_limit": 1}
                link = creates_a_lobby(ann, "Short and hard", level="hard", **few)
                bo.page.goto(link)
                bo.sign_in("Bo", "Join the lobby")
                trio.from_thread.run_sync(
                    nursery.start_soon, autoplay, server.url, tmp_path / "pygame", 120
                )
                ann.hears("Hello! Shall we?")
                for each in (ann, bo):
                    each.clicks("Ready")
                for each in (ann, bo):
                    each.page.get_by_role("heading", name=VERDICT, level=1).wait_for()
                    each.picture(tmp_path, f"results-{each is ann}")
                for each in (ann, bo):
                    each.clicks("Rematch")
                for each in (ann, bo):
                    each.page.locator("main.match").wait_for()
                assert ann.faults == bo.faults == []

        await driven(drive)
        nursery.cancel_scope.cancel()
        server.assert_same_process_without_faults()
