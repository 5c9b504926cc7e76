"""The server's end of Socket.IO v5 on one connection: namespaces, and acks in both directions.

Law: no I/O. Each packet of a client becomes something to carry out, a packet to send back, or a
`PacketError`, after which the connection is closed. Seconds are arguments.

::

    out ──CONNECT──► joining ──accept──► joined ──DISCONNECT, leave──► out
     ▲                  │
     └──────refuse──────┘

Source: Socket.IO Protocol v5, "Exchange protocol".
"""

from collections.abc import Collection, Mapping, Sequence
from math import inf
from typing import Final, Generic, TypeAlias, TypeVar, cast

import attrs

from gameserver.errors import Code, PacketError
from gameserver.protocol.socketio.acks import AckBounds, Acks
from gameserver.protocol.socketio.jsontext import JsonValue
from gameserver.protocol.socketio.packets import SocketKind, SocketPacket

W = TypeVar("W")

INVALID_NAMESPACE: Final = "Invalid namespace"
"""Message of the refusal of an unknown namespace, as the client library's users know it."""


@attrs.frozen
class JoinRequest:
    """The client asks to join a namespace: `SocketSession.accept` or `SocketSession.refuse` it."""

    namespace: str
    auth: Mapping[str, JsonValue]


@attrs.frozen
class ClientEvent:
    """The client sent an event; with an ``ack_id`` it waits for `SocketSession.answer`."""

    namespace: str
    name: str | float
    args: Sequence[JsonValue]
    ack_id: int | None


@attrs.frozen
class EventAcked(Generic[W]):
    """The client answered an event that was emitted with this ``waiter``."""

    namespace: str
    waiter: W
    args: Sequence[JsonValue]


@attrs.frozen
class NamespaceLeft(Generic[W]):
    """A namespace is left; the acks of the ``unanswered`` waiters do not come."""

    namespace: str
    unanswered: tuple[W, ...]


SocketReceived: TypeAlias = (
    JoinRequest | ClientEvent | EventAcked[W] | NamespaceLeft[W] | SocketPacket
)


