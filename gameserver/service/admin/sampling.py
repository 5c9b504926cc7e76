"""The figures of the last minutes, one sample of each second, for the charts of the console.

Law: a sample is made of the same `ServerStats` as every other figure, and is made once, however
many consoles are open, also with none: who opens one in trouble sees how the trouble began.
When full: the oldest sample is dropped.
"""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs
import trio

from gameserver.messages.session import GameStats, Quantiles, ServerStats
from gameserver.service.admin.forms import SampleSeries
from gameserver.service.logging.logs import get_logger

log: Final = get_logger()

SAMPLES: Final = 600
"""Samples that are kept: ten minutes."""

EVERY_S: Final = 1.0


class Sampler:
    """Keeps the samples of one server."""

    def __init__(self, stats: Callable[[], ServerStats], wall_ms: Callable[[], int]) -> None:
        """Prepare; `run` makes the samples."""
        self._stats = stats
        self._wall_ms = wall_ms
        self._samples: deque[Mapping[str, Any]] = deque(maxlen=SAMPLES)
        self._count = 0
        """Samples that were made so far."""

    async def run(self) -> None:
        """Make a sample each second until cancelled."""
        while True:
            try:
                self.take()
            except Exception:  # a bug of ours in one sample; the next one is made
                log.exception("measuring failed")
            await trio.sleep(EVERY_S)

    def take(self) -> None:
        """Make a sample now."""
        self._samples.append(sample(self._wall_ms(), self._stats()))
        self._count += 1

    def since(self, after: int) -> SampleSeries:
        """Return the kept samples behind number ``after``."""
        fresh = self._count - after if 0 <= after <= self._count else SAMPLES
        skipped = max(0, len(self._samples) - fresh)
        return SampleSeries(tuple(self._samples)[skipped:], self._count)


def sample(at_ms: int, stats: ServerStats) -> dict[str, Any]:
    """Return the figures of one moment that charts show, as plain values."""
    return {
        "at_ms": at_ms,
        "players": stats.players,
        "sessions": stats.sessions,
        "lobbies": stats.lobbies,
        "matches": stats.matches,
        "strain": stats.strain,
        "cpu_share": stats.cpu_share,
        "memory_bytes": stats.memory_bytes,
        "loop_lag": _spread(stats.loop_lag),
        "transports": dict(stats.transports),
        "games": {game.game: _game(game) for game in stats.games},
    }


def _game(game: GameStats) -> dict[str, Any]:
    return {
        "matches": game.matches,
        "seats": game.seats,
        "bots": game.bots,
        "viewers": game.viewers,
        "congested": game.congested,
        "tick_ms": game.tick_ms,
        "duration": _spread(game.duration),
        "lateness": _spread(game.lateness),
        "inputs": game.inputs,
        "late_inputs": game.late_inputs,
        "missed_inputs": game.missed_inputs,
        "snapshot_bytes": game.snapshot_bytes,
    }


def _spread(spread: Quantiles) -> list[float]:
    times = attrs.astuple(spread)[1:4]
    return [round(each, 3) for each in times]
