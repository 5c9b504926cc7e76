"""How many entities a world may hold, and the sentence about a world that holds more.

Law: what a game holds too much of is named by class and count, since a size in bytes tells an
author nothing.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Final

from gameserver.errors import GameFaultError

MOST_ENTITIES: Final = 65_536
"""Most entities of a world. A viewer keeps no more of one section, and a step that walks over as
many takes longer than any tick lasts; a loop that spawns without end ends here."""

_PAGE: Final = "see docs/writing-a-game.md"


def too_many(entities: Iterable[object], most: int) -> GameFaultError:
    """Return the fault of a world that would hold one entity more than ``most``."""
    held = crowd(list(entities), "entities")
    return GameFaultError(f"this game has {held}, more than the limit of {most:,}; {_PAGE}")


def too_large(
    size: int, most: int, entities: Collection[object], events: Collection[object]
) -> GameFaultError:
    """Return the fault of a snapshot with more bytes than a client takes."""
    held = crowd(entities, "entities")
    if len(events) > len(entities):
        held += f" and {crowd(events, 'events of a tick')}"
    sentence = f"this game has {held}: a snapshot of {size:,} bytes, more than the limit of"
    return GameFaultError(f"{sentence} {most:,}; {_PAGE}")


def crowd(items: Collection[object], word: str) -> str:
    """Return how many there are, and of which class most of them."""
    kinds = Counter(type(item).__name__ for item in items)
    ((kind, count),) = kinds.most_common(1) or (("", 0),)
    return f"{len(items):,} {word}" + (f", {count:,} of them {kind}" if kind else "")
