"""Replays of matches as files: whole, or a range of bytes.

Law: a response has a bounded number of bytes, whatever the file has; a file of more is fetched in
ranges. What a tag names never changes.

Source: RFC 9110, sections 13.1.2, 13.1.5 and 14; RFC 6266 for the name.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Final

import attrs

from gameserver.errors import Code, RequestError
from gameserver.ids import MatchId, PlayerId
from gameserver.service.rest.replies import has_tag
from gameserver.store.replayfile import ReplayShare
from gameserver.transports.http.requests import HttpResponse

KIND: Final = "application/octet-stream"

MOST_BYTES: Final = 4 * 1024 * 1024
"""Bytes of one response (5, 37): ten minutes of a match of ten players."""

_RANGE: Final = re.compile(r"bytes=(\d{1,12})-(\d{0,12})")


Fetch = Callable[[PlayerId, str, MatchId, int, int], Awaitable[ReplayShare | None]]
"""Returns a part of a file: for whom, from which address, of which match, from where, how much.

None: it is being made.
"""

PREPARED: Final = HttpResponse(202, headers=(("Retry-After", "1"), ("Cache-Control", "no-store")))


class Recording:
    """Stands for the file of a replay."""


@attrs.frozen
class Wanted:
    """What a request says of the file that it wants: values of its headers, empty without them."""

    range: str
    tag: str
    """Of ``If-None-Match``."""
    range_of: str
    """Of ``If-Range``."""


async def recording(
    fetch: Fetch, player_id: PlayerId, address: str, match_id: MatchId, wanted: Wanted
) -> HttpResponse:
    """Return the response with a replay: 200, 206, 304 or 416; 202 while it is being made.

    Raises:
        RequestError: See `Replays.fetch` and `Replays.fetch_film`; ``too_large`` if it must be
            fetched in ranges.
    """
    looked = await fetch(player_id, address, match_id, 0, 0)
    if looked is None:
        return PREPARED
    file = looked.file
    tag = f'"{file.digest[:32]}"'
    headers = (
        ("ETag", tag),
        ("Accept-Ranges", "bytes"),
        ("Cache-Control", "private, no-cache"),
        ("Vary", "Authorization"),
        ("Content-Disposition", f'attachment; filename="{file.path.name}"'),
    )
    if wanted.tag and has_tag(wanted.tag, tag):
        return HttpResponse(304, headers=headers)
    found = _RANGE.fullmatch(wanted.range) if wanted.range_of in ("", tag) else None
    if found is None:
        if file.size > MOST_BYTES:
            sentence = f"this replay has {file.size} bytes; ask for ranges of {MOST_BYTES} at most"
            raise RequestError(Code.TOO_LARGE, sentence, {"size": file.size, "most": MOST_BYTES})
        first, last = 0, file.size - 1
    else:
        first, last = int(found[1]), int(found[2] or file.size - 1)
        if first > last or first >= file.size:
            return HttpResponse(416, headers=(*headers, ("Content-Range", f"bytes */{file.size}")))
    last = min(last, file.size - 1, first + MOST_BYTES - 1)
    share = await fetch(player_id, address, match_id, first, last - first + 1)
    if share is None or share.file.digest != file.digest:  # compressed meanwhile
        raise RequestError(Code.RATE_LIMITED, "try again", {"retry_after_s": 1.0})
    if found is None:
        return HttpResponse(200, share.data, KIND, headers)
    part = ("Content-Range", f"bytes {first}-{last}/{file.size}")
    return HttpResponse(206, share.data, KIND, (*headers, part))
