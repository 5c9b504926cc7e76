"""Check `Game.teams` with different options, before a lobby calls it.

Law: the options tried are the defaults, each choice, all lowest and all highest numbers.
"""

from collections.abc import Iterator
from typing import Any, Final

from gameserver.errors import GameFaultError
from gameserver.game.checking.found import Found
from gameserver.game.game import Game
from gameserver.game.guard import guarded, teams_of
from gameserver.game.options import FieldKind, form_of

LOWEST: Final = "all options at their lowest"


def settings(game: Game) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield options to try a game with: a label, and the values that differ from the defaults."""
    form = form_of(game.options)
    yield "the default options", {}
    for field in form:
        for choice in field.choices:
            if choice != field.default:
                yield f"{field.name} = {choice}", {field.name: choice}
    numbers = [field for field in form if field.kind is FieldKind.INT]
    if numbers:
        yield LOWEST, {field.name: field.lo for field in numbers}
        yield "all options at their highest", {field.name: field.hi for field in numbers}


def check_teams(found: Found, game: Game) -> None:
    """Call `Game.teams` with each of `settings`; the game's classes must have no errors."""
    for label, values in settings(game):
        try:
            with guarded(game.options, "__init__"):
                options = game.options(**values)
            teams_of(game, options)
        except GameFaultError as error:
            place, _, message = str(error).partition("() ")
            found.error(place, f"{message} with {label}")
            return
