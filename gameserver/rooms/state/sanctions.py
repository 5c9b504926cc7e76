"""Bans and mutes by the server's operator: of a session, an address or network, or a name.

Law: a sanction ends by itself at its time. Names compare as they look (their skeletons), addresses
as networks: an IPv6 address stands for its /64, as everywhere in the server. The empty address,
which is that of loopback, is never under a sanction: a proxy connects from there for all players.

Source: threats 24 and 29 of docs/security.md.
"""

import ipaddress
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

import attrs

from gameserver.durations import duration
from gameserver.errors import Code, RequestError
from gameserver.rooms.state.session import Session

WIDEST: Final = {4: 8, 6: 19}
"""Shortest prefix of a network that can be banned, by version: a slip must not ban the world."""

_LOOPBACK: Final = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


_MAPPED_BITS: Final = 96
"""Bits before an IPv4 address that is written as an IPv6 address."""


class SanctionKind(StrEnum):
    """What a sanction keeps a player from."""

    BAN = "ban"
    """Being on the server."""
    MUTE = "mute"
    """Writing in any chat."""


class SanctionedBy(StrEnum):
    """By what a sanction knows its players."""

    SESSION = "session"
    ADDRESS = "address"
    NAME = "name"


@attrs.frozen
class Sanction:
    """One sanction."""

    number: int
    kind: SanctionKind
    known_by: SanctionedBy
    value: str
    """The player's id, the network, or the skeleton of the name."""
    shown: str
    """The value for people: the name as it is written, or the name of the session."""
    until_ms: int
    """Unix time in milliseconds at which it ends."""
    reason: str
    imposed_by: str
    at_ms: int


_Key = tuple[str, str, str]
"""Kind, known_by and value."""


@attrs.define(eq=False)
class SanctionBook:
    """All sanctions that have not ended.

    When full: no further one is taken.
    """

    most: int
    _last: int = attrs.field(default=0, init=False)
    _by_key: dict[_Key, Sanction] = attrs.field(factory=dict, init=False)
    _widths: Counter[str] = attrs.field(factory=Counter, init=False)
    """Numbers of networks by version and length of their prefix, such as ``4/24``."""

    def __len__(self) -> int:
        """Return the number of sanctions."""
        return len(self._by_key)

    def __iter__(self) -> Iterator[Sanction]:
        """Iterate over a copy, the oldest first."""
        return iter(list(self._by_key.values()))

    def impose(
        self,
        kind: SanctionKind,
        known_by: SanctionedBy,
        value: str,
        shown: str,
        *,
        until_ms: int,
        reason: str,
        imposed_by: str,
        now_ms: int,
    ) -> Sanction:
        """Add a sanction in place of an earlier one for the same.

        Raises:
            RequestError: There are too many.
        """
        self.forget_ended(now_ms)
        key = (kind.value, known_by.value, value)
        if key not in self._by_key and len(self._by_key) >= self.most:
            sentence = f"There are {self.most} bans and mutes already; lift some of them."
            raise RequestError(Code.SERVER_FULL, sentence)
        self._drop(key)
        self._last += 1
        sanction = Sanction(
            self._last, kind, known_by, value, shown, until_ms, reason, imposed_by, now_ms
        )
        self._by_key[key] = sanction
        if known_by is SanctionedBy.ADDRESS:
            self._widths[_width(value)] += 1
        return sanction

    def lift(self, number: int, now_ms: int) -> Sanction:
        """Remove a sanction.

        Raises:
            RequestError: There is none of this number, or it has ended.
        """
        self.forget_ended(now_ms)
        for key, sanction in self._by_key.items():
            if sanction.number == number:
                self._drop(key)
                return sanction
        raise RequestError(Code.BAD_PARAMS, f"There is no ban or mute of number {number}.")

    def forget_ended(self, now_ms: int) -> None:
        """Remove the sanctions whose time is over."""
        for key, sanction in list(self._by_key.items()):
            if sanction.until_ms <= now_ms:
                self._drop(key)

    def of(self, kind: SanctionKind, session: Session, now_ms: int) -> Sanction | None:
        """Return the sanction that a session is under; None if it is under none."""
        return (
            self._of(kind, SanctionedBy.SESSION, session.player_id, now_ms)
            or self.of_address(kind, session.address, now_ms)
            or self.of_address(kind, session.came_from, now_ms)
            or self.of_look(kind, session.look, now_ms)
        )

    def of_look(self, kind: SanctionKind, look: str, now_ms: int) -> Sanction | None:
        """Return the sanction of a name with this skeleton."""
        return self._of(kind, SanctionedBy.NAME, look, now_ms)

    def of_address(self, kind: SanctionKind, address: str, now_ms: int) -> Sanction | None:
        """Return the sanction of an address, or of an IPv6 address's /64."""
        if not self._widths or not address:
            return None
        known = ipaddress.ip_network(address)
        for width in self._widths:
            version, _, bits = width.partition("/")
            if int(version) != known.version or int(bits) > known.prefixlen:
                continue
            wide = str(known.supernet(new_prefix=int(bits)))
            found = self._of(kind, SanctionedBy.ADDRESS, wide, now_ms)
            if found is not None:
                return found
        return None

    def _of(
        self, kind: SanctionKind, known_by: SanctionedBy, value: str, now_ms: int
    ) -> Sanction | None:
        found = self._by_key.get((kind.value, known_by.value, value))
        return found if found is not None and now_ms < found.until_ms else None

    def _drop(self, key: _Key) -> None:
        dropped = self._by_key.pop(key, None)
        if dropped is not None and dropped.known_by is SanctionedBy.ADDRESS:
            width = _width(dropped.value)
            self._widths[width] -= 1
            if not self._widths[width]:
                del self._widths[width]

    def check(self) -> None:
        """Assert that there are no more than allowed, each under its own key."""
        assert len(self._by_key) <= self.most
        for key, sanction in self._by_key.items():
            assert key == (sanction.kind.value, sanction.known_by.value, sanction.value)
        nets = [each for each in self if each.known_by is SanctionedBy.ADDRESS]
        assert self._widths == Counter(_width(each.value) for each in nets)


