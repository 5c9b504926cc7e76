"""Helpers of the tests of a match: a small match, random players, and the expected state."""

import attrs

from gameserver.client.play.replica import MatchReplica
from gameserver.game.entity import Entity
from gameserver.game.fields import METADATA_KEY, Audience
from gameserver.game.rng import Rng
from gameserver.ids import NO_SEAT, Seat
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import (
    Runner,
    Skirmish,
    SkirmishCommand,
)
from gameserver.testing.stepper import MatchStepper, SteppedClient

MAP = map_from_rows(*["." * 16] * 16)
GAME = Skirmish()


class Restless:
    """Plays at random, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.rng = Rng.seeded(seed)
        self.move, self.aim = 0, 0

    def __call__(self, _replica: MatchReplica) -> SkirmishCommand:
        rng = self.rng
        if rng.chance(1, 15):
            self.move = rng.below(5)
        if rng.chance(1, 4):
            self.aim = (self.aim + rng.between(-60, 60)) % 1024
        return SkirmishCommand(
            move=self.move, aim=self.aim, throw=rng.chance(1, 20), shoot=rng.chance(1, 20)
        )


def stepper(seats: int = 2, bots: int = 1, **kwargs: object) -> MatchStepper:
    return MatchStepper(GAME, MAP, seats=seats, bots=bots, **kwargs)


def visible(entity: Entity, seat: Seat, group: int, groups: dict[Seat, int]) -> dict[str, object]:
    """Return what a seat may know of an entity."""
    values: dict[str, object] = {"class": type(entity).__name__, "owner": entity.owner}
    for attribute in attrs.fields(type(entity)):
        spec = attribute.metadata.get(METADATA_KEY)
        if spec is None:
            continue
        mine = seat != NO_SEAT and entity.owner == seat
        ours = group != 0 and groups.get(entity.owner, 0) == group
        if spec.audience is Audience.PUBLIC or (mine if spec.audience is Audience.OWNER else ours):
            values[attribute.name] = getattr(entity, attribute.name)
    return values


def assert_knows_the_truth(run: MatchStepper, client: SteppedClient) -> None:
    """The client's newest snapshot is the world; only possible on a line without delay."""
    world = run.match.world
    groups = {player.seat: GAME.group_of(world, player.seat) for player in run.players}
    group = groups.get(client.seat, 0)
    newest = client.replica.ring.newest
    assert newest is not None
    assert newest.tick == world.tick
    assert sorted(newest.entities) == [entity.id for entity in world]
    for entity in world:
        expected = visible(entity, client.seat, group, groups)
        known = newest.entities[entity.id]
        for name, value in expected.items():
            held = type(known).__name__ if name == "class" else getattr(known, name)
            assert held == value, (entity.id, name)


def drawn(run: MatchStepper) -> None:
    """Let clients read what the last tick sent, without running another."""
    run.now += 0.001
    for client in run.clients.values():
        client.step()


def place(run: MatchStepper, seat: Seat, x: int, y: int) -> None:
    runner = run.match.world.owned(seat, Runner)
    assert runner is not None
    runner.x, runner.y = x, y
