"""Answers that are good for everybody for a time, by what was asked."""

from collections.abc import Hashable
from typing import Final

import attrs

from gameserver.service.rest.gzipping import GZIP, LEAST_BYTES, gzipped, takes_gzip
from gameserver.service.rest.replies import Body, has_tag
from gameserver.transports.http.requests import HttpResponse

MOST: Final = 128
"""Most answers on a shelf: 6 MiB if each is a full list of lobbies (27)."""

PRIVATE: Final = "private, no-cache"
"""``Cache-Control`` of an answer that is for one session."""


@attrs.frozen
class Kept:
    """One answer."""

    body: Body
    until: float
    for_s: float
    """How long others may keep it; 0 if it is for one session."""

    def response(self, shown: str, codings: str = "") -> HttpResponse:
        """Return the response to a request that shows these tags and takes these codings."""
        data, tag = self.body.data, self.body.tag
        packs = self.packs(codings)
        varies = "Authorization, Accept-Encoding" if self._is_large else "Authorization"
        headers = (
            ("ETag", f"W/{tag}" if packs else tag),  # weak: the same answer, in other bytes
            ("Cache-Control", f"public, max-age={self.for_s:.0f}" if self.for_s else PRIVATE),
            ("Vary", varies),
            *self.body.headers.items(),
        )
        if has_tag(shown, tag):
            return HttpResponse(304, headers=headers)
        if packs:
            return HttpResponse(200, gzipped(data), self.body.kind, (*headers, *GZIP))
        return HttpResponse(200, data, self.body.kind, headers)

    def packs(self, codings: str) -> bool:
        """Tell whether the response to a client that takes these codings is compressed."""
        return self._is_large and takes_gzip(codings)

    @property
    def _is_large(self) -> bool:
        return bool(self.for_s) and len(self.body.data) >= LEAST_BYTES


class Shelf:
    """Keeps the newest answers.

    When full: the oldest is dropped.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._kept: dict[Hashable, Kept] = {}

    def find(self, key: Hashable, now: float) -> Kept | None:
        """Return the answer to what was asked, unless it is too old."""
        kept = self._kept.get(key)
        return kept if kept is not None and now < kept.until else None

    def put(self, key: Hashable, kept: Kept) -> None:
        """Keep an answer."""
        self._kept.pop(key, None)
        self._kept[key] = kept
        if len(self._kept) > MOST:
            del self._kept[next(iter(self._kept))]
