"""Acks of one namespace of Socket.IO v5: those that the client owes, and those the server owes.

Law: an event is answered once. What is missing is bounded on both sides.

Source: Socket.IO Protocol v5, "Acknowledgement".
"""

from typing import Generic, TypeVar

import attrs

from gameserver.errors import Code, PacketError

W = TypeVar("W")
"""Whatever the server keeps for an ack that it waits for."""


@attrs.frozen
class AckBounds:
    """How many acks of one namespace may be missing; the threat is a peer that never answers (8).

    Attributes:
        out: Events of the server that the client has not answered. When full: the next one that
            asks for an ack is a `PacketError`.
        owed: Events of the client that the server has not answered. When full: the same.
    """

    out: int = 64
    owed: int = 64


class Acks(Generic[W]):
    """Ids of the events that are not answered."""

    def __init__(self, bounds: AckBounds) -> None:
        """Begin with the id 0 for the server's first event that asks for an ack."""
        self._bounds = bounds
        self._waiting: dict[int, W] = {}
        self._owed: set[int] = set()
        self._next_id = 0

    @property
    def waiters(self) -> tuple[W, ...]:
        """What waits for the client's acks, in the order of the events."""
        return tuple(self._waiting.values())

    def ask(self, waiter: W) -> int:
        """Return the id for the server's next event; `take` returns the waiter for it.

        Raises:
            PacketError: ``too_large``: the client leaves too many events unanswered.
        """
        if len(self._waiting) >= self._bounds.out:
            sentence = f"the client left {self._bounds.out} events unanswered"
            raise PacketError(Code.TOO_LARGE, sentence)
        ack_id = self._next_id
        self._next_id += 1
        self._waiting[ack_id] = waiter
        return ack_id

    def take(self, ack_id: int) -> W | None:
        """Take the client's ack; return its waiter, or None if it came before or was forgotten.

        Raises:
            PacketError: ``bad_message``: the server has asked for no ack with this id.
        """
        if ack_id >= self._next_id:
            raise PacketError(Code.BAD_MESSAGE, "an ack has an id that no event had")
        return self.forget(ack_id)

    def forget(self, ack_id: int) -> W | None:
        """Wait for an ack no longer; return its waiter, or None if none waits."""
        return self._waiting.pop(ack_id, None)

    def owe(self, ack_id: int) -> None:
        """Note that an event of the client is to be answered.

        Raises:
            PacketError: ``bad_message``: another with this id is not answered yet. ``too_large``:
                too many are not.
        """
        if ack_id in self._owed:
            raise PacketError(Code.BAD_MESSAGE, "an event has the ack id of one that waits")
        if len(self._owed) >= self._bounds.owed:
            sentence = f"more than {self._bounds.owed} events wait for acks"
            raise PacketError(Code.TOO_LARGE, sentence)
        self._owed.add(ack_id)

    def pay(self, ack_id: int) -> bool:
        """Note that an event of the client is answered now; false if it need not be."""
        if ack_id not in self._owed:
            return False
        self._owed.remove(ack_id)
        return True
