"""Whether what the operator's console shows has its room."""

from functools import partial
from pathlib import Path

import pytest

from gameserver.client import open_client
from tests.client_web.browser import PHONE, driven, needs_pages
from tests.client_web.operator import OperatorPage, at_the_console, overseen, room_of

pytestmark = needs_pages

# The tiles whose figure comes nearer to the border than 6 pixels.
TOO_WIDE = """() => [...document.querySelectorAll(".tiles li")].filter((tile) => {
  const [own, figure] = [tile, tile.querySelector("b")].map((each) => each.getBoundingClientRect());
  return figure.right > own.right - 6;
}).map((tile) => tile.textContent)"""


# Every sample that the page asks for is one of a strained server.
STRAINED = """
const asked = window.fetch;
window.fetch = async (...request) => {
  const answer = await asked(...request);
  if (!String(request[0]).includes("/samples")) return answer;
  const told = await answer.json();
  for (const sample of told.samples) sample.strain = strain;
  return new Response(JSON.stringify(told), { status: answer.status, headers: answer.headers });
};"""


@pytest.mark.parametrize(("strain", "words"), [(1, "half the snapshots"), (3, "no new matches")])
async def test_the_words_of_an_overload_stay_in_their_tile(
    tmp_path: Path, strain: int, words: str
) -> None:
    def look(nora: OperatorPage) -> None:
        nora.page.locator("[data-figure=Overload]").filter(has_text=words).wait_for()
        assert nora.page.evaluate(TOO_WIDE) == []
        nora.visitor.picture(tmp_path, "overload")

    def sign_in(nora: OperatorPage) -> None:
        nora.reads("Overview")  # the sign-in is over
        nora.page.add_init_script(f"const strain = {strain};" + STRAINED)
        nora.page.reload()
        look(nora)

    async with overseen(tmp_path) as (_, address):
        await driven(partial(at_the_console, address, sign_in))


# The server's figures, as if it sent bytes at a rate and used as many.
BUSY = """
const asked = window.fetch;
window.fetch = async (...request) => {
  const answer = await asked(...request);
  if (!String(request[0]).includes("/samples")) return answer;
  const told = await answer.json();
  for (const sample of told.samples) {
    sample.memory_bytes = rate;
    for (const game of Object.values(sample.games)) {
      game.snapshot_bytes = (sample.at_ms % 1e9) / 1000 * rate;
      [game.duration[1], game.lateness[1]] = [99.9, 9999];
    }
  }
  return new Response(JSON.stringify(told), { status: answer.status, headers: answer.headers });
};"""


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (4096, "4.0 KiB/s"),
        (999 * 2**10, "999 KiB/s"),
        (int(99.9 * 2**20), "99.9 MiB/s"),
    ],
)
async def test_figures_of_bytes_stay_in_their_tile(tmp_path: Path, rate: int, words: str) -> None:
    def look(nora: OperatorPage) -> None:
        nora.reads("Overview")  # the sign-in is over
        nora.page.add_init_script(f"const rate = {rate};" + BUSY)
        nora.page.reload()
        nora.page.locator("[data-figure=Sent]").filter(has_text=words).wait_for()
        nora.visitor.picture(tmp_path, "bytes")
        assert nora.page.evaluate(TOO_WIDE) == []

    async with overseen(tmp_path) as (_, address):
        await driven(partial(at_the_console, address, look))


# The words of a table that stand on more lines than one, but for ids.
BROKEN = """() => {
  const words = document.createTreeWalker(document.querySelector("tbody"), NodeFilter.SHOW_TEXT);
  const broken = [];
  for (let node = words.nextNode(); node; node = words.nextNode()) {
    if (node.parentElement.matches(".id")) continue;
    for (const { 0: word, index } of node.data.matchAll(/\\w+/g)) {
      const range = document.createRange();
      range.setStart(node, index);
      range.setEnd(node, index + word.length);
      if (range.getClientRects().length > 1) broken.push(word);
    }
  }
  return broken;
}"""


async def test_a_phone_shows_the_audit_without_broken_words(tmp_path: Path) -> None:
    def look(nora: OperatorPage) -> None:
        nora.goes_to("Sessions")
        nora.opens("Featherstone")
        nora.does("Mute\u2026", reason="unsportsmanlike behaviour")
        nora.page.get_by_role("button", name="Close the panel").click()
        nora.does("Tell all\u2026", confirm="Tell all", Text_for_all_players="cake at noon")
        nora.goes_to("Audit")
        nora.page.locator("tbody tr").nth(1).wait_for()
        nora.visitor.picture(tmp_path, "audit")
        assert nora.page.evaluate(BROKEN) == []
        assert nora.breadth() == (390, 390)
        box = nora.page.locator("main")
        assert box.evaluate("each => each.scrollWidth - each.clientWidth") == 0

    async with overseen(tmp_path) as (running, address), open_client(running.url, "Featherstone"):
        await driven(partial(at_the_console, address, look, **PHONE))


async def test_another_tab_closes_the_panel_at_the_side(tmp_path: Path) -> None:
    def look(nora: OperatorPage) -> None:
        nora.goes_to("Lobbies")
        nora.opens("Den")
        nora.page.evaluate("location.hash = 'audit'")  # as by the browser's own Back
        nora.page.get_by_role("region", name="Audit").wait_for()
        nora.page.locator(".drawer").wait_for(state="detached", timeout=5000)

    async with overseen(tmp_path) as (running, address), open_client(running.url, "Ann") as ann:
        await room_of(ann, "Den")
        await driven(partial(at_the_console, address, look))
