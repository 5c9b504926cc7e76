"""Measure all roads to a server side by side.

Law: the roads take turns at every single request, so that a busy moment of the machine or of the
network falls on all of them alike. A road that cannot be used ends with a sentence, and the others
go on.
"""

import random
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from statistics import median
from typing import Final

import attrs
import trio

from gameserver.client.link import streams
from gameserver.client.link.address import Address
from gameserver.client.link.background import background
from gameserver.client.link.streams import OpenStream
from gameserver.client.play.telemetry import percentile
from gameserver.client.probes.binary import OverEventStream, OverPolling, OverWebSocket
from gameserver.client.probes.connection import Connection
from gameserver.client.probes.meter import Meter
from gameserver.client.probes.probe import Cut, Probe
from gameserver.client.probes.rest import OverRest
from gameserver.client.probes.socketio import OverSocketIoPolling, OverSocketIoWebSocket
from gameserver.client.probes.sse import OverSse
from gameserver.errors import ConnectionLostError

ROADS: Final[tuple[type[Connection], ...]] = (
    OverWebSocket,
    OverEventStream,
    OverPolling,
    OverSse,
    OverSocketIoWebSocket,
    OverSocketIoPolling,
    OverRest,
)
"""All roads, in the order of the table."""

TRIPS: Final = 12
"""Round trips of a road in one round."""

BURST: Final = 16
"""Requests that a road says at once in a round."""

STEP_S: Final = (0.1, 0.25)
"""Shortest and longest time from one round trip of a road to its next, drawn anew for each: a fixed
one would meet the pauses of long polling always at the same moment."""

ROUND_S: Final = 3.5
"""Shortest time of a round. A session may ask 20 times a second; by an event stream 128 answers
may wait for their confirmation, which comes after 15 s."""


@attrs.define
class RoadFigures:
    """What was measured of one road.

    Attributes:
        trips_s: Seconds of each round trip.
        overhead: Bytes on the wire besides the message, a message, of each round.
        wire: Bytes on the wire of a round trip, of each round.
        rates: Messages per second of each burst.
        refusals: Answers that said ``rate_limited``.
        failure: Why the road could not be used, or not to the end; "" if it could.
    """

    road: str
    trips_s: list[float] = attrs.field(factory=list)
    overhead: list[float] = attrs.field(factory=list)
    wire: list[float] = attrs.field(factory=list)
    rates: list[float] = attrs.field(factory=list)
    cuts: list[Cut] = attrs.field(factory=list)
    refusals: int = 0
    failure: str = ""

    def to_json(self) -> dict[str, object]:
        """Return the figures; None stands for what was not measured."""
        back = [cut.back_s for cut in self.cuts]
        return {
            "road": self.road,
            "failure": self.failure,
            "round_trips": len(self.trips_s),
            "round_trip_p50_ms": _ms(percentile(self.trips_s, 0.5)) if self.trips_s else None,
            "round_trip_p99_ms": _ms(percentile(self.trips_s, 0.99)) if self.trips_s else None,
            "wire_bytes_per_round_trip": round(median(self.wire), 1) if self.wire else None,
            "overhead_bytes_per_message": round(median(self.overhead), 1)
            if self.overhead
            else None,
            "messages_per_s": round(median(self.rates)) if self.rates else None,
            "cuts": len(self.cuts),
            "back_p50_ms": _ms(median(back)) if back else None,
            "back_max_ms": _ms(max(back)) if back else None,
            "events_lost": sum(cut.lost for cut in self.cuts),
            "events_doubled": sum(cut.doubled for cut in self.cuts),
            "rate_limited": self.refusals,
        }


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)


class Comparison:
    """A run over all roads. `run` measures; `measured` can be read at any time."""

    def __init__(
        self,
        url: str,
        roads: Sequence[type[Connection]] = ROADS,
        *,
        seed: int = 1,
        opens: OpenStream = streams.open_stream,
        progress: Callable[[], object] = lambda: None,
    ) -> None:
        """Prepare a run.

        Args:
            url: The server's address as a person types it.
            roads: The roads to measure.
            seed: Decides at which byte each connection is cut.
            opens: Opens the streams to the server.
            progress: Called after each of the `steps` of a round.

        Raises:
            ConfigError: ``url`` is not a valid address.
        """
        self.measured: list[RoadFigures] = [RoadFigures(road.road) for road in roads]
        self._roads = {each.road: road for each, road in zip(self.measured, roads, strict=True)}
        self._address = Address.parse(url)
        self._draws = random.Random(seed)  # noqa: S311  no secret
        self._opens = opens
        self._progress = progress

    @property
    def steps(self) -> int:
        """Calls of ``progress`` in one round."""
        return TRIPS + 2 * len(self.measured)

    async def run(self, rounds: int) -> None:
        """Measure so many rounds."""
        async with background() as nursery:
            probes: list[tuple[RoadFigures, Probe]] = []
            for measured in self.measured:
                probe = self._probe(measured, nursery)
                if await _without_failure(measured, probe.sign_in):
                    probes.append((measured, probe))
            for _ in range(rounds):
                if all(measured.failure for measured in self.measured):
                    return
                ends_at = trio.current_time() + ROUND_S
                await self._round(probes, nursery)
                await trio.sleep_until(ends_at)
            for measured, probe in probes:
                measured.refusals += probe.refusals
                await probe.sign_out()

    def _probe(self, measured: RoadFigures, nursery: trio.Nursery) -> Probe:
        meter = Meter(self._opens)
        return Probe(self._roads[measured.road](self._address, meter, nursery), meter)

    async def _round(self, probes: list[tuple[RoadFigures, Probe]], nursery: trio.Nursery) -> None:
        before = [probe.meter.counts for _, probe in probes]
        for _ in range(TRIPS):
            next_at = trio.current_time() + self._draws.uniform(*STEP_S)
            for measured, probe in probes:
                await _without_failure(measured, partial(_trip, measured, probe))
            self._progress()
            await trio.sleep_until(next_at)
        for (measured, probe), counts in zip(probes, before, strict=True):
            if not measured.failure:
                wire, payload, messages = map(int.__sub__, probe.meter.counts, counts)
                measured.wire.append(wire / TRIPS)
                measured.overhead.append((wire - payload) / messages)
        for measured, probe in probes:
            await _without_failure(measured, partial(_burst, measured, probe))
            self._progress()
        for measured, _ in probes:
            await _without_failure(measured, partial(self._cut, measured, nursery))
            self._progress()

    async def _cut(self, measured: RoadFigures, nursery: trio.Nursery) -> None:
        """Cut a session of its own: what it loses must not count in the other figures."""
        probe = self._probe(measured, nursery)
        try:
            await probe.sign_in()
            measured.cuts.append(await probe.cut(self._draws))
        finally:
            measured.refusals += probe.refusals
            await probe.sign_out()


async def _trip(measured: RoadFigures, probe: Probe) -> None:
    measured.trips_s.append(await probe.round_trip())


async def _burst(measured: RoadFigures, probe: Probe) -> None:
    measured.rates.append(await probe.burst(BURST))
    await probe.confirm()


async def _without_failure(measured: RoadFigures, work: Callable[[], Awaitable[None]]) -> bool:
    """Do some work of a road that has not failed yet; return whether it still has not."""
    if not measured.failure:
        try:
            await work()
        except ConnectionLostError as error:
            measured.failure = str(error)
    return not measured.failure
