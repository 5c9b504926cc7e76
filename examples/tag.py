"""Tag: somebody is it, and whoever is it for the shortest time wins. A whole game in one file."""

import attrs

from gameserver import game as gs
from gameserver.game.fixed import SUB, angle_of, length, vector
from gameserver.game.geometry.collide import move_circle
from gameserver.ids import Seat

RADIUS, REACH, SPEED, SPEED_OF_IT = 12 * SUB, 26 * SUB, 7 * SUB, 8 * SUB  # a tick


@attrs.define(eq=False)
class Runner(gs.Entity):  # a player's figure; "linear" fields cost no bytes while they go on
    x: int = gs.networked(predict="linear")
    y: int = gs.networked(predict="linear")
    was_it: int = gs.networked(predict="linear")  # for so many ticks
    it: bool = gs.networked(default=False)
    name: str = gs.networked(default="", once=True)
    rests_until: int = 0  # the tick until which it tags nobody; a plain field is never sent

    def far_from(self, other: "Runner") -> int:
        return length(self.x - other.x, self.y - other.y)


@attrs.frozen
class Tagged(gs.Event):
    seat: int
    target: int


@attrs.frozen
class TagCommand(gs.Command):
    move: int = gs.level(0, 8)  # 0 stands still, 1 runs east, then clockwise


@attrs.frozen
class TagOptions:
    length_s: int = gs.option(90, "Length", lo=10, hi=600, step=10, unit="s")


class Tag(gs.Game):
    name, title, seats, bot_levels = "tag", "Tag", (2, 12), ("normal",)
    entities, events, command, options = (Runner,), (Tagged,), TagCommand, TagOptions

    def start(self, world: gs.World, players: list[gs.Player]) -> None:
        for player in players:
            self.join(world, player)

    def join(self, world: gs.World, player: gs.Player) -> None:
        place = world.rng.choice([o for o in world.map.objects if o.kind == "spawn"])
        world.spawn(Runner(x=place.x, y=place.y, name=player.name), owner=player.seat)

    def leave(self, world: gs.World, seat: Seat) -> None:
        world.despawn(world.owned(seat, Runner) or Runner())

    def predict(self, world: gs.World, seat: Seat, command: gs.Command) -> None:
        if (me := world.owned(seat, Runner)) and isinstance(command, TagCommand) and command.move:
            way = vector(128 * (command.move - 1), SPEED_OF_IT if me.it else SPEED)
            me.x, me.y = move_circle(world.map, me.x, me.y, RADIUS, *way)

    def step(self, world: gs.World, commands: dict[Seat, gs.Command]) -> None:
        for seat, command in commands.items():
            with world.caused_by(seat):
                self.predict(world, seat, command)
        runners = world.all(Runner)
        for chaser in [r for r in runners if r.it] or runners[:1]:
            chaser.it, chaser.was_it = True, chaser.was_it + 1
            caught = [r for r in runners if r is not chaser and r.far_from(chaser) < REACH]
            if caught and world.tick >= chaser.rests_until:
                chaser.it, caught[0].it, caught[0].rests_until = False, True, world.tick + 30
                world.emit(Tagged(chaser.owner, caught[0].owner))

    def outcome(self, world: gs.World) -> gs.Outcome | None:
        return self.standings(world) if world.tick >= 30 * world.options.length_s else None

    def standings(self, world: gs.World) -> gs.Outcome:
        ranked = sorted(world.all(Runner), key=lambda runner: runner.was_it)
        best = [runner for runner in ranked if runner.was_it == ranked[0].was_it]
        lines = [gs.Standing(r.owner, r.name, 0, r.was_it, won=best == [r]) for r in ranked]
        return gs.Outcome(tuple(lines), winner=best[0].name if len(best) == 1 else "")

    def bot(self, seat: Seat, level: str, rng: gs.Rng) -> gs.Bot:  # noqa: ARG002  one level
        return TagBot(seat, rng)


@attrs.define
class TagBot:  # runs after those it may tag, or away from whoever is it
    seat: Seat
    rng: gs.Rng

    def command(self, world: gs.World) -> TagCommand:
        me = world.owned(self.seat, Runner)
        others = [r for r in world.all(Runner) if me and r.it != me.it]
        if not me or not others or self.rng.chance(1, 4):  # now and then anywhere: out of corners
            return TagCommand(move=1 + self.rng.below(8))
        other = min(others, key=me.far_from)
        angle = angle_of(other.x - me.x, other.y - me.y) + (0 if me.it else 512)
        return TagCommand(move=1 + (angle + 64) // 128 % 8)
