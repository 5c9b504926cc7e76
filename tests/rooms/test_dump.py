"""A hall as plain data, and back; the same calls on the same dump decide the same."""

import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gameserver.errors import RequestError
from gameserver.ids import MessageId
from gameserver.messages import chat, lobby
from gameserver.rooms import calls
from gameserver.rooms.dump import dump, restore
from gameserver.rooms.hall import Hall, Welcomed
from gameserver.rooms.state import effects
from tests.rooms.party import MAPS, Guest, Party, Tag

STEPS = 60


def through_bytes(hall: Hall) -> dict[str, Any]:
    unpacked: dict[str, Any] = msgpack.unpackb(msgpack.packb(dump(hall)), strict_map_key=False)
    return unpacked


def restored(party: Party, dumped: dict[str, Any]) -> Hall:
    hall = Hall(party.hall.parts.state.game, MAPS, party.rules)
    restore(hall, dumped)
    hall.check()
    return hall


def decided(
    hall: Hall, call: calls.Call[object], moment: calls.Moment
) -> tuple[object, list[effects.Effect]]:
    """Return what a call answers, and what it wants done."""
    try:
        answer = calls.take(hall, call, moment)
    except RequestError as error:
        answer = (error.code, error.sentence, error.details)
    if isinstance(answer, Welcomed):
        answer = (answer.welcome, answer.replay)
    return answer, hall.take_effects()


def by_value(dumped: dict[str, Any]) -> Any:
    """Return a dump in which values that are equal are, too, whichever object they were.

    What has an identity of its own, such as a session, stays a reference; only its number changes.
    """
    numbers: dict[int, int] = {}

    def shown(value: Any) -> Any:
        if not isinstance(value, list):
            return value
        if value[:1] != ["r"]:
            return [shown(each) for each in value]
        number, *values = dumped["objects"][value[1]]
        module, _, name = dumped["classes"][number][0].partition(":")
        if name == "Agenda":
            del values[1]  # the heap may hold outdated entries, which looking drops
        row = [name, *values]
        if "__hash__" in vars(getattr(sys.modules[module], name)):  # attrs made it a value
            return [shown(each) for each in row]
        if value[1] in numbers:
            return ["r", numbers[value[1]]]
        numbers[value[1]] = len(numbers)
        return ["r", numbers[value[1]], *(shown(each) for each in row)]

    # A part begins with the number of its class, which depends on all objects before it.
    return {
        name: [dumped["classes"][number][0], *(shown(each) for each in values)]
        for name, (number, *values) in dumped["parts"].items()
    }


def something(draw: Callable[[st.SearchStrategy[Any]], Any], party: Party) -> None:
    """Let somebody do something."""
    guests = list(party.guests.values())
    guest: Guest = draw(st.sampled_from(guests))
    other: Guest = draw(st.sampled_from(guests))
    acts: list[Callable[[], object]] = [
        lambda: party.guest(draw(st.sampled_from(["Ann", "Bob", "\u0391nn"]))),
        lambda: guest.create(bots=draw(st.integers(0, 3))),
        lambda: guest.quick_play("team"),
        lambda: guest.say(draw(st.sampled_from(["gg", "hello"])), chat.Channel.GLOBAL),
        lambda: guest.say("here"),
        lambda: guest.whisper(other, "psst"),
        lambda: guest.ready(ready=draw(st.booleans())),
        lambda: guest.ask(lobby.WatchLobbies(True)),
        lambda: guest.ask(lobby.BanPlayer(other.player_id)),
        lambda: guest.ask(chat.MuteChat(other.player_id, muted=True)),
        lambda: guest.ask(lobby.LeaveLobby()),
        guest.lose_connection,
        guest.resume,
        guest.ack,
        lambda: party.advance(draw(st.sampled_from([0.5, 3.0, 20.0]))),
        lambda: party.end_match(party.last_match()),
    ]
    if other.of(lobby.LobbyChanged):
        acts.append(lambda: guest.join(other))
    with suppress(RequestError):
        draw(st.sampled_from(acts))()
    party.settle()


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_calls_replayed_on_a_dump_decide_the_same_to_the_end(data: st.DataObject) -> None:
    party = Party(wide=2, events=30, events_waiting=10)
    party.in_match("Ann", "Bob", bots=2)
    party.guest("Carl")
    for _ in range(data.draw(st.integers(0, STEPS))):
        something(data.draw, party)
    dumped = through_bytes(party.hall)
    before = len(party.trace)
    for _ in range(data.draw(st.integers(1, STEPS))):
        something(data.draw, party)
    hall, again = restored(party, dumped), restored(party, dumped)
    for call, moment in party.trace[before:]:
        assert decided(hall, call, moment) == decided(again, call, moment)
    assert dump(hall) == dump(again)
    assert by_value(dump(hall)) == by_value(dump(party.hall))


