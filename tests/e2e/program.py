"""The real program as a child process, and players on it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import attrs
import trio

from gameserver.client import Client
from gameserver.messages.forms import GetLobbyForm, LobbyForm
from gameserver.messages.lobby import CreateLobby, InLobby, JoinLobby, Phase, SetReady

ROOT = Path(__file__).resolve().parents[2]

PATIENCE_S = 240
"""Ends a test that hangs; nothing is measured by it."""


@attrs.frozen
class Running:
    """A server in a process of its own."""

    process: trio.Process
    url: str
    log: Path

    @property
    def port(self) -> int:
        """Return the port it listens on."""
        return int(self.url.rsplit(":", 1)[1])

    async def logged(self, *parts: str) -> str:
        """Wait until the log, which a thread of the program writes, has these parts; return it."""
        await until(lambda: all(part in self.log.read_text("utf-8") for part in parts))
        return self.log.read_text("utf-8")

    def terminate(self) -> None:
        """Tell it to stop, as a service manager does."""
        self.process.send_signal(signal.SIGTERM)

    def assert_same_process_without_faults(self) -> None:
        """The program never ended, and wrote of no exception."""
        assert self.process.poll() is None
        assert "Traceback" not in self.log.read_text("utf-8")


@asynccontextmanager
async def program(
    tmp_path: Path, *args: str, wrapper: Sequence[str] = ()
) -> AsyncIterator[Running]:
    """Start ``gameserver serve`` on a free port and wait for its ready line.

    ``wrapper`` is a command that ends in running what follows it.
    """
    log = tmp_path / "server.log"
    with trio.fail_after(PATIENCE_S), log.open("wb") as stderr:
        command = [*wrapper, sys.executable, "-m", "gameserver", "serve", "--port", "0", *args]
        process = await trio.lowlevel.open_process(
            command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=stderr
        )
        assert process.stdout is not None
        try:
            yield Running(process, await ready_address(process.stdout), log)
        finally:
            if process.poll() is None:
                process.kill()
            with trio.CancelScope(shield=True):
                await process.wait()
                await process.stdout.aclose()


def environment() -> dict[str, str]:
    """Return the environment without settings of the person who runs the tests."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GAMESERVER_")}
    return kept | {"PYTHONPATH": str(ROOT), "COLUMNS": "300"}


async def ready_address(stdout: trio.abc.ReceiveStream) -> str:
    """Read up to the ready line and return the address in it."""
    said = b""
    while not said.endswith(b"\n"):
        data = await stdout.receive_some()
        assert data, "the program ended before it was ready"
        said += data
    line = said.decode().splitlines()[0]
    assert line.startswith(("ready: ws://127.0.0.1:", "ready: wss://127.0.0.1:"))
    return line.removeprefix("ready: ")


async def until(ready: Callable[[], object]) -> None:
    """Wait for something to become true; the program's deadline ends the wait."""
    while not ready():  # noqa: ASYNC110  what is waited for tells nobody
        await trio.sleep(0.02)


async def gather(
    host: Client, *guests: Client, bots: int = 0, bot_level: str = "", **options: int | str
) -> InLobby:
    """Open a lobby with these options and bring everybody in."""
    form: LobbyForm = await host.request(GetLobbyForm())
    config = attrs.evolve(
        form.default,
        bots=min(bots, form.default.size - 1),
        bot_level=bot_level or form.default.bot_level,
        options={**form.default.options, **options},
    )
    created: InLobby = await host.request(CreateLobby(config))
    for guest in guests:
        await guest.request(JoinLobby(lobby_id=created.lobby.lobby_id))
    return created


async def start(*clients: Client) -> None:
    """Get everybody ready and wait until all see the match move."""
    for client in clients:
        await client.request(SetReady(ready=True))
    for client in clients:
        await until(partial(plays, client))


def plays(client: Client) -> bool:
    """Let the client's replica run, and tell whether it is in a match that moves."""
    if client.match is None or not client.match.live:
        return False
    client.match.advance(client.now())
    return True


def phase(client: Client) -> Phase | None:
    """Return where the client's lobby is in its life."""
    return client.lobby.phase if client.lobby else None


def free_port() -> int:
    """Return a port on which nobody listens, for a server that is started twice."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port
