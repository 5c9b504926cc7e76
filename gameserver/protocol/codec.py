"""Encode and decode all messages.

Law: decoding returns messages or raises `ProtocolError`, whatever the bytes are. A request with a
valid id but an unknown name or invalid parameters is no protocol error: it is returned as
`BadRequest`, so that the id gets its one answer.

A WebSocket message is one or more msgpack objects, each an array that begins with its kind. The
hot kinds are drawn in :mod:`gameserver.protocol.hot`; the others are::

    hello    [16, map]              welcome  [17, map]            goodbye  [24, map]
    request  [18, id, name, map]    result   [19, id, map]        refusal  [20, id, map]
    event    [21, number, name, map]         ack  [22, event, reply]       notice  [23, name, map]
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, TypeAlias

import attrs
import msgpack

from gameserver.errors import NO_DETAILS, Code, ProtocolError
from gameserver.ids import EventNumber, RequestId
from gameserver.messages import wire
from gameserver.messages.base import EVENTS, NOTICES, REQUESTS, Notice, ReliableEvent, Request
from gameserver.messages.wire import Kind
from gameserver.protocol import hot, limits
from gameserver.protocol.deltas import decode_delta, encode_delta, is_delta
from gameserver.protocol.hot import bad
from gameserver.protocol.nearest import Nearest
from gameserver.protocol.remembered import with_entry
from gameserver.protocol.shape import FROM_CLIENT, FROM_NEWER_CLIENT, FROM_SERVER, structure
from gameserver.protocol.unpack import unpack


@attrs.frozen
class BadRequest:
    """A request that cannot be handled; the answer is a refusal with this code and sentence."""

    id: RequestId
    code: Code
    sentence: str
    details: Mapping[str, object] = NO_DETAILS


RequestOf: TypeAlias = Callable[[RequestId], type[Request] | None]
"""Returns the class of the request that was sent with an id: it declares the shape of the result.
None for an id without a pending request."""

FromClient: TypeAlias = (
    wire.Hello | wire.RequestEnvelope | BadRequest | wire.Ack | wire.Input | wire.Seen
    | wire.Ping | wire.Pong | wire.Goodbye
)  # fmt: skip

FromServer: TypeAlias = (
    wire.Welcome | wire.ResultEnvelope | wire.Refusal | wire.EventEnvelope | wire.NoticeEnvelope
    | wire.Snapshot | wire.Delta | wire.Steer | wire.Shift | wire.Ping | wire.Pong | wire.Goodbye
)  # fmt: skip

# --- encoding -------------------------------------------------------------------------------------

_pack: Final = msgpack.Packer().pack
_plain: Final = FROM_CLIENT.unstructure
_AFTER: Final = "after"
"""Key in an answer's map, beside the answer's own fields: number of the last event before it."""
_EVENT_HEAD: Final = bytes((0x94, Kind.EVENT))
"""msgpack header of an array of four elements, and its first element, the kind."""
_NOTICE_HEAD: Final = bytes((0x93, Kind.NOTICE))
_RESULT_HEAD: Final = bytes((0x93, Kind.RESULT))


def encode(message: Any) -> bytes:
    """Encode any message of the protocol as one msgpack object.

    Several encoded objects may be concatenated into one WebSocket message. A server, which sends
    the same event to many clients, uses `gameserver.protocol.server_codec` instead.
    """
    match message:
        case wire.EventEnvelope():
            return encode_event(message.number, encode_told(message.event))
        case wire.NoticeEnvelope():
            return encode_notice(encode_told(message.notice))
        case wire.ResultEnvelope():
            return encode_result(message, encode_values(message.result))
    hot_encoder = _HOT.get(type(message))
    if hot_encoder is not None:
        return hot_encoder(message)
    packed: bytes = _pack(_row(message))
    return packed


def encode_told(told: ReliableEvent | Notice) -> bytes:
    """Return an event's or notice's name and map, encoded, without number or array header."""
    name: bytes = _pack(told.name)
    return name + encode_values(told)


def encode_values(message: object) -> bytes:
    """Return a message's fields as an encoded map."""
    packed: bytes = _pack(_plain(message))
    return packed


