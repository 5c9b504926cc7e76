"""Resume tokens on disk, one for each server: a client can return to its seat after a crash.

Law: a token is a secret, so only the owner can read its file (mode 600). Of several clients on one
machine only one uses the token of a server: a second one would take over the session of the first.
If the folder cannot be used, sessions are not resumed after a crash, and nothing else fails.
"""

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from gameserver.errors import UnreadableFileError
from gameserver.files import read_file

TOKEN_BYTES: Final = 16
LONGEST: Final = 64

try:
    import fcntl
except ImportError:  # on Windows, where an open file cannot be removed: that is the claim there
    fcntl = None  # type: ignore[assignment]


class Tokens:
    """The folder of tokens; without a folder nothing is stored."""

    def __init__(self, folder: Path | None) -> None:
        """Use a folder, which is created at the first claim; None stores nothing."""
        self._folder = folder
        self._claimed: dict[str, int] = {}

    def claim(self, url: str) -> bytes:
        """Return the token of a server; empty if there is none or another client has the claim.

        The claim lasts until `release`, or until the process ends in any way.
        """
        if self._folder is None or url in self._claimed:
            return self._kept(url)
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = os.open(self._path(url, "lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            return b""
        try:
            if fcntl is not None:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            return b""
        self._claimed[url] = lock
        return self._kept(url)

    def keep(self, url: str, token: bytes) -> None:
        """Store a server's newest token, if this client has the claim."""
        if url not in self._claimed:
            return
        fresh = self._path(url, f"{os.getpid()}.new")
        with suppress(OSError):
            file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(file, "wb") as out:
                out.write(token)
            fresh.replace(self._path(url, "token"))

    def drop(self, url: str) -> None:
        """Delete a server's token, after the session was signed out."""
        if url in self._claimed:
            with suppress(OSError):
                self._path(url, "token").unlink()

    def release(self, url: str) -> None:
        """Let another client claim the server."""
        claimed = self._claimed.pop(url, None)
        if claimed is not None:
            os.close(claimed)

    def _kept(self, url: str) -> bytes:
        if url not in self._claimed:
            return b""
        try:
            token = read_file(self._path(url, "token"), LONGEST)
        except UnreadableFileError:
            return b""
        return token if len(token) == TOKEN_BYTES else b""

    def _path(self, url: str, kind: str) -> Path:
        assert self._folder is not None
        name = hashlib.blake2b(url.encode(), digest_size=12).hexdigest()
        return self._folder / f"{name}.{kind}"
