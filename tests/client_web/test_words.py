"""German texts of the shipped games: each option has its own, and none is left of an older text."""

import json
from collections.abc import Iterator
from functools import cache

import pytest

from examples.pairs import Pairs
from examples.tag import Tag
from gameserver.arena import Arena
from gameserver.game import Game
from gameserver.game.options import form_of
from tests.client_js.node import needs_node, run
from tests.client_web.browser import FOLDER

GAMES: tuple[type[Game], ...] = (Arena, Tag, Pairs)
COUNTS = {"arena": {"captures"}}
"""What results of a game count, beside kills and deaths."""

READ = """
const { buildSync } = require("esbuild");
const built = buildSync({
  entryPoints: ["src/texts/dewords.ts"], bundle: true, write: false, format: "cjs",
});
const module_ = { exports: {} };
new Function("module", built.outputFiles[0].text)(module_);
console.log(JSON.stringify(module_.exports.deWords));
"""


@cache
def german() -> dict[str, dict[str, str]]:
    words: dict[str, dict[str, str]] = json.loads(run("-e", READ, folder=FOLDER))
    return words


def texts_of(game: type[Game]) -> Iterator[str]:
    for field in form_of(game.options):
        yield from filter(None, (field.label, field.help, *field.choice_labels))


@needs_node
@pytest.mark.parametrize("game", GAMES, ids=lambda game: game.name)
def test_each_text_of_an_option_is_known_in_german_and_no_other(game: type[Game]) -> None:
    known = {text for text, words in german()[game.name].items() if words}
    assert known == {*texts_of(game)} | COUNTS.get(game.name, set())


@needs_node
def test_there_are_words_of_shipped_games_alone() -> None:
    assert german().keys() == {game.name for game in GAMES}
