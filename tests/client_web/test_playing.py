"""The pages in a real browser against the real program: lobby, chat, match, reload.

Two pages that the processor draws are the heaviest test here, so it runs with WEB_E2E=1 only, until
its time on a machine of two processors is measured.
"""

import os
from pathlib import Path

import pytest

from tests.client_web.browser import driven, needs_pages, visitors
from tests.e2e.program import program

pytestmark = [
    needs_pages,
    pytest.mark.skipif(os.environ.get("WEB_E2E") != "1", reason="runs with WEB_E2E=1"),
]


async def test_two_people_meet_by_an_invite_link_chat_play_and_one_reloads(tmp_path: Path) -> None:
    async with program(tmp_path) as server:
        address = server.url.replace("ws://", "http://")

        def drive() -> None:
            with visitors() as open_browser:
                ann, bo = open_browser(), open_browser()
                ann.page.goto(address)
                ann.sign_in("Ann", "Show the lobbies")
                ann.page.get_by_role("button", name="Create a lobby").click()
                ann.page.get_by_label("Title").fill("Friday night")
                ann.page.get_by_role("button", name="Create", exact=True).click()
                ann.page.get_by_role("heading", name="Friday night").wait_for()
                link = ann.page.url
                assert link.startswith(f"{address}/join/")
                bo.page.goto(link)
                bo.sign_in("Bo", "Join the lobby")
                bo.page.get_by_role("heading", name="Friday night").wait_for()
                bo.say("<b>hello</b> & good evening")
                ann.hears("<b>hello</b> & good evening")
                for each in (ann, bo):
                    each.page.get_by_role("button", name="Ready", exact=True).click()
                seats = ann.plays(), bo.plays()
                assert sorted(seats) == [0, 1]
                ann.page.reload()
                assert ann.plays() == seats[0]
                ann.page.keyboard.press("Enter")
                ann.say("back again")
                bo.hears("back again")
                bo.page.keyboard.press("Escape")
                bo.page.get_by_role("button", name="Leave the match").click()
                bo.page.get_by_text("A match is running.").wait_for()
                assert ann.faults == bo.faults == []

        await driven(drive)
        server.assert_same_process_without_faults()
