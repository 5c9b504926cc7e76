"""Names and arguments of events: what may be sent, and how much of it.

Law: what passes here can be encoded for every client, and comes out equal: None, bool, int within
±2^53, finite float, text, bytes, and lists and maps of them with texts as keys.
"""

import math
import re
from typing import Any, Final

ARGS: Final = 16
"""Arguments of one event."""
VALUES: Final = 1024
"""Values of one event, those within lists and maps included (11)."""
DEPTH: Final = 6
"""Nesting of lists and maps (12)."""
ARGS_BYTES: Final = 16 * 1024
"""Bytes of the arguments of one event, about as encoded (5, 42)."""
NAME_CHARS: Final = 64
"""Longest name of a namespace, event or room (29)."""
INTEGER: Final = 2**53
"""Bound of whole numbers, exclusive: JavaScript has no others that are exact (13)."""

RESERVED: Final = frozenset(
    {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}
)
"""Events that a client library of Socket.IO raises itself."""

_NAMESPACE: Final = re.compile(r"/[A-Za-z0-9_\-./]{1,63}")
_BASE_BYTES: Final = 5


def check_namespace(name: object) -> None:
    """Check the name of a namespace.

    Raises:
        ValueError: It is no text of / and letters, digits, ``_-./``, at most `NAME_CHARS`.
    """
    if not isinstance(name, str) or not _NAMESPACE.fullmatch(name):
        raise ValueError("a namespace's name is / and letters, digits and _-./, at most 64")


def check_name(name: object, what: str = "event") -> None:
    """Check the name of an event or room.

    Raises:
        ValueError: It is no printable text of 1 to `NAME_CHARS` characters, or is reserved.
    """
    if not isinstance(name, str) or not 0 < len(name) <= NAME_CHARS or not name.isprintable():
        raise ValueError(f"the name of an {what} is a printable text of 1 to {NAME_CHARS}")
    if what == "event" and name in RESERVED:
        raise ValueError(f"the event name {name} is reserved")


def check_args(args: "tuple[object, ...]") -> int:
    """Check the arguments of an event; return about how many bytes they take when encoded.

    Raises:
        ValueError: A value cannot be sent, or they are too many, too deep or too long.
    """
    if len(args) > ARGS:
        raise ValueError(f"an event has at most {ARGS} arguments")
    counter = _Counter()
    for arg in args:
        counter.add(arg, DEPTH)
    return counter.size


def copied(value: Any) -> Any:
    """Return a value that stays as it is when its author changes the lists and maps in it.

    Raises:
        ValueError: It is nested too deep to be sent.
    """
    return _copied(value, DEPTH + 1)


def _copied(value: Any, left: int) -> Any:
    kind = type(value)
    if kind not in (list, tuple, dict):
        return value
    if not left:
        raise ValueError(f"the arguments of an event are nested more than {DEPTH} deep")
    if kind is dict:
        return {key: _copied(part, left - 1) for key, part in value.items()}
    return kind(_copied(part, left - 1) for part in value)


class _Counter:
    """Adds up values and bytes."""

    def __init__(self) -> None:
        self.values = 0
        self.size = 0

    def add(self, value: Any, left: int) -> None:
        self.values += 1
        if self.values > VALUES:
            raise ValueError(f"an event holds at most {VALUES} values")
        self.size += _BASE_BYTES
        kind = type(value)
        if kind is list or kind is tuple or kind is dict:
            if not left:
                raise ValueError(f"the arguments of an event are nested more than {DEPTH} deep")
            self._parts(value, left - 1)
        else:
            self.size += _plain_bytes(value)
        if self.size > ARGS_BYTES:
            raise ValueError(f"the arguments of an event take more than {ARGS_BYTES} bytes")

    def _parts(self, value: Any, left: int) -> None:
        if type(value) is dict:
            for key, part in value.items():
                if type(key) is not str:
                    raise ValueError("the keys of a map are texts")
                if key == "_placeholder":
                    raise ValueError("the key _placeholder is reserved")
                self.add(key, left)
                self.add(part, left)
        else:
            for part in value:
                self.add(part, left)


def _plain_bytes(value: object) -> int:
    """Return the bytes of a plain value, besides the few that any value takes."""
    match value:
        case None | bool():
            return 0
        case int() if type(value) is int and -INTEGER < value < INTEGER:
            return 4
        case float() if type(value) is float and math.isfinite(value):
            return 4
        case bytes():
            return len(value)
        case str() if type(value) is str:
            try:
                return len(value.encode())
            except UnicodeEncodeError:
                raise ValueError("a text holds half of a surrogate pair") from None
    raise ValueError(f"a value of type {type(value).__name__} cannot be sent, or is too large")
