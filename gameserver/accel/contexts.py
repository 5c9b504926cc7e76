"""Which lists of contexts a section's bodies use, by number; their slots are in `rangecoding`.

Law: both ends and all implementations use the same list for the same thing. The numbers themselves
are never sent to a client, and only a client's own tape holds them.
"""

from typing import Final

SECTION: Final = 0
"""What a body has; its slots are `TOLD` to `RECORD`."""
ENTITY_ID: Final = 1
ENTITY_TYPE: Final = 2
OWNER: Final = 3
"""Slots of whole numbers; a flag, if the spawn has a cause."""
BORN: Final = 4
ORDINAL: Final = 5
GONE_ID: Final = 6
EVENT_TYPE: Final = 7

RESTART: Final = 0
"""The only slot of a list of one context, which is always new: all else is unlearned."""
TOLD: Final = 0
"""Whether entities changed."""
MORE: Final = 1
"""Whether another record follows."""
RECORD: Final = 2
"""The kind of a record, two bits: with the nodes 1 to 3 of their tree."""
CAUSED: Final = 0
"""Of `OWNER`: whether the owner's command caused the spawn."""

_FIRST_CLASS: Final = 8
_CLASS: Final = 130
_EVENT: Final = 16


def class_contexts(number: int) -> int:
    """Return the list of a class of entities: by its history, whether one changed."""
    return _FIRST_CLASS + _CLASS * number


def field_contexts(number: int) -> int:
    """Return the list of the first field of a class in updates; those of others follow."""
    return _FIRST_CLASS + _CLASS * number + 1


def spawn_contexts(number: int) -> int:
    """Return the list of the first field of a class in spawns; those of others follow."""
    return _FIRST_CLASS + _CLASS * number + 66


def event_contexts(classes: int, number: int, place: int) -> int:
    """Return the list of one field of an event; from the 17th field on they are used again."""
    return _FIRST_CLASS + _CLASS * classes + _EVENT * number + place % _EVENT


def contexts_in_all(classes: int, events: int) -> int:
    """Return how many lists a game's sections have at most."""
    return event_contexts(classes, events, 0)
