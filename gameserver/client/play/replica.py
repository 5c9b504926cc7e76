"""The client's replica of one match: apply snapshots, predict, reconcile, and return frames.

Law: plain calls without I/O; each call gets the time, in seconds of one clock. The client calls
`receive`, `steer` and `happened`; the application calls `hold`, `frame` and `take_events`.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import attrs

from gameserver.client.play import drawing
from gameserver.client.play.drawing import Drawn, Frame
from gameserver.client.play.tape import PlayTape
from gameserver.client.play.telemetry import ReplicaStats, Telemetry, percentile
from gameserver.game.command import Command, CommandKind
from gameserver.game.entity import Entity, has_place
from gameserver.game.game import Game
from gameserver.game.maps.tilemap import TileMap
from gameserver.game.options import build_options
from gameserver.game.schema.history import REWIND_MS, VIEW_UNITS
from gameserver.game.schema.table import table_of
from gameserver.game.world import World
from gameserver.ids import NO_SEAT, Seat, Tick
from gameserver.messages.match import MatchEntered, MatchHappened, MatchStarted, ReportDesync
from gameserver.messages.wire import Input, Section, Seen, Shift, Steer
from gameserver.netcode.prediction.interpolation import (
    TELEPORT,
    Confirmed,
    SnapshotPast,
    SnapshotRing,
    ViewClock,
)
from gameserver.netcode.prediction.optimism import Optimism, ToldEvent
from gameserver.netcode.prediction.smoothing import Correction
from gameserver.netcode.prediction.world import Ident, PredictedWorld, Predictor, ident_of
from gameserver.netcode.replication.decoder import event_of
from gameserver.netcode.replication.reader import SnapshotReader
from gameserver.netcode.timing.fitting import JudgedView
from gameserver.netcode.timing.inputs import AHEAD_S
from gameserver.netcode.timing.timesync import LeadClock, RoundTrips, ServerClock

CATCH_UP_TICKS: Final = 8
"""Most ticks run in one call; others are skipped, since their inputs would arrive late."""

MAX_AHEAD_S: Final = AHEAD_S
"""Farthest the client's tick runs ahead of the newest snapshot: the server takes no input further
ahead of its own tick."""

RUN_ON_S: Final = 0.25
"""Time the client runs on without snapshots in any case, also where its lead is long."""

EXTRAPOLATE_S: Final = 0.25
"""Farthest an entity is drawn ahead of the newest snapshot at its last velocity."""

SEEN_IDLE_S: Final = 0.2
"""Longest time between two reports of the newest snapshot from a seat, by input or `Seen`."""

SEEN_EVERY_S: Final = 0.5
"""Time between two `Seen` of a spectator. The server allows for it: a spectator may be 0.5 s
further behind than a seat."""


class MatchReplica:
    """The world of a running match on the client's side.

    Attributes:
        started: The event that began the match: seats, map, options.
        map: The match's map.
        telemetry: Counts, corrections and divergences.
        reader: Decodes the snapshots; ``ring`` keeps the last ones.
        tape: What was received and sent in the last half minute.
    """

    def __init__(
        self,
        game: Game,
        started: MatchStarted,
        tile_map: TileMap,
        post: Callable[["Input | Seen"], None],
        report: Callable[[ReportDesync], None],
    ) -> None:
        """Create a paused replica; `enter` starts it."""
        self.game = game
        self.started = started
        self.map = tile_map
        self.telemetry: Telemetry = Telemetry()
        self.tape: PlayTape = PlayTape(started, self.telemetry)
        self._period, self._round_trips = 1 / started.tick_rate, RoundTrips()
        self._options: Any = build_options(game.options, started.options)
        self._post, self._report = post, report
        self._edges = [f.name for f in game.command.fields() if f.kind is CommandKind.EDGE]
        self._held: Command = game.command()
        self._paused = True
        self._next_seq = 1  # never falls, whatever the server knows
        self.epoch: int = 1  # rises when another process of the server goes on with the match
        self._begin(started.seat)

    def _begin(self, seat: Seat) -> None:
        self.seat = seat
        self.reader: SnapshotReader = SnapshotReader(self.game)
        self.ring: SnapshotRing = SnapshotRing()
        self._past = SnapshotPast(self.started.tick_rate)
        salt, options = self.started.salt, self._options
        world = PredictedWorld(map=self.map, options=options, salt=salt, past=self._past)
        self._optimism = Optimism(seat)
        self._predictor = Predictor(self.game, seat, world, self._optimism.predicted)
        self._clock, self._lead = ServerClock(self._period), LeadClock(self._period)
        self._view = ViewClock(self.started.snapshot_every)
        self._judged = JudgedView(self._period, self.started.snapshot_every)
        self._drawn_time, self._own_time = 0, 0.0
        self._advanced_at: float | None = None
        self._seen, self._seen_at = Tick(0), 0.0
        self._unjudged: Confirmed | None = None
        self._running = False
        self._corrections: dict[Ident, Correction] = {}

    # --- called by the client -------------------------------------------------------------------

    def enter(self, entered: MatchEntered, *, anew: bool = True) -> None:
        """Start, or start again after a resume: a keyframe follows.

        Unless ``anew``, the connection was changed without a pause, and the prediction goes on, but
        in a new epoch: then all that is known is void.
        """
        new_epoch, self.epoch = entered.epoch != self.epoch, entered.epoch
        self._next_seq = max(self._next_seq, entered.next_seq)
        if not anew and entered.seat == self.seat and not new_epoch:
            self.reader = SnapshotReader(self.game)
            return
        self._optimism.restart(entered.tick if new_epoch else None)
        told = self._optimism.take()
        self._begin(entered.seat)
        self._optimism.carry_over(told)
        self._paused = False

    def pause(self) -> None:
        """Stop predicting and sending: the connection is lost."""
        self._paused = True
        self._optimism.pause()

    def receive(self, tick: Tick, sections: Sequence[Section], now: float) -> None:
        """Apply the whole snapshot of a tick; report each desync."""
        reading = self.reader.apply(tick, sections)
        self.telemetry.snapshots += 1
        self.telemetry.keyframes += reading.keyframes > 0
        self.telemetry.desyncs += len(reading.desyncs)
        for desync in reading.desyncs:
            self._report(ReportDesync(self.started.match_id, tick, *attrs.astuple(desync)))
        self._clock.arrived(tick, now)
        self._view.arrived(self._clock.lateness(tick, now))
        if reading.confirmed is None:
            return
        first = self.ring.newest is None
        if first:
            self._lead.start(*self._round_trips.first_guess(), now)
        self.ring.push(reading.confirmed)
        self._past.push(reading.confirmed)
        self._optimism.snapshot(tick, reading.events)
        self._unjudged = reading.confirmed
        if first:
            self._judge(now)  # fills `world`, which may be read from now on
        self.acknowledge(now)

    def steer(self, steer: Steer) -> None:
        """Change the lead as the server asks."""
        self._lead.steer(steer.ticks)

    def shift(self, shift: Shift) -> None:
        """Move the estimate of the server's ticks: the server shed lost time."""
        self._clock.shift(shift.ticks)

    def happened(self, event: MatchHappened) -> None:
        """Queue a reliable game event, or confirm the predicted one.

        Raises:
            ProtocolError: The game has no such event.
        """
        made = event_of(table_of(self.game), event.event, event.fields)
        self._optimism.reliable(event.tick, made)

    def round_trip(self, seconds: float) -> None:
        """Add a measured round trip."""
        self._round_trips.add(seconds)

    def acknowledge(self, now: float) -> None:
        """Report the newest snapshot by a `Seen`, unless an input has reported it lately.

        Call it a few times a second, also while no snapshot comes: the server sends nothing to a
        viewer that fell behind until it knows that all sent snapshots have arrived.
        """
        newest = self.ring.newest
        if self._paused or newest is None or newest.tick <= self._seen:
            return
        every = SEEN_EVERY_S if self.seat == NO_SEAT else SEEN_IDLE_S
        if now - self._seen_at >= every:
            self._seen, self._seen_at = Tick(newest.tick), now
            self._post(Seen(self._seen))

    # --- for the application ----------------------------------------------------------------------

    @property
    def live(self) -> bool:
        """Whether a snapshot has arrived, so that `world` may be read."""
        return self.ring.newest is not None

    @property
    def world(self) -> World:
        """The predicted world of the last whole tick, for bots and the HUD. Do not change it."""
        return self._predictor.world

    def hold(self, command: Command) -> None:
        """Set the command held now. Edge fields stay set until they were sent once."""
        pressed = {name: True for name in self._edges if getattr(self._held, name)}
        self._held = attrs.evolve(command, **pressed) if pressed else command

    def take_events(self) -> list[ToldEvent]:
        """Return the events since the last call as ``(event, phase)``, in order."""
        return self._optimism.take()

    def advance(self, now: float) -> int:
        """Run the ticks that are due, send an input for each, and return their number.

        `frame` includes this; call it alone in clients that draw nothing.
        """
        newest = self.ring.newest
        if self._paused or newest is None:
            return 0
        self._judge(now)
        passed = 0.0 if self._advanced_at is None else (now - self._advanced_at) / self._period
        self._advanced_at = now
        arriving = self._clock.tick_at(now)
        lead = self._lead.at(now)
        farthest = newest.tick + max(MAX_AHEAD_S / self._period, lead + RUN_ON_S / self._period)
        wanted = min(arriving + lead, farthest)
        self._own_time = max(self._own_time, wanted)
        ran = self._run_due(int(self._own_time)) if self.seat != NO_SEAT else 0
        self._judged.framed(passed, arriving - newest.tick)
        rtt = (self._round_trips.smallest or 0.0) / self._period
        oldest = self._judged.oldest(arriving, self._own_time, rtt)
        self._drawn_time = self._view.drawn_at(arriving, newest.tick, passed, oldest)
        self._optimism.drawn(self._drawn_time)
        return ran

    def frame(self, now: float) -> Frame | None:
        """Run the ticks that are due and return what to draw; None before the first snapshot."""
        self.advance(now)
        if self.ring.newest is None:
            return None
        drawn = [*self._draw_own(now), *self._draw_others()]
        drawn.sort(key=lambda item: item.entity.id)
        view = self._own_time - self._drawn_time / VIEW_UNITS
        return Frame(now, tuple(drawn), self._predictor.world, self._own_time, view)

    @property
    def jitter_s(self) -> float:
        """Lateness of late snapshots (97th percentile), in seconds; cheap, unlike `stats`."""
        return self._view.jitter_ticks * self._period

    @property
    def stats(self) -> ReplicaStats:
        """The present figures. Sorts thousands of samples, so do not call it every frame."""
        counts = self.telemetry
        corrections = counts.corrections_px
        return ReplicaStats(
            rtt_ms=(self._round_trips.smallest or 0.0) * 1000,
            jitter_ms=self.jitter_s * 1000,
            tick=self._predictor.tick,
            lead_ticks=self._lead.lead,
            view_delay_ms=self._view.delay * self._period * 1000,
            snapshots=counts.snapshots,
            keyframes=counts.keyframes,
            desyncs=counts.desyncs,
            inputs=counts.inputs,
            divergences=counts.divergence_count,
            divergences_by_input=counts.divergences_by_input,
            correction_px_last=corrections[-1] if corrections else 0.0,
            correction_px_p50=percentile(corrections, 0.5),
            correction_px_p99=percentile(corrections, 0.99),
        )

    # --- ticks ------------------------------------------------------------------------------------

    def _run_due(self, due: int) -> int:
        predictor = self._predictor
        if not self._running:
            # Ticks before the first lead have passed on the server: their inputs would be late.
            predictor.skip_to(max(predictor.tick, due - 1))
            self._running = True
        elif due - predictor.tick > CATCH_UP_TICKS:
            self.telemetry.skipped_ticks += due - predictor.tick - CATCH_UP_TICKS
            predictor.skip_to(due - CATCH_UP_TICKS)
        first = predictor.tick + 1
        for tick in range(first, due + 1):
            command = attrs.evolve(self._held, view=self._view_at(tick))
            self._held = self._held.repeated()
            self._send(tick, command)
            predictor.predict(tick, command)
        return due + 1 - first

    def _view_at(self, tick: int) -> int:
        """Return the age of the drawn picture at a tick, in 1/16 ticks; see `Command.view`."""
        if any(kind.rewindable and kind.extrapolated for kind in self.game.entities):
            return 0  # targets are drawn ahead, at the player's own tick
        oldest = int(REWIND_MS / 1000 / self._period) * VIEW_UNITS
        return max(0, min(oldest, tick * VIEW_UNITS - self._drawn_time))

    def _send(self, tick: int, command: Command) -> None:
        assert self.ring.newest is not None
        seen = Tick(self.ring.newest.tick)
        self._post(Input(self._next_seq, Tick(tick), seen, command.view, command.to_row()))
        self._next_seq += 1
        self._seen, self._seen_at = seen, self._advanced_at or self._seen_at
        self.telemetry.inputs += 1

    def _judge(self, now: float) -> None:
        """Reconcile the prediction with the newest snapshot, and ease the drawn corrections."""
        confirmed, self._unjudged = self._unjudged, None
        if confirmed is None:
            return
        before = {ident_of(e): drawing.place_of(e) for e in self._own_placed()}
        verdict = self._predictor.reconcile(confirmed, self.ring.at(confirmed.tick - 1))
        self.telemetry.judged(verdict)
        if verdict.differences:
            self._ease(before, now)

    def _ease(self, before: dict[Ident, tuple[float, float]], now: float) -> None:
        corrections: dict[Ident, Correction] = {}
        for entity in self._own_placed():
            ident = ident_of(entity)
            if ident in before:
                x, y = drawing.place_of(entity)
                correction = self._corrections.get(ident) or Correction(now)
                correction.add(before[ident][0] - x, before[ident][1] - y, now, TELEPORT)
                corrections[ident] = correction
        self._corrections = corrections

    def _own_placed(self) -> list[Entity]:
        return [e for e in self._predictor.world if self._is_own(e) and has_place(type(e))]

    def _is_own(self, entity: Entity) -> bool:
        return entity.owner == self.seat and self.seat != NO_SEAT

    # --- drawing ----------------------------------------------------------------------------------

    def _draw_own(self, now: float) -> Iterator[Drawn]:
        """Draw own entities between the last tick and a provisional next one."""
        own = self._own_placed()
        if not own:
            return
        predictor = self._predictor
        held = attrs.evolve(self._held, view=self._view_at(predictor.tick + 1))
        ahead = predictor.provisional(held)
        part = max(0.0, min(1.0, self._own_time - predictor.tick))
        for entity in own:
            ident = ident_of(entity)
            later = ahead.get(entity.id) or entity
            drawn = drawing.drawn_between(ident, entity, later, part, own=True, state=entity)
            correction = self._corrections.get(ident)
            if correction is not None:
                dx, dy = correction.at(now)
                drawn = attrs.evolve(drawn, x=drawn.x + dx, y=drawn.y + dy)
            yield drawn

    def _draw_others(self) -> Iterator[Drawn]:
        around = self.ring.around(self._drawn_time)
        assert around is not None
        a, b = around
        span = (b.tick - a.tick) * VIEW_UNITS
        part = (self._drawn_time - a.tick * VIEW_UNITS) / span if span else 0.0
        for entity_id, entity in a.entities.items():
            if self._is_drawn_here(entity):
                later = b.entities.get(entity_id)
                same = later if later is not None and type(later) is type(entity) else entity
                state = self._predictor.touched(entity_id, entity)
                if state is not None:
                    ident = ident_of(entity)
                    yield drawing.drawn_between(ident, entity, same, part, own=False, state=state)
        yield from self._draw_ahead()

    def _is_drawn_here(self, entity: Entity) -> bool:
        kind = type(entity)
        return has_place(kind) and not kind.extrapolated and not self._is_own(entity)

    def _draw_ahead(self) -> Iterator[Drawn]:
        """Draw extrapolated classes where they will be at the player's own tick."""
        newest = self.ring.newest
        assert newest is not None
        before = self.ring.before(newest.tick)
        ahead = min(self._own_time - newest.tick, EXTRAPOLATE_S / self._period)
        for entity_id, entity in newest.entities.items():
            kind = type(entity)
            if not kind.extrapolated or not has_place(kind) or self._is_own(entity):
                continue
            earlier: Any = before.entities.get(entity_id) if before is not None else None
            start, part = entity, 1.0
            if before is not None and type(earlier) is type(entity):
                start, part = earlier, 1.0 + max(0.0, ahead) / (newest.tick - before.tick)
            ident = ident_of(entity)
            yield drawing.drawn_between(ident, start, entity, part, own=False, state=entity)
