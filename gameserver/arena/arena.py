"""The game class of Arena, a top-down shooter for up to sixteen players.

Law: the object has no state. The order of a tick is defined here only: all fighters move and fire,
rockets hit fighters, damage is applied, then points, flags and phases are updated.
"""

from collections.abc import Iterable
from operator import attrgetter
from typing import Any, ClassVar, Final

from gameserver.arena import flags, pickups, rules, spawns
from gameserver.arena.bots import ArenaBot
from gameserver.arena.bots.levels import LEVELS
from gameserver.arena.damage import hurt_by_events
from gameserver.arena.entities import Board, Fighter, Flag, MatchPhase, Pickup, Rocket
from gameserver.arena.events import ALL
from gameserver.arena.movement import move
from gameserver.arena.options import ArenaCommand, ArenaOptions, Mode
from gameserver.arena.tuning import TICK_RATE
from gameserver.arena.weapons import explode, fire, fly, struck
from gameserver.game import Bot, Command, Entity, Game, Outcome, Player, Rng, World
from gameserver.ids import Seat


class Arena(Game):
    """Deathmatch, team deathmatch and capture the flag."""

    name = "arena"
    title = "Arena"
    tick_rate = TICK_RATE
    entities: ClassVar[tuple[type[Entity], ...]] = (Board, Fighter, Rocket, Pickup, Flag)
    events = ALL
    command: ClassVar[type[Command]] = ArenaCommand
    options = ArenaOptions
    mode_option = "mode"
    seats: ClassVar[tuple[int, int]] = (1, 16)
    bot_levels: ClassVar[tuple[str, ...]] = tuple(LEVELS)

    def teams(self, options: Any) -> int:
        """Return 2 for the team modes, else 0."""
        return 0 if options.mode == Mode.DEATHMATCH else 2

    def map_fits(self, options: Any, modes: tuple[str, ...]) -> bool:
        """Tell whether a map declares the mode; a map without modes is played as deathmatch."""
        return options.mode in modes or (not modes and options.mode == Mode.DEATHMATCH)

    def start(self, world: World, players: list[Player]) -> None:
        """Spawn the board, pickups, flags, and the fighters of all players."""
        rules.set_up(world)
        if world.options.pickups:
            pickups.place(world)
        if world.options.mode == Mode.CAPTURE_THE_FLAG:
            flags.place(world)
        for player in players:
            spawns.enter(world, player)

    def join(self, world: World, player: Player) -> None:
        """Spawn a late player's fighter."""
        spawns.enter(world, player)

    def leave(self, world: World, seat: Seat) -> None:
        """Remove a fighter and its rockets; a carried flag is dropped where it is."""
        for rocket in world.all(Rocket):
            if rocket.owner == seat:
                world.despawn(rocket)
        fighter = world.owned(seat, Fighter)
        if fighter is not None:
            flags.drop(world, fighter)
            world.despawn(fighter)

    def step(self, world: World, commands: dict[Seat, Command]) -> None:
        """Advance by one tick."""
        if world.one(Board).phase != MatchPhase.OVER:
            # A seat's prediction spawns and despawns only its own rockets, and no fighters: so one
            # pass finds what each seat has.
            fighters = {fighter.owner: fighter for fighter in reversed(world.all(Fighter))}
            rockets: dict[Seat, list[Rocket]] = {}
            for rocket in world.all(Rocket):
                rockets.setdefault(rocket.owner, []).append(rocket)
            for seat, command in commands.items():
                assert isinstance(command, ArenaCommand)
                with world.caused_by(seat):
                    _act(world, fighters.get(seat), rockets.get(seat, ()), command)
            self._resolve(world)
        rules.advance_phase(world)

    def _resolve(self, world: World) -> None:
        for rocket in world.all(Rocket):
            victim = struck(world, rocket)
            if victim is not None:
                explode(world, rocket, victim.owner)
        deaths = hurt_by_events(world)
        for victim, _ in deaths:
            flags.drop(world, victim)
        rules.count_deaths(world, deaths)
        pickups.bring_back(world)
        spawns.respawn(world)
        flags.play(world)

    def predict(self, world: World, seat: Seat, command: Command) -> None:
        """Advance what depends on one seat alone: its fighter's moves and shots, its rockets."""
        assert isinstance(command, ArenaCommand)
        if world.one(Board).phase == MatchPhase.OVER:
            return
        rockets = [rocket for rocket in world.all(Rocket) if rocket.owner == seat]
        _act(world, world.owned(seat, Fighter), rockets, command)

    def group_of(self, world: World, seat: Seat) -> int:
        """Return the fighter's team."""
        fighter = world.owned(seat, Fighter)
        return fighter.team if fighter is not None else 0

    def outcome(self, world: World) -> Outcome | None:
        """Return the results when the time after the end of play is over; None before."""
        return rules.standings(world) if rules.is_over(world) else None

    def standings(self, world: World) -> Outcome:
        """Return the present results."""
        return rules.standings(world)

    def time_left(self, world: World) -> int | None:
        """Return the ticks until play ends at the latest, overtime aside; None without a limit."""
        return rules.time_left(world)

    def bot(self, seat: Seat, level: str, rng: Rng) -> Bot:
        """Make a bot."""
        return ArenaBot(seat, level, rng)


_LAUNCH: Final = attrgetter("born", "ordinal")


def _act(
    world: World, fighter: Fighter | None, rockets: Iterable[Rocket], command: ArenaCommand
) -> None:
    """Advance a seat's rockets, and its fighter if it lives.

    Rockets fly in the order of their launches: a client does not know the ids of the last ones.
    """
    for rocket in sorted(rockets, key=_LAUNCH):
        fly(world, rocket)
    if fighter is None or not fighter.alive:
        return
    move(world, fighter, command)
    fire(world, fighter, command)
    fighter.shielded = world.tick < fighter.shield_ends
    pickups.take(world, fighter)
