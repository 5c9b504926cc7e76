"""Titles of lobbies: the server's own are in the language of the page, those of players stay."""

import json
from pathlib import Path
from typing import Final

from tests.client_js.node import needs_node, run
from tests.client_web.browser import FOLDER, Visitor, needs_pages
from tests.client_web.pair import pair
from tests.client_web.test_german import GERMAN
from tests.client_web.test_playing import creates_a_lobby

NOA: Final = "\u05e0\u05d5\u05e2\u05d4"

CALL: Final = """
const { buildSync } = require("esbuild");
const built = buildSync({
  entryPoints: ["src/texts/index.ts"], bundle: true, write: false, format: "cjs",
});
globalThis.localStorage = { getItem: () => "de" };
globalThis.document = { documentElement: {} };
const module_ = { exports: {} };
new Function("module", built.outputFiles[0].text)(module_);
const asked = JSON.parse(process.argv[1]);
console.log(JSON.stringify(asked.map(([title, host]) => module_.exports.titleOf(title, host))));
"""


@needs_node
def test_only_a_title_of_the_hosts_name_is_translated() -> None:
    titles = [
        ("Ann's lobby", "Ann", "Lobby von Ann"),
        ("Ann's quick play", "Ann", "Schnelles Spiel von Ann"),
        ("Mom's lobby", "Bob", "Mom's lobby"),
        ("Mom's quick play", "Bob", "Mom's quick play"),
        ("Not Ann's lobby", "Ann", "Not Ann's lobby"),
        ("Ann's lobby!", "Ann", "Ann's lobby!"),
        ("'s lobby's lobby", "'s lobby", "Lobby von 's lobby"),
        (f"{NOA}'s lobby", NOA, f"Lobby von \u2068{NOA}\u2069"),
    ]
    given = json.dumps([(title, host) for title, host, _ in titles])
    shown = json.loads(run("-e", CALL, given, folder=FOLDER))
    assert shown == [each for *_, each in titles]


@needs_pages
async def test_a_players_own_title_stays_and_the_form_has_no_hidden_characters(
    tmp_path: Path,
) -> None:
    def meet(ann: Visitor, bo: Visitor, address: str) -> None:
        bo.page.goto(address)
        bo.sign_in("Bo", "Show the lobbies")
        link = creates_a_lobby(bo, "Mom's lobby")
        ann.page.goto(address)
        ann.page.get_by_label("Dein Name").fill(NOA)
        ann.clicks("Lobbys zeigen")
        ann.page.locator(".lobby .what b").get_by_text("Mom's lobby", exact=True).wait_for()
        ann.clicks("Lobby er\u00f6ffnen")
        assert ann.page.get_by_label("Titel", exact=True).input_value() == f"Lobby von {NOA}"
        ann.picture(tmp_path, "form")
        ann.clicks("Er\u00f6ffnen")
        ann.sees(NOA)
        title = ann.page.locator("main.room h1")
        assert title.inner_text() == f"Lobby von \u2068{NOA}\u2069"
        ann.clicks("Lobby verlassen")
        ann.page.get_by_text("Lobby eröffnen").wait_for()
        ann.page.goto(link)
        ann.sees("Mom's lobby", exact=True)

    await pair(tmp_path, meet, first=GERMAN)