def test_a_restored_hall_has_the_same_dump() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob", bots=1)
    ann.say("hello")
    bob.lose_connection()
    dumped = through_bytes(party.hall)
    assert dump(restored(party, dumped)) == dumped


def test_an_event_for_many_is_one_object_in_the_dump_and_after_it() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    ann.say("hello")
    hall = restored(party, through_bytes(party.hall))
    mine, theirs = (
        next(
            envelope.event
            for envelope in hall.parts.state.sessions[guest.player_id].stream._numbered
            if isinstance(envelope.event, chat.ChatSaid)
        )
        for guest in (ann, bob)
    )
    assert mine is theirs


def test_players_resume_in_a_restored_hall_with_their_tokens() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob")
    line = ann.say("still here")
    party.carry_over()
    for guest in (ann, bob):
        guest.lose_connection()
        guest.resume()
    history = bob.ask(chat.GetChatHistory(chat.Channel.LOBBY))
    assert isinstance(history, chat.ChatHistory)
    assert MessageId(line.message_id) in {each.message_id for each in history.lines}
    assert party.hall.seat_of(ann.player_id) is not None


def test_dumping_with_pending_effects_is_refused() -> None:
    party = Party()
    party.hall.parts.state.note("something")
    with pytest.raises(RuntimeError, match="between two calls"):
        dump(party.hall)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("gameserver.rooms.state.session:Sessions", "which is not here"),
        ("gameserver.nowhere:Session", "which is not here"),
        ("os:system", "which is no class of state"),
        ("subprocess:Popen", "which is no class of state"),
        ("builtins:dict", "which is no class of state"),
    ],
)
def test_a_dump_with_an_unknown_class_is_refused(name: str, fault: str) -> None:
    party = Party()
    dumped = dump(party.hall)
    dumped["objects"] = [[len(dumped["classes"])]]
    dumped["classes"].append([name, []])
    dumped["parts"]["state"][1] = ["r", 0]
    with pytest.raises(ValueError, match=f"^a {name} is packed, {fault}$"):
        restore(Hall(Tag(), MAPS, party.rules), dumped)


@pytest.mark.parametrize("change", [lambda row: row.pop(), lambda row: row.append(0)])
def test_a_dump_of_an_object_with_another_number_of_values_is_refused(
    change: Callable[[list[Any]], object],
) -> None:
    party = Party()
    party.guest("Ann")
    dumped = through_bytes(party.hall)
    change(session_row(dumped))
    with pytest.raises(ValueError, match="zip"):
        restore(Hall(Tag(), MAPS, party.rules), dumped)


def session_row(dumped: dict[str, Any]) -> list[Any]:
    names = [name for name, _ in dumped["classes"]]
    number = names.index("gameserver.rooms.state.session:Session")
    return next(row for row in dumped["objects"] if row[0] == number)


def session_fields(dumped: dict[str, Any]) -> list[str]:
    fields: list[str] = dict(dumped["classes"])["gameserver.rooms.state.session:Session"]
    return fields


