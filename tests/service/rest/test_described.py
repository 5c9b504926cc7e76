"""What authors of clients read of each operation, in the document and on its page."""

from collections.abc import Mapping
from typing import Any

import pytest

from gameserver.messages.lobby import ListLobbies
from gameserver.service.rest.asking import LARGEST
from gameserver.service.rest.examples import ANSWERS, BODIES
from gameserver.service.rest.openapi import description, posted
from gameserver.service.rest.page import page
from gameserver.service.rest.schemas import summary_of
from gameserver.transports.http.problems import PROBLEM

JSON = "application/json"
FILE = "application/octet-stream"
DOCUMENT = description()
OPERATIONS: Mapping[str, Any] = {
    operation["operationId"]: operation
    for methods in DOCUMENT["paths"].values()
    for operation in methods.values()
}

GOOD = {
    **dict.fromkeys(("index", "info", "lobbies", "lobby"), "200 304"),
    **dict.fromkeys(("matches", "match", "scores", "openapi", "docs"), "200 304"),
    **dict.fromkeys(("health", "ready"), "200 503"),
    **dict.fromkeys(("replays", "connections", "events"), "200"),
    "replay": "200 206 304 416",
    "film": "200 202 206 304 416",
    "sign_in": "200 201",
}
REFUSED = {
    "lobbies": "400",
    "lobby": "404",
    "matches": "400",
    "match": "404",
    "scores": "404",
    "replays": "401",
    "replay": "401 403 404 409 413",
    "film": "401 403 404 409 413",
    "connections": "403",
    "sign_in": "400 401 503",
    "events": "401",
}
SESSION: list[Any] = [{"session": []}]
MAY: list[Any] = [{}, {"session": []}]
OPERATOR: list[Any] = [{}, {"operator": []}]


@pytest.mark.parametrize("name", GOOD)
def test_an_operation_is_described_with_each_status_of_its_answers(name: str) -> None:
    kind = {"docs": "text/html; charset=utf-8", "replay": FILE, "film": FILE}.get(name, JSON)
    wanted = {
        status: [] if status in ("202", "304", "416") else [kind] for status in GOOD[name].split()
    }
    wanted |= {status: [PROBLEM] for status in ["429", *REFUSED.get(name, "").split()]}
    responses = OPERATIONS[name]["responses"]
    assert {status: [*each.get("content", ())] for status, each in responses.items()} == wanted
    if kind == JSON:
        (first, *_) = GOOD[name].split()
        assert responses[first]["content"][JSON].get("example") == ANSWERS.get(name)
    phrases = {"400": "Bad Request", "404": "Not Found", "429": "Too Many Requests"}
    for status in phrases.keys() & responses.keys():
        assert responses[status]["description"] == phrases[status]


def test_only_what_needs_a_token_asks_for_one() -> None:
    wanted: dict[str, list[Any]] = {name: [] for name in GOOD}
    wanted |= dict.fromkeys(("replays", "replay", "film", "events", *posted()), SESSION)
    wanted |= dict.fromkeys(("lobby", "match", "scores"), MAY)
    wanted["connections"] = OPERATOR
    assert {name: each["security"] for name, each in OPERATIONS.items()} == wanted


@pytest.mark.parametrize("name", posted())
def test_a_posted_request_is_described_by_its_message(name: str) -> None:
    described = OPERATIONS[name]
    kind = posted()[name]
    assert described["summary"] == summary_of(kind)
    assert described["tags"] == ["requests"]
    assert described["parameters"] == [], "the path has the name already"
    assert set(described["responses"]) == {"200", "400", "401", "404", "429"}
    answer = described["responses"]["200"]["content"][JSON]
    assert answer["schema"]["required"] == ["result", "after"]
    assert answer.get("example") == ANSWERS.get(name)
    body = described["requestBody"]["content"][JSON]
    assert body["schema"] == {"$ref": f"#/components/schemas/{kind.__name__}-sent"}
    assert body.get("example") == BODIES.get(name)


def test_operations_are_sorted_by_the_first_part_of_their_path() -> None:
    tags = {name: OPERATIONS[name]["tags"] for name in ("index", "lobby", "scores", "sign_in")}
    assert tags == {
        "index": ["index"], "lobby": ["lobbies"], "scores": ["matches"], "sign_in": ["session"],
    }  # fmt: skip


