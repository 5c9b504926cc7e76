"""Base classes of messages, and the registries of request, event and notice names.

Law: a message is a frozen attrs class without knowledge of its encoding, which is in
:mod:`gameserver.protocol` alone. Field types are ``int``, ``bool``, ``float``, ``str``, ``bytes``,
enums of ``str``, tuples, mappings with ``str`` keys, and other message classes.

Named messages (`Request`, `ReliableEvent`, `Notice`) are declared as ``class X(Request,
name="lobby.create")``; the registries map each name to its class.
"""

from typing import Any, ClassVar

import attrs


@attrs.frozen
class Result:
    """Base of the results of requests. The base class itself is the empty result."""


@attrs.frozen
class Request:
    """Base of a client's requests; each is answered by exactly one result or refusal."""

    name: ClassVar[str]
    result: ClassVar[type[Result]] = Result

    def __init_subclass__(cls, *, name: str = "", result: type[Result] = Result) -> None:
        """Register the request under its name; the latest class of a name counts.

        attrs creates each class twice, the second time with slots and without the arguments of the
        class statement. So the second class is registered by the name in its namespace.
        """
        if name:
            cls.name = name
            cls.result = result
        if "name" in cls.__dict__:
            REQUESTS[cls.name] = cls


@attrs.frozen
class ReliableEvent:
    """Base of the events of a session: delivered numbered, in order, exactly once."""

    name: ClassVar[str]

    def __init_subclass__(cls, *, name: str = "") -> None:
        """Register the event under its name; see `Request`."""
        if name:
            cls.name = name
        if "name" in cls.__dict__:
            EVENTS[cls.name] = cls


@attrs.frozen
class Notice:
    """Base of unreliable messages to connected sessions: a later one replaces an earlier one."""

    name: ClassVar[str]

    @property
    def about(self) -> tuple[str, ...]:
        """What it tells about: a later one about the same replaces it."""
        return (self.name,)

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
