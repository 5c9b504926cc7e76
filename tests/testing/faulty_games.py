"""Games with one fault each, which only a match shows."""

import os
import signal
import threading
import time
from typing import ClassVar

import attrs

from gameserver import game as gs
from gameserver.game.geometry.collide import move_circle
from gameserver.ids import Seat


@attrs.define(eq=False)
class Pawn(gs.Entity):
    x: int = gs.networked(lo=0, hi=1000)
    secret: int = 0


@attrs.define(eq=False)
class Stray(gs.Entity):
    pass


@attrs.frozen
class Step(gs.Command):
    move: int = gs.level(0, 4)


@attrs.frozen
class NoOptions:
    pass


class Sound(gs.Game):
    """Nothing is wrong with it; the others each spoil something."""

    name, title, seats, bot_levels = "sound", "Sound", (1, 4), ("easy",)
    entities, command, options = (Pawn,), Step, NoOptions

    def start(self, world: gs.World, players: list[gs.Player]) -> None:
        for player in players:
            self.join(world, player)

    def join(self, world: gs.World, player: gs.Player) -> None:
        world.spawn(Pawn(), owner=player.seat)

    def leave(self, world: gs.World, seat: Seat) -> None:
        world.despawn(world.owned(seat, Pawn) or Pawn())

    def predict(self, world: gs.World, seat: Seat, command: gs.Command) -> None:
        pawn = world.owned(seat, Pawn)
        if pawn and isinstance(command, Step):
            pawn.x = min(1000, pawn.x + command.move)

    def step(self, world: gs.World, commands: dict[Seat, gs.Command]) -> None:
        for seat, command in commands.items():
            with world.caused_by(seat):
                self.predict(world, seat, command)

    def outcome(self, world: gs.World) -> gs.Outcome | None:
        return gs.Outcome(()) if world.tick > 5000 else None

    def bot(self, seat: Seat, level: str, rng: gs.Rng) -> gs.Bot:
        del seat, level, rng
        return Walker()


class Walker:
    def command(self, world: gs.World) -> gs.Command:
        del world
        return Step(1)


class ByHash(Sound):
    """Depends on the hash of a text, which is another one in each process."""

    def step(self, world: gs.World, commands: dict[Seat, gs.Command]) -> None:
        super().step(world, commands)
        for pawn in world.all(Pawn):
            pawn.secret = hash("pawn") % 1000


class BySetOrder(Sound):
    """Walks over a set of texts."""

    def step(self, world: gs.World, commands: dict[Seat, gs.Command]) -> None:
        super().step(world, commands)
        order = {f"name {number}" for number in range(20)}
        for pawn in world.all(Pawn):
            pawn.secret = int(next(iter(order)).removeprefix("name "))


class ByClock(Sound):
    """Reads a clock."""

    def step(self, world: gs.World, commands: dict[Seat, gs.Command]) -> None:
        super().step(world, commands)
        for pawn in world.all(Pawn):
            pawn.secret = time.perf_counter_ns() % 1_000_000


class KeepsScore(Sound):
    """Keeps state on the class."""

    score: ClassVar[int] = 0

    def step(self, world: gs.World, commands: dict[Seat, gs.Command]) -> None:
        super().step(world, commands)
        type(self).score += 1


class Remembers(Sound):
    """Keeps state on the game object."""

    def start(self, world: gs.World, players: list[gs.Player]) -> None:
        super().start(world, players)
        self.seen = len(players)


class WildBot(Sound):
    """Its bots press what no player can."""

    def bot(self, seat: Seat, level: str, rng: gs.Rng) -> gs.Bot:
        del seat, level, rng
        return Jumper()


class Jumper:
    def command(self, world: gs.World) -> gs.Command:
        del world
        return Step(9)


class SpawnsStray(Sound):
    """Spawns what it does not list."""

    def step(self, world: gs.World, commands: dict[Seat, gs.Command]) -> None:
        super().step(world, commands)
        if world.tick == 3:
            world.spawn(Stray())


class RunsOff(Sound):
    """Lets a field leave its bounds."""

    def step(self, world: gs.World, commands: dict[Seat, gs.Command]) -> None:
        super().step(world, commands)
        for pawn in world.all(Pawn):
            pawn.x += 600


class Swarms(Sound):
    """Spawns without end."""

    def step(self, world: gs.World, commands: dict[Seat, gs.Command]) -> None:
        super().step(world, commands)
        while world.tick == 3:
            world.spawn(Pawn())


@attrs.define(eq=False)
class Wide(gs.Entity):
    a: int = gs.networked(default=2**52)
    b: int = gs.networked(default=2**52)
    c: int = gs.networked(default=2**52)
    d: int = gs.networked(default=2**52)
    e: int = gs.networked(default=2**52)
    f: int = gs.networked(default=2**52)


