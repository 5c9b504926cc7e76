"""The description of ``/api/v1`` says what the server does, and every reader can use it."""

import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

import pytest
import trio
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from starlette.routing import Match
from trio.testing import MockClock

from gameserver.messages.base import REQUESTS
from gameserver.service.rest.asking import NOT_POSTED
from gameserver.service.rest.openapi import description
from gameserver.service.rest.operations import OPERATIONS
from gameserver.service.rest.page import page
from tests.service.peers import serving
from tests.service.rest.caller import Asker
from tests.service.rest.test_polling import match_of

DOCUMENT = description()
DESCRIBED = [
    (method.upper(), path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]


def check(value: Any, schema: Mapping[str, Any]) -> None:
    """Check a value against a schema of the document."""
    whole = {**schema, "components": DOCUMENT["components"]}
    Draft202012Validator(whole).validate(value)


def answer_schema(name: str, status: int = 200) -> Mapping[str, Any]:
    (found,) = [each for _, _, each in DESCRIBED if each["operationId"] == name]
    (content,) = found["responses"][str(status)]["content"].values()
    schema: Mapping[str, Any] = content["schema"]
    return schema


def test_the_description_is_one_of_openapi() -> None:
    validate(DOCUMENT)
    assert len({each["operationId"] for _, _, each in DESCRIBED}) == len(DESCRIBED)


async def test_the_description_and_the_routes_are_the_same(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as running:
        starlette: Any = running.server._mounted._application.asgi._application
        routes = starlette.routes
        reached: list[Any] = []
        for method, path, _ in DESCRIBED:
            scope = {"type": "http", "method": method, "path": "/api/v1" + path}
            (full,) = [each for each in routes if each.matches(scope)[0] is Match.FULL]
            reached += [full] if full not in reached else []
        assert len(reached) == len(OPERATIONS)
        assert [each.path for each in routes if each not in reached] == ["/api/v1"]


def test_every_request_is_described_unless_it_needs_a_connection() -> None:
    described = {path.rpartition("/")[2] for _, path, _ in DESCRIBED if "/requests/" in path}
    assert described == set(REQUESTS) - NOT_POSTED
    names = {each["operationId"] for _, _, each in DESCRIBED}
    assert {each.name for each in OPERATIONS if each.name != "request"} <= names


@pytest.mark.parametrize("described", [each for _, _, each in DESCRIBED])
def test_examples_are_as_described(described: Mapping[str, Any]) -> None:
    parts = [described.get("requestBody", {}), *described["responses"].values()]
    for part in parts:
        for content in part.get("content", {}).values():
            if "example" in content:
                check(content["example"], content["schema"])


async def test_what_the_server_answers_is_as_described(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as running:
        asker = Asker(running)
        check(await asker.sign_in(), answer_schema("sign_in", 201))
        lobby, match_id = await match_of(asker)
        local = Asker(running, "127.0.0.1")
        for name, path in {
            "index": "",
            "info": "/info",
            "lobbies": "/lobbies",
            "lobby": f"/lobbies/{lobby['lobby_id']}",
            "matches": "/matches",
            "match": f"/matches/{match_id}",
            "scores": f"/matches/{match_id}/scores",
            "health": "/health",
            "connections": "/connections",
        }.items():
            check((await local.get(path)).value, answer_schema(name))
        check(await asker.events(), answer_schema("events"))
        for name, fields in {
            "lobby.form": {},
            "lobby.list": {},
            "match.map": {"match_id": match_id},
            "match.stats": {"match_id": match_id},
            "chat.send": {"channel": "lobby", "text": "hello"},
            "chat.history": {"channel": "lobby"},
            "lobby.lock": {"locked": True},
        }.items():
            answer = await asker.ask(name, **fields)
            check(answer.value, answer_schema(name))
        refused = await asker.ask("lobby.join", code="NOSUCH")
        check(refused.value, {"$ref": "#/components/schemas/Problem"})
        running.server.matches.get(match_id).end("stopped")  # type: ignore[union-attr]
        await trio.sleep(1)
        check((await local.get(f"/matches/{match_id}")).value, answer_schema("match"))


class Page(HTMLParser):
    """Finds what a page refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: set[str] = set()
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        values = dict(attrs)
        assert not [name for name in values if name.startswith("on")]
        self.names.add(values.get("id") or "")
        for name in ("href", "src", "action"):
            if link := values.get(name):
                self.links.add(link)


async def test_the_page_has_no_script_and_leads_nowhere_else(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as running:
        answer = await Asker(running).get("/docs")
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        read = Page()
        read.feed(answer.body.decode())
        assert not read.tags & {"script", "link", "img", "iframe", "form"}
        inside = {link[1:] for link in read.links if link.startswith("#")}
        assert inside <= read.names
        assert {link for link in read.links if link[0] != "#"} == {"/api/v1/openapi.json"}
        for _, path, _ in DESCRIBED:
            assert f"/api/v1{path}<" in answer.body.decode()


async def test_the_description_is_served_as_it_is(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as running:
        answer = await Asker(running).get("/openapi.json")
        assert answer.value == DOCUMENT
        again = await Asker(running).get("/openapi.json", If_None_Match=answer.headers["etag"])
        assert again.status == 304


def test_texts_of_the_page_are_escaped() -> None:
    told = json.loads(json.dumps(DOCUMENT))
    told["info"]["title"] = "<b>`x`"
    assert "&lt;b&gt;<code>x</code>" in page(told)
    assert not re.search("<b>", page(told).replace('<b class="', ""))
