"""The one guard around all code that a game's author wrote.

Law: whatever a game's method raises becomes a `GameFaultError`, which ends the match or refuses the
request that called it, and nothing else. `SystemExit` and its kin are no exceptions to that: a game
that calls ``exit()`` must not end the server. Nothing of ours calls a method of a game, of its bots
or of its options class outside of it.
"""

from types import TracebackType
from typing import Any, Final

from gameserver.errors import GameFaultError
from gameserver.game.game import Game

MOST_TEAMS: Final = 16
"""More than a lobby has seats for."""


class guarded:  # noqa: N801  read as a statement: ``with guarded(game, "step"):``
    """Turns what is raised in the block into the game's fault; its cause is what was raised."""

    __slots__ = ("_at", "_owner", "_what")

    def __init__(self, owner: object, what: str, at: int | None = None) -> None:
        """Name what is called: a method of ``owner``, or with a space in it, anything else.

        ``at`` is the tick in which it is called.
        """
        self._owner = owner
        self._what = what
        self._at = at

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Raise the fault.

        Raises:
            GameFaultError: Anything was raised.
        """
        if error is None or isinstance(error, GameFaultError):
            return
        owner = self._owner if isinstance(self._owner, type) else type(self._owner)
        what = self._what if " " in self._what else f"{owner.__name__}.{self._what}()"
        when = "" if self._at is None else f" at tick {self._at}"
        raise GameFaultError(f"{what}{when} raised {shown(error)}") from error


def shown(value: object) -> str:
    """Return what a value of a game says of itself, in one line, whatever its ``repr`` does."""
    try:
        return " ".join(repr(value).split())
    except BaseException as error:  # its author's code as well
        return f"a {type(value).__name__} whose repr raises {type(error).__name__}"


# --- what the rooms ask a game --------------------------------------------------------------------


def teams_of(game: Game, options: Any) -> int:
    """Return how many teams a mode has.

    Raises:
        GameFaultError: The method raised, or returned no such number.
    """
    with guarded(game, "teams"):
        teams: object = game.teams(options)
    if type(teams) is not int or not 0 <= teams <= MOST_TEAMS:
        fault = f"returned {shown(teams)}, which is no int from 0 to {MOST_TEAMS}"
        raise GameFaultError(f"{type(game).__name__}.teams() {fault}")
    return teams


def map_fits(game: Game, options: Any, modes: tuple[str, ...]) -> bool:
    """Tell whether a map that declares these modes can be played with these options.

    Raises:
        GameFaultError: The method raised.
    """
    with guarded(game, "map_fits"):
        return bool(game.map_fits(options, modes))
