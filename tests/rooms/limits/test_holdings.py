"""What sessions make the server hold is bounded, by session and by address."""

import struct
import tracemalloc

import pytest

from gameserver.errors import Code, RequestError
from gameserver.ids import PlayerId
from gameserver.messages.chat import Channel, ChatLine, ChatSaid, GetChatHistory, SendChat
from gameserver.messages.forms import GetLobbyForm
from gameserver.messages.lobby import ListLobbies, Member
from gameserver.messages.session import NameChanged
from gameserver.rooms import calls
from gameserver.rooms.limits import holdings as module
from gameserver.rooms.limits.holdings import (
    FLAT_BYTES,
    HELD_BYTES,
    REMEMBERED,
    Holdings,
    weight,
)
from gameserver.rooms.limits.rules import RoomRules
from tests.rooms.party import Guest, Party

RULES = RoomRules()
CAMPUS = "192.0.2.1"
POINTER = struct.calcsize("P")


def line(text: str) -> ChatSaid:
    return ChatSaid(ChatLine(1, Channel.GLOBAL, PlayerId("p"), "Ann", text, 0))


def test_the_weight_of_a_message_is_about_its_size_in_memory() -> None:
    for text in ("", "x" * 300, "ж" * 300):
        tracemalloc.start()
        kept = [line(text + str(number)) for number in range(1000)]
        taken = tracemalloc.get_traced_memory()[0] / len(kept)
        tracemalloc.stop()
        assert taken <= weight(kept[500]) <= 4 * taken


def test_each_session_has_a_share_whatever_others_of_its_address_hold() -> None:
    holdings = Holdings(RULES)
    greedy = [holdings.of(CAMPUS) for _ in range(100)]
    for each in greedy:
        while each.fits(1000):
            each.change(1000)
    assert holdings.total(CAMPUS) <= RULES.address_held_bytes + 100 * RULES.share_held_bytes
    late = holdings.of(CAMPUS)
    assert late.fits(RULES.share_held_bytes)
    assert not late.fits(RULES.share_held_bytes + 1)
    assert holdings.of("198.51.100.9").fits(RULES.held_bytes)


def test_all_sessions_of_one_address_together_hold_at_most_16_mib() -> None:
    party = Party(sign_ins_burst=1000, channel_burst=10**9, address_chat_burst=10**6)
    party.hall.check = lambda: None  # type: ignore[method-assign]  # each of 500 each time
    party.guest("First", CAMPUS)
    tracemalloc.start()
    guests = [party.guest(f"P{number}", CAMPUS) for number in range(499)]
    for guest in guests:
        guest.deaf = True  # nothing is acknowledged
    for number in range(300):
        talker = party.guest(f"T{number}", f"198.51.{number // 250}.{number % 250}")
        talker.ask(SendChat(Channel.GLOBAL, f"{number}".ljust(RULES.chat_chars, "ж")))
        while party.hall.spreads:
            party.take(calls.HandOut(1000))
        party.hall.take_effects()
        party.effects.clear()
    held = sum(s.account.bytes for s in party.hall._state.sessions.values() if s.address == CAMPUS)
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert held == party.hall._state.holdings.total(CAMPUS) <= 12 * 1024 * 1024
    assert taken <= 16 * 1024 * 1024


def test_a_client_that_acknowledges_nothing_is_disconnected_at_a_limit_of_bytes() -> None:
    party = Party(held_bytes=20_000, share_held_bytes=20_000, channel_burst=10**9)
    ann, bob = party.group("Ann", "Bob")
    for number in range(24):
        party.advance(2.0)
        ann.ack()
        ann.say(f"{number}".ljust(300, "ж"))
    assert not bob.online
    assert bob.goodbye == Code.RATE_LIMITED
    bob.resume()
    assert bob.online, "chat was left out for it, nothing else"


def test_a_client_that_acknowledges_once_a_second_stays_in_the_busiest_channel() -> None:
    party = Party()
    slow = party.guest("Slow", "203.0.113.1")
    talkers = [party.guest(f"T{n}", f"198.51.100.{n}") for n in range(60)]
    for second in range(20):
        for number, talker in enumerate(talkers):
            party.advance(1 / 60)
            try:
                talker.ask(SendChat(Channel.GLOBAL, f"{second} {number}".ljust(300, "ж")))
            except RequestError as error:
                assert error.code == Code.RATE_LIMITED  # noqa: PT017  most of them are
            talker.ack()
        slow.ack()
    assert slow.online
    assert len(slow.of(ChatSaid)) > 300


@pytest.mark.parametrize(
    "request_", [GetChatHistory(Channel.GLOBAL), GetLobbyForm(), ListLobbies()]
)
def test_answers_to_read_only_requests_are_not_kept(
    request_: GetChatHistory | GetLobbyForm | ListLobbies,
) -> None:
    party = Party()
    ann = party.guest("Ann")
    for _ in range(50):
        ann.ask(request_)
    assert held(ann) == 0
    party.ask(ann, ann.last_request, request_)


