"""The seats of one match: who has each, and where its commands come from.

Law: seats change between two ticks, and nowhere else; of several joins of a seat between two ticks
the last one counts.
"""

from gameserver.accel import CommandSource, InputBuffer, hot
from gameserver.game.entity import Player
from gameserver.game.game import Bot, Game, middle_level
from gameserver.game.guard import guarded
from gameserver.game.rng import Rng
from gameserver.ids import Seat
from gameserver.match.bots import BotSource
from gameserver.match.checks import require_bot
from gameserver.match.simulation import Simulation
from gameserver.match.tally import Tally
from gameserver.netcode.timing.inputs import buffer_rules
from gameserver.protocol.inputs import input_table

_BOT_STREAM = 1000


class Seating:
    """Who sits where in a match.

    Attributes:
        players: Each seat's player, a bot or a person.
        buffers: Each seat's inputs; a bot's stay empty. Others may read it.
        sources: Where each seat's commands come from, by rising seat.
        changes: Whether a seat waits to be released or taken.
        released: Figures of the inputs of released seats.
    """

    def __init__(self, game: Game, simulation: Simulation, seed: int, bot_level: str) -> None:
        """Start without players.

        Args:
            game: The game.
            simulation: Is told who joins and leaves.
            seed: The match's.
            bot_level: One of the game's ``bot_levels``; empty for `middle_level`.
        """
        self.players: dict[Seat, Player] = {}
        self.buffers: dict[Seat, InputBuffer] = {}
        self.sources: list[tuple[Seat, CommandSource]] = []
        self.changes: bool = False
        self.released: Tally = Tally()
        self._game = game
        self._simulation = simulation
        self._seed = seed
        self._bot_level = bot_level or middle_level(game.bot_levels)
        self._inputs = input_table(game.command)
        self._rules = buffer_rules(game.tick_rate)
        self._bots: dict[Seat, Bot] = {}
        self._leaving: list[Seat] = []
        self._joining: list[Player] = []

    def join(self, player: Player) -> None:
        """Seat a player at the next `change`, in place of a bot or a player on that seat."""
        self._drop_joining(player.seat)
        self._joining.append(player)
        self.changes = True

    def leave(self, seat: Seat, bot: Player | None = None) -> None:
        """Release a seat at the next `change`; a ``bot`` takes it over, if one is given."""
        self._drop_joining(seat)
        self._leaving.append(seat)
        if bot is not None:
            self._joining.append(bot)
        self.changes = True

    def _drop_joining(self, seat: Seat) -> None:
        self._joining = [player for player in self._joining if player.seat != seat]

    def change(self) -> tuple[tuple[Seat, ...], tuple[Player, ...]]:
        """Release and take the seats that wait for it; return the seats, and the players.

        Raises:
            GameFaultError: The game could not let a player leave or join, or has no bot.
        """
        joined = tuple(self._joining)
        making_room = [player.seat for player in joined]
        left = tuple(s for s in dict.fromkeys(self._leaving + making_room) if s in self.players)
        self._leaving, self._joining, self.changes = [], [], False
        for seat in left:
            self._release(seat)
        for player in joined:
            self.take(player)
            self._simulation.join(player)
        return left, joined

    def take(self, player: Player) -> None:
        """Give a player, of whom the simulation knows already, a seat.

        Raises:
            GameFaultError: The player is a bot, and the game has none.
        """
        self.players[player.seat] = player
        self.buffers[player.seat] = hot.input_buffer(self._inputs, self._rules)
        if player.bot:
            rng = Rng.seeded(self._seed, _BOT_STREAM + player.seat)
            with guarded(self._game, "bot", self._simulation.world.tick):
                self._bots[player.seat] = self._game.bot(player.seat, self._bot_level, rng)
            require_bot(self._game, self._bots[player.seat])
        self._list_sources()

    def _release(self, seat: Seat) -> None:
        self.released.add_inputs([self.buffers[seat].counts])
        del self.players[seat], self.buffers[seat]
        self._bots.pop(seat, None)
        self._list_sources()
        self._simulation.leave(seat)

    def _list_sources(self) -> None:
        game, world, bots = self._game, self._simulation.world, self._bots
        self.sources = [
            (seat, BotSource(bots[seat], seat, game, world) if seat in bots else buffer)
            for seat, buffer in sorted(self.buffers.items())
        ]

    def add_to(self, tally: Tally) -> None:
        """Add the seats' figures to those of a match; released seats are included."""
        tally.seats += len(self.players)
        tally.bots += len(self._bots)
        tally.add_past(self.released)
        tally.add_inputs([buffer.counts for buffer in self.buffers.values()])
