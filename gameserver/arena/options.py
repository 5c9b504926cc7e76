"""The options of a match, and the command class."""

from enum import StrEnum

import attrs

from gameserver.game import Command, edge, level, option
from gameserver.game.fixed import TURN


class Mode(StrEnum):
    """The modes."""

    DEATHMATCH = "dm"
    TEAM_DEATHMATCH = "tdm"
    CAPTURE_THE_FLAG = "ctf"


MODE_TITLES = {
    Mode.DEATHMATCH.value: "Deathmatch",
    Mode.TEAM_DEATHMATCH.value: "Team deathmatch",
    Mode.CAPTURE_THE_FLAG.value: "Capture the flag",
}


@attrs.frozen
class ArenaOptions:
    """Options of one match."""

    mode: str = option("dm", "Mode", choices=MODE_TITLES, help="What is played for.")
    time_limit_s: int = option(
        240, "Time limit", lo=0, hi=1800, step=30, unit="s", help="0 plays to the score limit."
    )
    score_limit: int = option(
        15, "Score limit", lo=0, hi=100, help="Kills or captures that win; 0 plays for time."
    )
    friendly_fire: bool = option(False, "Friendly fire", help="Shots hurt one's own team too.")
    pickups: bool = option(True, "Pick-ups", help="Health, ammunition, rockets and haste.")


@attrs.frozen
class ArenaCommand(Command):
    """Move: 0 none, 1 east, then clockwise to 8 north-east. Aim: 0 east, clockwise, 1024 a turn."""

    move: int = level(0, 8)
    aim: int = level(0, TURN - 1)
    fire: int = level(0, 1)
    rocket: bool = edge()
    dash: bool = edge()
