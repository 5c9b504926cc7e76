"""The seats of one lobby.

Law: a seat has at most one holder, and a person has at most one seat. A person who is about to
enter has reserved it, a member has claimed it, it is held for a member who lost the connection,
and a person who leaves releases it.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum

import attrs

from gameserver.ids import PlayerId, Seat


class SeatState(StrEnum):
    """How a seat belongs to its holder."""

    RESERVED = "reserved"
    CLAIMED = "claimed"
    HELD = "held"


@attrs.define
class Seats:
    """The holders of ``size`` seats."""

    size: int
    _holders: dict[Seat, PlayerId] = attrs.field(factory=dict, init=False)
    _states: dict[PlayerId, SeatState] = attrs.field(factory=dict, init=False)

    def __len__(self) -> int:
        """Count the seats that have a holder."""
        return len(self._holders)

    def __iter__(self) -> Iterator[tuple[Seat, PlayerId]]:
        """Walk over the seats that have a holder, by number."""
        return iter(sorted(self._holders.items()))

    def free(self) -> list[Seat]:
        """Return the seats without a holder, by number."""
        holders = self._holders
        return [seat for seat in map(Seat, range(self.size)) if seat not in holders]

    def holder(self, seat: Seat) -> PlayerId | None:
        """Return the seat's holder; None if it is free."""
        return self._holders.get(seat)

    def state(self, player_id: PlayerId) -> SeatState | None:
        """Return the state of a person's seat; None if the person has no seat."""
        return self._states.get(player_id)

    def reserve(self, player_id: PlayerId, wanted: Iterable[Seat]) -> Seat | None:
        """Reserve the first of the wanted seats that is free; None if none is."""
        assert player_id not in self._states, "a person has one seat"
        for seat in wanted:
            if 0 <= seat < self.size and seat not in self._holders:
                self._holders[seat] = player_id
                self._states[player_id] = SeatState.RESERVED
                return seat
        return None

    def claim(self, player_id: PlayerId) -> None:
        """Sit on the reserved or held seat."""
        assert player_id in self._states, "only a reserved or held seat can be claimed"
        self._states[player_id] = SeatState.CLAIMED

    def hold(self, player_id: PlayerId) -> None:
        """Keep the seat for somebody who lost the connection."""
        assert player_id in self._states, "only a claimed seat can be held"
        self._states[player_id] = SeatState.HELD

    def release(self, player_id: PlayerId) -> None:
        """Free a person's seat; a person without a seat is ignored."""
        if self._states.pop(player_id, None) is not None:
            self._holders = {s: who for s, who in self._holders.items() if who != player_id}

    def resize(self, size: int) -> None:
        """Change the number of seats; holders of removed seats move to the first free ones."""
        assert len(self._holders) <= size, "nobody loses a seat by resizing"
        self.size = size
        beyond = [(seat, who) for seat, who in self if seat >= size]
        for (seat, who), free in zip(beyond, self.free(), strict=False):
            del self._holders[seat]
            self._holders[free] = who

    def seat_of(self, player_id: PlayerId) -> Seat | None:
        """Return a person's seat."""
        return next((seat for seat, who in self._holders.items() if who == player_id), None)
