"""``gameserver drain``: let a server of this machine finish its matches, then end it."""

import os
import signal
import time
from pathlib import Path

import click

from gameserver.cli.output import err, out
from gameserver.commandline import Exact
from gameserver.errors import ConfigError, GameserverError
from gameserver.store.lock import holder

LOOK_S = 0.1


class NoServerError(GameserverError):
    """No server can be told to drain."""


def build() -> click.Command:
    """Return the command ``drain``."""
    return _drain


@click.command("drain", cls=Exact)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--now", is_flag=True, help="Do not wait for matches; they go on in the next start.")
def _drain(folder: Path, now: bool) -> None:
    """Let the server that keeps its data in FOLDER finish its matches, then end it.

    It opens no lobbies and begins no matches any more, tells its players, and ends when its last
    match is over, or after its drain-s: at once if that is 0, the default. Matches that run then go
    on in the next start with the same folder. The server's exit code is 0 if no match was cut off,
    else 3.
    """
    if not folder.is_dir():
        raise ConfigError(f"{folder} is no folder; give the one that serve has as --data")
    process = holder(folder)
    if process is None:
        raise NoServerError(f"no server keeps its data in {folder} now")
    try:
        os.kill(process, signal.SIGTERM)
        if now:
            time.sleep(LOOK_S)  # two signals at once are one
            os.kill(process, signal.SIGTERM)
    except ProcessLookupError:
        pass  # it has ended meanwhile
    except PermissionError:
        raise NoServerError(f"the server (process {process}) belongs to another user") from None
    with err.status("waiting for the server to end (Ctrl-C ends the waiting only)"):
        while holder(folder) == process:
            time.sleep(LOOK_S)
    out.print(f"the server (process {process}) has ended")
