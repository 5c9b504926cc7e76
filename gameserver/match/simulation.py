"""The pure middle of a match: a world and the four calls that change it.

Law: nothing else may touch a match's world. Live play and replay both go through here, so they
cannot differ. Whatever a game raises becomes `GameFaultError`. A tick is `begin`, then who
leaves, then who comes, then `step`.
"""

from collections.abc import Iterable
from typing import Any

from gameserver.errors import GameFaultError
from gameserver.game.command import Command
from gameserver.game.entity import Entity, Outcome, Player
from gameserver.game.game import Game
from gameserver.game.guard import guarded
from gameserver.game.maps.tilemap import TileMap
from gameserver.game.rng import Rng
from gameserver.game.schema.compiled import Check, checker
from gameserver.game.schema.history import History
from gameserver.game.world import World
from gameserver.ids import Seat, Tick
from gameserver.match.checks import checked_outcome

_SALT_STREAM = 1


def salt_of(seed: int) -> int:
    """Return the public salt that belongs to a match's secret seed; it does not give it away."""
    return Rng.seeded(seed).fork(_SALT_STREAM).next32()


class Simulation:
    """A world with its game."""

    def __init__(
        self, game: Game, tile_map: TileMap, options: Any, seed: int, players: Iterable[Player]
    ) -> None:
        """Start a match at tick 0.

        Raises:
            GameFaultError: The game's `start` raised.
        """
        self.game = game
        self.checks: dict[type[Entity], Check] = _checks_of(game)
        self.history: History = History(game.tick_rate)
        self.world: World = World(
            map=tile_map,
            options=options,
            salt=salt_of(seed),
            rng=Rng.seeded(seed),
            past=self.history,
        )
        with guarded(game, "start", at=0):
            game.start(self.world, list(players))
        self.history.record(self.world)

    @classmethod
    def resumed(cls, game: Game, world: World) -> "Simulation":
        """Go on with a restored world."""
        made = cls.__new__(cls)
        if not isinstance(world.past, History):
            raise GameFaultError("only a world with history can go on")
        made.game, made.world, made.history = game, world, world.past
        made.checks = _checks_of(game)
        return made

    def begin(self) -> None:
        """Begin the next tick: what happens from now on belongs to it."""
        self.world.tick = Tick(self.world.tick + 1)
        self.world.events = []

    def step(self, commands: dict[Seat, Command]) -> None:
        """Step the tick that was begun; commands come by rising seat.

        Raises:
            GameFaultError: The game raised, or left a field out of its bounds.
        """
        world = self.world
        with guarded(self.game, "step", world.tick):
            self.game.step(world, commands)
        for entity in world:
            check = self.checks.get(entity.__class__)
            if check is None:
                raise _unlisted(self.game, entity)
            check(entity)
        self.history.record(world)

    def join(self, player: Player) -> None:
        """Let a player in before the next step."""
        with guarded(self.game, "join", self.world.tick):
            self.game.join(self.world, player)

    def leave(self, seat: Seat) -> None:
        """Take a player out before the next step."""
        with guarded(self.game, "leave", self.world.tick):
            self.game.leave(self.world, seat)

    def outcome(self) -> Outcome | None:
        """Return how the match ended, or None."""
        with guarded(self.game, "outcome", self.world.tick):
            return checked_outcome(self.game.outcome(self.world))


def _checks_of(game: Game) -> dict[type[Entity], Check]:
    return {kind: checker(kind) for kind in game.entities}


def _unlisted(game: Game, entity: Entity) -> GameFaultError:
    kind, name = type(entity).__name__, type(game).__name__
    return GameFaultError(f"the world holds a {kind}, which is not in {name}.entities")
