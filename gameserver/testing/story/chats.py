"""The chat of all players in a story: every line once, in the same order, to everybody.

Law: a line that was acknowledged to its sender is heard by all who are signed in, whatever happens
to their connections.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator

import attrs


@attrs.define(eq=False)
class Listener:
    """One session that hears the global chat.

    Attributes:
        heard_ids: Ids of the lines that came as events, in order.
        deaf: Whether lines may be missing, since the player hides those of others.
    """

    name: str
    _chat: "GlobalChat"
    heard_ids: list[int] = attrs.field(factory=list)
    deaf: bool = False
    gone: bool = False

    def heard(self, message_id: int, text: str) -> None:
        """Note a line."""
        if self.heard_ids and message_id <= self.heard_ids[-1]:
            self._chat.fault(f"{self.name} heard line {message_id} after {self.heard_ids[-1]}")
        self.heard_ids.append(message_id)
        self._chat.told(message_id, text)

    def leave(self) -> None:
        """Note that the session is over: later lines are not for it."""
        self.gone = True


class GlobalChat:
    """All lines that anybody heard, and all that were acknowledged."""

    def __init__(self, fault: Callable[[str], None]) -> None:
        """Start without lines."""
        self.fault = fault
        self.lines: dict[int, str] = {}
        self._acked: dict[int, str] = {}
        self._listeners: list[Listener] = []

    def listener(self, name: str) -> Listener:
        """Return the listener of a new session."""
        self._listeners.append(found := Listener(name, self))
        return found

    def told(self, message_id: int, text: str) -> None:
        """Note that somebody heard a line."""
        if self.lines.setdefault(message_id, text) != text:
            self.fault(f"line {message_id} is {text!r} and {self.lines[message_id]!r}")

    def acked(self, message_id: int, text: str) -> None:
        """Note that the server has acknowledged a line."""
        if message_id in self._acked:
            self.fault(f"line {message_id} was acknowledged as {text!r} and as another")
        self._acked[message_id] = text

    def wrong(self) -> Iterator[str]:
        """Yield what is wrong once everything that was sent has arrived."""
        for message_id, text in self._acked.items():
            if self.lines.get(message_id) != text:
                yield f"nobody heard {text!r}"
        ids = sorted(self.lines)
        for listener in self._listeners:
            if not listener.heard_ids or listener.deaf:
                continue
            first = bisect_left(ids, listener.heard_ids[0])
            last = len(ids) if not listener.gone else ids.index(listener.heard_ids[-1]) + 1
            if lost := last - first - len(listener.heard_ids):
                yield f"{listener.name} lost {lost} lines"
