"""One running match: drain the inputs, step, encode, offer snapshots, in one plain call per tick.

Law: `Match.tick` never awaits and never raises. A game's fault ends this match only; malformed
inputs are counted and dropped; no socket is used here.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final

from gameserver.accel import SendBatch, hot
from gameserver.errors import GameFaultError
from gameserver.game.entity import Event, Outcome, Player
from gameserver.game.game import Game
from gameserver.game.guard import fault_of, guarded
from gameserver.game.maps.tilemap import TileMap
from gameserver.game.schema.table import table_of
from gameserver.game.world import World
from gameserver.ids import NO_SEAT, MatchId, PlayerId, Seat, Tick
from gameserver.match.cells import Cells
from gameserver.match.checks import check_event, checked_outcome
from gameserver.match.facts import MatchFacts, facts_of
from gameserver.match.intake import Intake, MatchCounts
from gameserver.match.ports import Inlet, Outlet, Recorder
from gameserver.match.publisher import Publisher
from gameserver.match.report import TickReport
from gameserver.match.seating import Seating
from gameserver.match.sight import Sight, WholeWorld
from gameserver.match.simulation import Simulation
from gameserver.match.tally import Tally, stats_of
from gameserver.match.viewers import Viewer, send_all
from gameserver.match.watchers import Watchers
from gameserver.messages.match import MatchHappened, MatchStats
from gameserver.netcode.replication.sections import MOST_CELLS

STEER_EVERY: Final = 8
"""Ticks between checks for leads that are too long; a lead that is too short is corrected at the
next snapshot."""

FADE_SLACK_S: Final = 2.0
"""Seconds beyond the delay in which a spectator's link must take the last snapshots (threat 9)."""

Announce = Callable[[MatchHappened], None]


def _ignore(_happened: MatchHappened) -> None:
    pass


