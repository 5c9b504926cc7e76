"""The results of one run of the load generator, and the figures derived from them.

Law: the generator reports counts; all derived figures are computed here. Buckets of a histogram
grow by 1 % each from 10 microseconds, as in ``bench/load/report.h``.
"""

import json
import math
from collections.abc import Mapping
from typing import Any, Final

import attrs

from bench.errors import BenchError

GROWTH: Final = 1.01
FIRST_S: Final = 1e-5

HEADERS_BYTES: Final = 52
"""Headers of IPv4 and TCP with time stamps, for each message in a packet of its own."""

SATURATED: Final = 0.9
"""Load of the generator's core, 0..1, from which the generator may be the bottleneck."""


@attrs.frozen
class Histogram:
    """Counts of durations in seconds, in buckets that grow geometrically."""

    buckets: tuple[tuple[int, int], ...] = ()
    longest_s: float = 0.0

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> "Histogram":
        """Return a histogram from the generator's output."""
        pairs = tuple((int(bucket), int(count)) for bucket, count in data["buckets"])
        return cls(tuple(sorted(pairs)), float(data["longest_s"]))

    @property
    def count(self) -> int:
        """Return the number of samples."""
        return sum(count for _, count in self.buckets)

    def quantile(self, share: float) -> float:
        """Return the seconds that ``share`` of the samples do not exceed; 0 without samples."""
        wanted = max(1, math.ceil(share * self.count))
        seen = 0
        for bucket, count in self.buckets:
            seen += count
            if seen >= wanted:
                return float(min(FIRST_S * GROWTH ** (bucket + 1), self.longest_s))
        return 0.0


@attrs.frozen
class Figures:
    """One run.

    Attributes:
        clients: Clients that should play.
        playing: Clients that played when measuring began.
        us_per_client_tick: Processor time of the server, in microseconds, per playing client and
            tick.
        us_per_state: The same for each state that arrived, for an overloaded server.
        server_share: Part of its core that the server used, 0..1.
        load_share: Part of its core that the generator used, 0..1.
        ratio_delivered: Part of the due states that arrived, 0..1.
        bytes_per_client_s: WebSocket payload received.
        wire_bytes_per_client_s: The same with frames and the headers of IP and TCP.
    """

    clients: int
    playing: int
    us_per_client_tick: float
    us_per_state: float
    server_share: float
    load_share: float
    ratio_delivered: float
    bytes_per_client_s: float
    wire_bytes_per_client_s: float
    input_bytes_per_client_s: float
    inter_p50_ms: float
    inter_p99_ms: float
    longest_ms: float
    late_p99_ms: float
    effect_p50_ms: float
    effect_p99_ms: float
    effects: int
    reasons: dict[str, int]
    stalled: dict[str, float] = attrs.field(factory=dict)
    """Figures of the clients that stopped reading: see ``print_stalled`` in ``load.c``."""
    crowd: dict[str, Any] = attrs.field(factory=dict)
    """Times of a crowd that came together, -1 for what did not happen: see ``crowd.c``."""

    @property
    def load_was_the_bottleneck(self) -> bool:
        """Tell whether the run says more about the generator than about the server."""
        return self.load_share > SATURATED

    def to_json(self) -> dict[str, object]:
        """Return plain values."""
        return attrs.asdict(self)


def parse_result(line: str, hz: float) -> Figures:
    """Return the figures of a result line.

    Raises:
        BenchError: The line is no result.
    """
    try:
        return _derive(json.loads(line)["result"], hz)
    except (KeyError, TypeError, ValueError) as error:
        raise BenchError(f"the load generator printed no result but: {line[:200]}") from error


def _derive(raw: Mapping[str, Any], hz: float) -> Figures:
    gaps, effects = Histogram.parse(raw["gaps"]), Histogram.parse(raw["effects"])
    seconds, playing = float(raw["seconds"]), int(raw["playing"])
    client_s = max(seconds * playing, 1e-9)
    wire = raw["socket_bytes"] + HEADERS_BYTES * raw["reads"]
    late = max(0.0, gaps.quantile(0.99) - 1 / hz)
    return Figures(
        clients=int(raw["clients"]),
        playing=playing,
        us_per_client_tick=round(raw["server_cpu_s"] * 1e6 / (client_s * hz), 2),
        us_per_state=round(raw["server_cpu_s"] * 1e6 / max(raw["states"], 1), 2),
        server_share=round(raw["server_cpu_s"] / seconds, 3),
        load_share=round(raw["load_cpu_s"] / seconds, 3),
        ratio_delivered=round(raw["states"] / max(raw["expected"], 1), 4),
        bytes_per_client_s=round(raw["payload_bytes"] / client_s, 1),
        wire_bytes_per_client_s=round(wire / client_s, 1),
        input_bytes_per_client_s=round(raw["input_bytes"] / client_s, 1),
        inter_p50_ms=round(gaps.quantile(0.5) * 1e3, 2),
        inter_p99_ms=round(gaps.quantile(0.99) * 1e3, 2),
        longest_ms=round(gaps.longest_s * 1e3, 2),
        late_p99_ms=round(late * 1e3, 2),
        effect_p50_ms=round(effects.quantile(0.5) * 1e3, 2),
        effect_p99_ms=round(effects.quantile(0.99) * 1e3, 2),
        effects=effects.count,
        reasons={str(key): int(value) for key, value in raw["reasons"].items()},
        stalled=_stalled(raw.get("stalled", {})),
        crowd=dict(raw.get("crowd", {})),
    )


def _stalled(raw: Mapping[str, Any]) -> dict[str, float]:
    if not raw:
        return {}
    after = Histogram.parse(raw["dropped"])
    counts = {key: int(value) for key, value in raw.items() if key != "dropped"}
    times = {"dropped": after.count, "dropped_p50_s": round(after.quantile(0.5), 2)}
    return {**counts, **times, "dropped_last_s": round(after.longest_s, 2)}
