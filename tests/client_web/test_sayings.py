"""Everything that a server tells a player has its German sentence, with its values."""

import json
from functools import cache
from typing import Any

from gameserver.errors import Code
from tests.client_js.node import needs_node, run
from tests.client_web.browser import FOLDER
from tests.client_web.sayings import all_sayings

pytestmark = needs_node

CALL = """
const { buildSync } = require("esbuild");
const built = buildSync({
  stdin: {
    contents: `export { told } from "./told.ts"; export { deSayings } from "./desayings.ts";`,
    resolveDir: "src/texts",
  },
  bundle: true, write: false, format: "cjs",
});
const module_ = { exports: {} };
new Function("module", built.outputFiles[0].text)(module_);
const { told, deSayings } = module_.exports;
const asked = JSON.parse(process.argv[1]);
console.log(JSON.stringify({
  answers: asked.map(([code, said, details]) => told(deSayings, code, said, details)),
  codes: deSayings.codes,
}));
"""

UNKNOWN = "no.code"


def german(*asked: tuple[str, str, dict[str, Any]]) -> list[str]:
    answers: list[str] = json.loads(run("-e", CALL, json.dumps(asked), folder=FOLDER))["answers"]
    return answers


@cache
def codes() -> dict[str, str]:
    known: dict[str, str] = json.loads(run("-e", CALL, "[]", folder=FOLDER))["codes"]
    return known


def test_each_code_has_a_german_sentence() -> None:
    assert codes().keys() == {code.value for code in Code}
    assert all(text.endswith(".") for text in codes().values())


def test_each_sentence_that_the_server_tells_players_is_known_in_german() -> None:
    sentences, _ = all_sayings()
    assert len(sentences) > 80
    answers = german(*((UNKNOWN, each.text, {}) for each in sentences))
    pairs = zip(sentences, answers, strict=True)
    assert [each for each, answer in pairs if answer == each.text] == []


def test_each_fault_of_a_field_is_known_in_german() -> None:
    _, faults = all_sayings()
    assert len(faults) > 10
    answers = german(*((UNKNOWN, "", {"fields": {"map": each.text}}) for each in faults))
    pairs = zip(faults, answers, strict=True)
    assert [each for each, answer in pairs if answer == f"map: {each.text}"] == []


def test_no_value_of_a_sentence_is_lost() -> None:
    sentences, _ = all_sayings()
    spared = {"see", "request", "namespace"}  # names of things in the program
    with_values = [each.text for each in sentences if "7" in each.text]
    with_values = [text for text in with_values if not spared & {*text.split()}]
    answers = german(*((UNKNOWN, text, {}) for text in with_values))
    lost = {
        text: answer
        for text, answer in zip(with_values, answers, strict=True)
        if text.count("7") != answer.count("7")
    }
    assert lost.keys() <= {"Only a whisper has a recipient; everybody in 7 would read it."}


def test_values_are_written_as_people_read_them() -> None:
    assert german(
        (Code.RATE_LIMITED, "Too many lines; say more in 1.5 s.", {"retry_after_s": 1.5}),
        (
            Code.SESSION_BANNED,
            "The server's operator has banned you for 7 d. Reason: says Reason: {lies}. $1",
            {"until_ms": 1},
        ),
        (Code.SESSION_KICKED, "The server's operator has ended your session.", {}),
        ("", "The server's operator closed the lobby Ann's {title}.", {}),
    ) == [
        "Zu viele Zeilen; weiter geht es in 1,5 s.",
        "Der Betreiber des Servers hat dich für 7 Tage verbannt. Grund: says Reason: {lies}. $1",
        "Der Betreiber des Servers hat dich abgemeldet.",
        "Der Betreiber des Servers hat die Lobby Ann's {title} geschlossen.",
    ]


def test_what_is_not_known_is_told_as_it_is_behind_the_meaning_of_its_code() -> None:
    assert german(
        (Code.FORBIDDEN, "No invites on Sundays.", {}),
        ("guild.full", "The guild has no room.", {}),
        ("toString", "A trap.", {}),
        (Code.FORBIDDEN, "", {}),
    ) == [
        "Das ist dir nicht erlaubt. (No invites on Sundays.)",
        "The guild has no room.",
        "A trap.",
        "Das ist dir nicht erlaubt.",
    ]


def test_a_lost_line_is_told_by_its_cause_whatever_its_sentence() -> None:
    assert german(
        ("silent", "Nothing was heard from the server for 4 s.", {}),
        ("stopping", "The server stops.", {}),
        ("unreachable", "No WebSocket to http://127.0.0.1:7777.", {}),
        ("refused", "Something new.", {}),
    ) == [
        "Vom Server kam seit 4 s nichts mehr.",
        "Der Server hält an.",
        "http://127.0.0.1:7777 ist nicht zu erreichen.",
        "Der Server hat die Verbindung beendet. (Something new.)",
    ]


def test_a_name_from_right_to_left_is_set_apart_from_the_sentence() -> None:
    noa = "\u05e0\u05d5\u05e2\u05d4!"
    assert german(("", f"The server's operator named you {noa}.", {})) == [
        f"Der Betreiber des Servers hat dich \u2068{noa}\u2069 genannt."
    ]
