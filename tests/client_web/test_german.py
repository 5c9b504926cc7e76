"""The pages in German: also what the game and the server say, as far as the pages know it."""

import signal
from pathlib import Path
from typing import Final

from tests.client_web.browser import Visitor, driven, needs_pages, visitors
from tests.client_web.operator import WIDE, OperatorPage, overseen
from tests.client_web.pair import pair
from tests.client_web.test_playing import creates_a_lobby
from tests.e2e.program import program

pytestmark = needs_pages

GERMAN: Final = {**WIDE, "locale": "de-DE"}

# Whether the placeholder of a field is wider than its room; a cross has 20 of it.
CUT: Final = """(field) => {
  const pen = document.createElement("canvas").getContext("2d");
  const { font, paddingLeft, paddingRight } = getComputedStyle(field);
  pen.font = font;
  const room = field.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight) - 20;
  return pen.measureText(field.placeholder).width > room;
}"""


async def test_options_and_what_the_server_tells_are_german_on_a_german_page(
    tmp_path: Path,
) -> None:
    def meet(ann: Visitor, bo: Visitor, address: str) -> None:
        ann.page.goto(address)
        ann.page.get_by_label("Dein Name").fill("Ann")
        ann.clicks("Lobbys zeigen")
        field = ann.page.get_by_label("Titel, Gastgeber")
        assert not field.evaluate(CUT)
        ann.picture(tmp_path, "lobbys")
        ann.clicks("Lobby eröffnen")
        for label in ("Spielzeit", "Punkte zum Sieg", "Eigene treffen", "Fundstücke"):
            assert ann.page.get_by_label(label).count() == 1
        ann.picture(tmp_path, "eroeffnen")
        ann.clicks("Eröffnen")
        ann.sees("Mitspieler")
        bo.page.goto(ann.page.url)
        bo.sign_in("Bo", "Join the lobby")
        ann.hears("Bo ist da.")
        bo.page.get_by_role("button", name="Leave the lobby").click()
        ann.hears("Bo ist gegangen.")
        facts = ann.page.locator(".facts dt").all_inner_texts()
        assert facts == [
            "Karte", "Modus", "Spielzeit", "Punkte zum Sieg", "Eigene treffen",
            "Fundstücke", "Bots",
        ]  # fmt: skip
        ann.picture(tmp_path, "lobby")

    await pair(tmp_path, meet, first=GERMAN)


async def test_a_text_of_one_game_is_translated_for_no_other(tmp_path: Path) -> None:
    regatta = "tests.client_web.regatta:Regatta"
    async with program(tmp_path, "--game", regatta) as server:

        def drive() -> None:
            with visitors() as open_browser:
                ann = open_browser(**GERMAN)
                ann.page.goto(server.url.replace("ws:", "http:"))
                ann.page.get_by_label("Dein Name").fill("Ann")
                ann.clicks("Lobbys zeigen")
                ann.clicks("Lobby eröffnen")
                ann.page.locator(".map").first.wait_for()
                ann.picture(tmp_path, "regatta")
                assert ann.page.get_by_label("Length").count() == 1
                assert ann.page.get_by_label("Dauer").count() == 0
                assert ann.faults == []

        await driven(drive)
        server.assert_same_process_without_faults()


async def test_refusals_and_what_the_operator_does_are_told_in_german(tmp_path: Path) -> None:
    def meet(ann: Visitor, bo: Visitor, address: str) -> None:
        ann.page.goto(address)
        ann.page.get_by_label("Dein Name").fill("Ann")
        ann.clicks("Lobbys zeigen")
        ann.page.get_by_label("Einladung").fill("nowhere")
        ann.clicks("Mit Code")
        ann.hears("Zu diesem Einladungscode gibt es keine Lobby.")
        ann.picture(tmp_path, "abgewiesen")
        bo.page.goto(address)
        bo.sign_in("Bo", "Show the lobbies")
        link = creates_a_lobby(bo, "Friday night")
        ann.page.goto(link)
        ann.clicks("Bereit")
        ann.page.get_by_label("Etwas sagen").fill("Hallo")
        for _ in range(2):
            ann.page.get_by_label("Etwas sagen").fill("Hallo")
            ann.page.get_by_label("Etwas sagen").press("Enter")
        ann.hears("Das hast du eben schon gesagt.")
        bo.page.get_by_label("What to do with Ann").click()
        bo.clicks("Kick")
        ann.hears("Der Gastgeber hat dich aus der Lobby geworfen.")
        ann.picture(tmp_path, "geworfen")

    await pair(tmp_path, meet, first=GERMAN)


async def test_a_lost_line_and_the_end_of_a_session_are_told_in_german(tmp_path: Path) -> None:
    async with overseen(tmp_path) as (server, address):

        def drive() -> None:
            with visitors() as open_browser:
                ann = open_browser(**GERMAN)
                ann.page.goto(address)
                ann.page.get_by_label("Dein Name").fill("Ann")
                ann.clicks("Lobbys zeigen")
                ann.page.get_by_text("Lobby eröffnen").wait_for()
                nora = OperatorPage(open_browser(**WIDE), address)
                nora.sign_in()
                nora.goes_to("Sessions")
                nora.opens("Ann")
                nora.does("Kick…", reason="Genug")
                ann.hears("Der Betreiber des Servers hat dich abgemeldet. Grund: Genug")
                ann.picture(tmp_path, "abgemeldet")
                ann.clicks("Lobbys zeigen")
                ann.page.get_by_text("Lobby eröffnen").wait_for()
                server.process.send_signal(signal.SIGSTOP)
                try:
                    ann.hears("Vom Server kam seit")
                    ann.picture(tmp_path, "stumm")
                finally:
                    server.process.send_signal(signal.SIGCONT)
                assert ann.faults == []

        await driven(drive)
