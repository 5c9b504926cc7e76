"""Paths that are no readable files, and a guard against waiting for them."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

HUGE_BYTES = 1 << 40
"""Of a file full of holes, which takes no room."""

KINDS = {
    "folder": "is a folder",
    "pipe": "is a pipe, not a file",
    "socket": "is a socket, not a file",
    "device": "is a device, not a file",
    "huge": "is larger than ",
    "absent": "is not there",
}
"""Each kind with what is said of it."""


def make(kind: str, folder: Path) -> Path:
    """Make one in an empty folder; return its path, whose name ends as a map's does."""
    path = folder / f"{kind}.tmj"
    match kind:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "socket":
            here = Path.cwd()
            os.chdir(folder)  # a socket's path may have about 100 characters
            try:
                with socket.socket(socket.AF_UNIX) as bound:
                    bound.bind(path.name)
            finally:
                os.chdir(here)
        case "device":
            path.symlink_to("/dev/zero")
        case "huge":
            with path.open("wb") as file:
                file.truncate(HUGE_BYTES)
    return path


@contextmanager
def without_hanging(seconds: float = 20) -> Iterator[None]:
    """Raise where the block waits for ever; a machine that is merely busy is let go on."""

    def give_up(_number: int, _frame: FrameType | None) -> None:
        raise AssertionError("it waits for ever")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
