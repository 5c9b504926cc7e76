r"""Topics: what was said lately, numbered, and the state that it led to.

Law: a piece is encoded once for all readers, when the first of them takes it. The state of a topic
holds all that was said up to its last number.

::

    event: NAME\n                    the id stands before it; it differs by reader
    data: {"topic": …, …}\n\n

Source: the HTML standard, section "Server-sent events".
"""

import base64
import json
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Protocol

import attrs
import trio

KEPT: Final = 256
"""Pieces that a topic keeps for readers that come back (threat 32)."""

KEPT_BYTES: Final = 256 * 1024
"""Bytes of them, from the newest back; the newest is kept in any case (threat 32)."""

Plainly = Callable[[], Mapping[str, object]]
"""Returns plain values; called when a reader first needs them."""


class Changes:
    """The topics on which something was said since they were last looked at."""

    def __init__(self) -> None:
        """Start with nothing said."""
        self._changed: dict[Topic, None] = {}
        self._some = trio.Event()

    def note(self, topic: "Topic") -> None:
        """Note that a topic has something for its readers."""
        if topic.readers:
            self._changed[topic] = None
            self._some.set()

    async def wait(self) -> list["Topic"]:
        """Wait until there is a topic; return all of them, each once."""
        await self._some.wait()
        changed, self._changed = self._changed, {}
        self._some = trio.Event()
        return list(changed)


class Reader(Protocol):
    """Somebody who follows a topic."""

    def wake(self) -> None:
        """Take what is new."""
        ...


class Topic(ABC):
    """What all topics have: a name, readers, and numbered changes.

    Attributes:
        silent: Whether readers who missed changes get the state without being told of a gap, since
            only the newest state counts.
        over: Whether nothing will be said any more.
    """

    silent: bool = False
    over: bool
    last: int
    """Number of the newest change."""

    def __init__(self, name: str, changes: Changes, show: Plainly) -> None:
        """Start with nothing said; ``show`` returns the present state."""
        self.name: str = name
        self.readers: dict[Reader, None] = {}
        self.over = False
        self.last = 0
        self._changes = changes
        self._show = show
        self._state = b""

    def state(self) -> bytes:
        """Return the state at `last`, as one piece."""
        if not self._state:
            self._state = piece("state", self.name, {"state": self._show()})
        return self._state

    @abstractmethod
    def since(self, place: int) -> Iterator[tuple[int, bytes]] | None:
        """Return the pieces behind a place, each with the place behind it; None if it is lost."""

    @abstractmethod
    def close(self, reason: str) -> None:
        """Say the end of the topic; its readers leave it."""

    def renew(self) -> None:
        """Encode the state again for the next reader: it has changed in what no change tells."""
        self._state = b""

    def leave(self, reader: Reader) -> None:
        """Follow no more."""
        self.readers.pop(reader, None)

    def said(self) -> None:
        """Tell the readers that there is more."""
        self.renew()
        self._changes.note(self)


@attrs.define(eq=False)
class _Piece:
    event: str
    show: Plainly
    encoded: bytes = b""


class TopicLog(Topic):
    """A topic whose changes all count, such as lines of chat: it keeps the newest ones.

    When full: the oldest change is forgotten; a reader who has not taken it gets the state.
    """

    last: int

    def __init__(self, name: str, changes: Changes, show: Plainly) -> None:
        """Start with nothing said."""
        super().__init__(name, changes, show)
        self._pieces: deque[_Piece] = deque()
        self._bytes = 0

    def say(self, event: str, show: Plainly) -> None:
        """Say an event; ``show`` is called when it is encoded, and must return what it was now."""
        self._pieces.append(_Piece(event, show))
        self.last += 1
        while len(self._pieces) > KEPT:
            self._forget()
        self.said()

    def close(self, reason: str) -> None:
        """Say the end of the topic; its readers leave it."""
        if not self.over:
            self.over = True
            self.say("end", lambda: {"reason": reason})

    def since(self, place: int) -> Iterator[tuple[int, bytes]] | None:
        """Return the pieces behind a place; None if some of them are forgotten, or it is none."""
        self._encode()
        first = self.last - len(self._pieces)
        if not first <= place <= self.last:
            return None
        return self._behind(place - first, place)

    def _behind(self, index: int, place: int) -> Iterator[tuple[int, bytes]]:
        for number in range(index, len(self._pieces)):
            place += 1
            yield place, self._pieces[number].encoded

    def _encode(self) -> None:
        """Encode what is not yet, and forget the oldest beyond `KEPT_BYTES`."""
        for each in reversed(self._pieces):
            if each.encoded:
                break
            each.encoded = piece(each.event, self.name, each.show())
            self._bytes += len(each.encoded)
        while self._bytes > KEPT_BYTES and len(self._pieces) > 1:
            self._forget()

    def _forget(self) -> None:
        self._bytes -= len(self._pieces.popleft().encoded)


def piece(event: str, topic: str, values: Mapping[str, object]) -> bytes:
    """Encode an event without its id."""
    data = json.dumps(
        {"topic": topic, **values}, separators=(",", ":"), ensure_ascii=False, default=_plain
    )
    return f"event: {event}\ndata: {data}\n\n".encode("utf-8", "replace")


def _plain(value: Any) -> object:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no plain value")
