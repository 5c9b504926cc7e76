"""Packets of Socket.IO v5: what a packet may hold, and its encoding.

Law: `check` has all rules about the parts of one packet; encoding and decoding both obey it.

::

    text         kind (1 digit)  [attachments "-"]  [namespace ","]  [ack id]  [JSON]
    attachments  binary, in the order of the numbers of their placeholders in the JSON

The digits 5 and 6 stand for an event and an ack with attachments; a `SocketPacket` holds the
binary data in its place instead.

Source: Socket.IO Protocol v5, "Packet encoding".
"""

import re
from collections.abc import Mapping
from enum import IntEnum
from typing import Final

import attrs

from gameserver.errors import Code, PacketError
from gameserver.protocol import limits
from gameserver.protocol.socketio.jsontext import JsonValue, write

MAIN: Final = "/"
"""The main namespace; it is not written into packets."""

RESERVED: Final = frozenset(
    {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}
)
"""Names of events that the client library raises itself or refuses to carry."""

BINARY: Final = 3
"""Added to the digits of an event and an ack with attachments."""

_NAMESPACE: Final = re.compile("/[^,\x00-\x1f\x7f\ud800-\udfff]*")
"""A comma ends a namespace, and controls could be taken for the separator of a payload."""


class SocketKind(IntEnum):
    """Kinds of Socket.IO packets; a number is the first digit of a packet without attachments.

    Source: Socket.IO Protocol v5, "Exchange protocol".
    """

    CONNECT = 0
    DISCONNECT = 1
    EVENT = 2
    ACK = 3
    CONNECT_ERROR = 4


@attrs.frozen
class SocketPacket:
    """One packet.

    Attributes:
        data: None or a mapping in a connect, a mapping or a text in a connect error, the name and
            the arguments in an event, the arguments in an ack.
        ack_id: In an event the number that its ack is asked to have, in an ack that number.
    """

    kind: SocketKind
    namespace: str = MAIN
    data: JsonValue = None
    ack_id: int | None = None


def encode_packet(packet: SocketPacket) -> tuple[str, list[bytes]]:
    """Return the text of a packet and its attachments, which are sent after it in this order.

    Raises:
        ValueError: The packet breaks a rule of `check` (`PacketError`), or its data cannot be
            written as JSON.
        TypeError: A value or a key in the data is of a type that JSON does not have.

    Source: Socket.IO Protocol v5, "Format".
    """
    check(packet)
    data, attachments = ("", []) if packet.data is None else write(packet.data)
    kind = int(packet.kind)
    count = ""
    if attachments:
        if packet.kind not in _CARRY_BINARY:
            raise ValueError(f"a packet of kind {packet.kind.name} cannot have binary data")
        kind += BINARY
        count = f"{len(attachments)}-"
    namespace = "" if packet.namespace == MAIN else f"{packet.namespace},"
    ack_id = "" if packet.ack_id is None else packet.ack_id
    return f"{kind}{count}{namespace}{ack_id}{data}", attachments


def check(packet: SocketPacket) -> None:
    """Refuse a packet whose parts do not fit its kind.

    Raises:
        PacketError: ``bad_message``; the sentence names the broken rule.

    Source: Socket.IO Protocol v5, "Exchange protocol", "Format".
    """
    fault = _namespace_fault(packet.namespace) or _ack_fault(packet) or _data_fault(packet)
    if fault:
        raise PacketError(Code.BAD_MESSAGE, fault)


def _namespace_fault(namespace: str) -> str | None:
    if _NAMESPACE.fullmatch(namespace):
        return None
    return "a namespace begins with / and has no comma and no control characters"


def _ack_fault(packet: SocketPacket) -> str | None:
    ack_id = packet.ack_id
    if ack_id is None:
        return "an ack needs the id of its event" if packet.kind is SocketKind.ACK else None
    if packet.kind not in _CARRY_BINARY:
        return f"a packet of kind {packet.kind.name} has no ack id"
    return None if 0 <= ack_id < limits.INTEGER else "an ack id is a whole number below 2^53"


def _data_fault(packet: SocketPacket) -> str | None:
    data = packet.data
    match packet.kind:
        case SocketKind.CONNECT if data is None or isinstance(data, Mapping):
            return None
        case SocketKind.CONNECT_ERROR if isinstance(data, str | Mapping):
            return None
        case SocketKind.DISCONNECT if data is None:
            return None
        case SocketKind.ACK if isinstance(data, list | tuple):
            return None
        case SocketKind.EVENT if isinstance(data, list | tuple) and data:
            return _name_fault(data[0])
    return f"the payload of a {packet.kind.name} is {_PAYLOADS[packet.kind]}"


def _name_fault(name: JsonValue) -> str | None:
    if isinstance(name, bool) or not isinstance(name, str | int | float):
        return "the name of an event is a text or a number"
    return "the name of an event is reserved" if name in RESERVED else None


_CARRY_BINARY: Final = frozenset({SocketKind.EVENT, SocketKind.ACK})
"""Kinds that can have attachments; they are also those that can have an ack id."""

_PAYLOADS: Final = {
    SocketKind.CONNECT: "an object or nothing",
    SocketKind.DISCONNECT: "nothing",
    SocketKind.EVENT: "an array with a name and arguments",
    SocketKind.ACK: "an array",
    SocketKind.CONNECT_ERROR: "an object or a text",
}
