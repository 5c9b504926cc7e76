"""A game of hints: its names say nothing, or something else; see `test_hints`."""

import attrs

from gameserver import game as gs
from gameserver.game.fixed import SUB
from gameserver.ids import Seat

QUARTER = 256


@attrs.define(eq=False)
class Boat(gs.Entity):
    look = gs.Look(picture="boat", size=40 * SUB)

    east: int = gs.networked(hint="x")
    south: int = gs.networked(hint="y")
    bow: int = gs.networked(wrap=4 * QUARTER, hint="heading")
    turns: int = gs.networked()
    helm: int = gs.networked()
    gaze: int = gs.networked()
    size: int = gs.networked(default=7, hint="none")


@attrs.define(eq=False)
class Buoy(gs.Entity):
    look = gs.Look(shape="square", colour="#ff00ff", size=30 * SUB)

    x: int = gs.networked()
    y: int = gs.networked()
    colour: int = gs.networked(default=0x00FF00, hint="none")


@attrs.define(eq=False)
class Isle(gs.Entity):
    look = gs.Look(shape="disc", colour="#ff00ff", size=5 * SUB)  # its fields count before it

    x: int = gs.networked()
    y: int = gs.networked()
    sand: str = gs.networked(default="#00ffff", hint="colour")
    coast: str = gs.networked(default="square", hint="shape")
    reach: int = gs.networked(default=1, hint="none")
    span: int = gs.networked(default=40 * SUB, hint="size")


@attrs.frozen
class RegattaCommand(gs.Command):
    fire: bool = gs.edge(keys=("KeyT", "ArrowUp", "PadNorth"))  # turns the boat, not as named
    speed: int = gs.level(-8, 8, axis="-x")
    move: int = gs.level(0, 1023, pointer="angle")


@attrs.frozen
class RegattaOptions:
    """Its text is also that of an option of another game, where it means a time."""

    length_km: int = gs.option(5, "Length", lo=1, hi=9, unit="km")


class Regatta(gs.Game):
    name, title, seats, bot_levels = "regatta", "Regatta", (1, 8), ("normal",)
    entities, command, options = (Boat, Buoy, Isle), RegattaCommand, RegattaOptions

    def start(self, world: gs.World, players: list[gs.Player]) -> None:
        middle_x, middle_y = world.map.width * 256, world.map.height * 256
        world.spawn(Buoy(x=middle_x + 160 * SUB, y=middle_y))
        world.spawn(Isle(x=middle_x - 160 * SUB, y=middle_y))
        for player in players:
            boat = Boat(east=middle_x, south=middle_y + 120 * SUB * player.seat)
            world.spawn(boat, owner=player.seat)

    def step(self, world: gs.World, commands: dict[Seat, gs.Command]) -> None:
        for seat, command in commands.items():
            boat = world.owned(seat, Boat)
            if boat is None or not isinstance(command, RegattaCommand):
                continue
            boat.helm, boat.gaze = command.speed, command.move
            if command.fire:
                boat.bow = (boat.bow + QUARTER) % (4 * QUARTER)
                boat.turns += 1

    def bot(self, seat: Seat, level: str, rng: gs.Rng) -> gs.Bot:  # noqa: ARG002  it does nothing
        return Idle()


class Idle:
    def command(self, world: gs.World) -> gs.Command:  # noqa: ARG002  it sees nothing
        return RegattaCommand()
