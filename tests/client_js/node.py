"""The JavaScript client under Node, for tests: its build, and scripts that use it.

Tests that need Node are there where Node and the packages of ``client_js`` are; ``script/test``
installs both where it can.
"""

import fcntl
import hashlib
import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
import trio

from tests.e2e.program import PATIENCE_S, ROOT

FOLDER: Final = ROOT / "client_js"
SCRIPTS: Final = ROOT / "tests" / "client_js"
NODE: Final = shutil.which("node")

needs_node = pytest.mark.skipif(
    NODE is None or not (FOLDER / "node_modules").is_dir(),
    reason="needs Node 18 or newer, and `npm install` in client_js; script/test does both",
)


def run(*command: str, folder: Path = FOLDER) -> str:
    """Run a program in a package's folder; return what it printed, or fail with that."""
    done = subprocess.run(
        [NODE or "node", *command],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-8000:]
    return done.stdout


@cache
def build() -> None:
    """Build the package, unless it is built from these sources already.

    Tests run in several processes: the first one builds, the others wait.
    """
    sources = sorted([*(FOLDER / "src").rglob("*.ts"), *FOLDER.glob("*.json")])
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    stamp = FOLDER / "dist" / ".stamp"
    with (FOLDER / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text("utf-8") != digest:
            run("script/build.mjs")
            stamp.write_text(digest, "utf-8")


class Script:
    """A script under Node that prints a JSON value in each line."""

    def __init__(self, process: trio.Process) -> None:
        assert process.stdout is not None
        self._process = process
        self._stdout = process.stdout
        self._read = b""

    async def line(self) -> Any:
        """Return the next value that it prints."""
        while b"\n" not in self._read:
            data = await self._stdout.receive_some()
            assert data, f"the script ended: {self._read.decode()}"
            self._read += data
        first, self._read = self._read.split(b"\n", 1)
        return json.loads(first)

    async def tell(self, text: str) -> None:
        """Give it a line of text."""
        assert self._process.stdin is not None
        await self._process.stdin.send_all(text.encode() + b"\n")

    async def end(self) -> None:
        """Wait until it has ended without an error."""
        assert await self._process.wait() == 0


@asynccontextmanager
async def script(name: str, *args: str) -> AsyncIterator[Script]:
    """Run a script of this folder with the built client; its errors are shown."""
    await trio.to_thread.run_sync(build)
    with trio.fail_after(PATIENCE_S):
        process = await trio.lowlevel.open_process(
            [NODE or "node", str(SCRIPTS / name), *args],
            cwd=FOLDER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        try:
            yield Script(process)
        finally:
            if process.poll() is None:
                process.kill()
            with trio.CancelScope(shield=True):
                await process.wait()
                if process.stdout is not None:
                    await process.stdout.aclose()
