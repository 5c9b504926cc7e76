"""The server's side of the wire form: what many are sent is encoded once.

Law: bytes are found by the identity of what they were made of, and both are kept together in a
bounded table of this codec. An event has a number of its own for each session, and an answer an id;
only these are encoded anew.
"""

from typing import Any, Final

from gameserver.messages import wire
from gameserver.messages.base import Notice, ReliableEvent
from gameserver.protocol.codec import (
    ClientMessage,
    decode_client,
    encode,
    encode_event,
    encode_notice,
    encode_result,
    encode_told,
    encode_values,
)
from gameserver.protocol.remembered import Remembered

TOLD: Final = 32
"""Events and notices whose bytes are kept: those that are on their way to many at the same time."""

RESULTS: Final = 16
"""Large results whose bytes are kept: full lists and histories, maps."""

LARGE_RESULT_BYTES: Final = 2048
"""From this size on a result is kept: smaller ones are rarely the same object."""


class ServerCodec:
    """Encodes what a server says, and decodes what clients say."""

    def __init__(self) -> None:
        """Keep no bytes yet."""
        self.told: Remembered = Remembered(TOLD)
        self.results: Remembered = Remembered(RESULTS)

    def encode(self, message: Any) -> bytes:
        """Return a message as one msgpack object."""
        kind = type(message)
        if kind is wire.EventEnvelope:
            return encode_event(message.number, self._told(message.event))
        if kind is wire.NoticeEnvelope:
            return encode_notice(self._told(message.notice))
        if kind is wire.ResultEnvelope:
            return encode_result(message, self._values(message.result))
        return encode(message)

    def decode(self, data: bytes) -> tuple[ClientMessage, ...]:
        """Return the messages that a client sent; at least one.

        Raises:
            ProtocolError: ``bad_message`` or ``too_large``.
        """
        return decode_client(data)

    def _told(self, told: ReliableEvent | Notice) -> bytes:
        packed = self.told.get(told)
        if packed is None:
            packed = encode_told(told)
            self.told.put(told, packed)
        return packed

    def _values(self, result: object) -> bytes:
        packed = self.results.get(result)
        if packed is None:
            packed = encode_values(result)
            if len(packed) >= LARGE_RESULT_BYTES:
                self.results.put(result, packed)
        return packed
