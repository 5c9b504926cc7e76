"""How good a bot is. What makes a bot weak is what makes a person weak: time, aim, haste."""

from typing import Final

import attrs


@attrs.frozen
class BotLevel:
    """One level. Times are ticks, angles are 1024ths of a turn."""

    reaction: int
    """From seeing somebody to the first shot."""
    error: int
    """Farthest that the aim strays from the target."""
    turn: int
    """Farthest that the aim turns in a tick."""
    pause: int
    """Percent of a fight's ticks in which it holds its fire."""
    rockets: int
    """Percent of good moments for a rocket that it uses."""
    dashes: int
    """Percent of good moments for a dash that it uses."""
    dodges: int
    """Percent of the rockets coming at it that it steps away from."""
    retreat: int
    """Health below which it looks for more before it fights on."""


LEVELS: Final = {
    "easy": BotLevel(
        reaction=20, error=70, turn=18, pause=60, rockets=10, dashes=5, dodges=15, retreat=15
    ),
    "normal": BotLevel(
        reaction=11, error=34, turn=34, pause=30, rockets=30, dashes=20, dodges=50, retreat=30
    ),
    "hard": BotLevel(
        reaction=6, error=14, turn=60, pause=8, rockets=60, dashes=45, dodges=85, retreat=40
    ),
}
"""From easy to hard."""
