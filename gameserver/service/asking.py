"""Events of which an author's handler waits for the acks of one member or of many.

Law: an ack counts for the question whose number it has, from a member who was asked and has not
answered, and for no other; all others have no effect. A member who leaves the namespace answers no
more.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count

import attrs
import trio

from gameserver.ids import PlayerId
from gameserver.rooms.state.effects import AckCame, Departed


@attrs.define(eq=False)
class Question:
    """One event that asks for acks."""

    number: int
    namespace: str
    missing: dict[PlayerId, None]
    """Those whose acks have not come, in the order in which they were asked."""
    answers: dict[PlayerId, tuple[object, ...]] = attrs.field(factory=dict)
    silent: dict[PlayerId, None] = attrs.field(factory=dict)
    """Those who have left before their acks came."""
    over: trio.Event = attrs.field(factory=trio.Event)
    """Set when no further ack can come."""

    def settle(self, player_id: PlayerId, args: tuple[object, ...] | None) -> None:
        """Note a member's ack, or with None that there will be none."""
        if player_id not in self.missing:
            return
        del self.missing[player_id]
        if args is None:
            self.silent[player_id] = None
        else:
            self.answers[player_id] = args
        if not self.missing:
            self.over.set()


class Questions:
    """The questions of all namespaces that are open."""

    def __init__(self) -> None:
        """Begin with number 1, since 0 stands for no question."""
        self._numbers = count(1)
        self._open: dict[int, Question] = {}

    @contextmanager
    def asking(self, namespace: str, players: Iterable[PlayerId]) -> Iterator[Question]:
        """Keep a question to these members open while the block runs."""
        number = next(self._numbers)
        question = self._open[number] = Question(number, namespace, dict.fromkeys(players))
        try:
            yield question
        finally:
            del self._open[number]

    def acked(self, ack: AckCame) -> None:
        """Give an ack to its question; one without a question has no effect."""
        question = self._open.get(ack.ack)
        if question is not None and ack.namespace in ("", question.namespace):
            question.settle(ack.player_id, ack.args)

    def departed(self, departed: Departed) -> None:
        """Note that a member answers no more questions of a namespace."""
        for question in self._open.values():
            if question.namespace == departed.namespace:
                question.settle(departed.player_id, None)
