"""Requests and responses of the roads over plain HTTP.

A road is called with a whole request and returns a whole response; it may wait before it does.
"""

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

import attrs

from gameserver.transports.http.headers import HeaderFields

MSGPACK: Final = "application/msgpack"


@attrs.frozen
class HttpRequest:
    """One request, its body complete."""

    method: str
    path: str
    query: str
    headers: HeaderFields
    body: bytes
    peer: str
    """Address of the peer; "" if it has none."""


@attrs.frozen
class HttpResponse:
    """One response, its body complete."""

    status: int
    body: bytes = b""
    kind: str = MSGPACK
    """The body's media type."""
    headers: tuple[tuple[str, str], ...] = ()


Road: TypeAlias = Callable[[HttpRequest], Awaitable[HttpResponse]]
"""Answers the requests of one first part of a path, such as ``/poll``."""


def sentence(status: int, text: str) -> HttpResponse:
    """Return a response that says this to the author of a client."""
    return HttpResponse(status, text.encode() + b"\n", "text/plain; charset=utf-8")
