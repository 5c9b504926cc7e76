"""Run a real match with real client replicas, tick by tick, without sockets, tasks or clocks.

Law: only time and network are simulated. The match, the bytes, the replicas and their inputs are
those of a live game. The network is a seeded `Lane` in each direction, so a test with 150 ms and
jitter is fast and repeatable.

Example::

    stepper = MatchStepper(Skirmish(), tile_map, seats=2)
    ann = stepper.enter(Seat(0), Conditions(lag_ms=150, jitter_ms=30, seed=1))
    ann.plays(lambda replica: SkirmishCommand(move=1))
    stepper.run(90)
    assert ann.replica.telemetry.desyncs == 0
"""

import math
from collections.abc import Callable, Iterator
from typing import Any, Final

from gameserver.client.link.conditions import Conditions, lanes
from gameserver.client.play.drawing import Frame
from gameserver.client.play.replica import MatchReplica
from gameserver.game.command import Command
from gameserver.game.entity import Player
from gameserver.game.game import Game
from gameserver.game.maps.tilemap import TileMap
from gameserver.ids import NO_SEAT, EventNumber, MatchId, PlayerId, Seat
from gameserver.match import Match, TickReport
from gameserver.match.journal import Journal, begin, play
from gameserver.match.simulation import Simulation
from gameserver.messages.base import Request
from gameserver.messages.match import (
    MatchEntered,
    MatchHappened,
    MatchStarted,
    ReportDesync,
    SeatedPlayer,
)
from gameserver.messages.wire import (
    Delta,
    EventEnvelope,
    Input,
    Kind,
    Ping,
    Pong,
    Seen,
    Shift,
    Snapshot,
    Steer,
)
from gameserver.protocol.codec import decode_server, encode
from gameserver.protocol.deltas import SnapshotSequence
from gameserver.protocol.hot import peek_kind

MATCH_ID: Final = MatchId("stepped")
FRAMES_PER_TICK: Final = 2
"""Frames drawn by each client in a tick: 60 Hz at 30 ticks."""
PING_EVERY: Final = 30
"""Frames between a client's pings."""

Plays = Callable[[MatchReplica], Command]
"""Returns the command that a player holds in the next frame, from the player's replica."""


