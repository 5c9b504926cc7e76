"""The deterministic core of a match: a world and the four calls that change it.

Law: nothing else may change a match's world. Live play and replay both use this class, so they
cannot differ. Whatever a game raises becomes `GameFaultError`. The order in a tick is `begin`, each
`leave`, each `join`, `step`.
"""

from collections.abc import Iterable
from typing import Any, NoReturn

from gameserver.accel import Bounds, hot
from gameserver.errors import GameFaultError
from gameserver.game.command import Command
from gameserver.game.entity import Entity, Outcome, Player
from gameserver.game.game import Game
from gameserver.game.guard import blame, guarded
from gameserver.game.maps.tilemap import TileMap
from gameserver.game.rng import Rng
from gameserver.game.schema.compiled import check
from gameserver.game.schema.history import History
from gameserver.game.world import World
from gameserver.ids import Seat, Tick
from gameserver.match.checks import checked_outcome

_SALT_STREAM = 1


def salt_of(seed: int) -> int:
    """Return the public salt of a match's secret seed; the seed cannot be computed from it."""
    return Rng.seeded(seed).fork(_SALT_STREAM).next32()


class Simulation:
    """A game's world, stepped tick by tick."""

    def __init__(
        self, game: Game, tile_map: TileMap, options: Any, seed: int, players: Iterable[Player]
    ) -> None:
        """Start a match at tick 0.

        Raises:
            GameFaultError: The game's `start` raised.
        """
        self.game = game
        self.bounds: Bounds = hot.bounds(game.entities)
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
        self._rewinds = _rewinds(game)
        self._record()

    @classmethod
    def resumed(cls, game: Game, world: World) -> "Simulation":
        """Return a simulation that continues a restored world.

        Raises:
            GameFaultError: The world has no history, as a client's.
        """
        made = cls.__new__(cls)
        if not isinstance(world.past, History):
            raise GameFaultError("only a world with history can go on")
        made.game, made.world, made.history = game, world, world.past
        made.bounds = hot.bounds(game.entities)
        made._rewinds = _rewinds(game)  # noqa: SLF001  its own class's
        return made

    def begin(self) -> None:
        """Advance the tick number and clear the events; call before `leave`, `join` and `step`."""
        self.world.tick = Tick(self.world.tick + 1)
        self.world.events = []

    def step(self, commands: dict[Seat, Command]) -> None:
        """Step the tick that was begun; ``commands`` are ordered by seat.

        Raises:
            GameFaultError: The game raised, or left a field out of its bounds.
        """
        world = self.world
        try:
            self.game.step(world, commands)
        except BaseException as error:
            blame(error, self.game, "step", world.tick)
        unfit = hot.first_unfit(self.bounds, world.listed())
        if unfit is not None:
            self._complain(unfit)
        self._record()

    def _record(self) -> None:
        if self._rewinds:
            self.history.record(self.world)
        else:
            self.history.record_nothing(self.world.tick)

    def _complain(self, entity: Entity) -> NoReturn:
        """Raise the `GameFaultError` that says what is wrong with an entity."""
        if entity.__class__ not in self.game.entities:
            raise _unlisted(self.game, entity)
        check(entity)
        raise AssertionError(f"{entity!r} is within its bounds")

    def join(self, player: Player) -> None:
        """Add a player, between `begin` and `step`."""
        with guarded(self.game, "join", self.world.tick):
            self.game.join(self.world, player)

    def leave(self, seat: Seat) -> None:
        """Remove a player, between `begin` and `step`."""
        with guarded(self.game, "leave", self.world.tick):
            self.game.leave(self.world, seat)

    def outcome(self) -> Outcome | None:
        """Return how the match ended; None while it goes on."""
        try:
            outcome = self.game.outcome(self.world)
            return None if outcome is None else checked_outcome(outcome)
        except BaseException as error:
            blame(error, self.game, "outcome", self.world.tick)


def _rewinds(game: Game) -> bool:
    return any(kind.rewindable for kind in game.entities)


def _unlisted(game: Game, entity: Entity) -> GameFaultError:
    kind, name = type(entity).__name__, type(game).__name__
    return GameFaultError(f"the world holds a {kind}, which is not in {name}.entities")
