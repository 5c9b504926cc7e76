"""One server for a folder of data: a second one would write into the files of the first."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from gameserver.errors import ConfigError

fcntl: Any = import_module("fcntl") if find_spec("fcntl") else None
"""Locks of files; Windows has others, and there the folder is not locked."""

FILE: Final = "lock"


def holder(folder: Path) -> int | None:
    """Return the process that holds a folder; None if none does, or none can be known."""
    if fcntl is None:
        return None
    try:
        descriptor = os.open(folder / FILE, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        written = os.read(descriptor, 20).decode("ascii", "replace").strip()
        return int(written) if written.isdecimal() else None
    finally:
        os.close(descriptor)
    return None


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder for this process; the lock ends with the process, whatever ends it.

    A folder that cannot be written is not locked: nothing can be lost in it.

    Raises:
        ConfigError: Another process holds it.
    """
    if fcntl is None:
        yield
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        yield
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(descriptor, 20).decode("ascii", "replace").strip() or "unknown"
            raise ConfigError(
                f"the folder {folder} is in use by another server (process {holder}); give each"
                " server a folder of its own with --data"
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