class SteppedClient:
    """One viewer: a replica on a connection with simulated conditions. It is its own outlet.

    Attributes:
        replica: The client's state of the match.
        sent: All messages that the match sent to this viewer.
        frame: The last frame drawn; None before the first snapshot.
        reads: If false, the client reads nothing and acknowledges nothing.
        takes: If false, the outlet refuses every message, like a full outbox.
        steps_per_frame: Above 1, the client draws and reads only in every so many steps.
        tampers: Changes each input before it is sent, as a cheat would; None as its result sends
            nothing.
    """

    def __init__(
        self, stepper: "MatchStepper", player_id: PlayerId, seat: Seat, conditions: Conditions
    ) -> None:
        """Make the replica; `MatchStepper.admit` makes it a viewer."""
        self.player_id = player_id
        self.seat = seat
        self.sent: list[bytes] = []
        self.frame: Frame | None = None
        self.reads = True
        self.takes = True
        self.steps_per_frame = 1
        self.tampers: Callable[[Input], Input | None] = _honest
        self._stepper = stepper
        self._conditions = conditions
        self._up, self._down = lanes(conditions, stepper.now)
        self._play: Plays | None = None
        self._frames = 0
        self._pinged_at: dict[int, float] = {}
        self._snapshots = SnapshotSequence()
        self.replica: MatchReplica = MatchReplica(
            stepper.game, stepper.started(seat), stepper.map, self._post, self._ask
        )

    def plays(self, play: Plays) -> None:
        """Call ``play`` before each frame from now on, and hold the command that it returns."""
        self._play = play

    def change_line(self, conditions: Conditions) -> None:
        """Change the conditions; messages in flight arrive under the new ones."""
        self._conditions = conditions
        now, before = self._stepper.now, (self._up, self._down)
        self._up, self._down = lanes(conditions, now)
        for old, new in zip(before, (self._up, self._down), strict=True):
            for message in old.take_due(math.inf):
                new.put(message, now)

    def reconnect(self, conditions: Conditions | None = None) -> None:
        """Lose all messages in flight, and enter the match again over a new connection."""
        self._conditions = conditions or self._conditions
        self._up, self._down = lanes(self._conditions, self._stepper.now)
        self._stepper.admit(self)

    def measured(self) -> None:
        """Give the replica some round trips, as a client has measured them since it signed in."""
        lag_s, jitter_s = self._conditions.lag_ms / 1000, self._conditions.jitter_ms / 1000
        for round_trip in (lag_s, lag_s + jitter_s, max(0.0, lag_s - jitter_s)):
            self.replica.round_trip(round_trip)

    # --- the match's end of the line ----------------------------------------------------------

    def offer(self, message: bytes) -> bool:
        """Put a message of the match in flight, or refuse it; see `Outlet.offer`."""
        if self.takes:
            self.sent.append(message)
            self._down.put(message, self._stepper.now)
        return self.takes

    def arrived(self) -> Iterator[bytes]:
        """Yield the messages that have reached the match; answer pings at once."""
        for message in self._up.take_due(self._stepper.now):
            if peek_kind(message) in (Kind.INPUT, Kind.SEEN):
                yield message
            else:
                nonce = message[-1]
                self._down.put(encode(Pong(nonce, 0)), self._stepper.now)

    # --- the player's end of the line -----------------------------------------------------------

    def step(self) -> None:
        """Read what has arrived, hold the player's command, draw one frame."""
        now = self._stepper.now
        self._frames += 1
        if self._frames % PING_EVERY == 1:
            self._ping(now)
        if not self.reads or self._frames % self.steps_per_frame:
            return
        for message in self._down.take_due(now):
            self._receive(message, now)
        if self._play is not None and self.replica.live:
            self.replica.hold(self._play(self.replica))
        self.frame = self.replica.frame(now)
        self.replica.acknowledge(now)

    def _ping(self, now: float) -> None:
        nonce = self._frames // PING_EVERY % 100
        self._pinged_at[nonce] = now
        self._up.put(encode(Ping(nonce)), now)

    def _receive(self, message: bytes, now: float) -> None:
        parts: list[Snapshot | Delta] = []
        for item in decode_server(message, lambda _: None):
            match item:
                case Snapshot() | Delta():
                    parts.append(item)
                case Steer():
                    self.replica.steer(item)
                case Shift():
                    self.replica.shift(item)
                case Pong():
                    self.replica.round_trip(now - self._pinged_at.pop(item.nonce))
                case EventEnvelope(_, MatchHappened() as happened):
                    self.replica.happened(happened)
                case _:
                    raise AssertionError(f"a match does not send {item}")
        if parts:
            whole = self._snapshots.next(parts)
            self.replica.receive(whole.tick, whole.sections, now)

    def _post(self, message: "Input | Seen") -> None:
        changed = self.tampers(message) if isinstance(message, Input) else message
        if changed is not None:
            self._up.put(encode(changed), self._stepper.now)

    def _ask(self, request: Request) -> None:
        assert isinstance(request, ReportDesync)
        self._stepper.match.desync(self.player_id)


