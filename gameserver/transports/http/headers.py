"""The headers of one request."""

from collections.abc import Iterable
from typing import Final

_OTHERS: Final = (
    b"origin", b"sec-fetch-site", b"forwarded", b"x-forwarded-for", b"x-real-ip", b"via",
)  # fmt: skip
"""HeaderFields that browsers and proxies send, and other programs do not."""


class HeaderFields:
    """A request's headers by lower-case name."""

    def __init__(self, pairs: Iterable[tuple[bytes, bytes]]) -> None:
        """Take names, which must be in lower case, and values."""
        self._values: dict[bytes, list[bytes]] = {}
        for name, value in pairs:
            self._values.setdefault(bytes(name), []).append(bytes(value))

    def __contains__(self, name: bytes) -> bool:
        """Return whether a header is there."""
        return name in self._values

    def pairs(self) -> list[tuple[bytes, bytes]]:
        """Return all names with their values; those of one name stay in order."""
        return [(name, value) for name, values in self._values.items() for value in values]

    @property
    def direct(self) -> bool:
        """Whether no header of a browser or proxy is among them."""
        return not any(name in self for name in _OTHERS)

    def only(self, name: bytes) -> bytes | None:
        """Return the value of a header that occurs exactly once; else None."""
        values = self._values.get(name, [])
        return values[0] if len(values) == 1 else None

    def tokens(self, name: bytes, *, lower: bool = True) -> list[bytes]:
        """Return the elements of a comma-separated header, over all its occurrences."""
        joined = b",".join(self._values.get(name, []))
        parts = [part.strip() for part in joined.split(b",")]
        return [part.lower() for part in parts] if lower else parts