def encode_event(number: EventNumber, told: bytes) -> bytes:
    """Return an event; ``told`` is its name and map from `encode_told`."""
    at: bytes = _pack(number)
    return _EVENT_HEAD + at + told


def encode_notice(told: bytes) -> bytes:
    """Return a notice; ``told`` is its name and map from `encode_told`."""
    return _NOTICE_HEAD + told


def encode_result(envelope: wire.ResultEnvelope, values: bytes) -> bytes:
    """Return a result; ``values`` is its map from `encode_values`."""
    if envelope.after is not None:
        values = with_entry(values, _AFTER, envelope.after)
    number: bytes = _pack(envelope.id)
    return _RESULT_HEAD + number + values


def _encode_snapshot(snapshot: wire.Snapshot) -> bytes:
    parts = [(2 * section.number + section.keyframe, section.body) for section in snapshot.sections]
    return hot.encode_snapshot(snapshot.tick, parts)


_HOT: Final[dict[type, Callable[[Any], bytes]]] = {
    wire.Input: hot.encode_input,
    wire.Seen: hot.encode_seen,
    wire.Snapshot: _encode_snapshot,
    wire.Delta: encode_delta,
    wire.Steer: lambda steer: hot.encode_steer(steer.tick, steer.ticks),
    wire.Shift: lambda shift: hot.encode_shift(shift.tick, shift.ticks),
    wire.Ping: lambda ping: hot.encode_ping(ping.nonce),
    wire.Pong: hot.encode_pong,
}


def _row(message: Any) -> list[object]:
    match message:
        case wire.Refusal():
            body = {"code": message.code, "sentence": message.sentence}
            details = {"details": dict(message.details)} if message.details else {}
            return [Kind.REFUSAL, message.id, {**body, **details, **_stamp(message)}]
        case wire.RequestEnvelope():
            return [Kind.REQUEST, message.id, message.request.name, _plain(message.request)]
        case wire.Hello():
            return [Kind.HELLO, _plain(message)]
        case wire.Welcome():
            return [Kind.WELCOME, _plain(message)]
        case wire.Goodbye():
            return [Kind.GOODBYE, _plain(message)]
        case wire.Ack():
            return [Kind.ACK, message.event, message.reply]
        case _:
            raise TypeError(f"{type(message).__name__} is no message of the protocol")


def _stamp(answer: wire.ResultEnvelope | wire.Refusal) -> dict[str, int]:
    return {} if answer.after is None else {_AFTER: answer.after}


# --- decoding -------------------------------------------------------------------------------------


def decode_client(data: bytes) -> tuple[FromClient, ...]:
    """Decode one WebSocket message of a client; return one message of ours or more.

    Raises:
        ProtocolError: ``bad_message`` or ``too_large``.
    """
    if len(data) > limits.CLIENT_MESSAGE_BYTES:
        most = limits.CLIENT_MESSAGE_BYTES
        raise ProtocolError(Code.TOO_LARGE, f"a message may have at most {most} bytes")
    rows = unpack(data, limits.CLIENT_ITEMS, limits.CLIENT_DEPTH)
    shaped = tuple(_shape(_FROM_CLIENT, row) for row in rows)
    if len(shaped) > 1 and any(isinstance(item, wire.Input | wire.Seen) for item in shaped):
        raise bad("an input or a seen must be alone in its message")
    return shaped


