"""Requests that are not right are answered, by their id, with the place of the fault."""

from typing import Any

import msgpack
import pytest

from gameserver.errors import Code, ProtocolError
from gameserver.messages import lobby, session, wire
from gameserver.messages.base import ReliableEvent
from gameserver.protocol.codec import BadRequest, decode_client, decode_server

CONFIG = {"title": "t", "map": "m", "size": 4}


def decode_one(name: str, params: Any) -> object:
    (found,) = decode_client(msgpack.packb([18, 7, name, params]))
    return found


def refusal_of(name: str, params: Any) -> BadRequest:
    found = decode_one(name, params)
    assert isinstance(found, BadRequest), found
    assert found.id == 7
    return found


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"config": CONFIG | {"size": "12"}}, "config.size must be a whole number"),
        ({"config": CONFIG | {"size": 12.0}}, "config.size must be a whole number"),
        ({"config": CONFIG | {"size": True}}, "config.size must be a whole number"),
        ({"config": CONFIG | {"size": 2**53}}, "config.size must be a whole number"),
        ({"config": CONFIG | {"size": None}}, "config.size must be a whole number"),
        ({"config": CONFIG | {"spectators": "no"}}, "config.spectators must be true or false"),
        ({"config": CONFIG | {"spectators": 1}}, "config.spectators must be true or false"),
        ({"config": CONFIG | {"title": b"t"}}, "config.title must be text"),
        ({"config": CONFIG | {"title": 5}}, "config.title must be text"),
        ({"config": CONFIG | {"visibility": "secret"}}, "config.visibility must be one of public"),
        ({"config": CONFIG | {"visibility": 1}}, "config.visibility must be one of public"),
        ({"config": CONFIG | {"options": {"mode": 1.5}}}, "config.options['mode'] must be"),
        ({"config": CONFIG | {"options": {"mode": None}}}, "config.options['mode'] must be"),
        ({"config": CONFIG | {"options": []}}, "config.options must be a map"),
        ({"config": CONFIG | {"colour": "red"}}, "config has unknown keys: 'colour'"),
        ({"config": CONFIG, "\x1b[2J": 1}, "unknown keys: '\\x1b[2J'"),
        ({"config": {"title": "t", "map": "m"}}, "config.size is missing"),
        ({"config": []}, "config must be a map"),
        ({}, "config is missing"),
        ([], "what stands in the map's place must be a map"),
        (None, "what stands in the map's place must be a map"),
    ],
)
def test_a_fault_in_the_parameters_is_named_with_its_place(params: Any, sentence: str) -> None:
    refusal = refusal_of("lobby.create", params)
    assert refusal.code is Code.BAD_PARAMS
    assert refusal.sentence.startswith("lobby.create: ")
    assert sentence in refusal.sentence


def test_texts_of_choices_are_decoded_to_enumeration_members() -> None:
    found = decode_one("lobby.create", {"config": CONFIG | {"visibility": "unlisted"}})
    assert isinstance(found, wire.RequestEnvelope)
    assert isinstance(found.request, lobby.CreateLobby)
    assert found.request.config.visibility is lobby.Visibility.UNLISTED


def test_omitted_fields_get_their_defaults() -> None:
    found = decode_one("lobby.join", {})
    assert found == wire.RequestEnvelope(7, lobby.JoinLobby())


def test_an_unknown_request_is_answered_with_the_nearest_name() -> None:
    refusal = refusal_of("lobby.creat", {})
    assert refusal.code is Code.UNKNOWN_REQUEST
    assert "did you mean lobby.create?" in refusal.sentence


@pytest.mark.parametrize("name", ["x" * 65, "\x1b[31m", ""])
def test_hostile_names_are_not_repeated_in_the_answer(name: str) -> None:
    refusal = refusal_of(name, {})
    assert refusal.code is Code.UNKNOWN_REQUEST
    assert len(refusal.sentence) < 100
    assert refusal.sentence.isprintable()


@pytest.mark.parametrize("name", [5, None, b"lobby.list", 1.5, [], {}])
def test_a_request_whose_name_is_no_text_is_refused_by_its_id(name: Any) -> None:
    refusal = refusal_of(name, {})
    assert refusal.code is Code.UNKNOWN_REQUEST
    assert refusal.sentence == "a request's name must be text"


def test_an_invalid_request_does_not_affect_others_in_its_message() -> None:
    good = msgpack.packb([18, 1, "lobby.leave", {}])
    bad = msgpack.packb([18, 2, "lobby.ready", {}])
    first, second, third = decode_client(good + bad + good)
    assert isinstance(first, wire.RequestEnvelope)
    assert isinstance(second, BadRequest)
    assert third == first


def test_unknown_fields_in_a_hello_are_ignored() -> None:
    data = msgpack.packb([16, {"version": 1, "client": "c", "since_version_9": [1]}])
    assert decode_client(data) == (wire.Hello(1, "c"),)


# --- servers that are newer than this client ---------------------------------------------------


def decode_newer(*parts: Any) -> tuple[object, ...]:
    return decode_server(msgpack.packb(list(parts)), lambda _: None)


def test_unknown_kinds_notices_and_results_are_ignored() -> None:
    assert decode_newer(99, "anything") == ()
    assert decode_newer(23, "weather.changed", {"rain": True}) == ()
    assert decode_newer(19, 5, {}) == ()


def test_unknown_keys_are_ignored() -> None:
    values = {"text": "hi", "colour": "red"}
    assert decode_newer(23, "server.message", values) == (
        wire.NoticeEnvelope(session.ServerMessage("hi")),
    )


def test_an_unknown_event_keeps_its_number() -> None:
    (found,) = decode_newer(21, 9, "weather.changed", {"rain": True})
    assert found == wire.EventEnvelope(9, ReliableEvent())


def test_extension_types_are_refused_where_any_other_value_is_allowed() -> None:
    for extension in (msgpack.ExtType(5, b""), msgpack.Timestamp(0), msgpack.ExtType(5, b"data")):
        with pytest.raises(ProtocolError):
            decode_newer(20, 1, {"code": "c", "sentence": "s", "details": {"odd": extension}})


def test_an_empty_refusal_or_event_is_refused() -> None:
    for parts in ([20, 1, []], [20, 1, {}], [21, 1, 5, {}, 1], [23, 5, {}], [17, {}]):
        with pytest.raises(ProtocolError):
            decode_newer(*parts)
