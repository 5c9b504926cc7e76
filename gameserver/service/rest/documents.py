"""The description of ``/api/v1``, for programs and for people, made once in a process."""

import json
from functools import cache

from gameserver.messages.base import REQUESTS
from gameserver.service.rest.openapi import description
from gameserver.service.rest.page import POLICY, page
from gameserver.service.rest.replies import HTML, JSON, Body


def documents() -> tuple[Body, Body]:
    """Return the description as JSON and as a page, with all requests that there are."""
    return _documents(tuple(REQUESTS))


@cache
def _documents(_names: tuple[str, ...]) -> tuple[Body, Body]:
    found = description()
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    more = {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer"}
    return Body.of(text.encode(), JSON), Body.of(page(found).encode(), HTML, more)