def decode_server(data: bytes, request_of: RequestOf) -> tuple[FromServer, ...]:
    """Decode one WebSocket message of a server.

    Kinds, notices and keys that only newer servers know are skipped, and so are results without a
    pending request. An unknown event becomes `UNKNOWN_EVENT`, because its number must be
    acknowledged.

    Raises:
        ProtocolError: ``bad_message`` or ``too_large``.
    """
    if len(data) > limits.SERVER_MESSAGE_BYTES:
        raise ProtocolError(Code.TOO_LARGE, "the server's message is too large")
    if is_delta(data):
        return (decode_delta(data),)
    shapers = {**_FROM_SERVER, Kind.RESULT: lambda row: _result(row, request_of)}
    rows = unpack(data, limits.SERVER_ITEMS, limits.SERVER_DEPTH)
    shaped = [_shape(shapers, row) for row in rows if not _is_newer(row)]
    return tuple(message for message in shaped if message is not None)


def _is_newer(row: Any) -> bool:
    if type(row) is not list or not row or type(row[0]) is not int:
        return False
    kind = row[0]
    if kind == Kind.EVENT:
        return False  # an event's number must be acknowledged even if its name is unknown
    if kind == Kind.NOTICE:
        return len(row) == 3 and type(row[1]) is str and row[1] not in NOTICES
    return kind != Kind.RESULT and kind not in _FROM_SERVER


Shaper = Callable[[list[Any]], Any]


def _shape(shapers: Mapping[int, Shaper], row: Any) -> Any:
    if type(row) is not list or not row or type(row[0]) is not int:
        raise bad("a message is an array that begins with its kind, a whole number")
    shaper = shapers.get(row[0])
    if shaper is None:
        raise bad(_misplaced(row[0]))
    return shaper(row)


def _misplaced(kind: int) -> str:
    if kind in _FORMS:
        return f"kind {kind} ({Kind(kind).name.lower()}) is for the server alone to send"
    return f"there is no kind {kind} of message"


def _sized(row: list[Any]) -> list[Any]:
    name, form = Kind(row[0]).name.lower(), _FORMS[row[0]]
    size = form.count(",") + 1
    if len(row) != size:
        raise bad(f"kind {row[0]} ({name}) is {form}: {size} elements, not {len(row)}")
    return row


def _request(row: list[Any]) -> wire.RequestEnvelope | BadRequest:
    _, given_id, name, params = _sized(row)
    request_id = RequestId(hot.small("a request's id", given_id, limits.INTEGER, 1))
    if type(name) is not str:
        return BadRequest(request_id, Code.UNKNOWN_REQUEST, "a request's name must be text")
    cls = REQUESTS.get(name)
    if cls is None:
        return BadRequest(request_id, Code.UNKNOWN_REQUEST, _unknown_request(name))
    try:
        return wire.RequestEnvelope(request_id, structure(FROM_CLIENT, params, cls, name))
    except ProtocolError as error:
        return BadRequest(request_id, Code.BAD_PARAMS, error.sentence)


def _unknown_request(name: str) -> str:
    if len(name) > limits.NAME_CHARS or not name.isprintable():
        return "there is no request of this name"
    near = _near(len(REQUESTS)).find(name)
    return f"there is no request {name}" + (f"; did you mean {near}?" if near else "")


@lru_cache(maxsize=1)
def _near(_count: int) -> Nearest:
    """Index the names of all requests; the count renews the index after another declaration."""
    return Nearest(REQUESTS)


def _ack(row: list[Any]) -> wire.Ack:
    _, event, reply = _sized(row)
    event_number = EventNumber(hot.small("an ack's event", event, limits.INTEGER))
    return wire.Ack(event_number, RequestId(hot.small("an ack's reply", reply, limits.INTEGER)))


def _ping(row: list[Any]) -> wire.Ping:
    return wire.Ping(hot.small("a ping's nonce", _sized(row)[1], limits.INTEGER))


def _pong(row: list[Any]) -> wire.Pong:
    _, nonce, time_ms = _sized(row)
    nonce = hot.small("a pong's nonce", nonce, limits.INTEGER)
    return wire.Pong(nonce, hot.small("a pong's time_ms", time_ms, limits.INTEGER))


def _whole(converter: Any, cls: type) -> Shaper:
    return lambda row: structure(converter, _sized(row)[1], cls, cls.__name__.lower())


