"""The description of ``/api/v1`` in OpenAPI 3.1, from operations and messages.

Law: it is made from what serves, so nothing is described that is not served.
"""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from gameserver import __version__
from gameserver.messages.base import REQUESTS, Request
from gameserver.service.rest.api import BASE
from gameserver.service.rest.asking import NOT_POSTED, Parameter
from gameserver.service.rest.examples import ANSWERS, BODIES
from gameserver.service.rest.forms import Problem
from gameserver.service.rest.operations import OPERATIONS, Operation
from gameserver.service.rest.recordings import KIND, Recording
from gameserver.service.rest.replies import HTML, JSON, status_of
from gameserver.service.rest.schemas import Schemas, summary_of
from gameserver.transports.http.problems import PROBLEM

ABOUT: Final = (
    "What a gameserver knows of its lobbies and matches, as JSON for whoever polls; and the"
    " requests of its protocol by POST, with a session's token. Answers that may be kept have an"
    " ETag. A refused request gets a problem (RFC 9457) with a stable code."
)


def posted() -> Mapping[str, type[Request]]:
    """Return the requests that can be posted, by name."""
    return {name: REQUESTS[name] for name in sorted(REQUESTS) if name not in NOT_POSTED}


def description() -> dict[str, Any]:
    """Return the whole document."""
    schemas, paths = Schemas(), dict[str, dict[str, Any]]()
    schemas.of(Problem)
    for operation in OPERATIONS:
        for path, described in _described(operation, schemas):
            paths.setdefault(path, {})[operation.method.lower()] = described
    bearers = {
        "session": "The token of a session, of POST /session or of a welcome.",
        "operator": "The server's stats-token; none on its own machine.",
    }
    return document_of("gameserver", ABOUT, BASE, paths, schemas, bearers)


def document_of(
    title: str,
    about: str,
    base: str,
    paths: Mapping[str, Mapping[str, Any]],
    schemas: Schemas,
    bearers: Mapping[str, str],
) -> dict[str, Any]:
    """Return a document of operations by path and method.

    ``bearers`` are the names of security schemes with the description of the token of each.
    """
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": __version__,
            "description": about,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": base}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.found.items())),
            "securitySchemes": {
                name: {"type": "http", "scheme": "bearer", "description": token}
                for name, token in bearers.items()
            },
        },
    }


def _described(operation: Operation, schemas: Schemas) -> Iterator[tuple[str, dict[str, Any]]]:
    if operation.name != "request":
        binary = {"type": "string", "format": "binary"}
        gives = binary if operation.gives is Recording else schemas.of(operation.gives)
        kinds = (gives, operation.takes)
        yield operation.path or "/", operation_described(operation, schemas, operation.name, *kinds)
        return
    for name, kind in posted().items():
        answer = {
            "type": "object",
            "properties": {
                "result": schemas.of(kind.result),
                "after": {
                    "type": ["integer", "null"],
                    "description": "Number of the last event before the answer.",
                },
            },
            "required": ["result", "after"],
        }
        described = operation_described(operation, schemas, name, answer, kind)
        described["summary"] = summary_of(kind)
        yield operation.path.replace("{name}", name), described


def operation_described(
    operation: Operation,
    schemas: Schemas,
    name: str,
    answer: dict[str, Any],
    takes: type | None,
) -> dict[str, Any]:
    """Return the description of one operation, whose answer has the schema ``answer``."""
    kind = HTML if operation.name == "docs" else JSON
    kind = KIND if operation.gives is Recording else kind
    content: dict[str, Any] = {"schema": answer}
    if name in ANSWERS:
        content["example"] = ANSWERS[name]
    good = {"description": operation.summary, "content": {kind: content}}
    responses: dict[str, Any] = {str(operation.status): good}
    if operation.name == "sign_in":
        responses["200"] = {**good, "description": "The session of the token goes on"}
    if operation.kept_s:
        responses["304"] = {"description": "The answer has the tag of If-None-Match"}
    if operation.gives is Recording:
        responses["206"] = {**good, "description": "The bytes of Range, of 4 MiB at most"}
        responses["304"] = {"description": "The replay has the tag of If-None-Match"}
        responses["416"] = {"description": "The replay has no such bytes"}
        if name == "film":
            responses["202"] = {"description": "It is being made; ask again"}
    refused = sorted({429, *(status_of(code) for code in operation.refusals)})
    responses |= {str(status): _problem(status) for status in refused}
    if operation.name in ("health", "ready"):
        responses["503"] = {**good, "description": "The server stops"}
    described = {
        "operationId": name,
        "summary": operation.summary,
        "tags": [operation.path.split("/")[1] if operation.path else "index"],
        "parameters": [*_in_path(operation, name), *map(_in_query, operation.query)],
        "responses": responses,
        "security": _security(operation),
    }
    if takes is not None:
        body: dict[str, Any] = {"schema": schemas.of(takes, sent=True)}
        if name in BODIES:
            body["example"] = BODIES[name]
        described["requestBody"] = {"content": {JSON: body}}
    return described


def _problem(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": HTTPStatus(status).phrase, "content": {PROBLEM: {"schema": schema}}}


def _security(operation: Operation) -> list[dict[str, list[str]]]:
    match operation.token:
        case "session":
            return [{"session": []}]
        case "may":
            return [{}, {"session": []}]
        case "operator":
            return [{}, {"operator": []}]
        case "console":
            return [{"console": []}]
    return []


def _in_path(operation: Operation, name: str) -> Iterator[dict[str, Any]]:
    for part in operation.path.split("/"):
        if part.startswith("{") and operation.name == name:
            schema = {"type": "string"}
            yield {"name": part[1:-1], "in": "path", "required": True, "schema": schema}


def _in_query(parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = {"default": parameter.default}
    match parameter.default:
        case bool():
            schema["type"] = "boolean"
        case int():
            schema |= {"type": "integer", "minimum": 0, "maximum": parameter.most}
        case str():
            schema |= {"type": "string", "maxLength": parameter.most}
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.summary,
        "schema": schema,
    }
