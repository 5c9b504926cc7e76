"""Measure round trips: the pings under way, and the last times that their answers took."""

import itertools
from collections import deque
from typing import Final

from gameserver.messages.wire import Ping, Pong

SHOWN_PINGS: Final = 6
"""Number of round trips whose minimum is shown. In a match the server reads sockets once per tick,
so most measurements are up to one tick too long."""

KEPT_ROUND_TRIPS: Final = 4096
"""Round trips kept in `RoundTripLog.history_s`: more than an hour of a match."""


class RoundTripLog:
    """The round trips of one client, over all of its connections.

    Attributes:
        history_s: The last round trips in seconds, oldest first.
        pinged_at: When the last ping was made.
    """

    def __init__(self) -> None:
        """Start without a measurement."""
        self.history_s: deque[float] = deque(maxlen=KEPT_ROUND_TRIPS)
        self.pinged_at: float = 0.0
        self._sent: dict[int, float] = {}
        self._nonces = itertools.count(1)

    @property
    def smallest_s(self) -> float | None:
        """Smallest of the last `SHOWN_PINGS` round trips; None before the first measurement."""
        return min(list(self.history_s)[-SHOWN_PINGS:], default=None)

    def ping(self, now: float) -> Ping:
        """Return a ping to be sent now."""
        nonce = next(self._nonces)
        self._sent[nonce] = self.pinged_at = now
        return Ping(nonce)

    def ponged(self, pong: Pong, now: float) -> float | None:
        """Return the round trip that an answer measures; None if its ping is not known."""
        sent = self._sent.pop(pong.nonce, None)
        if sent is None:
            return None
        self.history_s.append(now - sent)
        return now - sent

    def disconnected(self) -> None:
        """Forget the pings under way: no answer will come."""
        self._sent.clear()
