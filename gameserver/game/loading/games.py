"""Find a game by the name of an installed one, or by ``module:Class``.

Law: every fault is told in one sentence that says what to write instead.
"""

import difflib
import sys
from importlib.metadata import entry_points
from typing import Final

from gameserver.errors import ConfigError, GameDefinitionError
from gameserver.game.checking import require_sound
from gameserver.game.game import Game
from gameserver.game.loading.modules import failed, file_hint, import_named
from gameserver.plain import printable

GROUP: Final = "gameserver.games"
"""Group of the entry points by which packages install games."""


def load_game(spec: str) -> Game:
    """Return a playable game; ``spec`` is the name of an installed game, or ``module:Class``.

    Raises:
        ConfigError: There is no such game, the object is no game, or its classes have errors.
    """
    game = find_game(spec)
    try:
        require_sound(game)
    except GameDefinitionError as error:
        message = f"game {spec} cannot be played: {error}; all of it: gameserver check {spec}"
        raise ConfigError(message) from None
    return game


def find_game(spec: str) -> Game:
    """Return the game that ``spec`` names, without checking its classes.

    Raises:
        ConfigError: There is no such game, or the object is no game.
    """
    found = import_named(spec) if ":" in spec else _installed(spec)
    if isinstance(found, type) and issubclass(found, Game):
        try:
            found = found()
        except Exception as error:  # an author's constructor may raise anything
            message = f"{spec} cannot be made without arguments: {error!r:.200}"
            raise ConfigError(message) from error
    if not isinstance(found, Game):
        raise ConfigError(
            f"{spec} is not a game: a game is a subclass of gameserver.game.Game{_others_in(spec)}"
        )
    return found


def installed_games() -> list[str]:
    """Return the names of the installed games, sorted."""
    return sorted(entry.name for entry in entry_points(group=GROUP))


def _installed(name: str) -> object:
    matching = entry_points(group=GROUP, name=name)
    if not matching:
        games = installed_games()
        near = difflib.get_close_matches(name.lower(), games, 1)
        hint = f"; did you mean {near[0]}?" if near else file_hint(name)
        raise ConfigError(
            f"there is no game '{printable(name)}'{hint or '; write module:Class for your own'}"
            f" (installed: {', '.join(games) or 'none'})"
        )
    entry = next(iter(matching))
    try:
        return entry.load()
    except (Exception, SystemExit) as error:  # an author's module may raise anything
        sentence = f"game {name!r} cannot be loaded from {entry.value}: {failed(error)}"
        raise ConfigError(sentence) from error


def _others_in(spec: str) -> str:
    """Return a hint that names a game of the module in ``spec``; empty if it has none."""
    module = sys.modules.get(spec.partition(":")[0])
    names = [
        name
        for name, value in vars(module or object).items()
        if isinstance(value, type) and issubclass(value, Game) and value is not Game
    ]
    return f"; did you mean {spec.partition(':')[0]}:{names[0]}?" if names else ""
