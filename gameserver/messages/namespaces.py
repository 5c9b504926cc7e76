"""Events of an author's namespaces: joining, emits in both directions, and their acks."""

from typing import Any

import attrs

from gameserver.messages.base import Notice, ReliableEvent, Request, Result
from gameserver.namespaces.values import check_args, check_name, check_namespace


def _namespace(_instance: object, _attribute: object, name: str) -> None:
    check_namespace(name)


def _namespace_or_none(_instance: object, _attribute: object, name: str) -> None:
    if name:
        check_namespace(name)


def _event(_instance: object, _attribute: object, name: str) -> None:
    check_name(name)


def _args(_instance: object, _attribute: object, args: tuple[object, ...]) -> None:
    check_args(args)


def _auth(_instance: object, _attribute: object, auth: Any) -> None:
    if not isinstance(auth, dict):
        raise TypeError("must be a map")
    check_args((auth,))


@attrs.frozen
class NamespaceJoined(Result):
    """The session is in the namespace."""

    again: bool = False
    """Whether it was in before, so that its rooms are those of then."""


@attrs.frozen
class JoinNamespace(Request, name="namespace.join", result=NamespaceJoined):
    """Enter a namespace of the server's author; the answer comes when it has been decided."""

    namespace: str = attrs.field(validator=_namespace)
    auth: object = attrs.field(factory=dict, validator=_auth)
    """A map for the namespace's own check."""


@attrs.frozen
class LeaveNamespace(Request, name="namespace.leave"):
    """Leave a namespace and all of its rooms."""

    namespace: str = attrs.field(validator=_namespace)


@attrs.frozen
class EmitAnswered(Result):
    """The ack: what the event's handler returned."""

    args: tuple[object, ...] = attrs.field(default=(), validator=_args)


@attrs.frozen
class EmitEvent(Request, name="namespace.emit", result=EmitAnswered):
    """Send an event to the server's author."""

    namespace: str = attrs.field(validator=_namespace)
    event: str = attrs.field(validator=_event)
    args: tuple[object, ...] = attrs.field(default=(), validator=_args)
    """At most 16 plain values: nil, true, false, numbers, text, binary, arrays, maps."""
    ack: bool = False
    """Whether the answer waits for the handler and is its ack; else it comes at once."""


@attrs.frozen
class AckEmitted(Request, name="namespace.ack"):
    """Answer an event of the server that asks for an ack; a late one has no effect."""

    ack: int
    args: tuple[object, ...] = attrs.field(default=(), validator=_args)
    namespace: str = attrs.field(default="", validator=_namespace_or_none)
    """That of the event; an ack for an event of another one has no effect. Empty: not checked."""


@attrs.frozen
class Emitted(ReliableEvent, name="namespace.emitted"):
    """An event of a namespace."""

    namespace: str = attrs.field(validator=_namespace)
    event: str = attrs.field(validator=_event)
    args: tuple[object, ...] = attrs.field(default=(), validator=_args)
    ack: int = 0
    """Not 0 if the server waits for `AckEmitted` with this number."""


@attrs.frozen
class NamespaceEnded(ReliableEvent, name="namespace.ended"):
    """The session was put out of a namespace."""

    namespace: str
    code: str
    sentence: str = ""


@attrs.frozen
class EmittedLatest(Notice, name="namespace.latest"):
    """A volatile event of a namespace: it may be missing, and only the newest one counts."""

    namespace: str = attrs.field(validator=_namespace)
    event: str = attrs.field(validator=_event)
    args: tuple[object, ...] = attrs.field(default=(), validator=_args)

    @property
    def about(self) -> tuple[str, ...]:
        """The event of this name."""
        return (self.name, self.namespace, self.event)
