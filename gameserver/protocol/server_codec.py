"""The server's codec: an object that is sent to many clients is encoded once.

Law: encoded bytes are cached by the identity of their object, in bounded caches of this codec. Only
the event number, which differs by session, and the request id are encoded for each message.
"""

from typing import Any, Final

from gameserver.messages import wire
from gameserver.messages.base import Notice, ReliableEvent
from gameserver.protocol.codec import (
    FromClient,
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
"""Events and notices whose bytes are cached: enough for those that are being sent to many clients
at the same time."""

RESULTS: Final = 16
"""Large results whose bytes are cached: lists of lobbies, chat histories, maps."""

LARGE_RESULT_BYTES: Final = 2048
"""Smallest result that is cached: a smaller result is rarely the same object twice."""


class ServerCodec:
    """Encodes messages of the server, and decodes messages of clients."""

    def __init__(self) -> None:
        """Start with empty caches."""
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

    def decode(self, data: bytes) -> tuple[FromClient, ...]:
        """Return the messages inside one WebSocket message of a client; at least one.

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
