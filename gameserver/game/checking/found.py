"""The list that faults are collected in, and questions about classes that several checks ask."""

import inspect
from collections.abc import Iterator
from typing import Any, Final

import attrs

from gameserver.errors import GameDefinitionError
from gameserver.game import guard
from gameserver.game.maps.mapfault import Fault, Severity

SHOWN: Final = 60
"""Characters of an author's value in one sentence."""


@attrs.define
class Found:
    """Collects faults in the order in which they are met."""

    faults: list[Fault] = attrs.field(factory=list)

    def error(self, place: str, message: str, hint: str = "") -> None:
        """Add what keeps the game from being played."""
        self.faults.append(Fault(Severity.ERROR, place, message, hint))

    def warn(self, place: str, message: str, hint: str = "") -> None:
        """Add what players or the author will complain of."""
        self.faults.append(Fault(Severity.WARNING, place, message, hint))

    def raised(self, error: GameDefinitionError) -> None:
        """Add a definition error, whose sentence names its place before a colon or a verb."""
        place, colon, message = str(error).partition(": ")
        if not colon:
            place, _, message = str(error).partition(" ")
        self.error(place, message)


def is_decorated(cls: type) -> bool:
    """Tell whether attrs has made this class, and not only one of its bases."""
    return "__attrs_attrs__" in cls.__dict__


def declares_fields(cls: type) -> bool:
    """Tell whether a class has annotations or attrs fields of its own."""
    own = any(type(value).__name__ == "_CountingAttr" for value in cls.__dict__.values())
    return own or any(True for _ in _own_annotations(cls))


def lost_annotations(cls: type, base: type) -> Iterator[str]:
    """Yield names that are annotated below ``base`` and yet are no fields.

    It happens where one attribute has no annotation: attrs then takes none of the annotated ones.
    """
    names = {attribute.name for attribute in attrs.fields(cls)}
    for each in cls.__mro__:
        if issubclass(each, base) and each is not base:
            yield from (name for name in _own_annotations(each) if name not in names)


def untyped_values(cls: type, base: type) -> Iterator[tuple[str, object]]:
    """Yield plain values below ``base`` without a type: one for all objects, and no fields.

    Constants in capitals, and what the base class declares, are meant so.
    """
    for each in cls.__mro__:
        if not issubclass(each, base) or each is base:
            continue
        typed = inspect.get_annotations(each)
        for name, value in vars(each).items():
            meant = name.startswith("_") or name.isupper() or name in typed or hasattr(base, name)
            if not meant and isinstance(value, _PLAIN):
                yield name, value


_PLAIN = (bool, int, float, str, bytes, list, dict, set, tuple, type(None))


def _own_annotations(cls: type) -> Iterator[str]:
    for name, hint in inspect.get_annotations(cls).items():
        text = hint if isinstance(hint, str) else str(hint)
        if not text.removeprefix("typing.").startswith("ClassVar"):
            yield name


def shown(value: Any) -> str:
    """Return a value as in `guard.shown`, but not longer than a sentence can bear."""
    return guard.shown(value)[:SHOWN]
