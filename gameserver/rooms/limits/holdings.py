"""The memory that the server holds for sessions: events and answers not acknowledged yet, in bytes.

Law: every session may hold its share, whatever other sessions of its address do. Beyond its share
it may hold more as long as it holds less than `RoomRules.held_bytes` and all sessions of its
address together hold less than `RoomRules.address_held_bytes`. So one address holds a bounded
number of bytes however many sessions it has, and no player loses an event because another player
of the same campus acknowledges nothing (threat 42).

A message to many sessions is one object in memory: each session is charged for its part of it.
So the large state of a lobby of hundreds costs its members no more than it costs the server.
"""

import sys
from collections import Counter, OrderedDict
from collections.abc import Mapping
from typing import Any

import attrs

from gameserver.messages.lobby import LobbyState, MatchResult, Member
from gameserver.messages.match import SeatedPlayer
from gameserver.messages.namespaces import EmitAnswered, Emitted
from gameserver.namespaces.values import check_args
from gameserver.rooms.limits.rules import RoomRules

FLAT_BYTES = 512
"""Memory of an object without texts, such as the answer to most requests."""

VALUE_FACTOR = 4
"""Memory of an author's values, in their bytes on the wire."""

TEXT_BYTES = sys.getsizeof("")

RESULT_BYTES = 16 * 1024
"""Most that the last result counts in the state of a lobby, which keeps it too. A result of a
thousand players has 700 KB: whoever enters that lobby afterwards could not be told of it else."""

SHARED = (Member, SeatedPlayer)
"""Classes of which equal objects are one object, see `weight`."""

HELD_BYTES = 128
"""Memory of a reference to a message that other sessions hold too."""

REMEMBERED = 32
"""Messages to many sessions whose parts are remembered; most are sent within milliseconds."""


def weight(value: Any) -> int:
    """Return about how many bytes of memory a message takes.

    The only mappings in messages are the facts of a match, which all its messages share. A lobby's
    `Member` counts as 0: it is one object in all states of the lobby. So does a `SeatedPlayer` of
    a match. The result in a lobby's state is the lobby's own, see `RESULT_BYTES`.
    """
    if isinstance(value, SHARED):
        return 0
    if isinstance(value, str):
        # Not by `getsizeof`, which counts more once somebody has encoded the text: the same call
        # on the same state must weigh the same.
        return TEXT_BYTES + len(value) * (1 if value.isascii() else 4)
    size = sys.getsizeof(value)
    if isinstance(value, tuple):
        # Items of one tuple have one class, and there may be a thousand.
        return size if value and isinstance(value[0], SHARED) else size + sum(map(weight, value))
    if isinstance(value, Emitted | EmitAnswered):
        return FLAT_BYTES + VALUE_FACTOR * check_args(value.args)
    if isinstance(value, Mapping):
        return FLAT_BYTES
    names = [each.name for each in getattr(type(value), "__attrs_attrs__", ())]
    if isinstance(value, LobbyState):
        names.remove("result")
        size += _result_weight(value.result)
    return size + sum(weight(getattr(value, name)) for name in names)


def _result_weight(result: MatchResult | None) -> int:
    """Return what a result weighs in a state; of a long one only the first lines are looked at."""
    if result is None:
        return weight(None)
    whole = weight(attrs.evolve(result, lines=())) - weight(()) + sys.getsizeof(result.lines)
    for line in result.lines:
        if whole >= RESULT_BYTES:
            return RESULT_BYTES
        whole += weight(line)
    return min(RESULT_BYTES, whole)


@attrs.define(eq=False)
class Holdings:
    """Counts the held bytes of each address."""

    _rules: RoomRules
    _by_address: Counter[str] = attrs.field(factory=Counter, init=False)
    _last: tuple[object, int] = attrs.field(default=(None, 0), init=False)
    _parts: OrderedDict[int, tuple[object, int]] = attrs.field(
        factory=OrderedDict, init=False, metadata={"by_identity": True}
    )
    """Messages to many sessions, by identity, with the bytes that each session is charged."""

    def of(self, address: str) -> "Held":
        """Return the account of a new session of this address."""
        return Held(self, address)

    @property
    def share(self) -> int:
        """Bytes that each session may hold, whatever other sessions of its address hold."""
        return self._rules.share_held_bytes

    def total(self, address: str) -> int:
        """Return the bytes that all sessions of an address hold."""
        return self._by_address[address]

    def share_out(self, value: object, holders: int) -> None:
        """Charge each of ``holders`` sessions for its part of a message only, from now on."""
        if holders < 2:
            return
        self._parts[id(value)] = value, HELD_BYTES + weight(value) // holders
        if len(self._parts) > REMEMBERED:
            self._parts.popitem(last=False)

    def weigh(self, value: object) -> int:
        """Return a message's weight in bytes; a message sent to many in a row is weighed once."""
        part = self._parts.get(id(value))
        if part is not None:
            return part[1]
        if self._last[0] is not value:
            self._last = (value, weight(value))
        return self._last[1]

    def fits(self, address: str, held: int, more: int) -> bool:
        """Tell whether a session that holds ``held`` bytes may hold ``more`` in addition."""
        rules = self._rules
        if held + more <= rules.share_held_bytes:
            return True
        if held + more > rules.held_bytes:
            return False
        return not address or self._by_address[address] + more <= rules.address_held_bytes

    def change(self, address: str, by: int) -> None:
        """Add to an address's count; the empty address, loopback, has no common limit."""
        if address:
            self._by_address[address] += by
            if self._by_address[address] <= 0:
                del self._by_address[address]


@attrs.define(eq=False)
class Held:
    """The account of one session: the bytes it holds."""

    _holdings: Holdings
    _address: str
    bytes: int = attrs.field(default=0, init=False)
    _open: bool = attrs.field(default=True, init=False)

    @property
    def share(self) -> int:
        """Bytes that may wait for the session without a connection, whatever else it holds."""
        return self._holdings.share

    def fits(self, more: int) -> bool:
        """Tell whether ``more`` bytes may be held in addition."""
        return self._holdings.fits(self._address, self.bytes, more)

    def weigh(self, value: object) -> int:
        """Return a message's weight in bytes; see `Holdings.weigh`."""
        return self._holdings.weigh(value)

    def change(self, by: int) -> None:
        """Add to the held bytes; after `close` changes are ignored."""
        if self._open:
            self.bytes += by
            self._holdings.change(self._address, by)

    def close(self) -> None:
        """Give all bytes back to the address, since the session is over."""
        # In this order: `change` ignores a closed account.
        self.change(-self.bytes)
        self._open = False


def unbounded() -> Held:
    """Return an account without limits, for one session alone."""
    return Holdings(RoomRules(share_held_bytes=sys.maxsize, held_bytes=sys.maxsize)).of("")