class Crowds(Sound):
    """Spawns more than a snapshot holds."""

    entities = (Pawn, Wide)  # type: ignore[assignment]

    def step(self, world: gs.World, commands: dict[Seat, gs.Command]) -> None:
        super().step(world, commands)
        if world.tick == 3:
            for _ in range(32_000):
                # Numbers that nothing foretells: others would be told in few bytes.
                world.spawn(Wide(*(2**52 - world.rng.next32() * 2**18 for _ in range(6))))


@attrs.frozen
class Bang(gs.Event):
    text: str


class Shouts(Sound):
    """Tells more events than a snapshot holds."""

    events = (Bang,)

    def step(self, world: gs.World, commands: dict[Seat, gs.Command]) -> None:
        super().step(world, commands)
        if world.tick == 3:
            world.events = [Bang("x" * 255)] * 5_000


class LongEvent(Shouts):
    """Tells an event that is too long."""

    def step(self, world: gs.World, commands: dict[Seat, gs.Command]) -> None:
        Sound.step(self, world, commands)
        if world.tick == 3:
            world.emit(Bang("x" * 100_000))


class PredictsSecrets(Sound):
    """Predicted code reads what only the server has."""

    def predict(self, world: gs.World, seat: Seat, command: gs.Command) -> None:
        super().predict(world, seat, command)
        others = [pawn for pawn in world.all(Pawn) if pawn.owner != seat]
        if others and others[0].secret == 0:
            msg = "the others have no secret"
            raise LookupError(msg)

    def start(self, world: gs.World, players: list[gs.Player]) -> None:
        super().start(world, players)
        for pawn in world.all(Pawn):
            pawn.secret = 1

    def join(self, world: gs.World, player: gs.Player) -> None:
        world.spawn(Pawn(secret=1), owner=player.seat)


class Exits(Sound):
    """Ends the program where it can."""

    def outcome(self, world: gs.World) -> gs.Outcome | None:
        if world.tick == 4:
            raise SystemExit(3)
        return None


class TeamsOfText(Sound):
    """Counts its teams in words."""

    def teams(self, options: NoOptions) -> int:
        del options
        return "two"  # type: ignore[return-value]


class NoBot(Sound):
    """Gives no bot."""

    def bot(self, seat: Seat, level: str, rng: gs.Rng) -> gs.Bot:
        del seat, level, rng
        return None  # type: ignore[return-value]


class Loops(Sound):
    """Never comes back from a step. It brings its watchdog's alarm forward, to save the wait."""

    def step(self, world: gs.World, commands: dict[Seat, gs.Command]) -> None:
        super().step(world, commands)
        if world.tick == 5:
            signal.setitimer(signal.ITIMER_REAL, 0.01)
        while world.tick == 5:
            pass


@attrs.define(eq=False)
class Named(Pawn):
    name: str = gs.networked(default="", once=True)


class Renames(Sound):
    """Changes what is sent once."""

    entities = (Named,)

    def join(self, world: gs.World, player: gs.Player) -> None:
        world.spawn(Named(name=player.name), owner=player.seat)

    def step(self, world: gs.World, commands: dict[Seat, gs.Command]) -> None:
        super().step(world, commands)
        if world.tick == 7:
            world.all(Named)[0].name = "Other"


class LongName(Renames):
    """Writes a text that is too long."""

    def step(self, world: gs.World, commands: dict[Seat, gs.Command]) -> None:
        Sound.step(self, world, commands)
        if world.tick == 7:
            world.spawn(Named(name="x" * 100_000))


class HugeNumber(Sound):
    """Reaches a number that Python itself does not print."""

    def step(self, world: gs.World, commands: dict[Seat, gs.Command]) -> None:
        super().step(world, commands)
        if world.tick == 3:
            world.all(Pawn)[0].secret = 10**5000


class Misuses(Sound):
    """Gives a function of the library what it cannot take."""

    def step(self, world: gs.World, commands: dict[Seat, gs.Command]) -> None:
        super().step(world, commands)
        move_circle(world.map, 0.5, 0, 10, 1, 1)


class Vanishes(Sound):
    """Takes the whole process along."""

    def step(self, world: gs.World, commands: dict[Seat, gs.Command]) -> None:
        super().step(world, commands)
        if world.tick == 3:
            os._exit(3)


class StartsThread(Sound):
    """Leaves something running that never ends."""

    def start(self, world: gs.World, players: list[gs.Player]) -> None:
        super().start(world, players)
        threading.Thread(target=threading.Event().wait, name="forever").start()
