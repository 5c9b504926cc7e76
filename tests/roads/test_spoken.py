"""Messages of the protocol as names and plain values, and back."""

from collections.abc import Callable
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.errors import Code, ProtocolError
from gameserver.ids import EventNumber, PlayerId, RequestId, Tick
from gameserver.messages import wire
from gameserver.messages.chat import Channel, SendChat
from gameserver.messages.session import GetServerInfo, ServerMessage
from gameserver.protocol.codec import BadRequest, decode_client, encode
from gameserver.roads import spoken
from gameserver.roads.spoken import SpokenAnswer, SpokenPing, Told

TOKEN = bytes(range(16))


def test_what_a_server_says_by_itself_has_name_fields_and_number() -> None:
    notice = encode(wire.NoticeEnvelope(ServerMessage("soon", stops_in_s=2.0)))
    assert spoken.Translator().spoken(notice) == [
        Told("server.message", ({"text": "soon", "stops_in_s": 2.0},))
    ]
    goodbye = encode(wire.Goodbye("kicked", "you were kicked", None))
    assert [
        each.name for each in spoken.Translator().spoken(goodbye) if isinstance(each, Told)
    ] == ["goodbye"]
    event = msgpack.packb([wire.Kind.EVENT, 7, "lobby.gone", {"reason": "x"}])
    assert spoken.Translator().spoken(event) == [Told("lobby.gone", ({"reason": "x"}, 7))]


def test_answers_are_results_or_errors_and_say_behind_which_event() -> None:
    result = msgpack.packb([wire.Kind.RESULT, 3, {"tick": 5, "after": 9}])
    assert spoken.Translator().spoken(result) == [
        SpokenAnswer(3, {"result": {"tick": 5}, "after": 9})
    ]
    refusal = encode(wire.Refusal(RequestId(4), "bad", "no"))
    assert spoken.Translator().spoken(refusal) == [
        SpokenAnswer(4, {"error": {"code": "bad", "sentence": "no"}})
    ]


def test_the_token_of_a_welcome_is_text_that_comes_back_as_it_was() -> None:
    welcome = msgpack.packb([wire.Kind.WELCOME, {"token": TOKEN, "player_id": "p"}])
    (told,) = spoken.Translator().spoken(welcome)
    assert isinstance(told, Told)
    text = told.args[0]["token"]
    assert isinstance(text, str)
    (hello,) = decode_client(spoken.hello({"token": text, "last_event": 3}, "test"))
    assert hello == wire.Hello(wire.PROTOCOL_VERSION, "test", "", TOKEN, EventNumber(3))


def test_hot_messages_stay_bytes_and_tell_their_tick() -> None:
    for message in (
        encode(wire.Snapshot(Tick(300), ())),
        encode(wire.Steer(Tick(300), -2)),
        encode(wire.Shift(Tick(300), 2)),
    ):
        assert spoken.Translator().spoken(message) == [Told("snapshot", (message, 300))]


def test_a_message_of_several_objects_is_taken_apart() -> None:
    both = encode(wire.Ping(7)) + encode(wire.Goodbye("a", "b", None))
    beat, told = spoken.Translator().spoken(both)
    assert beat == SpokenPing(7)
    assert isinstance(told, Told)
    assert spoken.Translator().spoken(encode(wire.Pong(1, 2))) == []


def test_what_a_client_says_is_the_protocols_own_message() -> None:
    text = spoken.request(5, "chat.send", {"channel": "lobby", "text": "hi"})
    assert decode_client(text) == (
        wire.RequestEnvelope(RequestId(5), SendChat(Channel.LOBBY, "hi")),
    )
    (empty,) = decode_client(spoken.request(6, "server.info", None))
    assert empty == wire.RequestEnvelope(RequestId(6), GetServerInfo())
    (bad,) = decode_client(spoken.request(7, "chat.send", [1]))
    assert isinstance(bad, BadRequest)
    assert decode_client(spoken.ack(3, 2)) == (wire.Ack(EventNumber(3), RequestId(2)),)
    assert decode_client(spoken.pong(9)) == (wire.Pong(9, 0),)
    assert PlayerId("p") == "p"


@pytest.mark.parametrize("args", [([1, 0, 4, 0, 1, 0],), (1, 0, 4, 0, 1, 0), ((1, 0, 4, 0, 1, 0),)])
def test_an_input_is_its_numbers_however_they_are_given(args: tuple[Any, ...]) -> None:
    (found,) = decode_client(spoken.numbers("input", args))
    assert isinstance(found, wire.Input)
    assert (found.seq, found.tick, found.seen) == (1, 0, 4)
    whole = spoken.numbers("input", args)
    assert spoken.numbers("input", (whole,)) == whole
    assert decode_client(spoken.numbers("seen", (4,))) == (wire.Seen(Tick(4)),)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("input", ("x",)),
        ("input", ([1.5],)),
        ("input", ([2**70],)),
        ("seen", ({},)),
        ("seen", (b"\x92\x01\x05",)),
    ],
)
def test_what_is_no_number_is_refused_with_a_code(name: str, args: tuple[Any, ...]) -> None:
    with pytest.raises(ProtocolError) as refused:
        spoken.numbers(name, args)
    assert refused.value.code is Code.BAD_MESSAGE


@pytest.mark.parametrize(
    "auth", [{"name": 5}, {"token": []}, {"token": "%%%"}, {"token": "abcde"}, {"client": None}]
)
def test_a_wrong_auth_is_refused_with_a_code(auth: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError) as refused:
        spoken.hello(auth, "test")
    assert refused.value.code is Code.HELLO_EXPECTED


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(name=st.text(max_size=12), fields=JSON, args=st.lists(JSON, max_size=4), auth=JSON)
def test_whatever_a_client_says_is_a_message_or_a_coded_error(
    name: str, fields: Any, args: list[Any], auth: Any
) -> None:
    translations: list[Callable[[], bytes]] = [
        lambda: spoken.request(1, name, fields),
        lambda: spoken.numbers("input", args),
        lambda: spoken.hello(auth if isinstance(auth, dict) else {}, "test"),
    ]
    for translate in translations:
        try:
            message = translate()
            decode_client(message)
        except ProtocolError:
            pass


@given(st.binary(min_size=16, max_size=16))
def test_every_token_survives_as_text(token: bytes) -> None:
    assert spoken.decode_token(spoken.encode_token(token)) == token
