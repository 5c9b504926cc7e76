"""A game that raises at a chosen tick, to see whether anything else is affected."""

import sys
from typing import Any

import attrs

from gameserver.game import Player, option
from gameserver.game.world import World
from gameserver.testing.skirmish import Skirmish, SkirmishOptions


@attrs.frozen
class FaultyOptions(SkirmishOptions):
    """A skirmish, and when it breaks."""

    raise_at: int = option(0, "Raise at tick", lo=0, hi=1000, help="0 never raises.")
    break_start: bool = option(False, "Raise at the start", help="The match cannot even begin.")


class Chatty(Skirmish):
    """Prints a page in each step, as an author does who looks for a mistake."""

    name = "chatty"
    title = "Chatty"

    def step(self, world: World, commands: Any) -> None:
        print(world, "x" * 4000, flush=True)  # noqa: T201
        print(world, file=sys.stderr)  # noqa: T201
        super().step(world, commands)


class Faulty(Skirmish):
    """Raises in the step of one tick."""

    name = "faulty"
    title = "Faulty"
    options = FaultyOptions

    def start(self, world: World, players: list[Player]) -> None:
        if world.options.break_start:
            raise ZeroDivisionError("the game of this match cannot begin")
        super().start(world, players)

    def step(self, world: World, commands: Any) -> None:
        if world.tick == world.options.raise_at:
            raise ZeroDivisionError("the game of this match is broken")
        super().step(world, commands)


@attrs.frozen
class DoomedOptions(FaultyOptions):
    """A skirmish that breaks soon, whoever starts it."""

    raise_at: int = option(20, "Raise at tick", lo=0, hi=1000, help="0 never raises.")
    break_start: bool = option(False, "Raise at the start", help="The match cannot even begin.")


class Doomed(Faulty):
    """Breaks in every match."""

    name = "doomed"
    title = "Doomed"
    options = DoomedOptions
