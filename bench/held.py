"""A server in a process of its own, whose tasks, descriptors, memory and log are looked at.

Law: what is asked about the process comes from the process itself (`bench.probe`).
"""

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import attrs
import click
import trio

from bench.attacks.wire import Target, connect, trusting_anybody
from gameserver.rooms.limits.rules import RoomRules

GRACE_S: Final = 1.0
"""How long the server keeps the sessions of connections that are gone."""
SETTLE_S: Final = RoomRules().lobby_grace_s + 15.0
"""Longest wait until the server has let go of what connections have left. A seat that was lost
before its match is held for `RoomRules.lobby_grace_s`; as long the match goes on, with the selector
of its players."""


@attrs.frozen
class HeldServer:
    """A server under test."""

    process: trio.Process
    port: int
    log: Path
    name: str
    tls: bool = False

    async def held(self) -> dict[str, int]:
        """Return what the server holds."""
        async with await self._connect() as stream:
            await stream.send_all(b"GET /probe HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            said = b""
            async for data in stream:
                said += data
        held: dict[str, int] = json.loads(said[said.index(b"{") : said.rindex(b"}") + 1])
        return held

    async def _connect(self) -> trio.abc.Stream:
        stream = await connect(Target("127.0.0.1", self.port))
        if not self.tls:
            return stream
        return trio.SSLStream(stream, trusting_anybody(), https_compatible=True)

    async def settled(self, before: dict[str, int]) -> dict[str, int]:
        """Wait until the server holds no more than before, for `SETTLE_S` at most."""
        until = trio.current_time() + SETTLE_S
        while True:
            held = await self.held()
            if not kept(before, held) or trio.current_time() > until:
                return held
            await trio.sleep(0.5)

    def faults(self) -> list[str]:
        """Return what is wrong with the process and its log."""
        found = []
        if self.process.poll() is not None:
            found.append(f"the server ({self.name}) ended with {self.process.returncode}")
        for line in self.log.read_text("utf-8").splitlines():
            row: dict[str, Any] = json.loads(line) if line.startswith("{") else {"event": line}
            if row.get("level") == "error" or "exception" in row or "Traceback" in line:
                found.append(f"the log of {self.name}: {line[:3000]}")
        return found[:5]


def kept(before: dict[str, int], after: dict[str, int]) -> list[str]:
    """Return a sentence for each of tasks and descriptors of which there are more than before."""
    more = [
        name.removeprefix("descriptors: ")
        for name in sorted(after)
        if name.startswith("descriptors: ") and after[name] > before.get(name, 0)
    ]
    of_what = f"; more of {', '.join(more)}" if more else ""
    return [
        f"{name}: {before[name]} before, {after[name]} after{of_what * (name == 'descriptors')}"
        for name in ("tasks", "descriptors")
        if after[name] > before[name]
    ]


@asynccontextmanager
async def held_server(folder: str, name: str, *flags: str) -> AsyncIterator[HeldServer]:
    """Start a server on a free port that tells what it holds; ``name`` is that of its log.

    Raises:
        click.ClickException: It does not start.
    """
    log = Path(folder, f"{name}.log")
    command = [sys.executable, "-m", "gameserver", "serve", "--port", "0", "--log-format", "json"]
    command += [
        "--mount",
        "/probe=bench.probe:app",
        "--resume-grace-s",
        f"{GRACE_S:g}",
        *flags,
    ]
    with log.open("wb") as stderr:  # noqa: ASYNC230  before anything runs
        process = await trio.lowlevel.open_process(command, stdout=subprocess.PIPE, stderr=stderr)
    assert process.stdout is not None
    try:
        said = b""
        while b"\n" not in said:
            data = bytes(await process.stdout.receive_some())
            if not data:
                raise click.ClickException(f"the server did not start; see {log}")
            said += data
        port = int(said.split(b"\n")[0].rpartition(b":")[2])
        yield HeldServer(process, port, log, name, tls="--tls-cert" in flags)
    finally:
        process.kill()
        with trio.CancelScope(shield=True):
            await process.wait()
