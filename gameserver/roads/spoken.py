"""The protocol's messages as names and plain values, for clients without msgpack.

Law: what cannot be translated is a `ProtocolError`; the checks of the protocol follow, as for any
other message.

::

    snapshot, steer, shift    "snapshot", the bytes of the message, and its tick
    event                     its name, its fields, its number
    notice                    its name, its fields
    welcome, goodbye          "welcome", "goodbye", the fields
    result                    a `SpokenAnswer` with "result"
    refusal                   a `SpokenAnswer` with "error"
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs
import msgpack

from gameserver.errors import Code, ProtocolError
from gameserver.ids import Tick
from gameserver.messages.wire import PROTOCOL_VERSION, Kind
from gameserver.protocol import hot
from gameserver.protocol.deltas import SnapshotSequence, decode_head, is_delta

HOT: Final = frozenset({Kind.SNAPSHOT, Kind.STEER, Kind.SHIFT})

AUTH: Final[tuple[str, ...]] = ("name", "token", "last_event", "client")
"""What a client gives when it connects."""

NUMBERS: Final = {"input": Kind.INPUT, "seen": Kind.SEEN}
"""Events of a client that are rows of numbers."""


@attrs.frozen
class Told:
    """The server says something by itself."""

    name: str
    args: tuple[Any, ...]


@attrs.frozen
class SpokenAnswer:
    """The server answers a request."""

    id: int
    value: dict[str, Any]


@attrs.frozen
class SpokenPing:
    """A ping of the server, for the client's end to answer."""

    nonce: int


@attrs.define
class Translator:
    """Translates what the server says over one connection."""

    _snapshots: SnapshotSequence = attrs.field(factory=SnapshotSequence, init=False)

    def spoken(self, message: bytes) -> list[Told | SpokenAnswer | SpokenPing]:
        """Translate one message of the server, which may hold several objects."""
        if is_delta(message):
            head, _ = decode_head(message)
            return [Told("snapshot", (message, self._snapshots.next([head]).tick))]
        if (kind := hot.peek_kind(message)) in HOT:
            tick = _tick(message)
            if kind == Kind.SNAPSHOT:
                self._snapshots.newest = Tick(tick)
            return [Told("snapshot", (message, tick))]
        unpacker = msgpack.Unpacker(max_buffer_size=0, strict_map_key=False)
        unpacker.feed(message)
        return [said for row in unpacker if (said := _spoken(row)) is not None]


def _tick(message: bytes) -> int:
    """Return the second element of a message's array: the tick of each hot kind."""
    unpacker = msgpack.Unpacker()
    unpacker.feed(message)
    unpacker.read_array_header()
    unpacker.skip()
    tick: int = unpacker.unpack()
    return tick


def _spoken(row: list[Any]) -> Told | SpokenAnswer | SpokenPing | None:
    match row:
        case [Kind.EVENT, number, name, fields]:
            return Told(name, (fields, number))
        case [Kind.NOTICE, name, fields]:
            return Told(name, (fields,))
        case [Kind.RESULT, number, fields]:
            return SpokenAnswer(number, _answer("result", fields))
        case [Kind.REFUSAL, number, fields]:
            return SpokenAnswer(number, _answer("error", fields))
        case [Kind.WELCOME, fields]:
            return Told("welcome", ({**fields, "token": encode_token(fields["token"])},))
        case [Kind.GOODBYE, fields]:
            return Told("goodbye", (fields,))
        case [Kind.PING, nonce]:
            return SpokenPing(nonce)
    return None


def _answer(name: str, fields: dict[str, Any]) -> dict[str, Any]:
    after = fields.pop("after", None)
    return {name: fields} if after is None else {name: fields, "after": after}


# --- from clients ---------------------------------------------------------------------------------


def hello(auth: Mapping[str, Any], client: str) -> bytes:
    """Translate what a client gives when it connects: ``name``, or ``token`` and ``last_event``.

    Raises:
        ProtocolError: ``hello_expected``: a field is no text or number, or the token is none.
    """
    name, token = auth.get("name", ""), auth.get("token", "")
    last, program = auth.get("last_event", 0), auth.get("client", client)
    if not (isinstance(name, str) and isinstance(token, str) and isinstance(program, str)):
        raise ProtocolError(Code.HELLO_EXPECTED, "auth holds texts: name, token, client")
    fields = {
        "version": PROTOCOL_VERSION,
        "client": program,
        "player_name": name,
        "token": decode_token(token),
        "last_event": last,
    }
    return _pack([Kind.HELLO, fields])


def request(number: int, name: str, fields: Any) -> bytes:
    """Translate a request with its fields."""
    return _pack([Kind.REQUEST, number, name, {} if fields is None else fields])


def numbers(name: str, args: Sequence[Any]) -> bytes:
    """Translate an event of `NUMBERS`: its numbers, or the bytes of the message.

    Raises:
        ProtocolError: ``bad_message``: there is something else.
    """
    only = args[0] if len(args) == 1 else None
    if isinstance(only, bytes) and hot.peek_kind(only) == NUMBERS[name]:
        return only
    row = only if isinstance(only, list | tuple) else args
    if not all(isinstance(each, int) for each in row):  # also true and false, for keys
        raise ProtocolError(Code.BAD_MESSAGE, f"{name} holds whole numbers")
    return _pack([NUMBERS[name], *map(int, row)])


def ack(event: int, reply: int) -> bytes:
    """Translate the confirmation of events and answers."""
    return _pack([Kind.ACK, event, reply])


def pong(nonce: int) -> bytes:
    """SpokenAnswer a ping of the server."""
    return _pack([Kind.PONG, nonce, 0])


def _pack(row: list[Any]) -> bytes:
    try:
        packed: bytes = msgpack.packb(row)
    except (TypeError, ValueError, OverflowError, RecursionError):
        raise ProtocolError(Code.BAD_MESSAGE, "a value cannot be sent") from None
    return packed


def encode_token(token: bytes) -> str:
    """Return a resume token as text."""
    return base64.urlsafe_b64encode(token).rstrip(b"=").decode("ascii")


def decode_token(text: str) -> bytes:
    """Return the token of a text of `encode_token`.

    Raises:
        ProtocolError: ``hello_expected``: it is none.
    """
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ProtocolError(Code.HELLO_EXPECTED, "the token is none of this server's") from None
