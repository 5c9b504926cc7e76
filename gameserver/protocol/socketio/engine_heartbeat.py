"""Heartbeat of Engine.IO v4: the server pings at an interval, and the client has to answer.

Unlike in `gameserver.protocol.heartbeat`, pings are sent whether or not the client is silent: its
library takes a server that does not ping for dead.

Source: Engine.IO Protocol v4, "Heartbeat".
"""

from math import inf


class EngineHeartbeat:
    """When to ping, and when a client that does not answer is dead.

    A ping is due one interval after the handshake or the last pong. Its pong has the time-out, from
    when the ping was due, or half of that, from when the ping was taken if that was late. Any other
    packet shows that the client lives, and gives the pong the time-out again.

    Source: Engine.IO Protocol v4, "Heartbeat".
    """

    def __init__(self, interval_s: float, timeout_s: float, now: float) -> None:
        """Count from ``now``, the time of the handshake."""
        self._interval_s = interval_s
        self._timeout_s = timeout_s
        self._due = now + interval_s
        self._deadline = inf

    @property
    def next_s(self) -> float:
        """When `wants_ping` or `is_dead` may be true next."""
        return min(self._due, self._deadline)

    def wants_ping(self, now: float) -> bool:
        """Return true once when a ping is due: send it now."""
        if now < self._due:
            return False
        self._deadline = max(self._due + self._timeout_s, now + self._timeout_s / 2)
        self._due = inf
        return True

    def heard(self, now: float, *, pong: bool) -> None:
        """Take a packet of the client; a pong that no ping asked for is a packet like others."""
        if self._deadline == inf:
            return
        if pong:
            self._due, self._deadline = now + self._interval_s, inf
        else:
            self._deadline = max(self._deadline, now + self._timeout_s)

    def is_dead(self, now: float) -> bool:
        """Tell whether a pong is late."""
        return now >= self._deadline
