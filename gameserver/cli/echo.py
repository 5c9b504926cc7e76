"""``gameserver echo``: what the official test suites of Engine.IO and Socket.IO ask of a server."""

import os
from functools import partial
from typing import Final

import click
import trio

from gameserver.cli.interrupts import run_interruptible
from gameserver.cli.output import say
from gameserver.commandline import Exact, WholeNumber
from gameserver.protocol.server_codec import ServerCodec
from gameserver.roads.draws import RoadDraws
from gameserver.roads.socketio.connection import EngineSettings
from gameserver.roads.socketio.echo import SUITE, EngineEcho, SocketEcho
from gameserver.roads.socketio.engine import Engine
from gameserver.transports import Guard, Link, ListenSettings, accept

HOST: Final = "localhost"
PORT: Final = 3000
"""Port that both suites connect to."""


def build() -> click.Command:
    """Return the command ``echo``."""
    return _echo


@click.command("echo", cls=Exact)
@click.option("--port", default=PORT, show_default=True, type=WholeNumber(0, 65_535))
def _echo(port: int) -> int:
    """Serve echoes for the official test suites of Engine.IO and Socket.IO.

    The transports are those of a game server; /engine.io/ and /socket.io/ send back what they get,
    with the times and sizes that the suites of Engine.IO v4 and Socket.IO v5 ask for. Ctrl-C ends
    it.
    """
    run_interruptible(partial(_serve, port))
    return 0


async def _serve(port: int) -> None:
    await serve_echoes(port)


async def serve_echoes(
    port: int, *, task_status: "trio.TaskStatus[int]" = trio.TASK_STATUS_IGNORED
) -> None:
    """Serve until cancelled; reports the port.

    Raises:
        CannotListenError: The port is in use.
    """
    settings = ListenSettings(hosts=(HOST,), port=port)
    async with trio.open_nursery() as nursery:
        guard = await open_echoes(settings, SUITE, nursery)
        listens: int = await nursery.start(accept, settings, guard.serve)
        say(f"ready: http://{HOST}:{listens}/engine.io/ and http://{HOST}:{listens}/socket.io/")
        task_status.started(listens)


async def open_echoes(
    settings: ListenSettings, suite: EngineSettings, nursery: trio.Nursery
) -> Guard:
    """Start both echoes; return what serves connections to them."""
    engine, socket = (
        Engine(suite, make, RoadDraws(os.urandom)) for make in (EngineEcho, SocketEcho)
    )
    await nursery.start(engine.run)
    await nursery.start(socket.run)
    roads = {"/engine.io": engine.road, "/socket.io": socket.road}
    return Guard(settings, _refuse, ServerCodec(), roads=roads)


async def _refuse(link: Link) -> None:
    link.close_soon("this is no game server")
