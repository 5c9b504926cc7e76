"""A small complete game for tests, with every kind of field, event and spawn.

Law: every feature of the framework is used here: linear, held, wrapping, once-only, group and owner
fields, every value type, plain state, predicted spawns, rewound hits, late players, bots, and many
short-lived entities, so that ids are reused.
"""

from typing import ClassVar

import attrs

from gameserver.game.command import Command, edge, level
from gameserver.game.entity import Entity, Event, Outcome, Player, Standing
from gameserver.game.fields import grouped, networked, private
from gameserver.game.fixed import TURN, clamp, vector
from gameserver.game.game import Bot, Game
from gameserver.game.options import option
from gameserver.game.rng import Rng
from gameserver.game.world import World
from gameserver.ids import Seat

SIDE = 8000
"""Side of the square room; coordinates are from 0 to this."""
SPEED = 40
BOLT_SPEED = 120
BOLT_TICKS = 30
REACH = 150
"""Largest distance from a shot's line at which it hits."""
STEPS = ((0, 0), (SPEED, 0), (0, SPEED), (-SPEED, 0), (0, -SPEED))


@attrs.define(eq=False)
class Board(Entity):
    """The state of the match as a whole; the world holds exactly one."""

    clock: int = networked(predict="linear")
    title: str = networked(default="", once=True)
    mood: str = networked(default="calm")
    strikes: int = attrs.field(default=0)


@attrs.define(eq=False)
class Runner(Entity):
    """A player's figure."""

    rewindable: ClassVar[bool] = True

    x: int = networked(predict="linear", lo=0, hi=SIDE)
    y: int = networked(predict="linear", lo=0, hi=SIDE)
    aim: int = networked(wrap=TURN)
    name: str = networked(default="", once=True)
    team: int = networked()
    hurt: bool = networked(default=False)
    heat: float = networked(default=0.0, precision=0.25)
    hits: int = networked()
    ammo: int = private(default=50)
    plan: int = grouped()
    cooldown: int = attrs.field(default=0)


@attrs.define(eq=False)
class Bolt(Entity):
    """A projectile, predicted by its owner."""

    x: int = networked(predict="linear")
    y: int = networked(predict="linear")
    turn: int = networked(wrap=TURN, predict="linear")
    age: int = attrs.field(default=0)


@attrs.define(eq=False)
class Spark(Entity):
    """A short-lived entity, so that ids are reused."""

    left: int = networked()


@attrs.frozen
class Thrown(Event):
    """A seat threw a bolt."""

    seat: int


@attrs.frozen
class Struck(Event):
    """A shot hit a runner."""

    reliable: ClassVar[bool] = True

    by: int
    whom: int
    label: str


@attrs.frozen
class Whispered(Event):
    """An event with a field of every type."""

    loud: bool
    text: str
    number: int


@attrs.frozen
class SkirmishCommand(Command):
    """Walk, aim, throw a bolt, shoot without a projectile."""

    move: int = level(0, 4)
    aim: int = level(0, TURN - 1)
    throw: bool = edge()
    shoot: bool = edge()


@attrs.frozen
class SkirmishOptions:
    """What a lobby may choose."""

    ticks: int = option(0, "Length", lo=0, hi=100_000, help="0 for without end.")
    break_at: int = option(0, "Fault", lo=0, hi=100_000, help="Tick of a fault; 0 for none.")


@attrs.define
class Wanderer:
    """A bot that walks and shoots at random."""

    seat: Seat
    rng: Rng
    seldom: int = 1
    """It throws with the probability 1 / (8 * seldom)."""

    def command(self, world: World) -> SkirmishCommand:
        """Return a random command."""
        del world
        rng = self.rng
        move, aim = rng.below(5), rng.below(TURN)
        throw, shoot = rng.chance(1, 8 * self.seldom), rng.chance(1, 8)
        return SkirmishCommand(move, aim, throw, shoot)


