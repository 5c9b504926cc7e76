"""``python -m client_demo``: play Arena on a server."""

import os
from pathlib import Path

import click
import trio

from client_demo.settings_file import load_settings, settings_path
from gameserver.client import Conditions
from gameserver.plain import make_safe


@click.command(context_settings={"max_content_width": 100})
@click.option("--url", help="Server to offer on the first screen, such as ws://127.0.0.1:7777.")
@click.option("--name", help="Your name.")
@click.option(
    "--lag", default=0.0, type=click.FloatRange(0, 5000), help="Add to the round trip, ms."
)
@click.option("--jitter", default=0.0, type=click.FloatRange(0, 1000), help="Vary it by this, ms.")
@click.option(
    "--stall", default=0.0, type=click.FloatRange(0, 30), help="Stall the line so long, s."
)
@click.option("--stall-every", default=15.0, show_default=True, type=click.FloatRange(1, 3600))
@click.option("--headless", is_flag=True, help="Show nothing: SDL's dummy video and sound.")
@click.option("--autoplay", is_flag=True, help="Go through all screens and play by itself.")
@click.option("--seconds", default=60.0, show_default=True, help="How long to autoplay.")
@click.option(
    "--screenshot", type=click.Path(path_type=Path), help="Folder for pictures of screens."
)
def main(
    url: str | None,
    name: str | None,
    lag: float,
    jitter: float,
    stall: float,
    stall_every: float,
    headless: bool,
    autoplay: bool,
    seconds: float,
    screenshot: Path | None,
) -> None:
    """Play Arena: join friends in a lobby, or let bots fill the seats."""
    make_safe()
    if headless:
        os.environ["SDL_VIDEODRIVER"] = os.environ["SDL_AUDIODRIVER"] = "dummy"
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    conditions = Conditions(
        lag_ms=lag, jitter_ms=jitter, stall_s=stall, stall_every_s=stall_every if stall else 0.0
    )
    trio.run(_play, url, name, conditions, seconds if autoplay else None, screenshot)


async def _play(
    url: str | None,
    name: str | None,
    conditions: Conditions,
    autoplay_s: float | None,
    pictures: Path | None,
) -> None:
    # Imported here: pygame reads the environment that the options have set.
    import attrs  # noqa: PLC0415

    from client_demo.app import App  # noqa: PLC0415
    from client_demo.autopilot import Autopilot  # noqa: PLC0415
    from client_demo.views import ConnectView  # noqa: PLC0415
    from client_demo.window import Window  # noqa: PLC0415
    from gameserver.game.shipped import shipped_maps  # noqa: PLC0415
    from gameserver.game.tiled import load_maps  # noqa: PLC0415

    path: Path | None = settings_path()
    settings = load_settings(settings_path())
    settings = attrs.evolve(settings, url=url or settings.url, name=name or settings.name)
    seed = sum(settings.name.encode())
    autopilot = Autopilot(autoplay_s, pictures, seed) if autoplay_s is not None else None
    if autopilot is not None:
        path = None  # what a program does must not change a player's settings
    window = Window(fullscreen=settings.fullscreen and autopilot is None)
    app = App(settings, path, load_maps(shipped_maps()), conditions, window, autopilot)
    try:
        await app.run()
    finally:
        window.close()
    if autopilot is not None and isinstance(app.shown, ConnectView):
        # Nobody watches an autopilot: say why it got nowhere.
        raise click.ClickException(app.session.ended or f"{settings.url} was never reached")


if __name__ == "__main__":
    main()
