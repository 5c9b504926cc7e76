"""Everything that a server tells a player has its German sentence, with its values."""

import json
from functools import cache
from typing import Any

from gameserver.errors import Code
from tests.client_js.node import needs_node, run
from tests.client_web.browser import FOLDER
from tests.client_web.sayings import UNREAD, all_sayings, unread

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


def test_each_sentence_can_be_read() -> None:
    assert unread() == set(UNREAD)


def test_each_fault_of_a_field_is_known_in_german() -> None:
    _, faults = all_sayings()
    assert len(faults) > 10
    answers = german(*((Code.BAD_PARAMS, "", {"fields": {"map": each.text}}) for each in faults))
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


def test_words_of_players_are_no_measures() -> None:
    assert german(
        ("", "The server's operator closed the lobby Team 2 d.", {}),
        ("", "The server's operator named you 1.5.", {}),
        (Code.SESSION_BANNED, "The server's operator has banned the name 1 d for 1 d.", {}),
    ) == [
        "Der Betreiber des Servers hat die Lobby Team 2 d geschlossen.",
        "Der Betreiber des Servers hat dich 1.5 genannt.",
        "Der Betreiber des Servers hat den Namen 1 d für 1 Tag verbannt.",
    ]


def test_details_are_faults_of_fields_only_under_the_codes_for_it_and_as_texts() -> None:
    size = {"fields": {"size": "must be from 2 to 8"}}
    known = german((Code.BAD_PARAMS, "", size), (Code.LOBBY_BAD_OPTIONS, "", size))
    assert known == ["size: erlaubt ist 2 bis 8"] * 2
    others = [{"fields": fields} for fields in (["a", "b"], "ab", {"size": 8}, None, {})]
    said = "The guild has no room."
    assert german(("guild.full", said, size), (Code.FORBIDDEN, said, size)) == [
        said,
        f"Das ist dir nicht erlaubt. ({said})",
    ]
    assert german(*((Code.BAD_PARAMS, said, each) for each in others)) == [
        f"Das ist so nicht möglich. ({said})"
    ] * len(others)


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


SENTENCE = """
const { buildSync } = require("esbuild");
const built = buildSync({
  stdin: {
    contents: `
      export { sentence } from "./store.ts";
      export { RequestError } from "gameserver-client";
    `,
    resolveDir: "src",
  },
  bundle: true, write: false, format: "cjs",
});
globalThis.localStorage = { getItem: () => "de" };
globalThis.document = { documentElement: {} };
const module_ = { exports: {} };
new Function("module", built.outputFiles[0].text)(module_);
const { sentence, RequestError } = module_.exports;
const fields = JSON.parse(process.argv[1]);
console.log(sentence(new RequestError("bad_params", "", { fields })));
"""


def test_a_field_without_a_label_is_told_by_its_name_whatever_that_is() -> None:
    fields = {
        "size": "must be from 2 to 8",
        "constructor": "is no option of this game",
        "toString": "new",
    }
    told = run("-e", SENTENCE, json.dumps(fields), folder=FOLDER)
    assert told.strip() == (
        "Pl\u00e4tze: erlaubt ist 2 bis 8; constructor: kennt dieses Spiel nicht; toString: new"
    )
