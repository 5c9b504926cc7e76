"""Requests and answers of plain HTTP, on the same port as the WebSockets.

Law: an answer is complete, closes the connection, and contains no unchecked part of the request.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

import attrs

_REASONS: Final = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    426: "Upgrade Required",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}

PLAIN: Final = "text/plain; charset=utf-8"


@attrs.frozen
class HttpAnswer:
    """The answer to a request that does not become a WebSocket."""

    status: int
    sentence: str
    headers: tuple[tuple[str, str], ...] = ()
    kind: str = PLAIN
    head_only: bool = False
    """Send no body, as for HEAD; ``Content-Length`` is the same as with one."""
    always: bool = False
    """Send this answer even if the server is full, as for health checks."""

    def encode(self) -> bytes:
        """Return the whole response; the connection is closed after it."""
        body = self.sentence.rstrip("\n").encode() + b"\n" if self.sentence else b""
        lines = [
            f"HTTP/1.1 {self.status} {_REASONS[self.status]}",
            f"Content-Type: {self.kind}",
            f"Content-Length: {len(body)}",
            "X-Content-Type-Options: nosniff",
            "Cache-Control: no-store",
            *(f"{name}: {value}" for name, value in self.headers),
            "Connection: close",
        ]
        head = "\r\n".join([*lines, "", ""]).encode("ascii")
        return head if self.head_only else head + body


@attrs.frozen
class PageRequest:
    """One request for a page."""

    path: str
    address: str = ""
    """The peer's address; "" if it has none."""
    host: str = ""
    """The Host header, which is the host of the URL that a browser opened; "" if it is invalid."""
    token: str = ""
    """The token of ``Authorization: Bearer``; empty without one."""
    from_page: bool = False
    """Whether a script of a web page sent the request."""


Page: TypeAlias = Callable[[PageRequest], HttpAnswer]
