"""The operator's console when what it shows is over: a lobby, a session, the server."""

import time
from functools import partial
from pathlib import Path

import pytest

from gameserver.client import open_client
from tests.client_web.browser import driven, needs_pages, visitors
from tests.client_web.operator import (
    SECRET,
    TABS,
    WIDE,
    OperatorPage,
    at_the_console,
    operator,
    overseen,
    room_of,
)
from tests.e2e.program import gather, program, start

pytestmark = needs_pages


async def test_a_drain_ends_the_server_behind_its_matches(tmp_path: Path) -> None:
    async with program(tmp_path, "--console-secret", SECRET, "--drain-s", "60") as running:

        def drive() -> None:
            with operator(running.url.replace("ws:", "http:")) as nora:
                nora.sign_in()
                nora.does("Drain\u2026", reason="update")

        await driven(drive)
        await running.process.wait()
        assert running.process.returncode == 0


@pytest.mark.parametrize(
    ("settings", "begins", "becomes"),
    [
        ((), "ends at once and waits for no match: its setting drain-s is 0.", "are over"),
        (("--drain-s", "300"), "behind its last match, after 5 min (its", "are over"),
        (("--drain-s", "300", "--data", "data"), "after 5 min (its setting", "are saved"),
    ],
)
async def test_who_drains_reads_how_long_matches_go_on_and_what_becomes_of_them(
    settings: tuple[str, ...], begins: str, becomes: str, tmp_path: Path
) -> None:
    more = [str(tmp_path / each) if each == "data" else each for each in settings]
    async with (
        overseen(tmp_path, *more) as (running, address),
        open_client(running.url, "Ann") as ann,
    ):
        await gather(ann, bots=2)
        await start(ann)

        def drive(nora: OperatorPage) -> None:
            nora.page.get_by_role("button", name="Drain\u2026").click()
            dialog = nora.page.get_by_role("dialog")
            for words in (begins, f"Matches that run when it ends {becomes}", "1 match runs now."):
                dialog.get_by_text(words).wait_for()
            assert dialog.get_by_label("Stop at once").count() == len(settings[:1])
            nora.visitor.picture(tmp_path, "drain")
            dialog.get_by_role("button", name="Cancel").click()
            if settings:
                nora.does("Drain\u2026")
                nora.page.get_by_role("button", name="Drain\u2026").click()
                dialog.get_by_text("The server drains already").wait_for()

        await driven(partial(at_the_console, address, drive))


async def test_two_operators_who_drain_cut_off_no_match(tmp_path: Path) -> None:
    async with (
        program(tmp_path, "--console-secret", SECRET, "--drain-s", "60") as running,
        open_client(running.url, "Ann") as ann,
    ):
        await gather(ann, bots=2)
        await start(ann)

        def drive() -> None:
            with visitors() as open_browser:
                address = running.url.replace("ws:", "http:")
                nora, olaf = (OperatorPage(open_browser(**WIDE), address) for _ in range(2))
                for each in (nora, olaf):
                    each.sign_in()
                    each.page.locator("[data-figure=Players]").wait_for()
                dialog = olaf.page.get_by_role("dialog")
                older = olaf.page.evaluate("fetch('/api/v1/admin/me').then((me) => me.json())")
                nora.does("Drain\u2026", reason="update")
                olaf.page.route("**/me", lambda route: route.fulfill(json=older))
                olaf.page.get_by_role("button", name="Drain\u2026").click()
                dialog.get_by_text("The server ends behind its last match").wait_for()
                olaf.page.unroute("**/me")
                dialog.get_by_role("button", name="Drain", exact=True).click()
                dialog.get_by_text("The server drains already").wait_for()
                dialog.get_by_role("button", name="Cancel").click()
                nora.page.reload()
                nora.page.get_by_role("button", name="Drain\u2026").click()
                dialog = nora.page.get_by_role("dialog")
                dialog.get_by_text("The server drains already").wait_for()
                stop = dialog.get_by_role("button", name="Stop", exact=True)
                stop.click()  # not without the mark
                nora.visitor.picture(tmp_path, "drains-already")
                assert running.process.poll() is None
                dialog.get_by_label("Stop at once").check()
                stop.click()
                nora.reads("The server has ended")

        await driven(drive)
        await running.process.wait()


