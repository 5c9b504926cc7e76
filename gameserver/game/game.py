"""What a game is: the class an author writes.

Law: a match is a pure function of game, map, options, seed and inputs. A `Game` object is frozen
and holds no state of a match; all state is in the `World` it is handed.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, Protocol

from gameserver.errors import GameDefinitionError
from gameserver.game.command import Command
from gameserver.game.entity import Entity, Event, Outcome, Player
from gameserver.game.interest import Interest
from gameserver.game.maps.tilemap import TILE_BITS
from gameserver.game.rng import Rng
from gameserver.game.world import World
from gameserver.ids import Seat


class Bot(Protocol):
    """Plays one seat. Keeps what it remembers; is outside the world and never journaled."""

    def command(self, world: World) -> Command:
        """Return the command for the coming tick. Reads the world, never changes it."""
        ...


def middle_level(levels: Sequence[str]) -> str:
    """Return the middle one of bot levels, of two the easier; empty where there are none."""
    return levels[(len(levels) - 1) // 2] if levels else ""


class Game:
    """Base of all games. Subclass, set the class attributes, write `start`, `step`, `outcome`.

    Find a complete small one in ``examples/``. Everything here runs inside a tick: it must not
    block, and it may use only the world it is given.
    """

    name: ClassVar[str]
    """Short, stable, lower case; part of the wire."""
    title: ClassVar[str]
    """Shown to players."""
    tick_rate: ClassVar[int] = 30
    """Steps per second."""
    snapshot_every: ClassVar[int] = 1
    """Ticks from one snapshot to the next."""
    entities: ClassVar[tuple[type[Entity], ...]]
    """Every entity class, in the order of their numbers on the wire."""
    events: ClassVar[tuple[type[Event], ...]] = ()
    """Every event class, in the order of their numbers on the wire."""
    command: ClassVar[type[Command]]
    """Class of what a player presses in a tick; see `Command`."""
    options: ClassVar[type]
    """Attrs class whose fields are declared with `gameserver.game.options.option`."""
    seats: ClassVar[tuple[int, int]] = (1, 16)
    """Fewest and most seats of a lobby."""
    interest: ClassVar[Interest | None] = None
    """How much of a large world a player is sent; None sends all of it to everybody."""
    bot_levels: ClassVar[tuple[str, ...]] = ()
    """Names of the bots' levels from easy to hard; empty where the game has no bots."""

    # --- written by every game --------------------------------------------------------------

    def start(self, world: World, players: list[Player]) -> None:
        """Fill the world before tick 1: spawn what is there from the beginning and all players."""
        del world, players
        raise _missing(self, "start")

    def step(self, world: World, commands: dict[Seat, Command]) -> None:
        """Advance the world by the tick in ``world.tick``; commands come by rising seat.

        Every seated player has a command in every tick. Call ``self.predict(world, seat,
        command)`` under ``world.caused_by(seat)`` for the part that clients predict.
        """
        del world, commands
        raise _missing(self, "step")

    # --- written by games that need it --------------------------------------------------------

    def area(self, world: World) -> tuple[int, int]:
        """Return width and height of the world in the units of ``x`` and ``y``, for `interest`."""
        return world.map.width << TILE_BITS, world.map.height << TILE_BITS

    def teams(self, options: Any) -> int:
        """Return how many teams a mode has; 0 for none."""
        del options
        return 0

    def map_fits(self, options: Any, modes: tuple[str, ...]) -> bool:
        """Tell whether a map that declares these modes can be played with these options."""
        del options, modes
        return True

    def join(self, world: World, player: Player) -> None:
        """Let a player in after the start."""
        del world, player

    def leave(self, world: World, seat: Seat) -> None:
        """Take a player out, for good; what it owned should go."""
        del world, seat

    def predict(self, world: World, seat: Seat, command: Command) -> None:
        """Advance everything this seat alone decides: own movement, own projectiles.

        Runs on the server inside `step` and on the seat's client ahead of it, over the same
        integers: it may read the map, options, tick, `World.keyed`, `World.rewound` and whatever
        the seat's client receives; it may change and spawn only what the seat owns (or what it
        is prepared to see corrected), and emit events.
        """
        del world, seat, command

    def group_of(self, world: World, seat: Seat) -> int:
        """Return the number of the group (team) a seat sees ``grouped`` fields of; 0 for none."""
        del world, seat
        return 0

    def outcome(self, world: World) -> Outcome | None:
        """Return how the match ended, or None while it goes on."""
        del world
        return None

    def standings(self, world: World) -> Outcome:
        """Return the state of play for a match that is ended early."""
        del world
        return Outcome(())

    def bot(self, seat: Seat, level: str, rng: Rng) -> Bot:
        """Make a bot for a seat; ``level`` is one of `bot_levels`."""
        del seat, level, rng
        raise _missing(self, "bot")


def _missing(game: Game, method: str) -> GameDefinitionError:
    return GameDefinitionError(f"{type(game).__name__} must define {method}()")
