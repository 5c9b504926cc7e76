"""Another player takes over a seat in a match."""

from pathlib import Path

from tests.client_web.alone import waits_for
from tests.client_web.browser import driven, needs_pages, visitors
from tests.client_web.test_playing import creates_a_lobby
from tests.e2e.program import program

pytestmark = needs_pages

# All that is written on pictures, such as the names above fighters.
HEARS_WHAT_IS_WRITTEN = """() => {
  const { fillText } = CanvasRenderingContext2D.prototype;
  window.written = [];
  CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
    window.written.push(text);
    return fillText.call(this, text, ...place);
  };
}"""


async def test_a_player_in_the_place_of_a_bot_has_its_own_name_on_the_field(
    tmp_path: Path,
) -> None:
    async with program(tmp_path) as server:

        def drive() -> None:
            with visitors() as open_browser:
                ann, bo = open_browser(), open_browser()
                ann.page.goto(server.url.replace("ws:", "http:"))
                ann.sign_in("Ann", "Show the lobbies")
                limits = {"Time_limit": 0, "Score_limit": 0}
                link = creates_a_lobby(ann, "Come in", Bots_in_free_seats=7, **limits)
                ann.page.evaluate(HEARS_WHAT_IS_WRITTEN)
                ann.clicks("Ready")
                ann.plays()
                waits_for(ann, lambda: "Ann" in ann.page.evaluate("written"))
                bo.page.goto(link)
                bo.sign_in("Bo", "Join the lobby")
                bo.plays()
                waits_for(ann, lambda: "Bo" in ann.page.evaluate("written"))
                assert ann.faults == bo.faults == []

        await driven(drive)
        server.assert_same_process_without_faults()
