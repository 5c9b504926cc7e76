"""The figures of the net graph, sampled every `SAMPLE_S`."""

from collections import deque
from typing import Final

import attrs

from client_demo.views.matchview import NetView
from gameserver.client import Client, MatchReplica

SAMPLE_S: Final = 0.25
KEPT: Final = 120
"""Samples in a history: half a minute."""


@attrs.define(eq=False)
class NetFigures:
    """Samples the figures of one client in one match."""

    client: Client
    replica: MatchReplica
    late_inputs: int = 0
    """Late inputs as the server counts them; set when it has answered."""
    _next: float = 0.0
    _last: tuple[float, int, int] = (0.0, 0, 0)
    _rtts: deque[float] = attrs.field(factory=lambda: deque(maxlen=KEPT))
    _corrections: deque[float] = attrs.field(factory=lambda: deque(maxlen=KEPT))
    _view: NetView = attrs.field(factory=NetView)

    def view(self, now: float) -> NetView:
        """Return the figures of the last sample; take a new one if it is due."""
        if now >= self._next:
            self._next = now + SAMPLE_S
            self._sample(now)
        return self._view

    def _sample(self, now: float) -> None:
        stats, client = self.replica.stats, self.client
        then, bytes_in, bytes_out = self._last
        passed = max(SAMPLE_S, now - then)
        self._last = (now, client.bytes_in, client.bytes_out)
        self._rtts.append(stats.rtt_ms)
        self._corrections.append(stats.correction_px_last)
        self._view = NetView(
            rtt_ms=stats.rtt_ms,
            jitter_ms=stats.jitter_ms,
            tick=stats.tick,
            lead_ticks=stats.lead_ticks,
            bytes_in_s=(client.bytes_in - bytes_in) / passed,
            bytes_out_s=(client.bytes_out - bytes_out) / passed,
            late_inputs=self.late_inputs,
            desyncs=stats.desyncs,
            rtt_history_ms=tuple(self._rtts),
            correction_history_px=tuple(self._corrections),
        )