def _result(row: list[Any], request_of: RequestOf) -> wire.ResultEnvelope | None:
    _, given_id, values = _sized(row)
    request_id = RequestId(hot.small("a result's id", given_id, limits.INTEGER, 1))
    request = request_of(request_id)
    if request is None:
        return None
    what = f"result of {request.name}"
    result = structure(FROM_SERVER, values, request.result, what)
    return wire.ResultEnvelope(request_id, result, _after(values))


def _after(values: Any) -> EventNumber | None:
    given = values.get(_AFTER)
    return None if given is None else EventNumber(hot.small(_AFTER, given, limits.INTEGER))


def _refusal(row: list[Any]) -> wire.Refusal:
    _, request_id, values = _sized(row)
    if type(values) is not dict:
        raise bad("a refusal is a map")
    known = {key: values[key] for key in ("code", "sentence", "details") if key in values}
    known["id"] = hot.small("a refusal's id", request_id, limits.INTEGER)
    known[_AFTER] = _after(values)
    return structure(FROM_SERVER, known, wire.Refusal, "refusal")


def _event(row: list[Any]) -> wire.EventEnvelope:
    _, number, name, values = _sized(row)
    at = EventNumber(hot.small("an event's number", number, limits.INTEGER, 1))
    cls = EVENTS.get(name) if type(name) is str else None
    if cls is None:
        return wire.EventEnvelope(at, UNKNOWN_EVENT)
    return wire.EventEnvelope(at, structure(FROM_SERVER, values, cls, name))


def _notice(row: list[Any]) -> wire.NoticeEnvelope:
    _, name, values = _sized(row)
    if type(name) is not str or name not in NOTICES:
        raise bad("a notice's name is text")
    return wire.NoticeEnvelope(structure(FROM_SERVER, values, NOTICES[name], name))


UNKNOWN_EVENT: Final = ReliableEvent()
"""Stands for an event that only a newer server knows: acknowledged, and otherwise ignored."""

_FORMS: Final[Mapping[int, str]] = {
    Kind.SNAPSHOT: "[2, tick, header, body, ...]",
    Kind.STEER: "[3, tick, ticks]",
    Kind.PING: "[4, nonce]",
    Kind.PONG: "[5, nonce, time_ms]",
    Kind.SHIFT: "[7, tick, ticks]",
    Kind.HELLO: "[16, map]",
    Kind.WELCOME: "[17, map]",
    Kind.REQUEST: "[18, id, name, map]",
    Kind.RESULT: "[19, id, map]",
    Kind.REFUSAL: "[20, id, map]",
    Kind.EVENT: "[21, number, name, map]",
    Kind.ACK: "[22, event, reply]",
    Kind.NOTICE: "[23, name, map]",
    Kind.GOODBYE: "[24, map]",
}
"""Form of each kind, for the error sentence about an array of the wrong length."""

_FROM_CLIENT: Mapping[int, Shaper] = {
    Kind.INPUT: hot.input_of,
    Kind.SEEN: hot.seen_of,
    Kind.PING: _ping,
    Kind.PONG: _pong,
    Kind.HELLO: _whole(FROM_NEWER_CLIENT, wire.Hello),
    Kind.REQUEST: _request,
    Kind.ACK: _ack,
    Kind.GOODBYE: _whole(FROM_NEWER_CLIENT, wire.Goodbye),
}

_FROM_SERVER: Mapping[int, Shaper] = {
    Kind.SNAPSHOT: hot.snapshot_of,
    Kind.STEER: hot.steer_of,
    Kind.SHIFT: hot.shift_of,
    Kind.PING: _ping,
    Kind.PONG: _pong,
    Kind.WELCOME: _whole(FROM_SERVER, wire.Welcome),
    Kind.REFUSAL: _refusal,
    Kind.EVENT: _event,
    Kind.NOTICE: _notice,
    Kind.GOODBYE: _whole(FROM_SERVER, wire.Goodbye),
}
