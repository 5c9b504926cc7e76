"""Every message comes out of its bytes as it went in."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gameserver.ids import RequestId
from gameserver.messages import EVENTS, NOTICES, REQUESTS, wire
from gameserver.messages.base import ReliableEvent, Request
from gameserver.protocol import hot
from gameserver.protocol.codec import decode_client, decode_server, encode
from tests.protocol import shapes

few = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)


def nobody_asked(_: RequestId) -> None:
    return None


def asked(request: type[Request]) -> Callable[[RequestId], type[Request]]:
    return lambda _: request


@pytest.mark.parametrize("name", sorted(REQUESTS))
@given(data=st.data())
@few
def test_every_request_and_its_result_are_the_same_after_a_round_trip(
    name: str, data: st.DataObject
) -> None:
    envelope = data.draw(shapes.request_envelopes(name))
    assert decode_client(encode(envelope)) == (envelope,)
    answer = data.draw(shapes.result_envelopes(REQUESTS[name]))
    assert decode_server(encode(answer), asked(REQUESTS[name])) == (answer,)


@pytest.mark.parametrize("name", sorted(EVENTS))
@given(data=st.data())
@few
def test_every_event_is_the_same_after_a_round_trip(name: str, data: st.DataObject) -> None:
    envelope = data.draw(shapes.event_envelopes(name))
    assert decode_server(encode(envelope), nobody_asked) == (envelope,)


@pytest.mark.parametrize("name", sorted(NOTICES))
@given(data=st.data())
@few
def test_every_notice_is_the_same_after_a_round_trip(name: str, data: st.DataObject) -> None:
    envelope = data.draw(shapes.notice_envelopes(name))
    assert decode_server(encode(envelope), nobody_asked) == (envelope,)


@given(st.lists(shapes.from_client, min_size=1, max_size=4))
@settings(deadline=None)
def test_several_values_of_a_client_in_one_message_are_the_same_after_a_round_trip(
    messages: list[object],
) -> None:
    data = b"".join(encode(message) for message in messages)
    assert decode_client(data) == tuple(messages)


@given(st.lists(shapes.from_server, min_size=1, max_size=4))
@settings(deadline=None)
def test_several_values_of_a_server_in_one_message_are_the_same_after_a_round_trip(
    messages: list[object],
) -> None:
    data = b"".join(encode(message) for message in messages)
    assert decode_server(data, nobody_asked) == tuple(messages)


@given(shapes.inputs, shapes.seens)
def test_both_decoders_give_the_same_inputs_and_seens(
    given_input: wire.Input, seen: wire.Seen
) -> None:
    data = encode(given_input)
    assert data == hot.encode_input(given_input)
    assert hot.peek_kind(data) == wire.Kind.INPUT
    assert decode_client(data) == (given_input,)
    data = encode(seen)
    assert data == hot.encode_seen(seen)
    assert hot.peek_kind(data) == wire.Kind.SEEN
    assert hot.decode_seen(data) == seen
    assert decode_client(data) == (seen,)


@given(st.one_of(shapes.from_client, shapes.from_server))
@settings(deadline=None)
def test_the_kind_of_every_message_can_be_peeked(message: object) -> None:
    kinds = {
        wire.RequestEnvelope: wire.Kind.REQUEST,
        wire.EventEnvelope: wire.Kind.EVENT,
        wire.NoticeEnvelope: wire.Kind.NOTICE,
    }
    name = type(message).__name__.upper()
    expected = kinds.get(type(message)) or wire.Kind[name]
    assert hot.peek_kind(encode(message)) == expected


@given(shapes.TICKS, shapes.sections)
def test_a_snapshot_is_the_same_from_headers_as_from_sections(
    tick: int, sections: tuple[wire.Section, ...]
) -> None:
    pairs = [(2 * section.number + section.keyframe, section.body) for section in sections]
    data = hot.encode_snapshot(tick, pairs)
    assert data == encode(wire.Snapshot(tick, sections))


def test_fields_at_their_default_are_not_sent() -> None:
    hello = encode(wire.Hello(1, "me"))
    assert b"token" not in hello
    assert b"last_event" not in hello


def test_encoding_a_class_that_is_no_message_raises_type_error() -> None:
    with pytest.raises(TypeError):
        encode(ReliableEvent())
