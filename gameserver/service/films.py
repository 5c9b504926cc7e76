"""Make films of journals, one at a time, in a process of its own that gives way to the server.

Law: a match is played again at most once while its film is kept, which costs less than the match
itself did. Whoever asks for a film that is not there yet is told to ask again.

Films are a cache: a folder beside that of the journals, which may be deleted at any time. Those
whose journals are gone are deleted with the next one that is made.
"""

import hashlib
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import attrs
import trio

from gameserver.errors import Code, RequestError
from gameserver.rooms.limits.budgets import BudgetTable
from gameserver.service.journals import Journals
from gameserver.service.logging.logs import get_logger
from gameserver.service.runtime import Runtime
from gameserver.store.identity import spec_of
from gameserver.store.replayfile import ReplayFile
from gameserver.text import shown

log: Final = get_logger()

FOLDER: Final = "films"

MOST_WAITING: Final = 8
"""Films that are to be made (27, 37). When full: refused, and may be asked for again."""

MOST_FILES: Final = 64
MOST_BYTES: Final = 512 << 20
"""Of all films together. When full: the one that was made first is deleted."""

LONGEST_S: Final = 180.0
"""Time in which a film must be made; an hour of Arena with eight players takes about 20 s."""

ADDRESS_S: Final = 60.0
ADDRESS_PER_S: Final = 0.05
"""Seconds of making films that an address has at once, and that it regains in a second."""

MOST_ADDRESSES: Final = 4096
RETRY_S: Final = 1.0

AGAIN_S: Final = 60.0
"""Time after which a film is tried again that could not be made for a reason that may pass: no
memory, room or time. It is twice as long behind each further attempt (37)."""
LONGEST_AGAIN_S: Final = 3600.0

MOST_TOO_LONG: Final = 3
"""Attempts that took too long, behind which a film is not tried again (37)."""

UNFIT: Final = (
    "this replay cannot be shown: its game has changed since, or it is damaged or too long"
)

TOO_SLOW: Final = (
    f"this replay cannot be shown: it took longer than {LONGEST_S:.0f} s to prepare,"
    f" {MOST_TOO_LONG} times"
)
_TOO_LONG: Final = "it took too long"

_SUFFIX: Final = ".film"

KeptT = TypeVar("KeptT")
LookT = TypeVar("LookT")


@attrs.frozen
class _Job:
    journal: ReplayFile
    address: str


@attrs.define
class _Passing:
    """Attempts at a film that failed for a reason that may pass."""

    until: float = 0.0
    """When it is tried again, by trio's clock."""
    attempts: int = 0
    took_too_long: int = 0

    def failed(self, fault: str, now: float) -> bool:
        """Note one more; return whether it is to be tried again."""
        self.until = now + min(AGAIN_S * 2**self.attempts, LONGEST_AGAIN_S)
        self.attempts = min(self.attempts + 1, 60)
        self.took_too_long += fault == _TOO_LONG
        return self.took_too_long < MOST_TOO_LONG


