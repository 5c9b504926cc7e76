"""The pages in German: also what the game and the server say, as far as the pages know it."""

from pathlib import Path
from typing import Final

from tests.client_web.browser import Visitor, driven, needs_pages, visitors
from tests.client_web.operator import WIDE
from tests.client_web.pair import pair
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
