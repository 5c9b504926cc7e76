"""The limit of entities in a world, and the faults of a world or snapshot that is too large.

Law: the sentence names the most frequent class and its count, since a size in bytes does not help
an author.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Final

from gameserver.errors import GameFaultError

MOST_ENTITIES: Final = 65_536
"""Most entities of a world: a client accepts no more in one section, and a step over as many takes
longer than a tick. A loop that spawns without end is stopped by it."""

_PAGE: Final = "see docs/writing-a-game.md"


def too_many(entities: Iterable[object], most: int) -> GameFaultError:
    """Return the fault of a world that would hold one entity more than ``most``."""
    held = crowd(list(entities), "entities")
    return GameFaultError(f"this game has {held}, more than the limit of {most:,}; {_PAGE}")


def too_large(
    size: int, most: int, entities: Collection[object], events: Collection[object]
) -> GameFaultError:
    """Return the fault of a snapshot with more bytes than a client accepts."""
    held = crowd(entities, "entities")
    if len(events) > len(entities):
        held += f" and {crowd(events, 'events of a tick')}"
    sentence = f"this game has {held}: a snapshot of {size:,} bytes, more than the limit of"
    return GameFaultError(f"{sentence} {most:,}; {_PAGE}")


def crowd(items: Collection[object], word: str) -> str:
    """Return the number of items, and the most frequent class with its number."""
    kinds = Counter(type(item).__name__ for item in items)
    most = "".join(f", {count:,} of them {kind}" for kind, count in kinds.most_common(1))
    return f"{len(items):,} {word}{most}"
