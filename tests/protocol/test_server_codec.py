"""The server's codec gives the same bytes as the plain one, and packs what many get once."""

import pytest

from gameserver.ids import EventNumber, MessageId, PlayerId, RequestId
from gameserver.messages.base import Result
from gameserver.messages.chat import Channel, ChatHistory, ChatLine, ChatSaid
from gameserver.messages.session import Renamed, ServerMessage
from gameserver.messages.wire import EventEnvelope, NoticeEnvelope, Ping, ResultEnvelope
from gameserver.protocol import server_codec
from gameserver.protocol.codec import decode_client, encode
from gameserver.protocol.hot import sign_of_life
from gameserver.protocol.limits import INTEGER
from gameserver.protocol.server_codec import RESULTS, TOLD, ServerCodec

LINE = ChatLine(MessageId(7), Channel.GLOBAL, PlayerId("ann"), "Ann", "hello", 0)
SAID = ChatSaid(LINE)
LONG = ChatHistory((LINE,) * 200)


@pytest.mark.parametrize(
    "message",
    [
        EventEnvelope(EventNumber(7), SAID),
        NoticeEnvelope(ServerMessage("hello")),
        ResultEnvelope(RequestId(5), Renamed("Ann")),
        ResultEnvelope(RequestId(5), Result()),
        ResultEnvelope(RequestId(6), LONG),
        Ping(3),
    ],
)
def test_the_servers_codec_gives_the_bytes_of_the_plain_codec_each_time(message: object) -> None:
    codec = ServerCodec()
    assert [codec.encode(message) for _ in range(3)] == [encode(message)] * 3


def test_a_message_to_many_is_packed_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    packed: list[object] = []
    for name in ("encode_told", "encode_values"):
        plain = getattr(server_codec, name)

        def noting(item: object, plain: object = plain) -> object:
            packed.append(item)
            return plain(item)  # type: ignore[operator]

        monkeypatch.setattr(server_codec, name, noting)
    codec, short = ServerCodec(), Renamed("Ann")
    for number in range(1, 4):
        codec.encode(EventEnvelope(EventNumber(number), SAID))
        codec.encode(ResultEnvelope(RequestId(number), LONG))
        codec.encode(ResultEnvelope(RequestId(number), short))
    assert packed == [SAID, LONG, short, short, short]
    # The caches are bounded: the oldest goes.
    for number in range(TOLD):
        codec.encode(NoticeEnvelope(ServerMessage(f"{number}")))
    for _ in range(RESULTS):
        codec.encode(ResultEnvelope(RequestId(1), ChatHistory((LINE,) * 200)))
    packed.clear()
    codec.encode(EventEnvelope(EventNumber(9), SAID))
    codec.encode(ResultEnvelope(RequestId(9), LONG))
    assert packed == [SAID, LONG]


def test_the_servers_codec_decodes_like_the_plain_codec() -> None:
    data = encode(Ping(3)) + encode(Ping(4))
    assert ServerCodec().decode(data) == decode_client(data) == (Ping(3), Ping(4))


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (encode(Ping(0)), Ping(0)),
        (encode(Ping(INTEGER - 1)), Ping(INTEGER - 1)),
        (b"\x92\x04\xcf" + INTEGER.to_bytes(8, "big"), None),
        (b"\x92\x04\xff", None),
        (b"\x92\x04\xc3", None),
        (b"\x92\x06\x01", None),
        (b"\x93\x04\x01\x01", None),
        (b"\x92\x04\x01\x01", None),
        (b"\x92\x04", None),
        (b"", None),
    ],
)
def test_only_a_complete_ping_or_pong_alone_is_a_sign_of_life(data: bytes, found: object) -> None:
    assert sign_of_life(data) == found
