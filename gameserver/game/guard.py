"""The guard around all code that a game's author wrote.

Law: whatever a game's method raises becomes a `GameFaultError`, which ends the match or refuses the
request that called it, and nothing else. That includes `SystemExit`: a game that calls ``exit()``
must not end the server. All calls to methods of a game, its bots and its options class are made
inside this guard.
"""

from types import TracebackType
from typing import Any, Final, NoReturn

from gameserver.errors import GameFaultError
from gameserver.game.game import Game

MOST_TEAMS: Final = 16
"""Most teams of a mode; a greater number is taken for an author's mistake."""


class guarded:  # noqa: N801  read as a statement: ``with guarded(game, "step"):``
    """Context that turns any exception of its block into a `GameFaultError`, its ``__cause__``."""

    __slots__ = ("_at", "_owner", "_what")

    def __init__(self, owner: object, what: str, at: int | None = None) -> None:
        """Describe the call, for the sentence of the error.

        Args:
            owner: The game, or a class, whose method is called.
            what: Name of the method; a text with a space replaces owner and method.
            at: Tick of the call; None outside a match.
        """
        self._owner = owner
        self._what = what
        self._at = at

    def __enter__(self) -> None:
        """Do nothing: the work is done on exit."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Convert an exception of the block.

        Raises:
            GameFaultError: The block raised anything; a `GameFaultError` is kept as it is.
        """
        if error is not None:
            blame(error, self._owner, self._what, self._at)


def blame(error: BaseException, owner: object, what: str, at: int | None = None) -> NoReturn:
    """Raise a `GameFaultError` for what a game raised; the arguments are those of `guarded`.

    ``except BaseException as error: blame(…)`` does what ``with guarded(…)`` does. It costs nothing
    while nothing is raised, so the calls of every tick are guarded in this way.
    """
    raise fault_of(error, owner, what, at)


def fault_of(
    error: BaseException, owner: object, what: str, at: int | None = None
) -> GameFaultError:
    """Return what `blame` raises, with its ``__cause__``."""
    if isinstance(error, GameFaultError):
        return error
    kind = owner if isinstance(owner, type) else type(owner)
    what = what if " " in what else f"{kind.__name__}.{what}()"
    when = "" if at is None else f" at tick {at}"
    fault = GameFaultError(f"{what}{when} raised {shown(error)}")
    fault.__cause__ = error
    return fault


def shown(value: object) -> str:
    """Return a value's ``repr`` in one line; safe even if the ``repr`` raises."""
    try:
        return " ".join(repr(value).split())
    except BaseException as error:  # its author's code as well
        return f"a {type(value).__name__} whose repr raises {type(error).__name__}"


# --- methods of a game that rooms call ------------------------------------------------------------


def teams_of(game: Game, options: Any) -> int:
    """Return how many teams a mode has.

    Raises:
        GameFaultError: The method raised, or returned no int from 0 to `MOST_TEAMS`.
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
