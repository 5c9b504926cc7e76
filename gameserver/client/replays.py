"""Fetch the replay of a match that is over, page by page, into a file.

Law: a server is not trusted with names, sizes or the number of pages. The file gets its name when
it is whole and has the digest that was announced; a half of it never has it.
"""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol

import attrs
import trio

from gameserver.errors import Code, ConnectionLostError, RequestError
from gameserver.ids import MatchId
from gameserver.messages.base import Request
from gameserver.messages.match import GetReplay, ReplayPage

MOST_BYTES: Final = 256 << 20
"""Largest file that is fetched, unless the caller says otherwise."""

WAIT_S: Final = 1.0
"""Wait after a refusal that names no time."""

LONGEST_WAIT_S: Final = 60.0

STARTS: Final = 3
"""How often a fetch begins: a journal that is compressed meanwhile is another file."""

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,100}\.journal(\.zst)?")


class Asks(Protocol):
    """What is needed of a `Client`."""

    async def request(self, request: Request, timeout_s: float | None = None) -> Any:
        """Send a request and wait for its result."""
        ...


def _silent(_got: int, _size: int) -> None:
    pass


async def fetch_replay(
    client: Asks,
    match_id: MatchId,
    to: Path,
    *,
    progress: Callable[[int, int], object] = _silent,
    most_bytes: int = MOST_BYTES,
) -> Path:
    """Fetch the replay of a match that is over, in which this player had a seat.

    It opens with ``gameserver replay`` and in the pygame client. It goes on across lost
    connections, and waits where the server asks for that.

    Args:
        client: A client that is, or will be, online.
        match_id: The match, such as that of a `MatchEnded`.
        to: The file to write; in a folder that is there, it has the server's name for it.
        progress: Called with the bytes that have come and the bytes of the whole file.
        most_bytes: A larger file is not fetched.

    Returns:
        The file.

    Raises:
        RequestError: ``match.running``, ``match.not_kept``, ``match.not_recorded`` or
            ``forbidden``; ``too_large``: it has more than ``most_bytes``.
        RequestTimedOutError: No answer came in time.
        ConnectionLostError: The session was lost, or what came is not the file that was announced.
        ServerClosedError: The client is closed.
        OSError: The file cannot be written.
    """
    for _ in range(STARTS):
        fetched = await _Fetch(client, match_id, to, progress, most_bytes).run()
        if fetched is not None:
            return fetched
    raise ConnectionLostError("what came of the replay is not the file that was announced")


@attrs.frozen
class _Fetch:
    """One attempt to fetch one file; the attributes are the arguments of `fetch_replay`."""

    client: Asks
    match_id: MatchId
    to: Path
    progress: Callable[[int, int], object]
    most_bytes: int

    async def run(self) -> Path | None:
        """Return the whole file; None if it became another one meanwhile."""
        first = await self._page(0)
        if first.size > self.most_bytes:
            sentence = f"the replay has {first.size >> 20} MiB, more than {self.most_bytes >> 20}"
            raise RequestError(Code.TOO_LARGE, sentence)
        target = trio.Path(self.to)
        if await target.is_dir():
            named = _NAME.fullmatch(first.file) is not None
            target /= first.file if named else "replay.journal.zst"
        part = target.with_name(f"{target.name}.part")
        try:
            async with await part.open("wb") as file:
                whole = await self._write(first, file)
            if whole:
                await part.replace(target)
        finally:
            with trio.CancelScope(shield=True):
                await part.unlink(missing_ok=True)
        return Path(target) if whole else None

    async def _write(self, page: ReplayPage, file: Any) -> bool:
        """Write all pages; return whether they are the file that the first one announced."""
        about = (page.size, page.digest)
        digest, got = hashlib.sha256(), 0
        while page.data:
            digest.update(page.data)
            got += len(page.data)
            if got > page.size:
                return False
            await file.write(page.data)
            self.progress(got, page.size)
            if got == page.size:
                break
            page = await self._page(got)
            if (page.size, page.digest) != about or page.offset != got:
                return False
        return got == page.size and digest.hexdigest() == page.digest

    async def _page(self, offset: int) -> ReplayPage:
        while True:
            try:
                page: ReplayPage = await self.client.request(GetReplay(self.match_id, offset))
            except RequestError as error:
                if error.code is not Code.RATE_LIMITED:
                    raise
                wait = error.details.get("retry_after_s")
                wait_s = float(wait) if isinstance(wait, int | float) else WAIT_S
                # A wait that is no number, or none at all, must not become a flood.
                await trio.sleep(min(LONGEST_WAIT_S, max(0.05, wait_s)))
            else:
                return page
