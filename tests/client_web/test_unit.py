"""The browser client's own checks: formatting, lint, types; and how much a first visit loads."""

import json
import re
from importlib.metadata import version
from typing import Final

from gameserver.durations import duration
from tests.client_js.node import needs_node, run
from tests.client_web.browser import BUILT, FOLDER, needs_pages

MOST_BYTES = 400 * 1024
"""Of all that a first visit loads up to its first match, compressed by gzip."""


TELL_DURATIONS: Final = """
import { readFileSync } from "node:fs";
import { transformSync } from "esbuild";
const [path, seconds] = process.argv.slice(1);
const { code } = transformSync(readFileSync(path, "utf8"), { loader: "ts", format: "esm" });
const { duration } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
console.log(JSON.stringify(JSON.parse(seconds).map(duration)));
"""


TELL_RANKS: Final = """
import { readFileSync } from "node:fs";
import { transformSync } from "esbuild";
const [path, given] = process.argv.slice(1);
const { code } = transformSync(readFileSync(path, "utf8"), { loader: "ts", format: "esm" });
const made = await import(`data:text/javascript,${encodeURIComponent(code)}`);
const tables = JSON.parse(given).map((table) =>
  table.map(([score, won]) => ({ score, won })));
console.log(JSON.stringify(tables.map((lines) => [
  lines.map(({ score }) => made.rankOf(score, lines)),
  lines.indexOf(made.firstOf(lines)),
  made.ranksOf(lines, false),
  made.ranksOf(lines, true),
])));
"""


TELL_WINNERS: Final = """
import { readFileSync } from "node:fs";
import { transformSync } from "esbuild";
const [path, given] = process.argv.slice(1);
const { code } = transformSync(readFileSync(path, "utf8"), { loader: "ts", format: "esm" });
const { winnerOf } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
const results = JSON.parse(given).map(([winner, teams, lines]) => ({
  winner,
  team_scores: Array(teams).fill(0),
  lines: lines.map(([name, team, won]) => ({ name, team, won, score: 0 })),
}));
console.log(JSON.stringify(results.map((each) => winnerOf(each, (team) => `Team ${team}`))));
"""


@needs_node
def test_the_sources_are_formatted_and_without_lint() -> None:
    run("node_modules/@biomejs/biome/bin/biome", "check", ".", folder=FOLDER)


@needs_node
def test_the_types_are_right() -> None:
    run("node_modules/typescript/bin/tsc", "--noEmit", folder=FOLDER)


@needs_pages
@needs_node
def test_the_console_writes_durations_as_the_server_does() -> None:
    exact = [*range(-2, 130), 3600, 43_200, 86_399, 86_400, 86_401, 89_940, 172_740, 172_801]
    seconds = [*exact, 0.2, 119.5, 86_400.5, *range(130, 10**6, 977)]
    words = "src/console/words.ts"
    told = run(
        "--input-type=module", "-e", TELL_DURATIONS, words, json.dumps(seconds), folder=FOLDER
    )
    assert json.loads(told) == [duration(each) for each in seconds]


@needs_node
def test_the_same_score_has_the_same_rank() -> None:
    """Each table is its lines' scores and whether the game says that they have won."""
    tables = {
        ((7, True), (5, False), (5, False), (4, False)): ([1, 2, 2, 4], 0),
        ((5, False), (5, False), (4, False)): ([1, 1, 3], -1),
        ((5, True), (5, True), (4, False)): ([1, 1, 3], -1),
        ((0, True),): ([1], 0),
        (): ([], -1),
    }
    given = json.dumps(list(tables))
    told = run("--input-type=module", "-e", TELL_RANKS, "src/ranks.ts", given, folder=FOLDER)
    for lines, (ranks, first), found in zip(tables, tables.values(), json.loads(told), strict=True):
        assert found == [ranks, first, ranks, ranks], lines
    told_apart = json.dumps([[(5, True), (5, False), (4, False)]])
    told = run("--input-type=module", "-e", TELL_RANKS, "src/ranks.ts", told_apart, folder=FOLDER)
    assert json.loads(told)[0][2:4] == [[1, 2, 3], [1, 1, 3]]


@needs_node
def test_whoever_alone_has_won_is_the_winner_or_whom_the_game_names() -> None:
    """Each result is the winner that the game names, the number of teams, and its lines."""
    ann, bob = ("Ann", 0, True), ("Bob", 0, True)
    lost = [("Ann", 0, False), ("Bob", 0, False)]
    winners = [
        (("Ann", 0, [ann, lost[1]]), "Ann"),
        (("", 0, [ann, lost[1]]), "Ann"),
        (("", 0, lost), ""),  # a draw
        (("", 0, [ann, bob]), ""),
        (("", 0, []), ""),
        (("The crew", 0, [ann, bob]), "The crew"),
        (("The sea", 0, lost), "The sea"),
        (("Teal", 2, [("Ann", 1, True), ("Bob", 2, False)]), "Team 1"),
        (("", 2, [("Ann", 1, False), ("Bob", 2, False)]), ""),
        (("Teal", 2, [("Bob", 2, False)]), "Teal"),  # nobody of that team is left
        (("The crew", 2, [("Ann", 1, True), ("Bob", 2, True)]), "The crew"),
    ]
    given = json.dumps([result for result, _ in winners])
    told = run("--input-type=module", "-e", TELL_WINNERS, "src/ranks.ts", given, folder=FOLDER)
    assert json.loads(told) == [winner for _, winner in winners]


def test_the_package_has_the_version_of_the_server() -> None:
    package = json.loads((FOLDER / "package.json").read_text("utf-8"))
    assert package["version"] == version("gameserver")
    assert f'client: "gameserver-web {package["version"]}"' in (FOLDER / "src/store.ts").read_text()


@needs_pages
def test_a_first_visit_loads_little() -> None:
    names = ("console-*", "icon-*")
    others = {each for name in names for each in (BUILT / "web").glob(name)}
    files = [BUILT / "index.html.gz", *{*(BUILT / "web").glob("*.gz")} - others]
    assert len(files) > 4
    assert sum(file.stat().st_size for file in files) < MOST_BYTES


@needs_pages
def test_the_built_page_has_nothing_inline_and_nothing_from_elsewhere() -> None:
    page = (BUILT / "index.html").read_text("utf-8")
    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", page)
    assert re.findall(r'(?:src|href)="(?!/web/)[^"]*"', page) == []
    sources = [path.read_text("utf-8") for path in (FOLDER / "src").rglob("*.ts*")]
    assert not any("innerHTML" in source for source in sources)
