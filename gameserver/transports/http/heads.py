"""Bounds of a request's head that h11 does not have: its lines, and one way to end them.

Law: the bytes are looked at before h11 parses them, since the parsing of a head of the allowed
length with thousands of headers holds the loop for 15 ms (threat 37). A line ends with CR LF: what
takes a lone LF for an end, before or behind a server that does not, can be told two different
requests by the same bytes.

Source: RFC 9112, sections 2.2 and 11.2.
"""

import re
from typing import Final

from gameserver.transports.http.headers import HeaderFields

MOST_LINES: Final = 128
"""Lines of a head; browsers behind proxies send up to 40."""

_END: Final = re.compile(rb"\n\r?\n")
_LONE: Final = re.compile(rb"(?<!\r)\n")


class HeadLines:
    """Counts the lines of one head while its bytes come."""

    def __init__(self) -> None:
        """Start before the first byte."""
        self._lines = 0
        self._tail = b""
        self._ended = False

    def fault(self, data: bytes) -> str:
        """Take the next bytes; return the sentence that refuses the head, "" if there is none."""
        if self._ended:
            return ""
        seen = len(self._tail)
        both = self._tail + data
        end = _END.search(both)
        if end is not None:
            self._ended = True
            both = both[: end.end()]
        self._tail = both[-3:]
        self._lines += both.count(b"\n", seen)
        if self._lines > MOST_LINES:
            return f"a request may have {MOST_LINES} lines"
        return "a line of a request ends with CR LF" if _LONE.search(both, seen) else ""


def smuggles(headers: HeaderFields) -> bool:
    """Return whether a request tells the length of its body twice."""
    return b"transfer-encoding" in headers and b"content-length" in headers
