"""How many connections there are, in all and from each address.

Law: an address that fills its share takes nothing from others; IPv6 counts by /64, because that
is what one subscriber has (threat 3).
"""

import ipaddress
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_SUBSCRIBER_BITS: Final = 64
_LOOPBACK: Final = (ipaddress.IPv4Address("127.0.0.1"), ipaddress.IPv6Address("::1"))


class ConnectionLimits:
    """Counts who is connected."""

    def __init__(self, max_total: int, max_per_address: int) -> None:
        """Start empty."""
        self._max_total = max_total
        self._max_per_address = max_per_address
        self._counts: Counter[str] = Counter()
        self.total = 0

    @contextmanager
    def admit(self, address: str) -> Iterator[str]:
        """Count a connection for the block's time.

        Gives:
            An empty sentence, or why the connection is one too many and was not counted.
        """
        key = subscriber(address)
        refusal = self._refusal(key)
        if refusal:
            yield refusal
            return
        self.total += 1
        self._counts[key] += 1
        try:
            yield ""
        finally:
            self.total -= 1
            self._counts[key] -= 1
            if not self._counts[key]:
                del self._counts[key]

    def _refusal(self, key: str) -> str:
        if self.total >= self._max_total:
            return "this server is full; try again later"
        if key and self._counts[key] >= self._max_per_address:
            return "too many connections from your address"
        return ""


def subscriber(address: str) -> str:
    """Return what an address is counted under; empty for loopback and for what is no address.

    Loopback is 127.0.0.1 and ::1, where a proxy may stand for everybody. Whoever takes another
    address of 127.0.0.0/8 does so on purpose, as `script/attack` does, and counts like any.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    if parsed in _LOOPBACK:
        return ""
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, _SUBSCRIBER_BITS), strict=False))
