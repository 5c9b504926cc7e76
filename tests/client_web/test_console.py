"""The operator's console in a real browser: what it shows and does, and hostile words in it."""

from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
import trio
from playwright.sync_api import Request, Route

from gameserver.client import Client, Closed, open_client
from gameserver.messages.chat import Channel, SendChat
from gameserver.messages.lobby import StartMatch
from gameserver.messages.session import ReportPlayer
from tests.client_web.browser import (
    BUILT,
    PHONE,
    driven,
    needs_pages,
    visitors,
)
from tests.client_web.operator import (
    TABS,
    WIDE,
    OperatorPage,
    at_the_console,
    operator,
    over,
    overseen,
    room_of,
)
from tests.client_web.test_access import faults_of, needs_axe
from tests.e2e.program import gather, start, until

pytestmark = needs_pages

MARKUP: Final = "<img src=x onerror=alert(1)>"
HOSTILE: Final = (
    MARKUP,
    "<script>window.hit=1</script>",
    "\"'><svg onload=alert(1)>",
    "javascript:alert(1)",
    "{{7*7}}${7*7}<b>",
    "W" * 300,
    "\u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd",
    "Z\u0351\u0352\u0357\u035b a\u0300\u0301\u0302\u0303",
)
"""Lines, titles and reports; names are their first 20 characters."""


async def test_the_form_lets_in_with_the_secret_alone_and_a_sign_out_leads_back(
    tmp_path: Path,
) -> None:
    async with overseen(tmp_path) as (_, address):

        def drive() -> None:
            with operator(address) as nora:
                nora.sign_in("wrong-wrong-wrong-wrong")
                nora.page.get_by_role("alert").wait_for()
                nora.sign_in()
                nora.page.locator("[data-figure=Players]").wait_for()
                assert nora.page.evaluate("document.cookie") == ""
                kept = nora.page.evaluate("JSON.stringify([{...localStorage},{...sessionStorage}])")
                assert kept == "[{},{}]"
                nora.page.reload()
                nora.page.locator("[data-figure=Players]").wait_for()
                nora.page.get_by_role("button", name="Sign out Nora").click()
                nora.page.get_by_label("Secret").wait_for()
                nora.page.reload()
                nora.page.get_by_label("Secret").wait_for()
                assert nora.faults() == []

        await driven(drive)


async def test_the_charts_and_figures_move_with_the_server(tmp_path: Path) -> None:
    async with overseen(tmp_path) as (running, address), open_client(running.url, "Ann") as ann:
        await gather(ann, bots=2)
        await start(ann)

        def look(nora: OperatorPage) -> None:
            nora.page.locator(".chart canvas").nth(11).wait_for()
            for figure, shown in (("Players", "1"), ("Matches", "1"), ("Overload", "none")):
                place = nora.page.locator(f"[data-figure='{figure}']")
                place.filter(has_text=shown).wait_for()
            assert nora.page.locator(".chart").count() == 12
            assert nora.breadth() == (1280, 1280)

        await driven(partial(at_the_console, address, look))


async def test_the_charts_are_there_at_once_after_another_tab(tmp_path: Path) -> None:
    def look(nora: OperatorPage) -> None:
        asked: list[int] = []

        def note(request: Request) -> None:
            if "/samples?" in request.url:
                asked.append(int(request.url.rpartition("=")[2]))

        nora.page.on("request", note)
        nora.page.locator(".chart canvas").nth(11).wait_for()
        nora.goes_to("Sessions")
        asked.clear()
        nora.page.wait_for_timeout(3000)
        assert asked == []
        nora.page.route("**/samples?*", lambda _: None)  # what is seen now was kept
        nora.goes_to("Overview")
        nora.page.locator(".chart canvas").nth(11).wait_for()
        assert asked[0] > 0  # only what is new is fetched
        nora.page.unroute("**/samples?*")

    async with overseen(tmp_path) as (_, address):
        await driven(partial(at_the_console, address, look))


async def test_a_sample_is_asked_for_once_also_from_another_tab_and_back(tmp_path: Path) -> None:
    def drive(nora: OperatorPage) -> None:
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)

        nora.page.locator(".chart canvas").nth(11).wait_for()
        nora.page.route("**/samples?*", hold)
        while not held:
            nora.page.wait_for_timeout(100)
        for tab in ("Sessions", "Overview", "Sessions", "Overview"):
            nora.goes_to(tab)
        nora.page.wait_for_timeout(300)
        assert len(held) == 1
        with nora.page.expect_response("**/samples?*"):
            held[0].continue_()
            nora.page.unroute("**/samples?*")
        with nora.page.expect_response("**/samples?*"):
            pass  # it goes on

    async with overseen(tmp_path) as (_, address):
        await driven(partial(at_the_console, address, drive))


