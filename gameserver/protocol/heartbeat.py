"""Whether the other end is still there. Any inbound byte is life; only silence is probed.

Browsers cannot see WebSocket pings, so both ends use messages of the protocol.
"""


class Heartbeat:
    """Keep-alive state of one end. Time is an argument, in seconds."""

    def __init__(self, interval_s: float, now: float) -> None:
        """Start as if something had just been heard."""
        self.interval_s = interval_s
        self._heard = now
        self._asked = False

    def heard(self, now: float) -> None:
        """Learn that something came in."""
        self._heard = now
        self._asked = False

    def wants_ping(self, now: float) -> bool:
        """Tell once per silence that a ping should be sent now."""
        if self._asked or now - self._heard < self.interval_s:
            return False
        self._asked = True
        return True

    def is_dead(self, now: float) -> bool:
        """Tell whether the silence has lasted too long: twice the interval."""
        return now - self._heard >= 2 * self.interval_s