async def test_a_dialog_of_a_drain_knows_what_another_operator_did_a_moment_ago(
    tmp_path: Path,
) -> None:
    async with (
        overseen(tmp_path, "--drain-s", "60") as (running, address),
        open_client(running.url, "Ann") as ann,
    ):
        await gather(ann, bots=2)
        await start(ann)

        def drive() -> None:
            with visitors() as open_browser:
                nora, olaf = (OperatorPage(open_browser(**WIDE), address) for _ in range(2))
                for each in (nora, olaf):
                    each.sign_in()
                    each.page.locator("[data-figure=Players]").wait_for()
                nora.does("Drain\u2026", reason="update")
                began = time.monotonic()
                olaf.page.get_by_role("button", name="Drain\u2026").click()
                olaf.page.get_by_role("dialog").get_by_text("The server drains already").wait_for()
                assert time.monotonic() - began < 4  # the page asks for itself every 10 s

        await driven(drive)


async def test_the_panel_of_what_is_over_says_so_and_asks_no_more(tmp_path: Path) -> None:
    async with (
        overseen(tmp_path) as (running, address),
        open_client(running.url, "Ann") as ann,
    ):
        lobby = await room_of(ann, "Den")

        def drive(nora: OperatorPage) -> None:
            asked: list[str] = []
            nora.page.on("request", lambda request: asked.append(request.url))
            nora.goes_to("Lobbies")
            nora.opens("Den")
            nora.does("Close the lobby\u2026", reason="empty")
            drawer = nora.page.locator(".drawer")
            drawer.get_by_text("This lobby is closed.").wait_for()
            assert drawer.locator("dl, .members, .chat, .fault").count() == 0
            assert drawer.locator("h2").inner_text() == "Den"
            asked.clear()
            nora.does("Tell all\u2026", confirm="Tell all", Text_for_all_players="cake")
            nora.page.wait_for_timeout(4000)
            assert not any(f"/lobbies/{lobby}" in url for url in asked)
            assert any("/lobbies?" in url for url in asked)  # the table goes on
            nora.goes_to("Sessions")
            nora.opens("Ann")
            nora.does("Kick\u2026", reason="enough")
            drawer.get_by_text("This session is over.").wait_for()
            gone = [each for each in nora.visitor.faults if "status of 404" in each]
            assert len(gone) == 2, gone  # one for each panel

        await driven(partial(at_the_console, address, drive))


async def test_a_server_that_is_gone_is_told_once_and_nothing_contradicts_it(
    tmp_path: Path,
) -> None:
    async with program(tmp_path, "--console-secret", SECRET, "--drain-s", "60") as running:

        def drive() -> None:
            with operator(running.url.replace("ws:", "http:")) as nora:
                nora.sign_in()
                nora.page.locator("[data-figure=Players]").wait_for()
                nora.does("Drain\u2026", reason="update")
                nora.reads("The server has ended, as you told it to. What you see is from")
                for tab in TABS:
                    nora.goes_to(tab)
                    assert nora.page.locator(".fault, main .hint").count() == 0, tab
                    assert nora.page.get_by_text("does not answer").count() == 0, tab
                    assert nora.page.get_by_text("draining").count() == 0, tab

        await driven(drive)
        await running.process.wait()


async def test_who_is_out_for_the_name_plays_on_in_the_same_tab_under_another_one(
    tmp_path: Path,
) -> None:
    async with overseen(tmp_path) as (_, address):

        def drive() -> None:
            with visitors() as open_browser:
                eve = open_browser()
                eve.page.goto(address)
                eve.sign_in("Eve", "Show the lobbies")
                nora = OperatorPage(open_browser(**WIDE), address)
                nora.sign_in()
                nora.goes_to("Sessions")
                nora.opens("Eve")
                nora.page.get_by_role("button", name="Ban\u2026").click()
                dialog = nora.page.get_by_role("dialog")
                dialog.get_by_label("the name Eve").check()
                dialog.get_by_label("Reason").fill("it is mine")
                dialog.get_by_role("button", name="Ban", exact=True).click()
                eve.hears("Reason: it is mine")
                eve.sign_in("Eve", "Show the lobbies")
                eve.hears("Reason: it is mine")
                eve.sign_in("Adam", "Show the lobbies")
                eve.page.get_by_text("Adam").first.wait_for()
                nora.page.locator("tbody .link").filter(has_text="Adam").wait_for()
                nora.page.locator("tbody .link").filter(has_text="Eve").wait_for(state="detached")

        await driven(drive)
