"""Sessions that a crash left behind: one token for each server, for the next start of the client.

Law: a token is a secret, so its file is the owner's alone (mode 600); and of several clients on one
machine one has a server's token, or the second would take the session away from the first. A folder
that cannot be used costs the return to the seat, nothing else.
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
except ImportError:  # not on Windows, where an open file cannot be removed: that is the claim
    fcntl = None  # type: ignore[assignment]


class Tokens:
    """The folder of tokens; without one nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        """Use a folder, which is made when it is needed."""
        self._folder = folder
        self._claimed: dict[str, int] = {}

    def claim(self, url: str) -> bytes:
        """Return the token of a server, if there is one and no other client has claimed it.

        Whoever claims keeps the claim until `release`, or until the process ends, however it does.
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
        """Remember a server's newest token, where this client has the claim."""
        if url not in self._claimed:
            return
        fresh = self._path(url, f"{os.getpid()}.new")
        with suppress(OSError):
            file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(file, "wb") as out:
                out.write(token)
            fresh.replace(self._path(url, "token"))

    def drop(self, url: str) -> None:
        """Forget a server's token: the session was signed out."""
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
