"""The server program as a process that is killed and started again with the same data."""

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Final

import click
import trio

_RESTORED: Final = re.compile(r"match restored .*?match=(\S+).*?tick=(\d+)")


class CrashServer:
    """The program, started again and again with the same folder and port."""

    def __init__(self, folder: Path) -> None:
        """Choose a free port."""
        self._folder = folder
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.port: int = listening.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        self._number = 0

    @property
    def url(self) -> str:
        """Its address."""
        return f"ws://127.0.0.1:{self.port}"

    def _log(self) -> Path:
        return self._folder / f"server-{self._number}.log"

    async def start(self) -> float:
        """Start it, and wait for its ready line; return how long that took."""
        began = trio.current_time()
        self._number += 1
        command = [sys.executable, "-m", "gameserver", "serve", "--port", str(self.port)]
        command += ["--data", str(self._folder / "data"), "--max-per-address", "1000"]
        with self._log().open("wb") as log:
            process = await trio.to_thread.run_sync(
                lambda: subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)  # noqa: S603
            )
        self._process = process
        assert process.stdout is not None
        line = await trio.to_thread.run_sync(process.stdout.readline)
        if not line.startswith(b"ready"):
            raise click.ClickException(f"the server did not start; see {self._log()}")
        return trio.current_time() - began

    async def kill(self) -> None:
        """End it at once."""
        assert self._process is not None
        with self._process as process:
            process.send_signal(signal.SIGKILL)
            await trio.to_thread.run_sync(process.wait)

    def close(self) -> None:
        """End what is left of it, also after an error."""
        if self._process is not None and self._process.returncode is None:
            with self._process as process:
                process.kill()

    def restored(self) -> dict[str, int]:
        """Return the tick of each match that the last start has restored."""
        text = self._log().read_text("utf-8", "replace")
        return {match: int(tick) for match, tick in _RESTORED.findall(text)}