class Match:
    """A match from its start to its outcome."""

    def __init__(
        self,
        *,
        match_id: MatchId,
        game: Game,
        map: TileMap,  # noqa: A002  the field's word
        options: Any,
        seed: int,
        players: Sequence[Player],
        inlet: Inlet,
        bot_level: str = "",
        announce: Announce = _ignore,
        recorder: Recorder | None = None,
        simulation: Simulation | None = None,
        epoch: int = 1,
        spectator_delay_s: float = 0.0,
        sends: SendBatch | None = None,
    ) -> None:
        """Start a match at tick 0, or go on with the simulation of an earlier process.

        Args:
            match_id: Identifies the match in announced events.
            game: The game.
            map: The map.
            options: An instance of the game's options class.
            seed: Below 2^63. Game, map, options, seed and inputs determine the whole match.
            players: Ordered by seat, bots included.
            inlet: The port that delivers inputs.
            bot_level: One of the game's ``bot_levels``; empty for `middle_level`.
            announce: Called with each reliable event, before the snapshot of its tick is offered.
            recorder: Is given the calls of each tick, and the world after its step.
            simulation: To go on with; ``players`` are its taken seats then.
            epoch: 1 for the process that began the match, one more for each that goes on with it.
            spectator_delay_s: By how much later spectators see the match, in seconds.
            sends: Shared by matches whose caller calls `flush` behind the last `send`.

        Raises:
            GameFaultError: The game could not start.
        """
        self.match_id = match_id
        self.epoch = epoch
        self.game = game
        self.map = map
        self.counts: MatchCounts = MatchCounts()
        self.snapshot_stretch = 1
        """Only every n-th due snapshot is sent; above 1 while the server is overloaded."""
        self._recorder = recorder
        self._report = TickReport(Tick(0))
        self._over = False
        self._faded = 0
        self._announce = announce
        self._table = table_of(game)
        self._sends = sends or hot.send_batch()
        self._simulation = simulation or Simulation(game, map, options, seed, players)
        self.world: World = self._simulation.world
        """Read only."""
        self._publisher = Publisher(self._table, game.tick_rate, self._sight_of(game), self._sends)
        self._seating = Seating(game, self._simulation, seed, bot_level)
        buffers = self._seating.buffers
        self._watchers = Watchers(game, buffers, spectator_delay_s)
        self._viewers = self._watchers.viewers
        self._volatile: list[Event] = []
        self._intake = Intake(game.command, inlet, self._viewers, buffers, self.counts)
        for player in players:
            self._seating.take(player)

    def _sight_of(self, game: Game) -> Sight:
        if game.interest is None:
            return WholeWorld()
        with guarded(game, "area", self.tick_number):
            width, height = game.area(self.world)
            area = int(width), int(height)
        if not Cells.fits(game.interest, area):
            raise GameFaultError(f"{game.name}: the world has more than {MOST_CELLS} cells")
        return Cells(self._table, game.interest, area, game.tick_rate)

    # --- asked by the service --------------------------------------------------------------

    @property
    def tick_number(self) -> Tick:
        """The last tick that was stepped."""
        return self.world.tick

    @property
    def bytes_out(self) -> int:
        """Bytes of snapshots that outlets accepted."""
        return self._publisher.bytes_out

    def facts(self) -> MatchFacts:
        """Return the constants of the match that each client needs."""
        return facts_of(self.game, self.world)

    def standings(self) -> Outcome:
        """Return the present standings, for a match that ends early; empty if the game fails."""
        try:
            with guarded(self.game, "standings", self.tick_number):
                return checked_outcome(self.game.standings(self.world)) or Outcome(())
        except GameFaultError:  # the match ends already; its players go home anyway
            return Outcome(())

    def time_left_s(self) -> float | None:
        """Return the seconds of play that are left at most; None if the game does not tell."""
        with suppress(GameFaultError), guarded(self.game, "time_left", self.tick_number):
            ticks = self.game.time_left(self.world)
            return None if ticks is None else max(0.0, round(ticks / self.game.tick_rate, 3))
        return None

    def stats_of(self, seat: Seat) -> MatchStats:
        """Return the counters of a seat's inputs; zeros for a spectator."""
        return stats_of(self._seating.buffers.get(seat))

    def tally(self, into: Tally | None = None) -> Tally:
        """Add this match's figures to those of other matches; released seats are included."""
        tally, counts = into or Tally(), self.counts
        tally.malformed += counts.malformed
        tally.desyncs += counts.desyncs
        tally.clamped_views += counts.clamped_views
        tally.bytes_out += self.bytes_out
        tally.add_viewers(self._viewers.values())
        self._seating.add_to(tally)
        return tally

    def next_seq(self, seat: Seat) -> int:
        """Return the first number that the inputs of a new client of this seat may have."""
        buffer = self._seating.buffers.get(seat)
        return buffer.last_seq + 1 if buffer is not None else 1

    # --- seats and viewers ------------------------------------------------------------------

    def join(self, player: Player) -> None:
        """Seat a player from the next tick on, in place of a bot or a player on that seat."""
        self._seating.join(player)

    def leave(self, seat: Seat, bot: Player | None = None) -> None:
        """Release a seat before the next tick; a ``bot`` takes it over, if one is given."""
        self._seating.leave(seat, bot)

    def add_viewer(self, player_id: PlayerId, seat: Seat, outlet: Outlet) -> None:
        """Start to send snapshots to a player or spectator; the first one is a keyframe."""
        self._watchers.add(player_id, seat, outlet, self.tick_number)

    def remove_viewer(self, player_id: PlayerId) -> None:
        """Stop sending snapshots; removing twice is safe."""
        self._watchers.remove(player_id)

    def delay_s_of(self, seat: Seat) -> float:
        """Return by how many seconds the snapshots of a seat come later: spectators' may."""
        return self._watchers.delay / self.game.tick_rate if seat == NO_SEAT else 0.0

    def viewer(self, player_id: PlayerId) -> Viewer | None:
        """Return a viewer's state; read only."""
        return self._viewers.get(player_id)

    def desync(self, player_id: PlayerId) -> None:
        """Send a keyframe next, because the viewer found that a checksum does not match."""
        viewer = self._viewers.get(player_id)
        if viewer is not None:
            viewer.in_sync = False
            self.counts.desyncs += 1

    def shifted(self, ticks: int) -> None:
        """Tell all viewers that the next tick comes this many tick periods later."""
        self._watchers.shifted(Tick(self.tick_number + 1), ticks)

    @property
    def delay(self) -> int:
        """Ticks by which spectators see the match later."""
        return self._watchers.delay

    @property
    def watched_later(self) -> bool:
        """Whether a spectator is sent the match later."""
        return self._watchers.delayed

    def fade(self) -> bool:
        """Run a tick behind the last one: delayed spectators are sent the rest, nothing is stepped.

        Returns:
            Whether there is more to show: to a spectator, or of the delay.
        """
        self._faded += 1
        now = Tick(self.tick_number + self._faded)
        self._intake.drain(now)
        watched = self._watchers.fade(now)
        delay = self._watchers.delay
        slack = int(FADE_SLACK_S * self.game.tick_rate)
        return self._faded < delay or (watched and self._faded < delay + slack)

    # --- the tick ----------------------------------------------------------------------------

    def tick(self) -> TickReport:
        """Run the next tick: `take_in`, `step`, `send` and `flush`.

        A report with an outcome or a fault is the last one; each later call returns it again.
        """
        self.take_in()
        self.step()
        report = self.send()
        self.flush()
        return report

    def take_in(self) -> None:
        """Take in the inputs for the next tick."""
        self._intake.drain(self.world.tick)

    def step(self) -> None:
        """Step the next tick, and announce its events."""
        if self._over:
            return
        report = self._report = TickReport(Tick(self.world.tick + 1))
        try:
            self._run(report)
        except BaseException as error:  # a game's fault must not end other matches
            report.fault = fault_of(error, self.game, f"tick {report.tick} of {self.game.name}")

    def send(self) -> TickReport:
        """Encode the stepped tick, hand the snapshots over for `flush`, and return its report."""
        report = self._report
        if report.fault is None and not self._over:
            try:
                self._send(report)
            except BaseException as error:
                report.fault = fault_of(error, self.game, f"tick {report.tick} of {self.game.name}")
        self._over = report.fault is not None or report.outcome is not None
        return report

    def flush(self) -> None:
        """Send what was handed over; nothing else may be sent to its viewers before it."""
        send_all(self._sends)

    def _run(self, report: TickReport) -> None:
        self._step(report.tick)
        report.outcome = self._simulation.outcome()
        self.counts.ticks += 1
        self._report_events(report.tick)

    def _send(self, report: TickReport) -> None:
        tick, watchers = report.tick, self._watchers
        if watchers.delay:
            watchers.pass_due(tick)
        every = self.game.snapshot_every * self.snapshot_stretch
        if tick % every == 0 or report.outcome is not None:
            self._publish()
        if tick % watchers.evict_every == 0:
            report.evicted = watchers.evict(tick)
            report.silent = watchers.turned_silent(tick)

    def _step(self, tick: Tick) -> None:
        self._simulation.begin()
        left, joined = self._seating.change() if self._seating.changes else ((), ())
        commands = hot.commands(self._seating.sources, tick)
        recorder = self._recorder
        if recorder is not None:
            recorder.record(tick, left, joined, commands)
        self._simulation.step(commands)
        if recorder is not None:
            recorder.stepped(self.world)

    # --- events, snapshots, steering, eviction -------------------------------------------------

    def _report_events(self, tick: Tick) -> None:
        for event in self.world.events:
            check_event(event)
            if not event.reliable:
                self._volatile.append(event)
                continue
            row = self._table.event_row(event)
            fields = tuple(row.values(event))
            self._announce(MatchHappened(self.match_id, tick, row.number, fields))

    def _publish(self) -> None:
        world, groups = self.world, dict[Seat, int]()
        if self._publisher.has_groups:
            with guarded(self.game, "group_of", world.tick):
                groups = {seat: self.game.group_of(world, seat) for seat in self._seating.players}
        # Before the snapshots, which may wait for `flush`.
        if self._intake.tight or world.tick % STEER_EVERY == 0:
            self._watchers.steer(world.tick)
        self._publisher.publish(world, self._viewers, groups, self._volatile)
        self._volatile = []
