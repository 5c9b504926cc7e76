"""Enter matches and re-enter them after a resume: fetch the map, enter, feed the replica.

Law: everything here is a plain call made while a message is dispatched. So the replica exists when
a snapshot follows directly behind the answer to `EnterMatch`.
"""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from gameserver.client.play.evidence import SeenSection, ViewSender
from gameserver.client.play.replica import MatchReplica
from gameserver.errors import Code, ProtocolError
from gameserver.game.game import Game
from gameserver.game.maps.tilemap import TileMap
from gameserver.ids import MatchId, RequestId
from gameserver.messages.base import Request, Result
from gameserver.messages.match import (
    EnterMatch,
    GetMap,
    MapData,
    MatchEnded,
    MatchEntered,
    MatchHappened,
    MatchStarted,
    ReportDesync,
)
from gameserver.messages.wire import Delta, Input, Refusal, Seen, Shift, Snapshot, Steer
from gameserver.protocol.deltas import SnapshotSequence

FASTEST_HZ: Final = 240
"""Largest tick rate accepted from a server."""

SLOWEST_S: Final = 10
"""Longest time between two snapshots accepted from a server."""

PLAYED_AGAIN: Final = 16
"""Inputs that are sent again over another connection: half a second at 30 ticks a second. The
server has stepped the ticks of earlier ones."""

SendRequest = Callable[[Request, Callable[["Result | Refusal | None"], None]], RequestId]
"""Sends a request; the callback gets the answer while its message is dispatched."""


