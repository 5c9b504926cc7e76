"""The commands of a match's bots.

Law: a bot's command is checked like the input of a client. A command out of bounds, or an exception
of the bot, is the game's fault.
"""

from collections.abc import Callable

from gameserver.errors import GameFaultError
from gameserver.game.command import Command, command_checker, command_fault
from gameserver.game.game import Bot, Game
from gameserver.game.guard import guarded
from gameserver.game.world import World
from gameserver.ids import Seat, Tick


def bot_taker(bot: Bot, seat: Seat, game: Game, world: World) -> Callable[[Tick], Command]:
    """Return a function that asks a bot for its command for a tick; it raises `GameFaultError`.

    It refers to bot and world but not to the match. A match that referred to itself through it
    would stay in memory after its end, until the garbage collector visits the oldest objects.
    """
    fits = command_checker(game.command)

    def take(tick: Tick) -> Command:
        with guarded(game, f"the bot in seat {seat}", tick):
            command = bot.command(world)
        if not fits(command):
            fault = command_fault(game.command, command)
            raise GameFaultError(f"the bot in seat {seat} at tick {tick}: {fault}")
        return command

    return take
