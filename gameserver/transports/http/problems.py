"""The refusals of all roads over plain HTTP: problems as JSON, with the codes of the protocol.

Law: a road refuses a request in this form and no other, so a client reads one. Pages for people and
refused WebSockets have a plain sentence instead (`gameserver.transports.answers`).

Source: RFC 9457.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from gameserver.errors import NO_DETAILS, Code
from gameserver.transports.http.requests import HttpResponse

PROBLEM: Final = "application/problem+json"

PROBLEMS: Final = "/api/v1/docs#errors"
"""Where the kinds of problems are explained."""

CODES: Final[Mapping[int, Code]] = {
    400: Code.BAD_MESSAGE,
    403: Code.FORBIDDEN,
    404: Code.UNKNOWN_REQUEST,
    405: Code.UNKNOWN_REQUEST,
    408: Code.BAD_MESSAGE,
    410: Code.HELLO_EXPECTED,
    413: Code.TOO_LARGE,
    415: Code.BAD_MESSAGE,
    503: Code.SERVER_FULL,
}
"""Codes of refusals that have none of their own; all others are ``internal``."""

WAIT_S: Final = 5
"""``Retry-After`` of a server that has no room."""


def refusal(
    status: int,
    sentence: str,
    code: str = "",
    details: Mapping[str, object] = NO_DETAILS,
    *,
    headers: tuple[tuple[str, str], ...] = (),
) -> HttpResponse:
    """Return the response that refuses a request.

    Args:
        status: The HTTP status.
        sentence: What is wrong and what to do, for the author of a client.
        code: A code of the protocol; "" stands for the usual one of the status.
        details: Plain values of JSON; ``retry_after_s`` becomes the header, too.
        headers: Further headers.
    """
    found = {
        "type": PROBLEMS,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": sentence,
        "code": code or CODES.get(status, Code.INTERNAL),
        "details": dict(details),
    }
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    wait_s = details.get("retry_after_s", WAIT_S if status == 503 else None)
    if isinstance(wait_s, int | float) and all(name != "Retry-After" for name, _ in headers):
        headers = (*headers, ("Retry-After", str(max(1, round(wait_s)))))
    return HttpResponse(status, text.encode("utf-8", "replace") + b"\n", PROBLEM, headers)
