"""Find a game by name among the installed ones, or by ``module:Class``.

Law: whatever is wrong with what was asked for is one sentence that says what to write instead.
"""

import sys
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final

from gameserver.errors import ConfigError, GameDefinitionError
from gameserver.game.game import Game
from gameserver.game.gamecheck import require_sound

GROUP: Final = "gameserver.games"
"""Entry points of this group name the installed games."""


def load_game(spec: str) -> Game:
    """Return the game that ``spec`` names: an installed one's name, or ``module:Class``.

    Raises:
        ConfigError: There is no such game, what is there is none, or it cannot be played with.
    """
    game = find_game(spec)
    try:
        require_sound(game)
    except GameDefinitionError as error:
        message = f"game {spec} cannot be played: {error}; all of it: gameserver check {spec}"
        raise ConfigError(message) from None
    return game


def find_game(spec: str) -> Game:
    """Return the game that ``spec`` names, whatever is wrong with its classes.

    Raises:
        ConfigError: There is no such game, or what is there is none.
    """
    found = _from_module(spec) if ":" in spec else _installed(spec)
    if isinstance(found, type) and issubclass(found, Game):
        try:
            found = found()
        except Exception as error:  # an author's constructor may raise anything
            message = f"{spec} cannot be made without arguments: {error!r:.200}"
            raise ConfigError(message) from error
    if not isinstance(found, Game):
        raise ConfigError(f"{spec} is not a game: a game is a subclass of gameserver.game.Game")
    return found


def installed_games() -> list[str]:
    """Return the names of the installed games, sorted."""
    return sorted(entry.name for entry in entry_points(group=GROUP))


def _installed(name: str) -> object:
    matching = entry_points(group=GROUP, name=name)
    if not matching:
        names = ", ".join(installed_games()) or "none"
        raise ConfigError(
            f"there is no game {name!r}; installed: {names}; write module:Class for one of your own"
        )
    entry = next(iter(matching))
    try:
        return entry.load()
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"game {name!r} cannot be loaded from {entry.value}: {error}") from error


def _from_module(spec: str) -> object:
    module_name, _, attribute = spec.partition(":")
    if not module_name or not attribute:
        raise ConfigError(f"{spec!r} names no game; write module:Class")
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))  # as with ``python -m``: where an author's module lies
    try:
        return getattr(import_module(module_name), attribute)
    except ModuleNotFoundError as error:
        raise ConfigError(f"game {spec}: there is no module {error.name}") from error
    except AttributeError:
        raise ConfigError(f"game {spec}: module {module_name} has no {attribute}") from None
    except ImportError as error:
        raise ConfigError(f"game {spec} cannot be imported: {error}") from error
