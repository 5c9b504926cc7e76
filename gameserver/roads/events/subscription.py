"""One reader's place in each of its topics.

Law: the id of an event says for each topic of the stream, in their order, how far the reader has
come. So a reader that comes back with the last id misses nothing and gets nothing twice, wherever
the stream was cut. The id begins with a tag of this run of the server and of the topics, so an id
of another run or of other topics is found to be none.

::

    id: TAG-3.15.0                   behind change 3 of the first topic, 15 of the second, …
    event: gap                       changes of a topic are lost; its state follows
    event: state                     the state of a topic; without place before the first
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final

import attrs
import trio

from gameserver.roads.events.topics import Topic, piece

TAG_BYTES: Final = 6
PLACE_DIGITS: Final = 15


class Subscription:
    """A reader of topics."""

    def __init__(self, topics: Sequence[Topic], key: bytes, last_id: str) -> None:
        """Begin behind ``last_id``; if that is no id of these topics, with their states.

        ``key`` is the server's own, new in each run.
        """
        names = "\n".join(topic.name for topic in topics)
        tag = hashlib.blake2b(names.encode(), key=key, digest_size=TAG_BYTES).hexdigest()
        self._head = f"id: {tag}-"
        found = _places(last_id, tag, len(topics))
        places: list[int | None] = [None] * len(topics) if found is None else found
        missed = bool(last_id) and found is None
        self._following = [
            _Following(topic, place, missed=missed)
            for topic, place in zip(topics, places, strict=True)
        ]
        self._woken = trio.Event()
        for topic in topics:
            topic.readers[self] = None

    def close(self) -> None:
        """Follow no topic any more."""
        for each in self._following:
            each.topic.leave(self)

    @property
    def over(self) -> bool:
        """Whether all topics are over and their ends were taken."""
        return all(each.over for each in self._following)

    def wake(self) -> None:
        """End `wait`."""
        self._woken.set()

    async def wait(self) -> None:
        """Wait until there may be more than the last `take` has taken."""
        await self._woken.wait()

    def take(self, most_bytes: int) -> bytes:
        """Return what is new, a little more than so many bytes at most; empty if nothing is."""
        self._woken = trio.Event()
        parts: list[bytes] = []
        size = 0
        for each in self._following:
            for encoded in each.new():
                parts += (self._id(), encoded)
                size += len(encoded)
                if size >= most_bytes:
                    self._woken.set()
                    return b"".join(parts)
        return b"".join(parts)

    def _id(self) -> bytes:
        places = ("" if each.place is None else str(each.place) for each in self._following)
        return f"{self._head}{'.'.join(places)}\n".encode()


@attrs.define
class _Following:
    """One topic of a reader."""

    topic: Topic
    place: int | None
    """Number of the last change that was taken; None before the first state."""
    missed: bool
    """Whether changes are lost that the reader has not been told of."""

    @property
    def over(self) -> bool:
        return self.topic.over and self.place == self.topic.last

    def new(self) -> Iterator[bytes]:
        """Give each new piece, once the place behind it counts."""
        topic = self.topic
        found = topic.since(self.place) if self.place is not None else None
        if found is None:
            if (self.missed or self.place is not None) and not topic.silent:
                # The place stays lost until the state is taken, so a cut here repeats both.
                yield piece("gap", topic.name, {})
            state = topic.state()
            self.place, self.missed = topic.last, False
            yield state
            return
        for place, encoded in found:
            self.place = place
            yield encoded


def _places(last_id: str, tag: str, topics: int) -> list[int | None] | None:
    """Return the places of an id; None if it is no id of these topics."""
    given, _, rest = last_id.partition("-")
    texts = rest.split(".")
    if given != tag or len(texts) != topics:
        return None
    if not all(len(text) <= PLACE_DIGITS and (text.isdecimal() or not text) for text in texts):
        return None
    return [int(text) if text else None for text in texts]
