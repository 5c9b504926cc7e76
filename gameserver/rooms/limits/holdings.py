"""What sessions make the server hold: events and answers not acknowledged yet, in bytes.

Law: every session may hold its share, whatever its neighbours do. Beyond that it may hold more as
long as it holds less than `RoomRules.held_bytes` and all sessions of its address together less than
`RoomRules.address_held_bytes`. So one address holds a bounded amount however many sessions it has,
and nobody loses anything because somebody else of the same campus acknowledges nothing (threat 42).

What many sessions hold is one object: each of them is charged for its part, so that a lobby of
hundreds, whose state is large, costs its members no more than it costs the server.
"""

import sys
from collections import Counter, OrderedDict
from collections.abc import Mapping
from typing import Any

import attrs

from gameserver.messages.lobby import Member
from gameserver.rooms.limits.rules import RoomRules

FLAT_BYTES = 512
"""An object without text of its own, such as the answer to most requests."""

HELD_BYTES = 128
"""What it takes to hold a message that others hold, too."""

REMEMBERED = 32
"""Messages to many whose parts are remembered; most are handed out within milliseconds."""


def weight(value: Any) -> int:
    """Return about how many bytes of memory a message takes.

    Mappings are those that all share: the facts of a match. A member of a lobby is one object
    however many states it stands in.
    """
    if isinstance(value, Mapping):
        return FLAT_BYTES
    if isinstance(value, Member):
        return 0
    size = sys.getsizeof(value)
    if isinstance(value, tuple):
        return size + sum(map(weight, value))
    names = getattr(type(value), "__attrs_attrs__", ())
    return size + sum(weight(getattr(value, each.name)) for each in names)


@attrs.define(eq=False)
class Holdings:
    """Counts what is held, by address."""

    _rules: RoomRules
    _by_address: Counter[str] = attrs.field(factory=Counter, init=False)
    _last: tuple[object, int] = attrs.field(default=(None, 0), init=False)
    _parts: OrderedDict[int, tuple[object, int]] = attrs.field(factory=OrderedDict, init=False)
    """Messages to many, by identity, with what each holder is charged."""

    def of(self, address: str) -> "Held":
        """Return the account of a new session of this address."""
        return Held(self, address)

    @property
    def share(self) -> int:
        """What each session may hold, whatever its neighbours do."""
        return self._rules.share_held_bytes

    def total(self, address: str) -> int:
        """Return what all sessions of an address hold."""
        return self._by_address[address]

    def share_out(self, value: object, holders: int) -> None:
        """Charge each of so many for its part of a message from now on."""
        if holders < 2:
            return
        self._parts[id(value)] = value, HELD_BYTES + weight(value) // holders
        if len(self._parts) > REMEMBERED:
            self._parts.popitem(last=False)

    def weigh(self, value: object) -> int:
        """Return a message's weight; the same one that many are told in a row is weighed once."""
        part = self._parts.get(id(value))
        if part is not None:
            return part[1]
        if self._last[0] is not value:
            self._last = (value, weight(value))
        return self._last[1]

    def fits(self, address: str, held: int, more: int) -> bool:
        """Tell whether a session that holds this much may hold more."""
        rules = self._rules
        if held + more <= rules.share_held_bytes:
            return True
        if held + more > rules.held_bytes:
            return False
        return not address or self._by_address[address] + more <= rules.address_held_bytes

    def change(self, address: str, by: int) -> None:
        """Count more or less for an address; nobody in particular holds without a common limit."""
        if address:
            self._by_address[address] += by
            if self._by_address[address] <= 0:
                del self._by_address[address]


@attrs.define(eq=False)
class Held:
    """What one session holds."""

    _holdings: Holdings
    _address: str
    bytes: int = attrs.field(default=0, init=False)
    _open: bool = attrs.field(default=True, init=False)

    @property
    def share(self) -> int:
        """What may wait for it while it has no connection, whatever else it holds."""
        return self._holdings.share

    def fits(self, more: int) -> bool:
        """Tell whether this much more may be held."""
        return self._holdings.fits(self._address, self.bytes, more)

    def weigh(self, value: object) -> int:
        """Return what a message weighs."""
        return self._holdings.weigh(value)

    def change(self, by: int) -> None:
        """Hold more, or less; after `close` nothing counts."""
        if self._open:
            self.bytes += by
            self._holdings.change(self._address, by)

    def close(self) -> None:
        """Hold nothing any more: the session is over."""
        self.change(-self.bytes)
        self._open = False


def unbounded() -> Held:
    """Return an account without limits, for one session alone."""
    return Holdings(RoomRules(share_held_bytes=sys.maxsize, held_bytes=sys.maxsize)).of("")