async def test_acts_are_done_with_a_reason_and_stand_in_the_audit(tmp_path: Path) -> None:
    async with (
        overseen(tmp_path) as (running, address),
        open_client(running.url, "Ann") as ann,
        open_client(running.url, "Bob") as bob,
        open_client(running.url, "Carl") as carl,
    ):
        await room_of(ann, "Den", bob)
        await room_of(carl, "Attic")
        await bob.request(SendChat(Channel.LOBBY, "you fool"))
        await ann.request(ReportPlayer(bob.player_id, "rude"))
        await carl.request(SendChat(Channel.GLOBAL, "hello all"))

        def drive(nora: OperatorPage) -> None:
            nora.goes_to("Lobbies")
            nora.page.get_by_label("Search lobbies").fill("attic")
            nora.page.locator("tbody .link").filter(has_text="Den").wait_for(state="detached")
            nora.opens("Attic")
            nora.does("Close the lobby\u2026", reason="empty")
            nora.page.get_by_label("Search lobbies").fill("")
            nora.opens("Den")
            nora.reads("you fool")
            nora.page.get_by_role("button", name="Global chat").click()
            nora.reads("hello all")
            nora.goes_to("Reports")
            nora.opens("Bob")
            nora.reads("you fool")
            nora.does("Settle the report\u2026", reason="seen")
            nora.goes_to("Sessions")
            nora.opens("Bob")
            nora.does("Rename\u2026", reason="nicer", New_name="Robert")
            nora.opens("Robert")
            nora.does("Mute\u2026", reason="rude")
            nora.page.locator(".drawer .tag").filter(has_text="muted").wait_for()
            nora.goes_to("Bans")
            nora.does("Lift\u2026", reason="enough")
            nora.reads("Nobody is banned")
            nora.does("Tell all\u2026", confirm="Tell all", Text_for_all_players="cake at noon")
            nora.goes_to("Sessions")
            nora.opens("Robert")
            nora.does("Ban\u2026", reason="spam")
            nora.opens("Carl")
            nora.does("Kick\u2026", reason="spam")
            nora.goes_to("Audit")
            nora.page.locator("tbody tr").nth(7).wait_for()
            acts = nora.page.locator("tbody tr td:nth-child(3)").all_inner_texts()
            assert acts == [
                "kick",
                "ban",
                "broadcast",
                "unmute",
                "mute",
                "rename",
                "settle-report",
                "close-lobby",
            ]
            assert set(nora.page.locator("tbody td:nth-child(2)").all_inner_texts()) == {"Nora"}

        await driven(partial(at_the_console, address, drive))
        assert await over(bob) == "session.banned"
        assert await over(carl) == "session.kicked"
        assert not isinstance(ann.status, Closed)


async def test_an_act_that_is_refused_says_why_in_the_dialog(tmp_path: Path) -> None:
    async with overseen(tmp_path) as (running, address), open_client(running.url, "Ann"):

        def drive() -> None:
            with operator(address) as nora:
                nora.sign_in()
                nora.goes_to("Sessions")
                nora.opens("Ann")
                nora.page.get_by_role("button", name="Ban\u2026").click()
                dialog = nora.page.get_by_role("dialog")
                assert dialog.get_by_role("radio").count() == 2  # the session and the name
                dialog.get_by_text("Not for the address: it is loopback").wait_for()
                dialog.get_by_role("button", name="Cancel").click()
                dialog.wait_for(state="detached")
                nora.goes_to("Bans")
                nora.page.get_by_role("button", name="Ban\u2026").click()
                dialog.get_by_role("textbox", name="Address or network").fill("127.0.0.1")
                dialog.get_by_role("button", name="Ban", exact=True).click()
                dialog.get_by_role("alert").filter(has_text="This is loopback").wait_for()
                dialog.get_by_role("button", name="Cancel").click()
                dialog.wait_for(state="detached")

        await driven(drive)


async def say_all(clients: list[Client]) -> None:
    """Let players put their hostile words wherever words may stand, and begin a match."""
    await room_of(clients[0], HOSTILE[0], *clients[1:6])
    for client, words in zip(clients, HOSTILE, strict=True):
        await client.wait_online()
        channel = Channel.LOBBY if client.lobby else Channel.GLOBAL
        await client.request(SendChat(channel, words))
    await clients[0].request(StartMatch())
    await until(lambda: clients[0].match is not None)
    for words in HOSTILE[:4]:
        await clients[0].request(ReportPlayer(clients[1].player_id, words))


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
async def test_words_of_players_are_shown_and_never_run_and_break_no_layout(
    tmp_path: Path, size: dict[str, Any]
) -> None:
    async with overseen(tmp_path, "--name", MARKUP) as (running, address), trio.open_nursery() as n:
        joined: dict[str, Client] = {}

        async def join(name: str) -> None:
            async with open_client(running.url, name) as client:
                joined[name] = client
                await trio.sleep_forever()

        for words in HOSTILE:
            n.start_soon(join, words)
        await until(lambda: len(joined) == len(HOSTILE))
        await say_all([joined[words] for words in HOSTILE])  # whoever came first

        def drive(nora: OperatorPage) -> None:
            for tab in TABS:
                nora.goes_to(tab)
                if tab not in ("Overview", "Bans", "Audit"):
                    nora.page.locator("tbody .link").first.click()
                    nora.page.locator(".drawer dl").wait_for()
                    if tab == "Lobbies":
                        nora.page.locator(".chat").get_by_text(HOSTILE[0]).wait_for()
                    if tab == "Matches":
                        standings = nora.page.locator(".standings")
                        standings.get_by_text(MARKUP[:20], exact=True).wait_for()
                    assert nora.breadth()[0] == nora.breadth()[1], tab
                    nora.page.get_by_role("button", name="Close the panel").click()
                if tab == "Sessions":
                    nora.page.get_by_text(MARKUP[:20], exact=True).first.wait_for()
                    nora.page.locator("tbody .link").first.click()
                    nora.does("Mute\u2026", reason=HOSTILE[1])
                    nora.page.get_by_role("button", name="Close the panel").click()
                assert nora.breadth()[0] == nora.breadth()[1], tab
            nora.reads(HOSTILE[1])  # the reason, in the audit
            nora.goes_to("Bans")
            nora.reads(HOSTILE[1])
            # Nothing of it became an element or ran.
            assert nora.page.locator("#app img, #app script, #app svg").count() == 0
            assert nora.page.evaluate("window.hit") is None

        await driven(partial(at_the_console, address, drive, **size))
        n.cancel_scope.cancel()


