"""Namespaces: events of an author's own between the server and its players, with acks and rooms.

Law: this package is what authors see. It decides nothing and sends nothing: all calls go to a
`NamespacePort`, which the service provides. A member of a namespace is a session, not a connection:
it stays a member, with its rooms, while its connection is lost or replaced.
"""

from gameserver.errors import RefusedError
from gameserver.namespaces.audience import Recipients
from gameserver.namespaces.namespace import Namespace, on
from gameserver.namespaces.people import Crowd, Gathered, NamespacePort, Participant

__all__ = [
    "Crowd",
    "Gathered",
    "Namespace",
    "NamespacePort",
    "Participant",
    "Recipients",
    "RefusedError",
    "on",
]
