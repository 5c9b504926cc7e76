"""The list in which faults are collected, and predicates on classes that several checks use."""

import inspect
from collections.abc import Iterator
from typing import Any, Final

import attrs

from gameserver.errors import GameDefinitionError
from gameserver.game import guard
from gameserver.game.maps.mapfault import Fault, Severity

SHOWN: Final = 60
"""Most characters of an author's value in one sentence."""


@attrs.define
class Found:
    """Collects faults in the order in which they are found."""

    faults: list[Fault] = attrs.field(factory=list)

    def error(self, place: str, message: str, hint: str = "") -> None:
        """Add a fault because of which the game cannot be played."""
        self.faults.append(Fault(Severity.ERROR, place, message, hint))

    def warn(self, place: str, message: str, hint: str = "") -> None:
        """Add a fault with which the game can be played, but not as its author means."""
        self.faults.append(Fault(Severity.WARNING, place, message, hint))

    def raised(self, error: GameDefinitionError) -> None:
        """Add a definition error; its place is the text before a colon, or else the first word."""
        place, colon, message = str(error).partition(": ")
        if not colon:
            place, _, message = str(error).partition(" ")
        self.error(place, message)


def is_decorated(cls: type) -> bool:
    """Tell whether the attrs decorator was applied to this class, not only to a base class."""
    return "__attrs_attrs__" in cls.__dict__


def declares_fields(cls: type) -> bool:
    """Tell whether a class has annotations or attrs fields of its own."""
    own = any(type(value).__name__ == "_CountingAttr" for value in cls.__dict__.values())
    return own or any(True for _ in _own_annotations(cls))


def lost_annotations(cls: type, base: type) -> Iterator[str]:
    """Yield names that are annotated in classes below ``base``, but are no attrs fields.

    Reason: if one ``attrs.field()`` has no annotation, attrs ignores attributes that have only an
    annotation.
    """
    names = {attribute.name for attribute in attrs.fields(cls)}
    for each in cls.__mro__:
        if issubclass(each, base) and each is not base:
            yield from (name for name in _own_annotations(each) if name not in names)


def untyped_values(cls: type, base: type) -> Iterator[tuple[str, object]]:
    """Yield plain class attributes below ``base`` without a type annotation, which are no fields.

    Constants in capitals, private names, and attributes of the base class are left out.
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
    """Return a value as in `guard.shown`, cut to `SHOWN` characters."""
    return guard.shown(value)[:SHOWN]