class Skirmish(Game):
    """The game: runners in a square room throw and shoot."""

    name = "skirmish"
    title = "Skirmish"
    entities: ClassVar[tuple[type[Entity], ...]] = (Board, Runner, Bolt, Spark)
    events: ClassVar[tuple[type[Event], ...]] = (Thrown, Struck, Whispered)
    command: ClassVar[type[Command]] = SkirmishCommand
    options: ClassVar[type[SkirmishOptions]] = SkirmishOptions
    bot_levels: ClassVar[tuple[str, ...]] = ("random",)

    def start(self, world: World, players: list[Player]) -> None:
        """Spawn the board, and all players at random places."""
        world.spawn(Board(title="Skirmish"))
        for player in players:
            self.join(world, player)

    def join(self, world: World, player: Player) -> None:
        """Spawn a player's runner at a random place."""
        x, y = world.rng.below(SIDE), world.rng.below(SIDE)
        world.spawn(Runner(x=x, y=y, name=player.name, team=player.team), player.seat)

    def leave(self, world: World, seat: Seat) -> None:
        """Despawn all entities of a seat."""
        for entity in world:
            if entity.owner == seat:
                world.despawn(entity)

    def step(self, world: World, commands: dict[Seat, Command]) -> None:
        """Move all runners, then shoot, then update the sparks."""
        board = world.one(Board)
        board.clock += 2
        for seat, command in commands.items():
            with world.caused_by(seat):
                self.predict(world, seat, command)
        for seat, command in commands.items():
            assert isinstance(command, SkirmishCommand)
            if command.shoot:
                self._shoot(world, seat, command)
        self._sparkle(world, board)
        if world.options.break_at and world.tick >= world.options.break_at:
            world.all(Runner)[0].x = SIDE + 1

    def predict(self, world: World, seat: Seat, command: Command) -> None:
        """Move the seat's runner and bolts."""
        assert isinstance(command, SkirmishCommand)
        for bolt in world.all(Bolt):
            if bolt.owner == seat:
                self._fly(world, bolt)
        runner = world.owned(seat, Runner)
        if runner is None:
            return
        dx, dy = STEPS[command.move]
        runner.x, runner.y = clamp(runner.x + dx, 0, SIDE), clamp(runner.y + dy, 0, SIDE)
        runner.aim = command.aim
        runner.heat = max(0.0, runner.heat - 0.25)
        runner.plan += command.move == 4 and runner.team > 0  # without a team nobody receives it
        runner.cooldown = max(0, runner.cooldown - 1)
        if command.throw and runner.ammo and not runner.cooldown:
            runner.ammo, runner.cooldown, runner.heat = runner.ammo - 1, 5, runner.heat + 3.0
            world.spawn(Bolt(x=runner.x, y=runner.y, turn=runner.aim), seat)
            world.emit(Thrown(seat))

    def _fly(self, world: World, bolt: Bolt) -> None:
        dx, dy = vector(bolt.turn, BOLT_SPEED)
        bolt.x, bolt.y, bolt.turn = bolt.x + dx, bolt.y + dy, (bolt.turn + 7) % TURN
        bolt.age += 1
        if bolt.age >= BOLT_TICKS:
            world.despawn(bolt)

    def _shoot(self, world: World, seat: Seat, command: SkirmishCommand) -> None:
        shooter = world.owned(seat, Runner)
        if shooter is None:
            return
        ux, uy = vector(command.aim, 1 << 10)
        for seen in world.rewound(command.view, Runner):
            dx, dy = seen.x - shooter.x, seen.y - shooter.y
            along, across = dx * ux + dy * uy >> 10, abs(dx * uy - dy * ux) >> 10
            hit = world.get(seen.id)
            if isinstance(hit, Runner) and hit is not shooter and along > 0 and across < REACH:
                hit.hurt, shooter.hits = not hit.hurt, shooter.hits + 1
                world.one(Board).strikes += 1
                world.emit(Struck(seat, hit.owner, hit.name))

    def _sparkle(self, world: World, board: Board) -> None:
        for spark in world.all(Spark):
            spark.left -= 1
            if spark.left <= 0:
                world.despawn(spark)
        for _ in range(world.rng.below(3)):
            world.spawn(Spark(left=1 + world.rng.below(9)))
        if world.rng.chance(1, 20):
            board.mood = world.rng.choice(("calm", "wild", "größer 🌩"))
            world.emit(Whispered(world.rng.chance(1, 2), board.mood, world.rng.below(1 << 20)))

    def group_of(self, world: World, seat: Seat) -> int:
        """Return the team: players receive the plans of their team."""
        runner = world.owned(seat, Runner)
        return runner.team if runner is not None else 0

    def outcome(self, world: World) -> Outcome | None:
        """Return the standings when the time is over."""
        ticks = world.options.ticks
        return self.standings(world) if ticks and world.tick >= ticks else None

    def standings(self, world: World) -> Outcome:
        """Return the players ranked by hits."""
        runners = sorted(world.all(Runner), key=lambda runner: (-runner.hits, runner.owner))
        lines = [Standing(r.owner, r.name, r.team, r.hits) for r in runners]
        return Outcome(tuple(lines), winner=lines[0].name if lines else "")

    def bot(self, seat: Seat, level: str, rng: Rng) -> Bot:  # noqa: ARG002  one level only
        """Make a wanderer."""
        return Wanderer(seat, rng)


SELDOM = 8


@attrs.frozen
class BoutOptions(SkirmishOptions):
    """The same options, but by default a match ends."""

    ticks: int = option(200, "Length", lo=0, hi=100_000, help="0 for without end.")


class Bout(Skirmish):
    """A short skirmish with few entities, so that simulating many matches costs little."""

    name = "bout"
    title = "Bout"
    options: ClassVar[type[SkirmishOptions]] = BoutOptions
    tick_rate = 20

    def _sparkle(self, world: World, board: Board) -> None:
        """Update the sparks only every `SELDOM` ticks."""
        if world.tick % SELDOM == 0:
            super()._sparkle(world, board)

    def bot(self, seat: Seat, level: str, rng: Rng) -> Bot:  # noqa: ARG002  one level only
        """Make a wanderer that rarely throws."""
        return Wanderer(seat, rng, seldom=SELDOM)
