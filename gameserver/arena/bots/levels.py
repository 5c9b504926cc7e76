"""Levels of bots. They differ as players do: in reaction time, aim and decisions."""

from typing import Final

import attrs


@attrs.frozen
class BotLevel:
    """One level. Times are in ticks, angles in 1/1024 of a turn."""

    reaction: int
    """Time from seeing an enemy to the first shot."""
    error: int
    """Largest error of the aim."""
    turn: int
    """Largest turn of the aim in a tick."""
    pause: int
    """Percent of a fight's ticks without fire."""
    rockets: int
    """Percent of the good moments for a rocket that are used."""
    dashes: int
    """Percent of the good moments for a dash that are used."""
    dodges: int
    """Percent of the approaching rockets that are dodged."""
    retreat: int
    """Health below which the bot looks for health first."""


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
"""Levels by name, from easy to hard."""
