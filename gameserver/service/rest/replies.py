"""Responses of ``/api/v1``: JSON, the tag of an answer, and problems.

Law: an answer that may be kept has a tag, and a request that shows the tag of what it has gets 304
and no body. A problem has the error's code and the HTTP status that says the same.

Source: RFC 9110, sections 8.8.3 and 13.1.2; RFC 9457 for problems.
"""

import json
from collections.abc import Mapping
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, Final

import attrs
from cattrs import Converter

from gameserver.errors import NO_DETAILS, Code
from gameserver.roads.spoken import encode_token
from gameserver.transports.http.problems import refusal
from gameserver.transports.http.requests import HttpResponse

JSON: Final = "application/json"
HTML: Final = "text/html; charset=utf-8"
_STATUS: Final[Mapping[str, int]] = {
    Code.BAD_MESSAGE: 400,
    Code.BAD_PARAMS: 400,
    Code.HELLO_EXPECTED: 400,
    Code.VERSION_UNSUPPORTED: 400,
    Code.NAME_REFUSED: 400,
    Code.LOBBY_BAD_OPTIONS: 400,
    Code.CHAT_TOO_LONG: 400,
    Code.CHAT_EMPTY: 400,
    Code.TOKEN_UNKNOWN: 401,
    Code.FORBIDDEN: 403,
    Code.SESSION_BANNED: 403,
    Code.SESSION_KICKED: 403,
    Code.LOBBY_WRONG_PASSWORD: 403,
    Code.LOBBY_BANNED: 403,
    Code.LOBBY_NOT_HOST: 403,
    Code.CHAT_MUTED: 403,
    Code.UNKNOWN_REQUEST: 404,
    Code.LOBBY_UNKNOWN: 404,
    Code.MATCH_UNKNOWN: 404,
    Code.PLAYER_UNKNOWN: 404,
    Code.MATCH_NOT_KEPT: 404,
    Code.MATCH_NOT_RECORDED: 404,
    Code.TOO_LARGE: 413,
    Code.RATE_LIMITED: 429,
    Code.INTERNAL: 500,
    Code.SERVER_FULL: 503,
    Code.SERVER_BUSY: 503,
    Code.SERVER_STOPPING: 503,
}


def status_of(code: str) -> int:
    """Return the HTTP status of an error code: 409 for all that the present state forbids."""
    return _STATUS.get(code, 409)


def _new_converter() -> Converter:
    converter = Converter(unstruct_collection_overrides={Mapping: dict, tuple: list})
    converter.register_unstructure_hook(bytes, encode_token)
    return converter


CONVERTER: Final = _new_converter()
"""Writes all fields, also those that have their default: a poller need not know the defaults."""


def plain(value: object) -> Any:
    """Return a message or form as plain values of JSON."""
    return CONVERTER.unstructure(value)


def encoded(value: object) -> bytes:
    """Return a message or form as JSON."""
    text = json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace") + b"\n"


def tag_of(body: bytes) -> str:
    """Return the tag of a body."""
    return f'"{blake2b(body, digest_size=12).hexdigest()}"'


def has_tag(shown: str, tag: str) -> bool:
    """Tell whether the value of ``If-None-Match`` names a tag."""
    return any(each.strip().removeprefix("W/") in (tag, "*") for each in shown.split(",")[:16])


@attrs.frozen
class Body:
    """A whole answer that may be sent many times."""

    data: bytes
    tag: str
    kind: str = JSON
    headers: Mapping[str, str] = attrs.field(factory=dict)

    @classmethod
    def of(
        cls, data: bytes, kind: str = JSON, headers: Mapping[str, str] = MappingProxyType({})
    ) -> "Body":
        """Return the answer of these bytes."""
        return cls(data, tag_of(data), kind, headers)


def problem(
    code: str,
    sentence: str,
    details: Mapping[str, object] = NO_DETAILS,
    *,
    status: int | None = None,
    headers: tuple[tuple[str, str], ...] = (),
) -> HttpResponse:
    """Return the response that refuses a request."""
    status = status or status_of(code)
    if status == 401:
        headers = (*headers, ("WWW-Authenticate", "Bearer"))
    return refusal(status, sentence, code, plain(dict(details)), headers=headers)
