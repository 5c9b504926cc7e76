"""The pages in a real browser against the real program: lobby, chat, match, reload, lost line."""

import re
from pathlib import Path

import trio

from tests.client.blocking_proxy import blocking
from tests.client_web.browser import PHONE, Visitor, driven, needs_pages, visitors
from tests.e2e.program import program

pytestmark = needs_pages


def creates_a_lobby(visitor: Visitor, title: str, *, level: str = "", **sliders: int) -> str:
    """Create a lobby and return its invite link; ``level`` is that of its bots."""
    visitor.clicks("Create a lobby")
    visitor.page.get_by_label("Title").fill(title)
    if level:
        visitor.clicks(level)
    for label, value in sliders.items():
        visitor.sets(label.replace("_", " "), value)
    visitor.clicks("Create")
    visitor.sees(title)
    link = visitor.page.url
    assert "/join/" in link
    return link


def watches(visitor: Visitor, address: str, title: str) -> None:
    visitor.page.goto(address)
    visitor.sign_in("Cleo", "Show the lobbies")
    visitor.clicks(title, exact=False)
    visitor.clicks("Watch")
    visitor.sees("Watching")


async def test_two_people_meet_by_an_invite_link_chat_play_and_one_reloads(tmp_path: Path) -> None:
    async with program(tmp_path) as server, blocking(server.url) as (proxy, url):
        proxy.blocks = False
        address, shaky = server.url.replace("ws:", "http:"), url.replace("ws:", "http:")

        def network(*, closed: bool) -> None:
            proxy.closed = closed
            proxy.cut()

        def drive() -> None:
            with visitors() as open_browser:
                ann, bo, cleo = open_browser(), open_browser(**PHONE), open_browser()
                ann.page.goto(address)
                ann.sign_in("Ann", "Show the lobbies")
                link = creates_a_lobby(ann, "Friday night", Time_limit=0, Score_limit=0)
                bo.page.goto(link.replace(address, shaky))
                bo.sign_in("Bo", "Join the lobby")
                bo.sees("Friday night")
                bo.say("<b>hello</b> & good evening")
                ann.hears("<b>hello</b> & good evening")
                watches(cleo, address, "Friday night")
                for each in (ann, bo):
                    each.clicks("Ready")
                seats = ann.plays(), bo.plays()
                assert (*sorted(seats), cleo.plays()) == (0, 1, -1)
                for name, each in (("ann", ann), ("bo", bo), ("cleo", cleo)):
                    each.picture(tmp_path, f"{name}-match")
                assert bo.page.get_by_label("Dash").is_visible()
                assert not ann.page.get_by_label("Dash").is_visible()

                ann.page.reload()
                assert ann.plays() == seats[0]
                ann.page.keyboard.press("Enter")
                ann.say("back again")
                bo.hears("back again")

                trio.from_thread.run_sync(lambda: network(closed=True))
                bo.page.get_by_role("alertdialog").wait_for()
                bo.picture(tmp_path, "bo-lost")
                trio.from_thread.run_sync(lambda: network(closed=False))
                bo.page.get_by_role("alertdialog").wait_for(state="hidden")
                assert bo.plays() == seats[1]
                bo.page.get_by_role("button", name="Menu").tap()
                bo.clicks("Leave the match")
                bo.hears("A match is running.")
                assert ann.faults == cleo.faults == []
                # The browser itself tells of each attempt while nothing passed.
                told = re.compile("WebSocket|net::ERR_")
                assert [fault for fault in bo.faults if not told.search(fault)] == []

        await driven(drive)
        server.assert_same_process_without_faults()