class MatchKeeper:
    """The match that the client is in, if any, and the replica of it."""

    def __init__(
        self,
        ask: SendRequest,
        abandon: Callable[[RequestId], None],
        post: Callable[["Input | Seen"], None],
        ready: Callable[[MatchEntered], None],
        round_trips: Callable[[], list[float]],
    ) -> None:
        """Connect the keeper with its client.

        Args:
            ask: Sends a request.
            abandon: Stops waiting for the answer to a request.
            post: Sends an input or seen message.
            ready: Called when a match has been entered.
            round_trips: Returns the round trips measured so far, in seconds.
        """
        self._ask = ask
        self._abandon = abandon
        self._send = post
        self._views = ViewSender(ask)
        self._ready = ready
        self._round_trips = round_trips
        self._maps: dict[str, TileMap] = {}
        self._started: MatchStarted | None = None
        self._asked: list[RequestId] = []
        self._crossing = RequestId(0)
        self._played: deque[Input] = deque(maxlen=PLAYED_AGAIN)
        """The last inputs of this match."""
        self._snapshots = SnapshotSequence()
        self._away = False
        """Whether the player left the match and waits in the lobby; see `step_out`."""
        self.game: Game | None = None
        self.replica: MatchReplica | None = None
        self.restarted: bool = False
        """Whether another process of the server went on with the match before it was entered."""

    def know_map(self, tile_map: TileMap) -> None:
        """Store a map by its digest, so that it need not be fetched."""
        self._maps[tile_map.digest] = tile_map

    @property
    def match_id(self) -> MatchId | None:
        """The match of the last `MatchStarted` event, until it ends."""
        return self._started.match_id if self._started else None

    @property
    def away(self) -> bool:
        """Whether the player left that match and waits in the lobby."""
        return self._away

    # --- entering and leaving -------------------------------------------------------------------

    def started(self, event: MatchStarted) -> None:
        """Enter a match that has begun.

        Raises:
            ProtocolError: The tick rate or snapshot interval is out of bounds.
        """
        rate, every = event.tick_rate, event.snapshot_every
        if not (0 < rate <= FASTEST_HZ and 0 < every <= rate * SLOWEST_S):
            sentence = f"a match of {rate} ticks a second and a snapshot each {every} ticks"
            raise ProtocolError(Code.BAD_MESSAGE, sentence)
        self.forget()
        self._started = event
        self._away = False
        self._enter()

    def ended(self, event: MatchEnded) -> None:
        """Drop the match that is over; the end of any other match is ignored."""
        if self._started is not None and self._started.match_id == event.result.match_id:
            self.forget()

    def step_out(self) -> None:
        """Drop the replica; the match, if there is one, goes on without the player."""
        if self._started is None:
            return
        self.disconnected()
        self.replica = None
        self._away = True

    def watch(self) -> None:
        """Enter the match again as a spectator after `step_out`."""
        if self._away:
            self._away = False
            self._enter()

    def forget(self) -> None:
        """Drop the match and its replica."""
        self.disconnected()
        self._away = False
        self._started = None
        self.replica = None
        self._played.clear()

    def disconnected(self) -> None:
        """Abandon the requests of a lost connection and pause the replica; `resumed` goes on."""
        for request_id in self._asked:
            self._abandon(request_id)
        self._asked.clear()
        if self.replica is not None:
            self.replica.pause()

    def resumed(self) -> None:
        """Enter the match again over a new connection."""
        if not self._away:
            self._enter()

    def cross(self) -> list[Input]:
        """Enter the match over a connection beside the present one, and play on meanwhile.

        Returns:
            The inputs for ticks that may be to come, to be sent behind that request: the server may
            have dropped them with the present connection.
        """
        started = self._started
        self._crossing = RequestId(0)  # a new session has the ids of an old one again
        if self.replica is None or started is None:
            return []
        enter = EnterMatch(started.match_id)
        self._crossing = self._ask(enter, lambda answer: self._crossed(started, answer))
        self._asked.append(self._crossing)
        return [each for each in self._played if each.tick > self._played[-1].seen]

    def stayed(self) -> None:
        """Note that the present connection is kept."""
        self._abandon(self._crossing)

    def _crossed(self, started: MatchStarted, answer: "Result | Refusal | None") -> None:
        if self._started is started and self.replica and isinstance(answer, MatchEntered):
            self.replica.enter(answer, anew=False)
            self.replica.tape.note(answer)

    def _enter(self) -> None:
        started = self._started
        if started is None or self.game is None:
            return
        tile_map = self._maps.get(started.map_digest)
        if tile_map is None:
            request = GetMap(started.match_id)
            self._asked.append(self._ask(request, lambda answer: self._got_map(started, answer)))
            return
        enter = EnterMatch(started.match_id)
        self._asked.append(
            self._ask(enter, lambda answer: self._entered(started, tile_map, answer))
        )

    def _got_map(self, started: MatchStarted, answer: "Result | Refusal | None") -> None:
        if self._started is started and isinstance(answer, MapData):
            tile_map = TileMap.from_wire(answer.data.get("map"))
            if tile_map.digest != started.map_digest:
                raise ProtocolError(Code.BAD_MESSAGE, "the map is another than the match's")
            self.know_map(tile_map)
            self._enter()

    def _entered(
        self, started: MatchStarted, tile_map: TileMap, answer: "Result | Refusal | None"
    ) -> None:
        if self._started is not started or not isinstance(answer, MatchEntered):
            return
        known = self.replica
        self.restarted = known is not None and known.epoch != answer.epoch
        if self.replica is None:
            assert self.game is not None
            self.replica = MatchReplica(self.game, started, tile_map, self._post, self._report)
            for seconds in self._round_trips():
                self.replica.round_trip(seconds)
        self._played.clear()  # they were played before the connection was lost
        self.replica.enter(answer)
        self.replica.tape.note(answer)
        self._ready(answer)

    def _post(self, message: Input | Seen) -> None:
        if isinstance(message, Input):
            self._played.append(message)
        if self.replica is not None:
            self.replica.tape.note(message)
        self._send(message)

    def _report(self, report: ReportDesync) -> None:
        if self.replica is not None:
            self._views.report(seen_of(self.replica, report))

    # --- feeding the replica ----------------------------------------------------------------------

    def snapshot(self, parts: Sequence[Snapshot | Delta], now: float) -> None:
        """Pass on a snapshot; ``parts`` are its objects, all of the same tick.

        Raises:
            ProtocolError: Its tick is too large.
        """
        if self.replica is not None:
            whole = self._snapshots.next(parts)
            self.replica.receive(whole.tick, whole.sections, now)
            self.replica.tape.received(whole, self.replica.reader)

    def retimed(self, change: Steer | Shift) -> None:
        """Pass on the server's correction of the lead, or of its tick origin."""
        if self.replica is None:
            return
        self.replica.tape.note(change)
        if isinstance(change, Steer):
            self.replica.steer(change)
        else:
            self.replica.shift(change)

    def happened(self, event: MatchHappened) -> None:
        """Pass on a reliable game event, unless it belongs to another match."""
        started = self._started
        if self.replica and started and event.match_id == started.match_id:
            self.replica.tape.note(event)
            self.replica.happened(event)

    def round_trip(self, seconds: float) -> None:
        """Pass on a measured round trip."""
        if self.replica is not None:
            self.replica.tape.note(seconds)
            self.replica.round_trip(seconds)


def seen_of(replica: MatchReplica, report: ReportDesync) -> SeenSection:
    """Return what a replica has of a section whose checksum is wrong."""
    try:
        present = replica.reader.keyframe(report.section)
    except ProtocolError:
        present = None
    return SeenSection(replica.game, report, replica.seat, tuple(replica.ring), present)
