"""``gameserver serve``: run a server until it is told to stop."""

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

import click
import trio
import typed_settings as ts

from gameserver.cli.flags import judge_flags
from gameserver.cli.interrupts import on_signal
from gameserver.cli.ready import ready
from gameserver.cli.reloading import reloading
from gameserver.cli.restoring import Restoring
from gameserver.commandline import Exact
from gameserver.errors import ConfigError
from gameserver.game.game import Game
from gameserver.game.loading.games import load_game
from gameserver.game.loading.modules import import_named
from gameserver.game.maps.mapfault import MapError
from gameserver.game.maps.shipped import shipped_maps
from gameserver.game.maps.tiled import load_usable_maps
from gameserver.game.maps.tilemap import TileMap
from gameserver.namespaces import Namespace
from gameserver.service.config.settings import Settings
from gameserver.service.config.sources import converter, defaults_alone, loaders, misspelt
from gameserver.service.descriptors import raise_limit
from gameserver.service.hugepages import keep_in_huge_pages
from gameserver.service.logging.logs import get_logger, logging_to
from gameserver.service.logging.writer import LineWriter, Printed
from gameserver.service.middleware import Middleware
from gameserver.service.rest.webpages import CONSOLE, built_pages, read_pages
from gameserver.service.runtime import Collector
from gameserver.service.server import Server
from gameserver.transports.http.asgi import AsgiApp

log: Final = get_logger()

MATCHES_CUT: Final = 3
"""Exit code of a server that was stopped in the middle of matches, which the next one goes on with.
"""


def build() -> click.Command:
    """Return the command ``serve``; its defaults come from settings file and environment.

    Raises:
        ConfigError: One of them has an unknown key or a bad value.
    """
    command = click.command("serve", cls=Exact, context_settings={"max_content_width": 100})
    config = click.option(
        "--config",
        expose_value=False,
        help="Settings file (TOML, table [gameserver]). [default: gameserver.toml, if it is there]",
    )
    with_options = ts.click_options(
        Settings,
        _sources(sys.argv),
        converter=converter(),
        show_envvars_in_help=True,
    )
    return judge_flags(command(config(with_options(serve))))


def _sources(arguments: Sequence[str]) -> list[Any]:
    """Return the loaders of settings; with ``--help`` faults in file and environment are ignored.

    Raises:
        ConfigError: The file or a variable has a fault.
    """
    try:
        return loaders(config_argument(arguments))
    except ConfigError:
        if "--help" in arguments:
            return defaults_alone()
        raise


def config_argument(arguments: Sequence[str]) -> str:
    """Return the value of ``--config``: the file is read before click parses the arguments.

    Raises:
        ConfigError: The flag has no value.
    """
    for argument, following in zip_longest(arguments, arguments[1:], fillvalue=""):
        name, equals, value = argument.partition("=")
        if name == "--config":
            named = value if equals else following
            if not named:
                raise ConfigError("--config must name a settings file")
            return named
    return ""


def serve(settings: Settings) -> None:
    """Run a server. Clients connect with a WebSocket to the address that it prints.

    Ends with exit code 3 if it was stopped in the middle of matches that the next start with the
    same --data goes on with, else with 0.
    """
    with (
        logging_to(settings.log_level, settings.log_format, sys.stderr) as log_writer,
        redirect_stderr(Printed(log_writer)),
    ):
        for variable, meant in misspelt(os.environ).items():
            log.warning("variable not read", variable=variable, meant=meant)
        game = load_game(settings.game)
        maps = _maps(settings)
        middleware = _middleware(settings)
        Collector().settle()
        raise_limit()
        cut = _serve(settings, game, maps, middleware, _namespaces(settings))
    if cut:
        sys.exit(MATCHES_CUT)


def _serve(
    settings: Settings,
    game: Game,
    maps: dict[str, TileMap],
    middleware: Sequence[Middleware],
    namespaces: Sequence[type[Namespace]],
) -> int:
    """Serve until a signal stops the server; return the number of matches that it has cut off.

    The game's prints cannot block the event loop.
    """
    said = LineWriter(sys.stdout)
    try:
        with redirect_stdout(Printed(said)):  # for a game that prints
            return trio.run(_run, settings, game, maps, middleware, namespaces, said)
    finally:
        said.close()