class SocketSession(Generic[W]):
    """State of one client's namespaces."""

    def __init__(
        self,
        namespaces: Collection[str],
        connect_timeout_s: float,
        now: float,
        bounds: AckBounds | None = None,
    ) -> None:
        """Begin with no namespace joined.

        Args:
            namespaces: All namespaces that a client may join.
            connect_timeout_s: How long a connection may be in no namespace.
            now: When the connection began.
            bounds: How many acks may be missing.
        """
        self._known = frozenset(namespaces)
        self._connect_timeout_s = connect_timeout_s
        self._deadline = now + connect_timeout_s
        self._bounds = bounds or AckBounds()
        self._joining: set[str] = set()
        self._joined: dict[str, Acks[W]] = {}
        self._left: set[str] = set()

    @property
    def late_s(self) -> float:
        """When a client that joins no namespace until then is to be disconnected."""
        return inf if self._joined or self._joining else self._deadline

    @property
    def joined(self) -> Collection[str]:
        """The namespaces that the client is in."""
        return self._joined.keys()

    def receive(self, packet: SocketPacket, now: float) -> SocketReceived[W] | None:
        """Take a packet of the client.

        Returns:
            What the client did; a packet that is to be sent back; or None, if an ack comes twice or
            too late, or a packet crossed with a `leave`.

        Raises:
            PacketError: ``hello_expected``: the client is in no namespace. ``bad_message``: the
                packet is not legal in this state. ``too_large``: too many events wait for acks.

        Source: Socket.IO Protocol v5, "Connection to a namespace" and the sections after it.
        """
        namespace = packet.namespace
        if packet.kind is SocketKind.CONNECT:
            return self._join(namespace, packet.data)
        joined = self._joined.get(namespace)
        if joined is None:
            if namespace not in self._left:
                raise self._outside()
            if packet.kind is SocketKind.DISCONNECT:
                self._left.discard(namespace)
            return None
        args = packet.data if isinstance(packet.data, list | tuple) else []
        match packet.kind:
            case SocketKind.EVENT:
                if packet.ack_id is not None:
                    joined.owe(packet.ack_id)
                return ClientEvent(namespace, cast(str | float, args[0]), args[1:], packet.ack_id)
            case SocketKind.ACK if packet.ack_id is not None:
                waiter = joined.take(packet.ack_id)
                return None if waiter is None else EventAcked(namespace, waiter, args)
            case SocketKind.DISCONNECT:
                return self._drop(namespace, now)
        raise PacketError(Code.BAD_MESSAGE, "a client must not send a connect error")

    def accept(self, namespace: str, sid: str) -> SocketPacket:
        """Let the client into a namespace that it asked for; ``sid`` is its id there, no secret.

        Raises:
            KeyError: The client has not asked, or the session has ended since.
        """
        self._joining.remove(namespace)
        self._joined[namespace] = Acks(self._bounds)
        return SocketPacket(SocketKind.CONNECT, namespace, {"sid": sid})

    def refuse(self, namespace: str, message: str, data: JsonValue = None) -> SocketPacket:
        """Keep the client out of a namespace that it asked for; it may ask again.

        Raises:
            KeyError: The client has not asked, or the session has ended since.
        """
        self._joining.remove(namespace)
        return _refusal(namespace, message, data)

    def emit(
        self, namespace: str, name: str, *args: JsonValue, waiter: W | None = None
    ) -> SocketPacket:
        """Return an event for the client, which has joined the namespace.

        Args:
            namespace: Where to send it.
            name: The event's name.
            args: The event's arguments.
            waiter: If given, the client is asked for an ack, which `EventAcked` returns it with.

        Raises:
            KeyError: The client is not in the namespace.
            PacketError: ``too_large``: the client leaves too many events unanswered.
        """
        joined = self._joined[namespace]
        ack_id = None if waiter is None else joined.ask(waiter)
        return SocketPacket(SocketKind.EVENT, namespace, [name, *args], ack_id)

    def forget(self, namespace: str, ack_id: int) -> W | None:
        """Wait for an ack no longer; return its waiter, or None if it came or was forgotten."""
        joined = self._joined.get(namespace)
        return None if joined is None else joined.forget(ack_id)

    def answer(self, namespace: str, ack_id: int, *args: JsonValue) -> SocketPacket | None:
        """Return the ack of an event; None if it was answered, or the client left meanwhile."""
        joined = self._joined.get(namespace)
        if joined is None or not joined.pay(ack_id):
            return None
        return SocketPacket(SocketKind.ACK, namespace, list(args), ack_id)

    def leave(self, namespace: str, now: float) -> tuple[SocketPacket, NamespaceLeft[W]]:
        """Put the client out of a namespace that it has joined.

        Packets for the namespace that the client sent before it knows are passed over.

        Raises:
            KeyError: The client is not in the namespace.
        """
        left = self._drop(namespace, now)
        self._left.add(namespace)
        return SocketPacket(SocketKind.DISCONNECT, namespace), left

    def end(self, now: float) -> list[NamespaceLeft[W]]:
        """Leave all namespaces since the connection is gone."""
        self._joining.clear()
        return [self._drop(namespace, now) for namespace in list(self._joined)]

    def _join(self, namespace: str, auth: JsonValue) -> JoinRequest | SocketPacket:
        if namespace in self._joined or namespace in self._joining:
            raise PacketError(Code.BAD_MESSAGE, "a client joins a namespace once")
        if namespace not in self._known:
            return _refusal(namespace, INVALID_NAMESPACE, None)
        self._joining.add(namespace)
        self._left.discard(namespace)
        return JoinRequest(namespace, auth if isinstance(auth, Mapping) else {})

    def _drop(self, namespace: str, now: float) -> NamespaceLeft[W]:
        unanswered = self._joined.pop(namespace).waiters
        if not self._joined:
            self._deadline = now + self._connect_timeout_s
        return NamespaceLeft(namespace, unanswered)

    def _outside(self) -> PacketError:
        if self._joined or self._joining:
            return PacketError(Code.BAD_MESSAGE, "the client is not in this namespace")
        return PacketError(Code.HELLO_EXPECTED, "the first packet must be a connect")


def _refusal(namespace: str, message: str, data: JsonValue) -> SocketPacket:
    payload: dict[str, JsonValue] = {"message": message}
    if data is not None:
        payload["data"] = data
    return SocketPacket(SocketKind.CONNECT_ERROR, namespace, payload)