class MatchStepper:
    """A match and its viewers on one virtual clock. It is the match's inlet.

    Attributes:
        match: The match itself.
        now: Virtual time in seconds.
        happened: Reliable game events so far.
        reports: The report of each tick.
    """

    def __init__(
        self,
        game: Game,
        tile_map: TileMap,
        *,
        seats: int = 2,
        bots: int = 0,
        options: Any = None,
        seed: int = 1,
        teams: int = 2,
        recorded: bool = False,
        bot_level: str = "",
    ) -> None:
        """Start a match with ``seats`` human players and, on the seats after them, ``bots``."""
        self.game = game
        self.map = tile_map
        self.now: float = 0.0
        self.happened: list[MatchHappened] = []
        self.reports: list[TickReport] = []
        self.clients: dict[PlayerId, SteppedClient] = {}
        self.players: list[Player] = [
            Player(Seat(i), f"Player {i}", i % teams + 1 if teams else 0, bot=i >= seats)
            for i in range(seats + bots)
        ]
        self._extra: list[tuple[PlayerId, bytes]] = []
        self._numbers = 0
        self._periods = 0
        self._options = options if options is not None else game.options()
        self._seed, self._bot_level = seed, bot_level
        players = tuple(self.players)
        self.journal: Journal | None = (
            Journal(game.name, tile_map.digest, self._options, seed, players) if recorded else None
        )
        self.match: Match = self._match(None, 1)

    def _match(self, simulation: Simulation | None, epoch: int) -> Match:
        return Match(
            match_id=MATCH_ID,
            game=self.game,
            map=self.map,
            options=self._options,
            seed=self._seed,
            players=self.players,
            inlet=self,
            announce=self._announce,
            recorder=self.journal,
            bot_level=self._bot_level,
            simulation=simulation,
            epoch=epoch,
        )

    def enter(
        self, seat: Seat = NO_SEAT, conditions: Conditions | None = None, name: str = ""
    ) -> SteppedClient:
        """Add a client on a seat, or a spectator without a seat."""
        player_id = PlayerId(name or f"p{seat}")
        client = SteppedClient(self, player_id, seat, conditions or Conditions())
        self.clients[player_id] = client
        self.admit(client)
        return client

    def admit(self, client: SteppedClient) -> None:
        """Add a viewer to the match, as the server does for `EnterMatch`."""
        match = self.match
        match.add_viewer(client.player_id, client.seat, client)
        client.measured()
        next_seq = match.next_seq(client.seat)
        client.replica.enter(MatchEntered(match.tick_number, client.seat, next_seq, match.epoch))

    def inject(self, player_id: PlayerId, message: bytes) -> None:
        """Give the match a message as if a viewer had sent it, at the next tick."""
        self._extra.append((player_id, message))

    def run(self, ticks: int) -> TickReport:
        """Run clients and match for this many ticks; return the last report."""
        for _ in range(ticks):
            self._run_clients()
            self.reports.append(self.match.tick())
        return self.reports[-1]

    def halt(self, ticks: int) -> None:
        """Run only the clients for this many ticks, then shift the match's ticks by as many."""
        for _ in range(ticks):
            self._run_clients()
        self.match.shifted(ticks)

    def crash(self, lost: int) -> None:
        """Lose the last ticks and all connections, and go on as the server's next process does.

        The match must be ``recorded``. `SteppedClient.reconnect` brings a client back.
        """
        journal = self.journal
        assert journal is not None
        del journal.ticks[len(journal.ticks) - lost :]
        simulation = begin(journal, self.game, self.map)
        for record in journal.ticks:
            play(simulation, record)
        self.match = self._match(simulation, self.match.epoch + 1)
        for client in self.clients.values():
            client.replica.pause()

    def _run_clients(self) -> None:
        period = 1 / self.game.tick_rate
        for frame in range(FRAMES_PER_TICK):
            self.now = (self._periods + (frame + 1) / FRAMES_PER_TICK) * period
            for client in self.clients.values():
                client.step()
        self._periods += 1

    def drain(self) -> list[tuple[PlayerId, bytes]]:
        """Return the messages that have arrived, ordered by viewer; see `Inlet.drain`."""
        arrived = [(c.player_id, message) for c in self.clients.values() for message in c.arrived()]
        arrived += self._extra
        self._extra = []
        return arrived

    def started(self, seat: Seat) -> MatchStarted:
        """Return the event that tells a client of the match's start."""
        facts = self.match.facts()
        return MatchStarted(
            match_id=MATCH_ID,
            game=facts.game,
            seat=seat,
            players=tuple(
                SeatedPlayer(p.seat, PlayerId(""), p.name, p.team, p.bot) for p in self.players
            ),
            tick_rate=facts.tick_rate,
            snapshot_every=facts.snapshot_every,
            map=facts.map,
            map_digest=facts.map_digest,
            options=facts.options,
            salt=facts.salt,
            schema=facts.schema,
        )

    def _announce(self, happened: MatchHappened) -> None:
        self.happened.append(happened)
        self._numbers += 1
        envelope = encode(EventEnvelope(EventNumber(self._numbers), happened))
        for client in self.clients.values():
            client.offer(envelope)


def _honest(message: Input) -> Input:
    return message