@needs_axe
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
async def test_axe_finds_no_serious_fault_in_the_console(
    tmp_path: Path, size: dict[str, Any]
) -> None:
    async with overseen(tmp_path) as (running, address), open_client(running.url, "Ann") as ann:
        await gather(ann, bots=1)
        await start(ann)

        def drive() -> dict[str, list[str]]:
            found = {}
            with operator(address, size) as nora:
                nora.page.get_by_label("Secret").wait_for()
                found["sign in"] = faults_of(nora.visitor)
                nora.sign_in()
                for tab in TABS:
                    nora.goes_to(tab)
                    if tab == "Overview":
                        nora.page.locator(".chart canvas").first.wait_for()
                    if tab in ("Sessions", "Lobbies", "Matches"):
                        nora.page.locator("tbody .link").first.click()
                        nora.page.locator(".drawer dl").wait_for()
                    found[tab] = faults_of(nora.visitor)
                    if tab == "Sessions":
                        nora.page.get_by_role("button", name="Ban\u2026").click()
                        found["dialog"] = faults_of(nora.visitor)
                        nora.page.get_by_role("button", name="Cancel").click()
                    if tab in ("Sessions", "Lobbies", "Matches"):
                        nora.page.get_by_role("button", name="Close the panel").click()
            return found

        found = await driven(drive)
        assert {screen: faults for screen, faults in found.items() if faults} == {}


async def test_a_match_is_watched_from_above(tmp_path: Path) -> None:
    async with overseen(tmp_path) as (running, address), open_client(running.url, "Ann") as ann:
        await gather(ann, bots=2)
        await start(ann)

        def drive(nora: OperatorPage) -> None:
            nora.goes_to("Matches")
            nora.page.locator("tbody .link").first.click()
            picture = nora.page.locator("canvas.above")
            picture.wait_for()
            seen = {picture.get_attribute("data-tick")}
            while len(seen) < 4:  # the program's deadline ends a picture that stands still
                nora.page.wait_for_timeout(100)
                seen.add(picture.get_attribute("data-tick"))

        await driven(partial(at_the_console, address, drive))


def test_the_console_shares_no_file_with_the_game() -> None:
    game = (BUILT / "index.html").read_text("utf-8")
    console = (BUILT / "console.html").read_text("utf-8")
    assert "console" not in game
    assert "/web/index" not in console
    scripts = [path.read_text("utf-8") for path in (BUILT / "web").glob("index-*.js")]
    assert scripts
    assert not any("uPlot" in script for script in scripts)
    assert not any(word in console for word in ("<style", " style=", "http:", "https:", "onload"))


async def test_a_player_in_a_browser_reports_another_and_is_told_of_the_own_kick(
    tmp_path: Path,
) -> None:
    async with overseen(tmp_path) as (running, address), open_client(running.url, "Bob") as bob:
        await room_of(bob, "Den")
        assert bob.lobby is not None
        code = bob.lobby.invite_code
        await bob.request(SendChat(Channel.LOBBY, "you fool"))

        def drive() -> None:
            with visitors() as open_browser:
                ann = open_browser()
                ann.page.goto(f"{address}/join/{code}")
                ann.page.get_by_label("Your name").fill("Ann")
                ann.page.get_by_label("Your name").press("Enter")
                ann.page.get_by_role("button", name="What to do with Bob").click()
                ann.clicks("Report\u2026")
                ann.page.get_by_label("What did Bob do?").fill("he shouts")
                ann.clicks("Report")
                ann.hears("The server's operator will see it")
                nora = OperatorPage(open_browser(**WIDE), address)
                nora.sign_in()
                nora.goes_to("Reports")
                nora.reads("he shouts")
                nora.goes_to("Sessions")
                nora.opens("Ann")
                nora.does("Kick\u2026", reason="enough")
                ann.hears("Reason: enough")

        await driven(drive)
