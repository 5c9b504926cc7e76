"""Games that break: the match ends, and nothing escapes."""

from typing import Any

import attrs
import pytest

from gameserver.errors import GameFaultError
from gameserver.game.entity import Entity, Outcome, Standing
from gameserver.game.world import World
from gameserver.ids import MatchId, Seat
from gameserver.match import Match
from gameserver.testing.determinism import NoInlet
from gameserver.testing.skirmish import (
    SIDE,
    Runner,
    Skirmish,
    SkirmishOptions,
    Struck,
)
from gameserver.testing.stepper import MatchStepper
from tests.match.play import (
    MAP,
    stepper,
)


def test_bounds_are_checked_and_the_fault_names_entity_and_field() -> None:
    run = stepper(options=SkirmishOptions(break_at=20))
    client = run.enter(Seat(0))
    report = run.run(25)
    assert isinstance(report.fault, GameFaultError)
    assert report.tick == 20
    assert "Runner" in str(report.fault)
    assert "field x" in str(report.fault)
    assert str(SIDE + 1) in str(report.fault)
    sent = len(client.sent)
    run.run(5)
    assert len(client.sent) == sent


def line(**changes: Any) -> Standing:
    return attrs.evolve(Standing(Seat(0), "Ann", 0, 1), **changes)


OUTCOMES: dict[str, Any] = {
    "number": 7,
    "no line": Outcome((7,)),
    "float score": Outcome((line(score=1.5),)),
    "no winner": Outcome((line(),), winner=None),
    "long name": Outcome((line(name="x" * 5000),)),
    "huge stat": Outcome((line(stats={"kills": 1 << 70}),)),
    "listed stats": Outcome((line(stats=["kills"]),)),
    "team score": Outcome((line(),), team_scores=(0.5,)),
    "won": Outcome((line(won=1),)),
}
"""What a game may wrongly say of its end."""

EVENTS = {
    "float event": Struck(0.5, 1, ""),
    "huge event": Struck(1 << 65, 1, ""),
    "none event": Struck(0, 1, None),
}


class Broken(Skirmish):
    """Raises in whatever method it is told."""

    name = "broken"
    at = ""

    def _maybe(self, method: str, world: World) -> None:
        if self.at == method and world.tick >= 3:
            raise ZeroDivisionError(method)

    def step(self, world, commands):  # type: ignore[no-untyped-def]
        self._maybe("step", world)
        if self.at == "unknown class" and world.tick >= 3:
            world.spawn(Strange())
        if self.at == "text" and world.tick >= 3:
            world.all(Runner)[0].name = "\ud800"
            world.spawn(Runner(name="\ud800"), Seat(9))
        if self.at in EVENTS and world.tick >= 3:
            world.emit(EVENTS[self.at])
        if self.at == "exit" and world.tick >= 3:
            raise SystemExit
        super().step(world, commands)

    def group_of(self, world, seat):  # type: ignore[no-untyped-def]
        self._maybe("group_of", world)
        return super().group_of(world, seat)

    def outcome(self, world):  # type: ignore[no-untyped-def]
        self._maybe("outcome", world)
        return OUTCOMES.get(self.at) if world.tick >= 3 else None

    def bot(self, seat, level, rng):  # type: ignore[no-untyped-def]
        game, made = self, super().bot(seat, level, rng)

        class Fails:
            def command(self, world):  # type: ignore[no-untyped-def]
                game._maybe("bot", world)
                return made.command(world)

        return Fails()


@attrs.define(eq=False)
class Strange(Entity):
    """An entity class that the game does not list."""


@pytest.mark.parametrize(
    "method",
    ["step", "group_of", "outcome", "bot", "unknown class", "text", "exit", *OUTCOMES, *EVENTS],
)
def test_any_exception_of_a_game_ends_its_match_and_is_not_raised(method: str) -> None:
    game = type("At" + method.title().replace(" ", ""), (Broken,), {"at": method})()
    run = MatchStepper(game, MAP, seats=1, bots=1)
    run.enter(Seat(0))
    report = run.run(6)
    assert report.fault is not None
    assert report.tick == 3
    assert run.match.tick() is report
    unspeakable = method == "text"  # a name that no player can be told
    assert len(run.match.standings().standings) >= (not unspeakable)


def test_a_game_that_cannot_start_raises_a_game_fault() -> None:
    class Unstarted(Skirmish):
        def start(self, world, players):  # type: ignore[no-untyped-def]
            raise KeyError(len(players), world.tick)

    with pytest.raises(GameFaultError, match=r"Unstarted\.start\(\) at tick 0"):
        Match(
            match_id=MatchId("m"),
            game=Unstarted(),
            map=MAP,
            options=SkirmishOptions(),
            seed=1,
            players=[],
            inlet=NoInlet(),
        )