def test_a_dump_of_a_version_with_fewer_fields_gets_their_defaults() -> None:
    party = Party()
    ann = party.guest("Ann")
    dumped = through_bytes(party.hall)
    for field in ("muted", "epoch"):
        at = session_fields(dumped).index(field)
        del session_fields(dumped)[at]
        del session_row(dumped)[1 + at]
    session = restored(party, dumped).parts.state.sessions[ann.player_id]
    assert (session.muted, session.epoch) == ({}, 1)


def test_a_dump_of_a_version_with_more_fields_is_read_without_them() -> None:
    party = Party()
    ann = party.guest("Ann")
    dumped = through_bytes(party.hall)
    session_fields(dumped).insert(0, "colour")
    session_row(dumped).insert(1, "red")
    assert restored(party, dumped).parts.state.sessions[ann.player_id].name == "Ann"


def test_a_dump_without_a_field_that_has_no_default_is_refused() -> None:
    party = Party()
    party.guest("Ann")
    dumped = through_bytes(party.hall)
    del session_fields(dumped)[0]
    del session_row(dumped)[1]
    with pytest.raises(ValueError, match="a packed Session has no player_id"):
        restore(Hall(Tag(), MAPS, party.rules), dumped)


def test_a_part_that_a_dump_does_not_know_begins_without_state() -> None:
    party = Party()
    ann = party.guest("Ann")
    dumped = through_bytes(party.hall)
    del dumped["parts"]["chat"]
    assert ann.player_id in restored(party, dumped).parts.state.sessions


def test_a_row_of_another_class_is_refused() -> None:
    party = Party()
    dumped = through_bytes(party.hall)
    dumped["parts"]["chat"] = dumped["parts"]["directory"]
    with pytest.raises(ValueError, match="a Chat cannot be made of a packed"):
        restore(Hall(Tag(), MAPS, party.rules), dumped)


def test_a_dump_of_a_mapping_that_lacks_a_value_is_refused() -> None:
    party = Party()
    party.guest("Ann")
    dumped = through_bytes(party.hall)
    fields = [field for field in dumped["parts"]["state"] if isinstance(field, list)]
    mapping = next(field for field in fields if field[0] == "d" and field[1:])
    mapping.pop()
    with pytest.raises(ValueError, match="zip"):
        restore(Hall(Tag(), MAPS, party.rules), dumped)


def test_a_value_of_an_unknown_type_is_not_dumped() -> None:
    party = Party()
    ann = party.guest("Ann")
    party.hall.parts.state.sessions[ann.player_id].last_typing = 1j  # type: ignore[assignment]
    with pytest.raises(TypeError, match=r"^complex cannot be packed$"):
        dump(party.hall)


@pytest.mark.parametrize("kind", [set, frozenset])
def test_sets_are_dumped_in_order_and_come_back_as_sets(kind: type) -> None:
    party = Party()
    ann = party.guest("Ann")
    session = party.hall.parts.state.sessions[ann.player_id]
    session.last_typing = kind([3, 1, 2])
    dumped = through_bytes(party.hall)
    assert any(["sf"[kind is frozenset], 1, 2, 3] in row for row in dumped["objects"])
    again: object = restored(party, dumped).parts.state.sessions[ann.player_id].last_typing
    assert again == kind([1, 2, 3])
    assert type(again) is kind


def test_a_message_to_many_weighs_the_same_for_each_after_a_restore() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    ann.say("hello")
    before = party.hall.parts.state.holdings
    event = next(reversed(before._parts.values()))[0]
    party.carry_over()
    after = party.hall.parts.state.holdings
    again = next(reversed(after._parts.values()))[0]
    assert again == event
    assert again is not event
    assert after.weigh(again) == before.weigh(event) < after.weigh(bob.events[-1])


def test_a_dump_of_another_format_is_refused() -> None:
    party = Party()
    with pytest.raises(ValueError, match="format 0"):
        restore(party.hall, dump(party.hall) | {"format": 0})
