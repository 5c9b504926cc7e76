"""The client's command line: it reads the options and opens the window, or prints one sentence."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import attrs
import click
import trio

from gameserver import __version__
from gameserver.client import ClientSettings, Conditions
from gameserver.client.link.roads import ALL
from gameserver.commandline import Exact, Number, road_option, usage
from gameserver.plain import make_safe, printable
from gameserver.text import shown


@click.command(cls=Exact, context_settings={"max_content_width": 100})
@click.version_option(__version__, prog_name="gameserver-client")
@click.option("--url", help="Server to offer on the first screen, such as ws://127.0.0.1:7777.")
@click.option("--name", help="Your name.")
@click.option("--lag", default=0.0, type=Number(0, 5000), help="Add to the round trip, ms.")
@click.option("--jitter", default=0.0, type=Number(0, 1000), help="Vary it by this, ms.")
@click.option("--stall", default=0.0, type=Number(0, 30), help="Stall the line so long, s.")
@click.option("--stall-every", default=15.0, show_default=True, type=Number(1, 3600))
@road_option(ALL)
@click.option("--headless", is_flag=True, help="Show nothing: SDL's dummy video and sound.")
@click.option("--autoplay", is_flag=True, help="Go through all screens and play by itself.")
@click.option(
    "--seconds",
    default=60.0,
    show_default=True,
    type=Number(0.1, 86_400),
    help="How long to autoplay.",
)
@click.option(
    "--screenshot", type=click.Path(path_type=Path), help="Folder for pictures of screens."
)
@click.option(
    "--replays",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of recorded matches to watch, such as a server's --data.",
)
def main(
    url: str | None,
    name: str | None,
    lag: float,
    jitter: float,
    stall: float,
    stall_every: float,
    roads: tuple[str, ...],
    headless: bool,
    autoplay: bool,
    seconds: float,
    screenshot: Path | None,
    replays: Path | None,
) -> None:
    """Play Arena: join friends in a lobby, or let bots fill the seats."""
    _check_folder(screenshot)
    if headless:
        os.environ["SDL_VIDEODRIVER"] = os.environ["SDL_AUDIODRIVER"] = "dummy"
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    conditions = Conditions(
        lag_ms=lag, jitter_ms=jitter, stall_s=stall, stall_every_s=stall_every if stall else 0.0
    )
    line = ClientSettings(conditions=conditions, roads=roads or ALL)
    trio.run(_play, url, name, line, seconds if autoplay else None, screenshot, replays)


def _check_folder(pictures: Path | None) -> None:
    try:
        if pictures is not None:
            pictures.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        sentence = f"--screenshot: {pictures} cannot be a folder for pictures"
        raise click.UsageError(f"{sentence} ({(error.strerror or str(error)).lower()})") from None


def run() -> None:
    """Run the command; an error is printed as one line and sets the exit code."""
    make_safe()
    try:
        main.main(prog_name="gameserver-client", standalone_mode=False)
    except click.UsageError as error:
        click.echo(f"error: {printable(usage(error))}", err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        click.echo(f"error: {printable(error.format_message())}", err=True)
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)


async def _play(
    url: str | None,
    name: str | None,
    line: ClientSettings,
    autoplay_s: float | None,
    pictures: Path | None,
    replays: Path | None,
) -> None:
    # Imported here: pygame reads the environment that the options have set, and may be missing.
    try:
        import pygame  # noqa: PLC0415

        from client_demo.app import App  # noqa: PLC0415
    except ImportError as error:
        raise click.ClickException(
            f"the client needs pygame-ce and pygame_gui ({error}); install them with:"
            " pip install 'gameserver[client]'"
        ) from None
    from client_demo.autopilot import Autopilot  # noqa: PLC0415
    from client_demo.settings_file import (  # noqa: PLC0415
        MAX_NAME,
        load_settings,
        settings_path,
    )
    from client_demo.tokens import Tokens  # noqa: PLC0415
    from client_demo.views.screens import ConnectView  # noqa: PLC0415
    from client_demo.window import GameWindow  # noqa: PLC0415
    from gameserver.game.maps.shipped import shipped_maps  # noqa: PLC0415
    from gameserver.game.maps.tiled import load_maps  # noqa: PLC0415

    path = settings_path()
    settings = load_settings(path)
    name = shown(name or settings.name, MAX_NAME)
    settings = attrs.evolve(settings, url=shown(url or settings.url), name=name)
    seed = sum(settings.name.encode())
    autopilot = Autopilot(autoplay_s, pictures, seed) if autoplay_s is not None else None
    if autopilot is not None:
        path = None  # what a program does must not change a player's settings
    try:
        window = GameWindow(fullscreen=settings.fullscreen and autopilot is None)
    except pygame.error as error:
        raise click.ClickException(
            f"no window can be opened: {error}; a screen is needed, or --headless"
        ) from None
    tokens = Tokens(path.parent / "sessions" if path is not None else None)
    maps = load_maps(shipped_maps())
    app = App(settings, path, maps, line.conditions, window, autopilot, roads=line.roads)
    app.session.tokens = tokens
    app.looks.recordings.titles = {name: found.title for name, found in app.maps.items()}
    app.recorded.offer(replays, path.parent / "replays" if path is not None else None)
    try:
        async with trio.open_nursery() as nursery:
            await nursery.start(_heed_signals, app.quit)
            await app.run()
            nursery.cancel_scope.cancel()
    finally:
        window.close()
    if autopilot is not None and isinstance(app.shown, ConnectView):
        # The sentence on the screen had no reader, so print it.
        raise click.ClickException(app.session.ended or f"{settings.url} was never reached")


async def _heed_signals(
    quit_app: Callable[[], None], task_status: "trio.TaskStatus[None]" = trio.TASK_STATUS_IGNORED
) -> None:
    """Quit as from the menu at the first signal; a second one ends the process at once.

    Before and after this runs, Ctrl-C ends the process without a message.
    """
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    wanted = [getattr(signal, name) for name in names if hasattr(signal, name)]
    with trio.open_signal_receiver(*wanted) as signals:
        task_status.started()
        async for number in signals:
            quit_app()
            signal.signal(number, signal.SIG_DFL)
