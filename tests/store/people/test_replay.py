"""A store leads back to the state that it was made from, or to an earlier one, never to another."""

import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gameserver.ids import MessageId
from gameserver.messages import chat
from gameserver.rooms import calls
from gameserver.rooms.dump import dump
from gameserver.rooms.packed import PackedClasses
from gameserver.rooms.server_calls import Restarted
from gameserver.rooms.state.tokens import TokenDigest, digest
from gameserver.store.people import replay as replay_module
from gameserver.store.people.database import pack_dump
from gameserver.store.people.records import pack_call, unpack_call
from gameserver.store.people.replay import CallReplay
from tests.rooms.test_dump import by_value, something
from tests.store.people.kept import KeptParty

STEPS = 40


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_a_replayed_store_has_the_state_of_the_server_that_wrote_it(data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        party = KeptParty(Path(folder) / "people.db", wide=2, events=30, events_waiting=10)
        party.in_match("Ann", "Bob", bots=2)
        party.guest("Carl")
        for _ in range(data.draw(st.integers(0, STEPS))):
            something(data.draw, party)
        if data.draw(st.booleans()):
            keeper = party.keeper
            keeper.file.put_dump(keeper.number, pack_dump(dump(party.hall)), 0)
            for _ in range(data.draw(st.integers(0, STEPS))):
                something(data.draw, party)
        replay = party.replayed()
        assert (replay.fault, replay.number) == ("", party.keeper.number)
        assert by_value(dump(replay.hall)) == by_value(dump(party.hall))
        party.keeper.file.close()


@pytest.fixture
def party(tmp_path: Path) -> KeptParty:
    return KeptParty(tmp_path / "people.db")


def test_players_resume_in_a_replayed_hall_with_their_tokens(party: KeptParty) -> None:
    ann, bob = party.in_match("Ann", "Bob")
    line = ann.say("still here")
    bob.lose_connection()
    bob.resume()
    party.hall = party.replayed().hall
    party.take(Restarted())
    party.settle()
    for guest in (ann, bob):
        guest.online = False
        guest.resume()
    history = bob.ask(chat.GetChatHistory(chat.Channel.LOBBY))
    assert isinstance(history, chat.ChatHistory)
    assert MessageId(line.message_id) in {each.message_id for each in history.lines}
    assert party.hall.seat_of(ann.player_id) is not None


def test_no_token_and_nothing_it_follows_from_is_in_the_file(
    party: KeptParty, tmp_path: Path
) -> None:
    ann = party.guest("Ann")
    first = ann.token
    ann.lose_connection()
    ann.resume()
    assert ann.token != first
    party.keeper.file.close()
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"Ann" in written
    assert first not in written
    assert ann.token not in written
    # The tokens do not follow from the recorded entropy either.
    again = KeptParty(tmp_path / "again.db")
    again.entropy = party.entropy
    assert again.guest("Ann").token not in (first, ann.token)


def test_a_call_that_leads_to_something_else_ends_the_replay_before_it(
    party: KeptParty, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, _ = party.group("Ann", "Bob")
    before = by_value(dump(party.hall))
    number = party.keeper.number
    ann.say("hello")
    ann.say("again")
    act = calls.Ask.act

    def changed(call: calls.Ask, hall: object, moment: calls.Moment) -> object:
        if isinstance(call.envelope.request, chat.SendChat):
            raise KeyError("a bug of a newer version")
        return act(call, hall, moment)

    monkeypatch.setattr(calls.Ask, "act", changed)
    replay = party.replayed()
    assert replay.number == replay.done == number
    assert replay.calls == number + 2
    assert replay.fault == (
        f"call {number + 1}: Ask leads to another outcome; the code has changed since"
    )
    assert by_value(dump(replay.hall)) == before


@pytest.mark.parametrize("fault", [False, True])
def test_a_replay_pauses_now_and_then_and_stops_where_it_is_told(
    party: KeptParty, monkeypatch: pytest.MonkeyPatch, fault: bool
) -> None:
    monkeypatch.setattr(replay_module, "AT_ONCE", 3)
    ann = party.guest("Ann")
    for number in range(6):
        ann.say(f"line {number}", chat.Channel.GLOBAL)
    last = party.keeper.number
    if fault:
        party.keeper.file.append([(last + 2, b"")])
    replay = CallReplay(party.empty, party.keeper.file, party.keeper.file.read())
    assert (replay.number, replay.done, replay.fault) == (0, 0, "")
    seen = [replay.done for _ in replay.run()]
    paused = [number for number in range(1, last + 1) if number % 3 == 0]
    assert seen == paused * (2 if fault else 1)
    assert (replay.number, replay.done) == (last, last)
    assert bool(replay.fault) is fault
    part = CallReplay(party.empty, party.keeper.file, party.keeper.file.read())
    for _ in part.run(4):
        pass
    assert (part.number, part.done) == (4, 4)


def test_no_record_of_a_request_holds_its_token() -> None:
    classes = PackedClasses()
    moment = calls.Moment(1.0, 2, bytes(16))
    record = pack_call(moment, calls.Attend(b"a secret token", "::1"), [], 7, classes)
    assert b"a secret token" not in record
    recorded = unpack_call(record, classes)
    assert isinstance(recorded.call, calls.Attend)
    assert recorded.call.token == TokenDigest(digest(b"a secret token"))
    assert isinstance(recorded.call.token, TokenDigest)
    assert (recorded.moment, recorded.check) == (moment, 7)


def test_a_damaged_record_is_one_kind_of_error() -> None:
    for record in (b"", b"\xc1", b"\x90", b"\x97" + b"\x00" * 7, b"\x00"):
        with pytest.raises(ValueError, match=r"damaged|incomplete|values to unpack|not iterable"):
            unpack_call(record, PackedClasses())


def test_a_bug_that_was_recorded_is_replayed(
    party: KeptParty, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = party.guest("Ann")

    def fails(*_: object) -> object:
        raise KeyError("a bug")

    monkeypatch.setattr(calls.Charge, "act", fails)
    with pytest.raises(KeyError):
        party.take(calls.Charge(ann.player_id, None))
    ann.say("hello", chat.Channel.GLOBAL)
    replay = party.replayed()
    assert (replay.fault, replay.number) == ("", party.keeper.number)


def test_calls_behind_a_missing_one_are_left_out(party: KeptParty) -> None:
    party.group("Ann", "Bob")
    database = sqlite3.connect(party.keeper.file.path)
    database.execute("DELETE FROM calls WHERE number = 3")
    database.commit()
    database.close()
    replay = party.replayed()
    assert (replay.number, replay.fault) == (2, "call 3 is missing")


@pytest.mark.parametrize("record", [b"", b"\xc1", b"\x90", b"\x93\x01\x02\x03", b"\xff" * 20])
def test_a_damaged_record_ends_the_replay_before_it(party: KeptParty, record: bytes) -> None:
    party.group("Ann", "Bob")
    database = sqlite3.connect(party.keeper.file.path)
    database.execute("UPDATE calls SET record = ? WHERE number = 2", (record,))
    database.commit()
    database.close()
    replay = party.replayed()
    assert replay.number == 1
    assert replay.fault.startswith("call 2: ")


def test_a_store_without_the_classes_of_its_calls_is_not_replayed(party: KeptParty) -> None:
    party.guest("Ann")
    database = sqlite3.connect(party.keeper.file.path)
    database.execute("DELETE FROM classes WHERE number = 0")
    database.commit()
    database.close()
    replay = party.replayed()
    assert (replay.number, replay.fault) == (0, "the store misses a class of its calls")
