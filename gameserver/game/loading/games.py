"""Find a game by name among the installed ones, or by ``module:Class``.

Law: whatever is wrong with what was asked for is one sentence that says what to write instead.
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
    """Offer the games of the module that was named."""
    module = sys.modules.get(spec.partition(":")[0])
    names = [
        name
        for name, value in vars(module or object).items()
        if isinstance(value, type) and issubclass(value, Game) and value is not Game
    ]
    return f"; did you mean {spec.partition(':')[0]}:{names[0]}?" if names else ""
