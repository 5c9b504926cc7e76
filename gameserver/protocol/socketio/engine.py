"""Encode and decode the packets of Engine.IO v4, as WebSocket frames and as polling payloads.

Law: text and bytes of a peer become packets or a `PacketError`. Only messages hold binary data.

::

    WebSocket   text frame      kind (1 digit)  data
                binary frame    data of a message
    polling     UTF-8           packet  [0x1e  packet]...
                packet          kind (1 digit)  data
                                "b"  base64 of the data of a message

Source: Engine.IO Protocol v4, "Packet encoding".
"""

import binascii
from collections.abc import Sequence
from enum import IntEnum
from typing import Final

import attrs

from gameserver.errors import Code, PacketError

SEPARATOR: Final = "\x1e"
"""Stands between the packets of a payload; the text of a packet must not contain it."""

_BASE64: Final = "b"


class EngineKind(IntEnum):
    """Kinds of Engine.IO packets; a number is the first character of a packet's text.

    Source: Engine.IO Protocol v4, "Protocol".
    """

    OPEN = 0
    CLOSE = 1
    PING = 2
    PONG = 3
    MESSAGE = 4
    UPGRADE = 5
    NOOP = 6


_KINDS: Final = {str(int(kind)): kind for kind in EngineKind}


@attrs.frozen
class EnginePacket:
    """One packet; ``data`` is bytes in binary messages only."""

    kind: EngineKind
    data: str | bytes = ""


def encode_frame(packet: EnginePacket) -> str | bytes:
    """Return the text or the bytes of one WebSocket message.

    Raises:
        ValueError: A packet other than a message has binary data.

    Source: Engine.IO Protocol v4, "Packet encoding", "WebSocket".
    """
    data = packet.data
    if isinstance(data, str):
        return f"{packet.kind:d}{data}"
    _check_binary(packet)
    return data


def decode_frame(frame: str | bytes, most: int) -> EnginePacket:
    """Return the packet of one WebSocket message.

    A text that begins with ``b`` is a binary message in base64: the client library sends these in
    place of binary frames if it is told to.

    Args:
        frame: All of a text or binary message.
        most: Most characters or bytes of ``frame``.

    Raises:
        PacketError: ``too_large``, or ``bad_message`` for an unknown kind, an empty text or base64
            that is none.

    Source: Engine.IO Protocol v4, "Packet encoding", "WebSocket".
    """
    if len(frame) > most:
        raise _too_large(f"a frame is longer than {most}")
    if isinstance(frame, str):
        return _decode_text(frame)
    return EnginePacket(EngineKind.MESSAGE, frame)


def encode_payload(packets: Sequence[EnginePacket]) -> bytes:
    """Return the body of a polling response or request with these packets, at least one.

    Raises:
        ValueError: There is no packet, a text contains `SEPARATOR`, or a packet other than a
            message has binary data.

    Source: Engine.IO Protocol v4, "Packet encoding", "HTTP long-polling".
    """
    if not packets:
        raise ValueError("a payload holds at least one packet")
    return SEPARATOR.join(map(_encode_text, packets)).encode()


def decode_payload(body: bytes, most_packets: int, most_bytes: int) -> list[EnginePacket]:
    """Return the packets of the body of a polling request or response, at least one.

    Args:
        body: The whole body.
        most_packets: The client library joins all that it has to send, up to the handshake's
            ``max_payload``; a bound of a few would end honest sessions after a burst.
        most_bytes: Most bytes of ``body``.

    Raises:
        PacketError: ``too_large`` for too many bytes or packets; ``bad_message`` if the body is not
            UTF-8, or a packet is empty, of an unknown kind, or of base64 that is none.

    Source: Engine.IO Protocol v4, "Packet encoding", "HTTP long-polling".
    """
    if len(body) > most_bytes:
        raise _too_large(f"a payload has more than {most_bytes} bytes")
    # Counted before the body is divided: a body of separators alone would become many objects.
    if body.count(SEPARATOR.encode()) >= most_packets:
        raise _too_large(f"a payload has more than {most_packets} packets")
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise _bad("a payload is not UTF-8; binary data is sent as base64") from None
    return [_decode_text(part) for part in text.split(SEPARATOR)]


def _encode_text(packet: EnginePacket) -> str:
    data = packet.data
    if isinstance(data, str):
        if SEPARATOR in data:
            raise ValueError("the text of a packet in a payload must not contain the separator")
        return f"{packet.kind:d}{data}"
    _check_binary(packet)
    return _BASE64 + binascii.b2a_base64(data, newline=False).decode("ascii")


def _check_binary(packet: EnginePacket) -> None:
    if packet.kind is not EngineKind.MESSAGE:
        raise ValueError(f"a packet of kind {packet.kind.name} cannot be binary")


def _decode_text(text: str) -> EnginePacket:
    first = text[:1]
    if first == _BASE64:
        return EnginePacket(EngineKind.MESSAGE, _decode_base64(text[1:]))
    kind = _KINDS.get(first)
    if kind is None:
        raise _bad("a packet begins with a digit from 0 to 6, or with b and base64")
    return EnginePacket(kind, text[1:])


def _decode_base64(text: str) -> bytes:
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        raise _bad("the text after b is not base64") from None


def _bad(sentence: str) -> PacketError:
    return PacketError(Code.BAD_MESSAGE, sentence)


def _too_large(sentence: str) -> PacketError:
    return PacketError(Code.TOO_LARGE, sentence)
