"""The budget of a link for messages that its responses bring again.

Law: a message is returned until it is confirmed, so a client that confirms nothing could ask for
the same 128 KiB with a hundred bytes, again and again. Repeated bytes are paid for by the client's
own bytes and by time; a response that would repeat more waits until they are (threat 37).

A client far away repeats honestly: each of its requests meets the messages of one round trip.
"""

from typing import Final

from gameserver.transports.unfetched import Unconfirmed

REPEATED_BURST_BYTES: Final = 256 * 1024
"""Several whole responses that were cut."""

REPEATED_PER_BYTE: Final = 16
"""Repeated bytes for each byte of a request."""

REPEATED_PER_S: Final = 4096

HEAD_BYTES: Final = 100
"""Bytes of a request besides its body, at least."""


class Repeats:
    """Counts the repeated bytes of one link."""

    def __init__(self, now: float) -> None:
        """Begin before the first response."""
        self._left = float(REPEATED_BURST_BYTES)
        self._at = now
        self._sent = 0

    def asked(self, body_bytes: int) -> None:
        """Note a request."""
        self._left += REPEATED_PER_BYTE * (body_bytes + HEAD_BYTES)

    def wait_s(self, oldest: int, now: float) -> float:
        """Return for how long a response that begins with message ``oldest`` has to wait."""
        self._left += (now - self._at) * REPEATED_PER_S
        self._left = min(self._left, REPEATED_BURST_BYTES)
        self._at = now
        return max(0.0, -self._left / REPEATED_PER_S) if oldest <= self._sent else 0.0

    def returned(self, found: Unconfirmed) -> None:
        """Note what a response brings."""
        repeated = max(0, self._sent + 1 - found.first)
        self._left -= sum(map(len, found.messages[:repeated]))
        self._sent = max(self._sent, found.first + len(found.messages) - 1)