def test_parameters_have_their_bounds_and_defaults() -> None:
    found = {each["name"]: each["schema"] for each in OPERATIONS["lobbies"]["parameters"]}
    text = {"default": "", "type": "string", "maxLength": 64}
    assert found == {
        **dict.fromkeys(("text", "mode", "map"), text),
        "joinable": {"default": False, "type": "boolean"},
        "offset": {"default": 0, "type": "integer", "minimum": 0, "maximum": 10_000},
        "limit": {"default": 50, "type": "integer", "minimum": 0, "maximum": 200},
    }
    after, limit = OPERATIONS["events"]["parameters"]
    assert after["schema"]["maximum"] == LARGEST
    assert (limit["schema"]["default"], limit["schema"]["maximum"]) == (100, 100)
    (lobby,) = OPERATIONS["lobby"]["parameters"]
    wanted = {"name": "lobby", "in": "path", "required": True, "schema": {"type": "string"}}
    assert lobby == wanted


def shown(path: str, operation: Mapping[str, Any], **schemas: Any) -> str:
    """Return the part of a page about one operation and some schemas."""
    document = {
        **DOCUMENT,
        "paths": {path: {"get": operation}},
        "components": {"schemas": schemas},
    }
    whole = page(document)
    return whole[whole.index("<h2>Reading</h2>") : whole.index("</body>")]


OPERATION: Mapping[str, Any] = {
    "summary": "A `thing` & more",
    "parameters": [
        {"name": "thing", "schema": {"type": "string"}},
        {"name": "most", "schema": {"type": "integer"}, "description": "How <many>."},
    ],
    "requestBody": {"content": {JSON: {"schema": {"type": "boolean"}, "example": True}}},
    "responses": {
        "200": {
            "description": "Fine",
            "content": {JSON: {"schema": {"$ref": "#/x/Thing"}, "example": {"ä": "<"}}},
        },
        "404": {"description": "Gone", "content": {PROBLEM: {"schema": {}, "example": 1}}},
        "304": {"description": "Same"},
    },
}


def test_an_operation_stands_on_the_page_with_parameters_body_and_answers() -> None:
    text = shown("/things/{thing}", OPERATION)
    assert text.partition("<h2>Requests</h2>")[0] == (
        '<h2>Reading</h2><details><summary><b class="get">GET</b>'
        "<code>/api/v1/things/{thing}</code> <span>A <code>thing</code> &amp; more</span></summary>"
        "<table><tr><th>parameter</th><th>type</th><th></th></tr>"
        "<tr><td><code>thing</code></td><td>string</td><td>In the path.</td></tr>"
        "<tr><td><code>most</code></td><td>integer</td><td>How &lt;many&gt;.</td></tr></table>"
        "<p>Body: boolean</p><pre>true</pre>"
        '<p><code>200</code> Fine <a href="#Thing">Thing</a></p>'
        "<pre>{\n  &quot;ä&quot;: &quot;&lt;&quot;\n}</pre>"
        "<p><code>404</code> Gone anything</p>"
        "<p><code>304</code> Same </p></details>"
    )
    alone = {"summary": "", "parameters": [], "responses": {}}
    assert "<table>" not in shown("/things", alone).partition("<h2>Requests")[0]


def test_requests_stand_on_the_page_below_their_own_heading() -> None:
    before, _, after = shown("/requests/lobby.list", OPERATION).partition("<h2>Requests</h2>")
    assert before == "<h2>Reading</h2>"
    assert "<code>/api/v1/requests/lobby.list</code>" in after
    assert summary_of(ListLobbies) in page(DOCUMENT)
    assert "<tr><td><code>lobby.unknown</code></td><td>404</td></tr>" in after


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "integer"}, "integer"),
        ({"type": ["integer", "null"]}, "integer or null"),
        ({"anyOf": [{"$ref": "#/x/A"}, {"type": "null"}]}, '<a href="#A">A</a> or null'),
        ({"enum": ["a", "<b"]}, "<code>a</code> or <code>&lt;b</code>"),
        ({"type": "array", "items": {"type": "string"}}, "list of string"),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "map of number"),
        ({"type": "object"}, "map of anything"),
        (
            {"type": "object", "properties": {"x": {"type": "number"}, "y": {}}},
            "object with <code>x</code>: number, <code>y</code>: anything",
        ),
    ],
)
def test_a_field_of_an_object_has_its_type_in_words(schema: Any, words: str) -> None:
    fields = {"one": {**schema, "description": "A `x`."}, "two": {"type": "boolean"}}
    thing = {"description": "It is.", "properties": fields, "required": ["one"]}
    text = shown("/", OPERATION, Thing=thing, Nothing={"type": "object"})
    assert text.partition("<h2>Objects</h2>")[2] == (
        '<details id="Thing"><summary><code>Thing</code></summary><p>It is.</p><table>'
        f"<tr><td><code>one</code></td><td>{words}</td><td>A <code>x</code>.</td></tr>"
        "<tr><td><code>two</code></td><td>boolean, may be left out</td><td></td></tr></table>"
        '</details><details id="Nothing"><summary><code>Nothing</code></summary><p></p>'
        "<p>It has no fields.</p></details>"
    )
