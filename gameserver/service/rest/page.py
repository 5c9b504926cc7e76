"""The description of ``/api/v1`` as a page for people.

Law: it is made from the description alone; it has no script, and nothing in it comes from another
address. All texts are escaped.
"""

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from html import escape
from typing import Any, Final

from gameserver.errors import Code
from gameserver.service.rest.replies import status_of

STYLE: Final = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: #2563c9; }
@media (prefers-color-scheme: dark) { :root { --accent: #7fb0ff; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { margin: 1rem 0 0; } h2 { margin: 2.5rem 0 .5rem; border-bottom: 1px solid var(--line); }
a { color: var(--accent); text-decoration: none; } a:hover { text-decoration: underline; }
code, pre { font: .9em/1.45 ui-monospace, monospace; }
pre { background: var(--soft); padding: .75rem; border-radius: 6px; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0;
  border-top: 1px solid var(--line); }
th { font-weight: 600; } td:first-child { overflow-wrap: anywhere; }
details { border: 1px solid var(--line); border-radius: 6px; margin: .5rem 0; padding: 0 .75rem; }
summary { padding: .5rem 0; cursor: pointer; } summary span { opacity: .8; margin-left: .5rem; }
b.get, b.post { display: inline-block; min-width: 3.2rem; font: 600 .8em ui-monospace, monospace; }
b.get { color: #1a7f4b; } b.post { color: #b4580a; }
@media (prefers-color-scheme: dark) { b.get { color: #5fd39a; } b.post { color: #f0a860; } }
"""

POLICY: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
    f" style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'"
)
"""``Content-Security-Policy`` of the page."""

FIRST_STEPS: Final = """\
curl -d '{"name": "Nora"}' $SERVER/api/v1/session
TOKEN=...    # of its answer
curl -H "Authorization: Bearer $TOKEN" -d '{"map": "courtyard"}' \\
  $SERVER/api/v1/requests/lobby.quick_play
curl $SERVER/api/v1/lobbies
curl -H "Authorization: Bearer $TOKEN" "$SERVER/api/v1/events?after=0"
"""


def page(document: Mapping[str, Any]) -> str:
    """Return the page of a description."""
    return "".join(_page(document))


def _page(document: Mapping[str, Any]) -> Iterator[str]:
    info, base = document["info"], document["servers"][0]["url"]
    yield (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>gameserver: plain polling</title><style>{STYLE}</style></head><body>"
        f"<h1>Plain polling</h1><p>{_text(info['title'])} {_text(info['version'])},"
        f' <code>{base}</code>, described for programs in <a href="{base}/openapi.json">'
        f"openapi.json</a> (OpenAPI {document['openapi']}).</p><p>{_text(info['description'])}</p>"
        f"<h2>First steps</h2><pre>{escape(FIRST_STEPS)}</pre>"
        "<p>Each request with a token keeps its session present for a minute. A session that has a"
        " connection keeps it: the answer comes to the request, its events go to the"
        " connection.</p>"
    )
    operations = list(_operations(document))
    yield "<h2>Reading</h2>"
    yield from (_details(base, *each) for each in operations if "/requests/" not in each[1])
    yield "<h2>Requests</h2><p>With <code>Authorization: Bearer TOKEN</code>, by POST.</p>"
    yield from (_details(base, *each) for each in operations if "/requests/" in each[1])
    yield '<h2 id="errors">Errors</h2><table><tr><th>code</th><th>status</th></tr>'
    for code in Code:
        yield f"<tr><td><code>{code}</code></td><td>{status_of(code)}</td></tr>"
    yield "</table><h2>Objects</h2>"
    for name, schema in document["components"]["schemas"].items():
        yield (
            f'<details id="{escape(name)}"><summary><code>{escape(name)}</code></summary>'
            f"<p>{_text(schema.get('description', ''))}</p>{_fields(schema)}</details>"
        )
    yield "</body></html>\n"


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def _details(base: str, method: str, path: str, operation: Mapping[str, Any]) -> str:
    said = f"<code>{escape(base + path)}</code> <span>{_text(operation['summary'])}</span>"
    parts = [f'<details><summary><b class="{method}">{method.upper()}</b>{said}</summary>']
    rows = [
        (each["name"], each["schema"], each.get("description", "In the path."))
        for each in operation["parameters"]
    ]
    if rows:
        parts.append("<table><tr><th>parameter</th><th>type</th><th></th></tr>")
        parts += [
            f"<tr><td><code>{escape(name)}</code></td><td>{_type(schema)}</td>"
            f"<td>{_text(sentence)}</td></tr>"
            for name, schema, sentence in rows
        ]
        parts.append("</table>")
    if "requestBody" in operation:
        (body,) = operation["requestBody"]["content"].values()
        parts.append(f"<p>Body: {_type(body['schema'])}</p>{_example(body)}")
    for status, response in operation["responses"].items():
        content: Mapping[str, Any] = next(iter(response.get("content", {}).values()), {})
        shown = _type(content["schema"]) if content else ""
        example = _example(content) if status.startswith("2") else ""
        parts.append(
            f"<p><code>{status}</code> {_text(response['description'])} {shown}</p>{example}"
        )
    return "".join([*parts, "</details>"])


def _example(content: Mapping[str, Any]) -> str:
    if "example" not in content:
        return ""
    return f"<pre>{escape(json.dumps(content['example'], indent=2, ensure_ascii=False))}</pre>"


def _fields(schema: Mapping[str, Any]) -> str:
    required = schema.get("required", [])
    rows = [
        f"<tr><td><code>{escape(name)}</code></td><td>{_type(field)}"
        f"{'' if name in required else ', may be left out'}</td>"
        f"<td>{_text(field.get('description', ''))}</td></tr>"
        for name, field in schema.get("properties", {}).items()
    ]
    return f"<table>{''.join(rows)}</table>" if rows else "<p>It has no fields.</p>"


def _type(schema: Mapping[str, Any]) -> str:
    """Return a type in words."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(map(_type, schema["anyOf"]))
    if "enum" in schema:
        return " or ".join(f"<code>{escape(each)}</code>" for each in schema["enum"])
    kinds = schema.get("type", "anything")
    if kinds == "array":
        return f"list of {_type(schema['items'])}"
    if kinds == "object" and "properties" in schema:
        found = (f"<code>{escape(k)}</code>: {_type(v)}" for k, v in schema["properties"].items())
        return f"object with {', '.join(found)}"
    if kinds == "object":
        return f"map of {_type(schema.get('additionalProperties', {}))}"
    return escape(kinds if isinstance(kinds, str) else " or ".join(kinds))


def _text(text: str) -> str:
    """Escape a sentence; what stands between backticks becomes code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