def _middleware(settings: Settings) -> list[Middleware]:
    """Import the middleware that the operator named.

    Raises:
        ConfigError: A name cannot be imported, or is not a function.
    """
    links: list[Middleware] = []
    for spec in settings.middleware:
        link: Any = import_named(spec, "middleware")
        if not callable(link):
            sentence = f"middleware {spec} must be a function: link(context, request, call_next)"
            raise ConfigError(sentence)
        links.append(link)
    return links


def _mounted(settings: Settings) -> dict[str, AsgiApp]:
    """Import the ASGI applications that the operator named, by the paths that they serve.

    Raises:
        ConfigError: A path has none, or a name cannot be imported or called.
    """
    found: dict[str, AsgiApp] = {}
    for each in settings.mount:
        path, equals, spec = each.partition("=")
        if not equals or path in found:
            raise ConfigError(f"mount {each} must name one path once: /path=module:object")
        application: Any = import_named(spec, "application")
        if not callable(application):
            raise ConfigError(f"mount {each}: {spec} is no ASGI application")
        found[path] = application
    return found


def _namespaces(settings: Settings) -> list[type[Namespace]]:
    """Import the namespaces that the operator named.

    Raises:
        ConfigError: A name cannot be imported, or is no namespace.
    """
    classes: list[type[Namespace]] = []
    for spec in settings.namespaces:
        cls: Any = import_named(spec, "namespace")
        if not (isinstance(cls, type) and issubclass(cls, Namespace)):
            raise ConfigError(
                f"namespace {spec} must be a subclass of gameserver.namespaces.Namespace"
            )
        classes.append(cls)
    return classes


def _maps(settings: Settings) -> dict[str, TileMap]:
    """Return the usable maps by name; faulty ones are logged and skipped.

    Raises:
        ConfigError: There is no usable map.
    """
    folder = Path(settings.maps) if settings.maps else shipped_maps()
    try:
        maps, faulty = load_usable_maps(folder)
    except MapError as error:
        raise ConfigError(f"maps: {_without_maps(folder, error)}") from None
    for file, faults in faulty.items():
        log.warning("map skipped", file=file, faults=len(faults), first=str(faults[0]))
    return maps


def _without_maps(folder: Path, error: MapError) -> str:
    """Return the sentence for a folder without usable maps, with a hint where to find some."""
    first = error.faults[0]
    if first.place != str(folder):
        more = len(error.faults) - 1
        return f"none in {folder} can be used: {first}{f'; and {more} more faults' if more else ''}"
    beside = sorted(path.parent for path in folder.glob("*/*.tmj"))
    hint = f"; did you mean {beside[0]}?" if beside else f" ({first.hint})"
    return f"there are none in {folder}{hint}"


def _has_console(settings: Settings, built: Mapping[str, object]) -> bool:
    """Tell whether the page of the operator's console can be opened; warn if it was not built."""
    if settings.console_secret and CONSOLE not in built:
        log.warning("console without page")
    return bool(settings.console_secret) and CONSOLE in built


async def _run(
    settings: Settings,
    game: Game,
    maps: dict[str, TileMap],
    middleware: Sequence[Middleware],
    namespaces: Sequence[type[Namespace]],
    said: LineWriter,
) -> int:
    shown = Restoring()
    server = Server(
        settings,
        game,
        maps,
        middleware=middleware,
        namespaces=namespaces,
        http=_mounted(settings),
        progress=shown.show,
    )
    async with trio.open_nursery() as nursery:
        reload = reloading(settings, server, config_argument(sys.argv))
        nursery.start_soon(on_signal, server.stop, server.drain, reload)
        nursery.start_soon(keep_in_huge_pages)
        try:
            address = await nursery.start(server.run)
        finally:
            shown.close()
        built = read_pages(built_pages())
        there = {"pages": bool(built), "console": _has_console(settings, built)}
        said.write(ready(address, settings, game, len(maps), **there))
        await server.stopped.wait()
        nursery.cancel_scope.cancel()
    return server.cut_matches
