"""The error sentence for wrong bytes tells the author of a client what is wrong."""

from typing import Any

import msgpack
import pytest

from gameserver.errors import ProtocolError
from gameserver.protocol.codec import BadRequest, decode_client


def request(params: bytes) -> bytes:
    return b"".join([b"\x94\x12\x01", msgpack.packb("chat.send"), params])


def row(*values: Any) -> bytes:
    packed: bytes = msgpack.packb(values)
    return packed


DEEP = "arrays and maps are nested more than 8 deep"
EXTENSION = "extension types, timestamps among them, are not taken"
MANY = "an array or map has more than 64 elements"
UTF_8 = "a text is not UTF-8; other bytes must be sent as binary (bin)"
KEYS = "the keys of a map must be text"
CUT = "the message ends within a value"
ARRAY = "a message is an array that begins with its kind, a whole number"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "the message is empty"),
        (request(b"\x81\xa4text"), CUT),
        (b"\x94\x12\x01\xdb\x80\x00\x00\x00", CUT),
        (b"\xc1", "the bytes are not msgpack"),
        (request(b"\x82\xa1a\x01\xa1a\x02"), "a map has the key 'a' twice"),
        (request(b"\x83\xa1b\x01\xa1a\x01\xa1a\x02"), "a map has the key 'a' twice"),
        (request(b"\x81\x05\x01"), KEYS),
        (request(b"\x81\xc0\x01"), KEYS),
        (request(b"\x81\xc4\x01a\x01"), KEYS),
        (request(b"\x81\x91\x01\x01"), KEYS),
        (request(b"\x81\xa4text\xa2\xc3\x28"), UTF_8),
        (request(b"\x81\xa4text\xa3\xed\xa0\x80"), UTF_8),
        (request(b"\x81\xa2\xc3\x28\x01"), UTF_8),
        (request(b"\x81\xa4text\xd4\x01\x00"), EXTENSION),
        (request(b"\x81\xa4text\xc7\x00\x05"), EXTENSION),
        (request(b"\x81\xa4text" + msgpack.packb(msgpack.Timestamp(0))), EXTENSION),
        (request(b"\x81\xa4text" + msgpack.packb(msgpack.Timestamp(1 << 40))), EXTENSION),
        (request(b"\x81\xa4text\xc7\x00\xff"), EXTENSION),
        (request(msgpack.packb({str(i): i for i in range(65)})), MANY),
        (b"\xdd\x80\x00\x00\x00\x12", MANY),
        (b"\x91" * 9 + b"\x01", DEEP),
        (b"\x91" * 4000 + b"\x01", DEEP),
        (row(4, 1) * 33, "more than 32 objects in one message"),
        (b"\x05", ARRAY),
        (b"\x90", ARRAY),
        (row("hello", {}), ARRAY),
        (row(True), ARRAY),
        (row(2, 1, 3, b""), "kind 2 (snapshot) is for the server alone to send"),
        (row(17, {}), "kind 17 (welcome) is for the server alone to send"),
        (row(99, {}), "there is no kind 99 of message"),
        (row(-1), "there is no kind -1 of message"),
        (row(4), "kind 4 (ping) is [4, nonce]: 2 elements, not 1"),
        (row(22, 1, 1, 1), "kind 22 (ack) is [22, event, reply]: 3 elements, not 4"),
        (row(18, 1, "a"), "kind 18 (request) is [18, id, name, map]: 4 elements, not 3"),
        (row(4, "a"), "a ping's nonce must be a whole number from 0 to 9007199254740991"),
        (row(4, 2**64 - 1), "a ping's nonce must be a whole number from 0 to 9007199254740991"),
        (row(5, 1, -1), "a pong's time_ms must be a whole number from 0 to 9007199254740991"),
        (row(22, 1.0, 1), "an ack's event must be a whole number from 0 to 9007199254740991"),
        (row(18, 0, "a", {}), "a request's id must be a whole number from 1 to 9007199254740991"),
        (row(6, -1), "the tick of a seen must be a whole number from 0 to 2147483647"),
        (row(24, []), "goodbye: what stands in the map's place must be a map"),
    ],
)
def test_the_error_about_invalid_bytes_names_their_fault(data: bytes, sentence: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        decode_client(data)
    assert caught.value.sentence == sentence


@pytest.mark.parametrize("args", [5, "ab", {"0": 1}, None])
def test_what_stands_in_the_place_of_an_array_is_named(args: object) -> None:
    params = {"namespace": "/x", "event": "e", "args": args}
    (refused,) = decode_client(row(18, 1, "namespace.emit", params))
    assert isinstance(refused, BadRequest)
    assert refused.sentence == "namespace.emit: args must be an array"
