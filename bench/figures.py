"""What one run of the load generator measured, and the figures that follow from it.

Law: counts come from the generator as they are; everything derived is derived here, once. Buckets
of a histogram grow by 1 % each from 10 microseconds, as in ``bench/load/report.h``.
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
"""IPv4 and TCP with time stamps, for each message that came in a packet of its own."""

SATURATED: Final = 0.9
"""Share of its core from which the generator itself may be the bottleneck."""


@attrs.frozen
class Histogram:
    """Seconds in buckets that grow geometrically."""

    buckets: tuple[tuple[int, int], ...] = ()
    longest_s: float = 0.0

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> "Histogram":
        """Take what the generator printed."""
        pairs = tuple((int(bucket), int(count)) for bucket, count in data["buckets"])
        return cls(tuple(sorted(pairs)), float(data["longest_s"]))

    @property
    def count(self) -> int:
        """Return how many samples there are."""
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
        clients: How many were to play.
        playing: How many did when measuring began.
        us_per_client_tick: Processor time of the server, in microseconds, per playing client and
            tick.
        us_per_state: The same for each state that came: what counts where a server is overloaded.
        server_share: Of its core.
        load_share: The generator's share of its own.
        ratio_delivered: States that came, of those that were due.
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
    late_p99_ms: float
    effect_p50_ms: float
    effect_p99_ms: float
    effects: int
    reasons: dict[str, int]
    stalled: dict[str, float] = attrs.field(factory=dict)
    """What became of those who stopped reading: see ``print_stalled`` in ``load.c``."""

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
        BenchError: It is none.
    """
    try:
        return _derive(json.loads(line)["result"], hz)
    except (KeyError, TypeError, ValueError) as error:
        raise BenchError(f"the load generator said something else: {line[:200]}") from error


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
        late_p99_ms=round(late * 1e3, 2),
        effect_p50_ms=round(effects.quantile(0.5) * 1e3, 2),
        effect_p99_ms=round(effects.quantile(0.99) * 1e3, 2),
        effects=effects.count,
        reasons={str(key): int(value) for key, value in raw["reasons"].items()},
        stalled=_stalled(raw.get("stalled", {})),
    )


def _stalled(raw: Mapping[str, Any]) -> dict[str, float]:
    if not raw:
        return {}
    after = Histogram.parse(raw["dropped"])
    counts = {key: int(value) for key, value in raw.items() if key != "dropped"}
    times = {"dropped": after.count, "dropped_p50_s": round(after.quantile(0.5), 2)}
    return {**counts, **times, "dropped_last_s": round(after.longest_s, 2)}
