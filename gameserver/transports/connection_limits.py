"""Limits on connections, in all and per address.

Law: an address that uses all its connections takes none from other addresses. IPv6 addresses count
by /64, since one subscriber has a whole /64 (threat 3).
"""

import ipaddress
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Final

_SUBSCRIBER_BITS: Final = 64
_LOOPBACK: Final = (ipaddress.IPv4Address("127.0.0.1"), ipaddress.IPv6Address("::1"))


class ConnectionLimits:
    """Counts open connections."""

    def __init__(self, max_total: int, max_per_address: int) -> None:
        """Start without connections."""
        self._max_total = max_total
        self._max_per_address = max_per_address
        self._counts: Counter[str] = Counter()
        self.total: int = 0

    @contextmanager
    def admit(self, address: str) -> Iterator[str]:
        """Count a connection while the block runs.

        Gives:
            An empty string, or the reason why the connection is refused and not counted.
        """
        refusal = self.enter(address)
        try:
            yield refusal
        finally:
            if not refusal:
                self.leave(address)

    @contextmanager
    def share_of(self, address: str) -> Iterator[str]:
        """Count a connection for an address alone, as its proxy has been counted in the total.

        Gives: as `admit`.
        """
        key = subscriber(address)
        refusal = self._share(key)
        if refusal:
            yield refusal
            return
        self._counts[key] += 1
        try:
            yield ""
        finally:
            self._forget(key)

    def enter(self, address: str) -> str:
        """Count a connection until `leave`.

        Returns:
            An empty string, or the reason why the connection is refused and not counted.
        """
        key = subscriber(address)
        refusal = self._refusal(key)
        if not refusal:
            self.total += 1
            self._counts[key] += 1
        return refusal

    def leave(self, address: str) -> None:
        """Count a connection of `enter` no longer."""
        key = subscriber(address)
        self.total -= 1
        self._forget(key)

    def _forget(self, key: str) -> None:
        self._counts[key] -= 1
        if not self._counts[key]:
            del self._counts[key]

    def _refusal(self, key: str) -> str:
        if self.total >= self._max_total:
            return "this server is full; try again later"
        return self._share(key)

    def _share(self, key: str) -> str:
        if key and self._counts[key] >= self._max_per_address:
            return "too many connections from your address"
        return ""


@lru_cache(maxsize=4096)
def subscriber(address: str) -> str:
    """Return the key under which an address is counted; empty for loopback and invalid addresses.

    Loopback is 127.0.0.1 and ::1, from which a proxy may connect for all players. Other addresses
    of 127.0.0.0/8 are used on purpose, as by `script/attack`, and count like all others.
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
