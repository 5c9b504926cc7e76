"""The messages of the protocol as plain frozen classes, without bytes or I/O."""

from gameserver.messages import chat, forms, lobby, match, namespaces, session, wire
from gameserver.messages.base import (
    EVENTS,
    NOTICES,
    REQUESTS,
    Notice,
    ReliableEvent,
    Request,
    Result,
)

__all__ = [
    "EVENTS",
    "NOTICES",
    "REQUESTS",
    "Notice",
    "ReliableEvent",
    "Request",
    "Result",
    "chat",
    "forms",
    "lobby",
    "match",
    "namespaces",
    "session",
    "wire",
]
