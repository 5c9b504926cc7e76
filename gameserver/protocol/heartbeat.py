"""Detect that the peer is gone: any message proves it alive, and a ping is sent only in silence.

Pings are messages of the protocol, not WebSocket pings, which JavaScript in a browser cannot send.
"""


class Heartbeat:
    """Keep-alive state of one end. Time is an argument, in seconds."""

    def __init__(self, interval_s: float, now: float) -> None:
        """Start as if a message had arrived at ``now``."""
        self.interval_s = interval_s
        self._heard = now
        self._asked = False

    def heard(self, now: float) -> None:
        """Record that a message arrived."""
        self._heard = now
        self._asked = False

    def wants_ping(self, now: float) -> bool:
        """Return true once, when nothing has arrived for one interval: send a ping now."""
        if self._asked or now - self._heard < self.interval_s:
            return False
        self._asked = True
        return True

    def is_dead(self, now: float) -> bool:
        """Tell whether nothing has arrived for two intervals."""
        return now - self._heard >= 2 * self.interval_s
