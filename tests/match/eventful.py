"""A match over bad lines in which much happens, the same each time: for what is recorded of it."""

from typing import Any, Final

import attrs

from gameserver.client.link.conditions import Conditions
from gameserver.client.play.replica import MatchReplica
from gameserver.game.command import Command
from gameserver.game.entity import Player
from gameserver.game.game import Game
from gameserver.ids import NO_SEAT, Seat, Tick
from gameserver.messages.match import ReportDesync
from gameserver.testing.skirmish import Skirmish
from gameserver.testing.stepper import MatchStepper, SteppedClient
from tests.match.play import MAP, Restless

LINES: Final = (
    Conditions(lag_ms=40, jitter_ms=10, seed=1),
    Conditions(lag_ms=150, jitter_ms=60, seed=2),
    Conditions(lag_ms=90, jitter_ms=30, stall_s=0.4, stall_every_s=2, seed=3),
)


class Eventful:
    """Three players and a spectator; ticks are lost, a line is full, one leaves, all come back."""

    def __init__(self, game: Game | None = None, seed: int = 1) -> None:
        self.run = MatchStepper(game or Skirmish(), MAP, seats=3, bots=1, seed=seed, recorded=True)
        self.frames: dict[str, list[Any]] = {}
        """What each client drew, by client: ticks, and every entity with its place."""
        for number, line in enumerate(LINES):
            self.enter(Seat(number), line, Restless(seed * 10 + number))
        first, second, third = self.run.clients.values()
        self.run.run(40)
        self.enter(NO_SEAT, LINES[1], None)
        second.takes = False
        self.run.run(30)
        second.takes, third.reads = True, False
        self.run.run(30)
        third.reads, first.steps_per_frame = True, 3
        first._ask(ReportDesync(self.run.match.match_id, Tick(90), 0, 1, 2))
        self.run.halt(3)
        self.run.run(30)
        self.run.match.leave(Seat(1))
        self.run.inject(third.player_id, b"\xff no message")
        self.run.run(20)
        self.run.match.join(Player(Seat(1), "Late", bot=True))
        self.run.run(20)
        self.run.crash(7)
        for client in self.run.clients.values():
            client.reconnect()
        self.run.run(60)

    def enter(self, seat: Seat, line: Conditions, play: Restless | None) -> None:
        """Let a client enter, whose frames are kept."""
        client = self.run.enter(seat, line)
        drawn = self.frames[client.player_id] = []

        def plays(replica: MatchReplica) -> Command:
            drawn.append(look(client))
            return play(replica) if play is not None else replica.game.command()

        client.plays(plays)


def look(client: SteppedClient) -> object:
    """Return what a client has drawn last."""
    frame = client.frame
    if frame is None:
        return None
    shown = [
        (type(each.entity).__name__, attrs.astuple(attrs.evolve(each, entity=None)))
        for each in frame.drawn
    ]
    return frame.tick, frame.view, shown
