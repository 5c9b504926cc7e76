"""Servers as child processes, each pinned to a core and ended by its context.

Law: a server is identified only by the id of the process that was started; leaving the context
ends it, by SIGTERM first, then by SIGKILL. Every wait has a time limit.
"""

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import attrs

from bench.errors import BenchError
from gameserver.accel import VARIABLE as HOT_PATH

READY_S: Final = 20.0
STOP_S: Final = 6.0
READY: Final = re.compile(r"^(?:listening |ready: wss?://[\d.]+:)(\d+)\s*$", re.MULTILINE)
"""The line by which a server reports its port."""


@attrs.frozen
class Cores:
    """The cores of server and load."""

    server: int
    load: int

    @property
    def apart(self) -> bool:
        """Tell whether server and load do not share a core."""
        return self.server != self.load


@attrs.frozen
class Command:
    """How a server is started."""

    words: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class Running:
    """A server that listens."""

    pid: int
    port: int

    def signal(self, number: int) -> None:
        """Send a signal to this process."""
        os.kill(self.pid, number)


def find_cores() -> Cores:
    """Return the first core for the server and the last one for the load."""
    allowed = sorted(os.sched_getaffinity(0))
    return Cores(allowed[0], allowed[-1])


def pinned(words: Sequence[str], core: int) -> list[str]:
    """Return the command that runs these words on one core, in the same process."""
    taskset = shutil.which("taskset")
    if taskset is None:
        raise BenchError("taskset is needed to pin processes to cores; install util-linux")
    return [taskset, "-c", str(core), *words]


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without variables that configure this server.

    The one that chooses its hot path stays: both implementations are measured.
    """
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("GAMESERVER_") or key == HOT_PATH
    }
    return {**kept, "NODE_ENV": "production", **more}


@contextmanager
def serving(command: Command, core: int, *, slowness: float = 1.0) -> Iterator[Running]:
    """Start a server on a core, wait until it listens, and end it afterwards.

    ``slowness`` is how many times longer than usual it may take to start and to end.

    Raises:
        BenchError: It ended, or did not report its port in time.
    """
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            pinned(command.words, core),
            cwd=command.folder,
            env=environment(command.environment),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        try:
            yield Running(process.pid, _wait_ready(process, said, READY_S * slowness))
        finally:
            end(process, STOP_S * slowness)


def end(process: "subprocess.Popen[str] | subprocess.Popen[bytes]", stop_s: float = STOP_S) -> None:
    """End a process that we started; it is killed if it has not ended after ``stop_s``."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(stop_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_S)


def _wait_ready(process: "subprocess.Popen[bytes]", said: IO[str], ready_s: float) -> int:
    deadline = time.monotonic() + ready_s
    while True:
        text = _so_far(said)
        found = READY.search(text)
        if found:
            return int(found[1])
        if process.poll() is not None or time.monotonic() > deadline:
            last = "\n".join(text.strip().splitlines()[-15:])
            state = (
                "ended"
                if process.poll() is not None
                else f"did not report its port within {ready_s:g} s"
            )
            raise BenchError(f"the server {state}:\n{last}")
        time.sleep(0.02)


def _so_far(said: IO[str]) -> str:
    # The child writes where its own descriptor stands, which is shared with ours.
    return os.pread(said.fileno(), 1 << 20, 0).decode("utf-8", "replace")