def test_answers_without_end_are_refused_until_they_are_acknowledged() -> None:
    party = Party(held_bytes=4000, share_held_bytes=4000, requests_burst=1000)
    ann = party.guest("Ann")
    codes = [refusal(ann, number) for number in range(100)]
    assert codes[0] == Code.PLAYER_UNKNOWN
    assert codes[-1] == Code.RATE_LIMITED
    ann.ack()
    assert held(ann) == 0


def test_only_as_many_whispers_are_kept_as_their_bytes_allow() -> None:
    party = Party()
    ann, bob = party.guest("Ann"), party.guest("Bob", "203.0.113.1")
    for number in range(40):
        party.advance(2.0)
        ann.whisper(bob, f"{number}".ljust(300, "ж"))
        ann.ack()
        bob.ack()
    session = party.hall._state.sessions[bob.player_id]
    assert 1 < len(session.whispers) < 10
    assert sum(map(weight, session.whispers)) <= RULES.whispers_bytes


def test_acknowledged_messages_and_ended_sessions_free_their_bytes() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    ann.say("hello")
    assert held(bob) > 0
    ann.ack()
    bob.ack()
    assert held(bob) == held(ann) == party.hall._state.holdings.total(CAMPUS) == 0
    assert party.hall._state.holdings.weigh(NameChanged("Ann")) > 0


def refusal(guest: Guest, number: int) -> Code:
    with pytest.raises(RequestError) as refused:
        guest.ask(SendChat(Channel.WHISPER, f"{number}", recipient_name="nobody"))
    return Code(refused.value.code)


def held(guest: Guest) -> int:
    return guest.party.hall._state.sessions[guest.player_id].account.bytes


def test_the_weight_of_a_shared_message_is_divided_among_its_receivers() -> None:
    holdings = Holdings(RULES)
    told = line("x" * 5000)
    alone = holdings.weigh(told)
    holdings.share_out(told, 50)
    assert alone / 50 < holdings.weigh(told) < alone / 20
    for number in range(100):
        holdings.share_out(line(f"{number}"), 50)
    assert holdings.weigh(told) == alone  # no longer remembered


def test_a_text_weighs_a_byte_for_each_ascii_character_and_four_for_others() -> None:
    assert weight("x" * 10) - weight("") == 10
    assert weight("x" * 9 + "ж") - weight("") == 40
    assert weight(("x", "yy")) - weight(()) == weight("x") + weight("yy") + 2 * POINTER


def test_the_members_and_facts_that_messages_share_weigh_nothing_more() -> None:
    member = Member(PlayerId("p"), "x" * 1000, 0, 0)
    assert weight((member,)) == weight(()) + POINTER
    assert weight({"a": "x" * 5000}) == weight({}) == FLAT_BYTES


def test_a_message_is_weighed_once_however_many_sessions_keep_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    weighed: list[object] = []

    def weigh(value: object) -> int:
        weighed.append(value)
        return 1000

    monkeypatch.setattr(module, "weight", weigh)
    holdings = Holdings(RULES)
    one, other = line("one"), line("other")
    assert [holdings.weigh(each) for each in (one, one, other, other, one)] == [1000] * 5
    assert weighed == [one, other, one]
    holdings.share_out(one, 1)
    assert holdings.weigh(one) == 1000, "the only session is charged for all of it"
    for holders in (2, 3):
        holdings.share_out(one, holders)
        assert holdings.weigh(one) == HELD_BYTES + 1000 // holders


def test_the_parts_of_the_last_messages_to_many_are_remembered() -> None:
    holdings = Holdings(RULES)
    messages = [line("x" * 300 + str(number)) for number in range(REMEMBERED + 1)]
    for message in messages[:REMEMBERED]:
        holdings.share_out(message, 100)
    part = holdings.weigh(messages[0])
    assert part < weight(messages[0])
    holdings.share_out(messages[REMEMBERED], 100)
    assert holdings.weigh(messages[0]) == weight(messages[0])
    assert holdings.weigh(messages[1]) == part


def test_a_session_may_hold_exactly_its_most_and_its_address_exactly_its_own() -> None:
    rules = RoomRules(share_held_bytes=100, held_bytes=300, address_held_bytes=500)
    holdings = Holdings(rules)
    one, other, local = holdings.of(CAMPUS), holdings.of(CAMPUS), holdings.of("")
    assert [one.fits(size) for size in (300, 301)] == [True, False]
    one.change(300)
    assert [other.fits(size) for size in (200, 201)] == [True, False]
    other.change(200)
    assert [other.fits(size) for size in (0, 1)] == [True, False]
    assert [local.fits(size) for size in (300, 301)] == [True, False]
    local.change(250)
    assert (local.bytes, holdings.total(""), holdings.total(CAMPUS)) == (250, 0, 500)


def test_a_closed_account_gives_back_all_its_bytes_once() -> None:
    holdings = Holdings(RULES)
    one, other = holdings.of(CAMPUS), holdings.of(CAMPUS)
    one.change(70)
    other.change(30)
    one.close()
    one.change(50)
    assert (one.bytes, holdings.total(CAMPUS)) == (0, 30)
    one.close()
    other.change(-29)
    assert holdings.total(CAMPUS) == 1
    other.change(29)
    other.close()
    assert CAMPUS not in holdings._by_address
