"""The base class of a game, which an author subclasses.

Law: a match is a pure function of game, map, options, seed and inputs. A `Game` object is shared by
all matches and holds no state of a match; all state is in the `World`.
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
from gameserver.namespaces import Namespace


class Bot(Protocol):
    """Plays one seat. Its memory is not part of the world; the journal holds only its commands."""

    def command(self, world: World) -> Command:
        """Return the command for the next tick; must not change the world."""
        ...


def middle_level(levels: Sequence[str]) -> str:
    """Return the middle bot level; of two the easier one; empty if there are no levels."""
    return levels[(len(levels) - 1) // 2] if levels else ""


class Game:
    """Base of all games. Subclass it, set the class attributes, write `start`, `step`, `outcome`.

    Complete small games are in ``examples/``. The methods are called on the server's event loop:
    they must not block, and they must use no state but the world that they are given.
    """

    name: ClassVar[str]
    """Lower case letters, digits, - and _, at most 32; clients and configurations name it."""
    title: ClassVar[str]
    """Name shown to players."""
    tick_rate: ClassVar[int] = 30
    """Steps a second."""
    snapshot_every: ClassVar[int] = 1
    """Ticks from one snapshot to the next."""
    entities: ClassVar[tuple[type[Entity], ...]]
    """All entity classes, in the order of their numbers on the wire."""
    events: ClassVar[tuple[type[Event], ...]] = ()
    """All event classes, in the order of their numbers on the wire."""
    command: ClassVar[type[Command]]
    """Class of what a player presses in a tick; see `Command`."""
    options: ClassVar[type]
    """Attrs class whose fields are declared with `gameserver.game.options.option`."""
    mode_option: ClassVar[str] = ""
    """Name of the option, a choice, that lobby lists and quick play go by; empty without modes."""
    seats: ClassVar[tuple[int, int]] = (1, 16)
    """Fewest and most seats of a lobby."""
    interest: ClassVar[Interest | None] = None
    """Which part of a large world a player is sent; None sends the whole world to everybody."""
    bot_levels: ClassVar[tuple[str, ...]] = ()
    """Names of the bots' levels from easy to hard; empty if the game has no bots."""

    namespaces: ClassVar[tuple[type[Namespace], ...]] = ()
    """Events of the game's own beside its matches; see `gameserver.namespaces`."""

    # --- written by every game --------------------------------------------------------------

    def start(self, world: World, players: list[Player]) -> None:
        """Fill the world at tick 0: spawn the initial entities and those of all players."""
        del world, players
        raise _missing(self, "start")

    def step(self, world: World, commands: dict[Seat, Command]) -> None:
        """Advance the world to the tick ``world.tick``.

        ``commands`` are ordered by seat, and hold one command for every seated player. For the part
        that clients predict, call ``self.predict(world, seat, command)`` inside ``with
        world.caused_by(seat)``.
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
        """Add a player after the start."""
        del world, player

    def leave(self, world: World, seat: Seat) -> None:
        """Remove a player for good; its entities should be despawned."""
        del world, seat

    def predict(self, world: World, seat: Seat, command: Command) -> None:
        """Advance the part of the world that depends on this seat alone: its movement, its shots.

        It runs on the server inside `step`, and on the seat's client ahead of the server, with the
        same integers. It may read the map, options, tick, `World.keyed`, `World.rewound` and all
        that the seat's client receives. It may emit events, and change and spawn entities that the
        seat owns; changes to other entities will often be corrected.
        """
        del world, seat, command

    def group_of(self, world: World, seat: Seat) -> int:
        """Return the group (team) whose ``grouped`` fields a seat receives; 0 for none."""
        del world, seat
        return 0

    def outcome(self, world: World) -> Outcome | None:
        """Return how the match ended, or None while it goes on."""
        del world
        return None

    def standings(self, world: World) -> Outcome:
        """Return the present standings, for a match that is ended early."""
        del world
        return Outcome(())

    def time_left(self, world: World) -> int | None:
        """Return the ticks of play that are left at most, for pages about the match; None if open.

        Clients read the time from the game's own entities.
        """
        del world
        return None

    def bot(self, seat: Seat, level: str, rng: Rng) -> Bot:
        """Return a bot for a seat; ``level`` is one of `bot_levels`."""
        del seat, level, rng
        raise _missing(self, "bot")


def _missing(game: Game, method: str) -> GameDefinitionError:
    return GameDefinitionError(f"{type(game).__name__} must define {method}()")