class Films:
    """The films of one server."""

    def __init__(self, journals: Journals, runtime: Runtime) -> None:
        """Know no film yet; the folder need not be there."""
        self._journals = journals
        self._folder = journals.folder.parent / FOLDER
        self._runtime = runtime
        self._waiting: dict[str, _Job] = {}
        """By the journal's digest; the first one is being made."""
        self._known: dict[str, ReplayFile] = {}
        self._faults: dict[str, str] = {}
        """Why no film can be made."""
        self._passing: dict[str, _Passing] = {}
        """Films that are tried again later."""
        self._budgets = BudgetTable(ADDRESS_PER_S, ADDRESS_S, MOST_ADDRESSES)
        self._wake = trio.Event()

    async def of(self, journal: ReplayFile, address: str) -> ReplayFile | None:
        """Return a journal's film; None while it is being made.

        Raises:
            RequestError: ``match.not_kept`` if it cannot be made; ``rate_limited``.
        """
        key = journal.digest
        film = self._known.get(key)
        if film is not None:
            return film
        if key in self._faults:
            if self._faults[key] == TOO_SLOW:
                raise RequestError(Code.MATCH_NOT_KEPT, TOO_SLOW, {"reason": "too_slow"})
            raise RequestError(Code.MATCH_NOT_KEPT, UNFIT)
        if key not in self._waiting:
            film = await self._stored(journal)
            if film is not None:
                _keep(self._known, key, film)
                return film
        # Looked at behind the last await: others may have asked meanwhile.
        if key not in self._waiting:
            self._check(key, address)
            self._waiting[key] = _Job(journal, address)
            self._wake.set()
        return None

    async def _stored(self, journal: ReplayFile) -> ReplayFile | None:
        """Return a film that is in the folder; None if it must be made, or cannot be read."""
        return await self._threaded(partial(_look_at, self._path(journal)))

    async def _threaded(self, look: Callable[[], LookT]) -> LookT:
        """Return what a function finds that touches files: a disk may hang."""
        return await trio.to_thread.run_sync(look) if self._runtime.threads else look()

    def _check(self, key: str, address: str) -> None:
        """Raise ``rate_limited`` if this film may not be made now for this address.

        An address has one film at a time: what the others cost is only known when they are made.
        """
        now = self._runtime.now()
        failed = self._passing.get(key)
        if failed is not None and (wait := failed.until - now) > 0:
            sentence = f"this replay could not be prepared; try again in {wait:.0f} s"
            raise RequestError(Code.RATE_LIMITED, sentence, {"retry_after_s": wait})
        wait = self._budgets.wait(address, now)
        theirs = any(job.address == address for job in self._waiting.values())
        if wait > 0 or theirs or len(self._waiting) >= MOST_WAITING:
            wait = max(wait, RETRY_S)
            sentence = f"too many replays are prepared; try again in {wait:.1f} s"
            raise RequestError(Code.RATE_LIMITED, sentence, {"retry_after_s": wait})

    def forget(self, film: ReplayFile) -> None:
        """Make a film anew that could not be read."""
        for key in [key for key, known in self._known.items() if known is film]:
            del self._known[key]

    async def run(self) -> None:
        """Make what is asked for, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake = trio.Event()
            while self._waiting:
                key, job = next(iter(self._waiting.items()))
                began = self._runtime.now()
                fault, passes = await self._make(job)
                now = self._runtime.now()
                if fault:
                    log.warning("film failed", journal=job.journal.path.name, fault=fault)
                self._note(key, fault, now, passes=passes)
                self._budgets.spend(job.address, now - began, now)
                del self._waiting[key]

    def _note(self, key: str, fault: str, now: float, *, passes: bool) -> None:
        """Note how an attempt ended."""
        failed = self._passing.pop(key, None) or _Passing()
        if passes and failed.failed(fault, now):
            _keep(self._passing, key, failed)
        elif fault:
            _keep(self._faults, key, TOO_SLOW if passes else UNFIT)

    async def _make(self, job: _Job) -> tuple[str, bool]:
        """Make a film.

        Returns:
            Why it could not be made, or nothing; whether it may succeed later: the machine had no
            memory, room or time for it.
        """
        try:
            return await self._film(job)
        except OSError as error:
            return str(error), True

    async def _film(self, job: _Job) -> tuple[str, bool]:
        path = self._path(job.journal)
        await self._threaded(self._make_room)
        command = [sys.executable, "-m", "gameserver", "replay", "film", str(job.journal.path)]
        options = ["--to", str(path), "--game", spec_of(self._journals.game)]
        # The game may be found by a path that this process was given.
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "NO_COLOR": "1"}
        with trio.move_on_after(LONGEST_S) as limit:
            done = await trio.run_process(
                [*command, *options], env=env, capture_stdout=True, capture_stderr=True, check=False
            )
        if limit.cancelled_caught:
            return _TOO_LONG, True
        if done.returncode:
            told = done.stderr.decode("utf-8", "replace").strip()
            return shown(told, 300) or f"ended by {done.returncode}", done.returncode < 0
        log.info("film made", journal=job.journal.path.name)
        return "", False

    def _path(self, journal: ReplayFile) -> Path:
        return self._folder / f"{journal.path.name}-{journal.digest[:8]}{_SUFFIX}"

    def _make_room(self) -> None:
        """Make room for one film, and delete those whose journals are gone."""
        self._folder.mkdir(mode=0o700, exist_ok=True)  # beside the journal's folder
        kept: list[tuple[float, int, Path]] = []
        for path in filter(Path.is_file, self._folder.iterdir()):
            journal = path.name.rpartition("-")[0]
            if not path.name.endswith(_SUFFIX) or not (self._journals.folder / journal).exists():
                path.unlink(missing_ok=True)
                continue
            found = path.stat()
            kept.append((found.st_mtime, found.st_size, path))
        kept.sort()
        while len(kept) >= MOST_FILES or sum(size for _, size, _ in kept) > MOST_BYTES:
            kept.pop(0)[2].unlink(missing_ok=True)


def _keep(known: dict[str, KeptT], key: str, value: KeptT) -> None:
    while len(known) >= MOST_FILES:
        del known[next(iter(known))]
    known[key] = value


def _look_at(path: Path) -> ReplayFile | None:
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return ReplayFile(path, file.tell(), digest, frozenset())
    except OSError:
        return None
