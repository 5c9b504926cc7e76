"""The commands of a match's bots.

Law: a bot's command is checked like the input of a client. A command out of bounds, or an exception
of the bot, is the game's fault.
"""

from gameserver.errors import GameFaultError
from gameserver.game.command import Command, command_checker, command_fault
from gameserver.game.game import Bot, Game
from gameserver.game.guard import guarded
from gameserver.game.world import World
from gameserver.ids import Seat, Tick


class BotSource:
    """The commands of the bot in one seat.

    It refers to bot and world but not to the match. A match that referred to itself through it
    would stay in memory after its end, until the garbage collector visits the oldest objects.
    """

    def __init__(self, bot: Bot, seat: Seat, game: Game, world: World) -> None:
        """Ask ``bot`` for the commands of a seat."""
        self._bot, self._seat, self._game, self._world = bot, seat, game, world
        self._fits = command_checker(game.command)

    def take(self, tick: Tick) -> Command:
        """Ask the bot for its command for a tick.

        Raises:
            GameFaultError: The bot raised, or returned no command, or one out of bounds.
        """
        with guarded(self._game, f"the bot in seat {self._seat}", tick):
            command = self._bot.command(self._world)
        if not self._fits(command):
            fault = command_fault(self._game.command, command)
            raise GameFaultError(f"the bot in seat {self._seat} at tick {tick}: {fault}")
        return command
