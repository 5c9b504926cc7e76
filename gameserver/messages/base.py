"""Kinds of messages, and the registries of request, event and notice names.

Law: a message is a frozen attrs class that means something to people; how it becomes bytes is
known to :mod:`gameserver.protocol` alone. Field types are ``int``, ``bool``, ``float``, ``str``,
``bytes``, enums of ``str``, tuples, mappings with ``str`` keys, and other message classes.

Named messages (`Request`, `ReliableEvent`, `Notice`) are declared as ``class X(Request,
name="lobby.create")`` and found again by their name through the registries.
"""

from typing import Any, ClassVar

import attrs


@attrs.frozen
class Result:
    """Base of what a request returns. The plain base class is the empty result."""


@attrs.frozen
class Request:
    """Base of what a client asks; answered by exactly one result or coded error."""

    name: ClassVar[str]
    result: ClassVar[type[Result]] = Result

    def __init_subclass__(cls, *, name: str = "", result: type[Result] = Result) -> None:
        """Register the request under its name; the latest class of a name counts.

        attrs builds each class a second time, with slots: that one comes without arguments but
        has inherited the first one's attributes.
        """
        if name:
            cls.name = name
            cls.result = result
        if "name" in cls.__dict__:
            REQUESTS[cls.name] = cls


@attrs.frozen
class ReliableEvent:
    """Base of what the server tells a session reliably: numbered, in order, exactly once."""

    name: ClassVar[str]

    def __init_subclass__(cls, *, name: str = "") -> None:
        """Register the event under its name; see `Request`."""
        if name:
            cls.name = name
        if "name" in cls.__dict__:
            EVENTS[cls.name] = cls


@attrs.frozen
class Notice:
    """Base of what the server tells whoever listens now: latest wins, never repeated."""

    name: ClassVar[str]

    def __init_subclass__(cls, *, name: str = "") -> None:
        """Register the notice under its name; see `Request`."""
        if name:
            cls.name = name
        if "name" in cls.__dict__:
            NOTICES[cls.name] = cls


REQUESTS: dict[str, type[Request]] = {}
EVENTS: dict[str, type[ReliableEvent]] = {}
NOTICES: dict[str, type[Notice]] = {}

Message = Any
"""Any class of this package."""