def _width(network: str) -> str:
    known = ipaddress.ip_network(network)
    return f"{known.version}/{known.prefixlen}"


def banned(sanction: Sanction, now_ms: int) -> RequestError:
    """Return the refusal of a banned player."""
    left = left_of(sanction, now_ms)
    whom = f"the name {sanction.shown}" if sanction.known_by is SanctionedBy.NAME else "you"
    sentence = with_reason(f"The server's operator has banned {whom} for {left}.", sanction.reason)
    return RequestError(Code.SESSION_BANNED, sentence, {"until_ms": sanction.until_ms})


def left_of(sanction: Sanction, now_ms: int) -> str:
    """Return for how long a sanction holds, for people."""
    return duration(max(1.0, (sanction.until_ms - now_ms) / 1000))


def checked_network(text: str) -> str:
    """Return an address or network in its shortest form; an IPv6 address becomes its /64.

    Raises:
        RequestError: It is none, is wider than `WIDEST`, or has loopback in it.
    """
    try:
        network = _plain(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError:
        sentence = "An address must be like 192.0.2.1, 192.0.2.0/24, 2001:db8::1 or 2001:db8::/48."
        raise RequestError(Code.BAD_PARAMS, sentence) from None
    if network.version == 6 and network.prefixlen > 64:
        network = network.supernet(new_prefix=64)
    if any(network.version == each.version and network.overlaps(each) for each in _LOOPBACK):
        sentence = (
            "This is loopback: from there this machine, you, and all players of a proxy connect."
            " Ban the session or the name; behind a proxy set trusted-proxies, so that players have"
            " addresses of their own."
        )
        raise RequestError(Code.BAD_PARAMS, sentence)
    if network.prefixlen < WIDEST[network.version]:
        sentence = f"A network of IPv{network.version} may be at most /{WIDEST[network.version]}."
        raise RequestError(Code.BAD_PARAMS, sentence)
    return str(network)


def _plain(
    network: ipaddress.IPv4Network | ipaddress.IPv6Network,
) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """Return a network of IPv4 that is written as one of IPv6, such as ::ffff:192.0.2.0/120."""
    mapped = network.network_address.ipv4_mapped if network.version == 6 else None
    if mapped is None or network.prefixlen < _MAPPED_BITS:
        return network
    return ipaddress.IPv4Network((mapped, network.prefixlen - _MAPPED_BITS))


def with_reason(sentence: str, why: str) -> str:
    """Return a sentence to a player, with the operator's reason if there is one."""
    return f"{sentence} Reason: {why}" if why else sentence
