"""Put the packets of Socket.IO v5 together from texts and the attachments that follow them.

Law: any sequence of texts and binaries gives packets or a `PacketError`. At most one packet waits
for attachments, and it holds at most what `PacketBounds` says. A text is refused as soon as it is
wrong: the attachments that it announces are not waited for.

Source: Socket.IO Protocol v5, "Packet encoding".
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Final, TypeAlias

import attrs

from gameserver.errors import Code, PacketError
from gameserver.protocol import limits
from gameserver.protocol.socketio.jsontext import JsonValue, parse
from gameserver.protocol.socketio.packets import BINARY, MAIN, SocketKind, SocketPacket, check

_REST: Final = r"(?:(?P<namespace>/[^,]*)(?:,|\Z))?(?P<ack>[0-9]{0,16})(?P<payload>(?:[\[{\"].*)?)"
_PLAIN: Final = re.compile(r"(?P<kind>[0-4])" + _REST, re.DOTALL)
_WITH_BINARY: Final = re.compile(r"(?P<kind>[56])(?P<count>[1-9][0-9]{0,5})-" + _REST, re.DOTALL)


@attrs.frozen
class PacketBounds:
    """How large a packet of a peer may be; the threats are oversize and nested bombs (5, 11, 12).

    Attributes:
        text: Most characters of a packet's text.
        depth: How deep arrays and objects may be nested; the payload itself is the first level.
        attachments: Most attachments of one packet.
        binary_bytes: Most bytes of all attachments of one packet together.
        namespace: Most characters of a namespace.
    """

    text: int = limits.CLIENT_MESSAGE_BYTES
    depth: int = limits.CLIENT_DEPTH
    attachments: int = 10
    binary_bytes: int = limits.CLIENT_MESSAGE_BYTES
    namespace: int = limits.NAME_CHARS


class PacketDecoder:
    """Decodes what one peer sends. After a `PacketError` the connection is to be closed."""

    def __init__(self, bounds: PacketBounds) -> None:
        """Begin between two packets."""
        self._bounds = bounds
        self._part: _Part | None = None

    @property
    def waits_for_attachment(self) -> bool:
        """Whether a text came whose attachments have not all come."""
        return self._part is not None

    def receive(self, message: str | bytes) -> SocketPacket | None:
        """Take the data of the next Engine.IO message.

        Returns:
            The packet that is complete now; None if attachments are missing.

        Raises:
            PacketError: ``too_large`` or ``bad_message``.
        """
        part, self._part = self._part, None
        if isinstance(message, str):
            if part is not None:
                raise _bad("a text came before the last attachment of a packet")
            packet, count = decode_text(message, self._bounds)
            if not count:
                return packet
            part = _Part(packet, find_placeholders(packet.data, count), self._bounds.binary_bytes)
        elif part is None:
            raise _bad("an attachment came without a packet that it belongs to")
        else:
            part.take(message)
        if part.whole:
            return part.packet
        self._part = part
        return None


Fill: TypeAlias = Callable[[bytes], None]
"""Puts an attachment in the place of its placeholder."""


class _Part:
    """A packet whose attachments have not all come."""

    def __init__(self, packet: SocketPacket, fills: list[Fill], room: int) -> None:
        self.packet = packet
        self._fills = fills[::-1]
        self._room = room

    @property
    def whole(self) -> bool:
        return not self._fills

    def take(self, attachment: bytes) -> None:
        self._room -= len(attachment)
        if self._room < 0:
            raise _too_large("the attachments of a packet are too long")
        self._fills.pop()(attachment)


def decode_text(text: str, bounds: PacketBounds) -> tuple[SocketPacket, int]:
    """Return the packet of a text, with placeholders left in it, and the attachments it needs.

    Raises:
        PacketError: ``too_large`` or ``bad_message``.

    Source: Socket.IO Protocol v5, "Format".
    """
    if len(text) > bounds.text:
        raise _too_large(f"the text of a packet is longer than {bounds.text}")
    found = _PLAIN.fullmatch(text) or _WITH_BINARY.fullmatch(text)
    if found is None:
        raise _bad(_head_fault(text))
    count = int(found["count"]) if found.re is _WITH_BINARY else 0
    if count > bounds.attachments:
        raise _too_large(f"a packet has more than {bounds.attachments} attachments")
    namespace = found["namespace"] or MAIN
    if len(namespace) > bounds.namespace:
        raise _too_large(f"a namespace is longer than {bounds.namespace}")
    payload = found["payload"]
    packet = SocketPacket(
        SocketKind(int(found["kind"]) - (BINARY if count else 0)),
        namespace,
        parse(payload, bounds.depth) if payload else None,
        int(found["ack"]) if found["ack"] else None,
    )
    check(packet)
    return packet, count


def find_placeholders(data: JsonValue, count: int) -> list[Fill]:
    """Return what puts the attachments into their places, in the order in which they come.

    Raises:
        PacketError: ``bad_message``: the placeholders are not numbered from 0 to ``count`` - 1,
            each once. Several for one number would let a short packet become a long one.

    Source: Socket.IO Protocol v5, "Sending and receiving data", "with binary data".
    """
    fills: dict[int, Fill] = {}
    waiting = [data]
    while waiting:
        holder = waiting.pop()
        parts: list[tuple[Fill, JsonValue]] = []
        if isinstance(holder, list):
            parts = [(partial(holder.__setitem__, at), part) for at, part in enumerate(holder)]
        elif isinstance(holder, dict):
            parts = [(partial(holder.__setitem__, key), part) for key, part in holder.items()]
        for fill, part in parts:
            if isinstance(part, dict) and part.get("_placeholder") is True:
                number = part.get("num")
                if type(number) is not int or not 0 <= number < count or number in fills:
                    raise _bad("a placeholder has no number of an attachment of its own")
                fills[number] = fill
            else:
                waiting.append(part)
    if len(fills) != count:
        raise _bad("a packet has more attachments than placeholders")
    return [fills[number] for number in range(count)]


def _head_fault(text: str) -> str:
    """Return the sentence about a text that is no packet."""
    if text[:1] not in {"0", "1", "2", "3", "4", "5", "6"}:
        return "a packet begins with a digit from 0 to 6"
    if text[0] in {"5", "6"} and not re.match("[1-9][0-9]{0,5}-", text[1:]):
        return "a packet with attachments begins with their number and -"
    return "after kind, namespace and ack id comes the payload, an array, an object or a text"


def _bad(sentence: str) -> PacketError:
    return PacketError(Code.BAD_MESSAGE, sentence)


def _too_large(sentence: str) -> PacketError:
    return PacketError(Code.TOO_LARGE, sentence)
