"""The exact bounds of chat: lengths, histories, budgets, and whom a whisper finds."""

import pytest

from gameserver.errors import Code
from gameserver.messages.chat import Channel, ChatHistory, GetChatHistory, SendChat
from gameserver.rooms.chat.chat import _HISTORIES, _RAW_PER_CHAR
from gameserver.rooms.limits.holdings import weight
from tests.rooms.party import Guest, Party, refused_with

UNSEEN = "\u200b"
"""A character that is removed from every line."""


def lines(guest: Guest, channel: Channel) -> list[str]:
    history = guest.ask(GetChatHistory(channel))
    assert isinstance(history, ChatHistory)
    return [line.text for line in history.lines]


def test_a_line_is_measured_as_it_is_shown_and_as_it_came() -> None:
    party = Party(chat_chars=10)
    ann = party.guest("Ann")
    ann.say("x" * 10, Channel.GLOBAL)
    ann.say("y" * 10 + UNSEEN * (10 * _RAW_PER_CHAR - 10), Channel.GLOBAL)
    for text in ("z" * 11, "z" + UNSEEN * 10 * _RAW_PER_CHAR):
        refused = refused_with(Code.CHAT_TOO_LONG, ann, SendChat(Channel.GLOBAL, text))
        told = f"The line has {len(text)} characters; at most 10 are allowed."
        assert (refused.sentence, refused.details) == (told, {"limit": 10})
    assert lines(ann, Channel.GLOBAL) == ["x" * 10, "y" * 10]


def test_the_same_line_is_allowed_again_after_its_time() -> None:
    party = Party(chat_repeat_s=5.0)
    ann, bob = party.group("Ann", "Bob")
    ann.say("Hello")
    party.now += 4.5
    refused_with(Code.CHAT_REPEATED, ann, SendChat(Channel.LOBBY, "hELLO"))
    ann.say("Hello", Channel.GLOBAL)
    bob.say("Hello")
    party.now += 0.5
    ann.say("hello")


def test_each_line_has_the_number_after_the_last_ones() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    numbers = [ann.say("1").message_id, bob.say("2", Channel.GLOBAL).message_id]
    numbers += [ann.whisper(bob, "3").message_id, bob.say("4").message_id]
    assert numbers == list(range(numbers[0], numbers[0] + 4))


# --- budgets --------------------------------------------------------------------------------------


def test_the_lines_of_one_address_are_bounded_for_all_its_sessions() -> None:
    party = Party(address_chat_burst=3, address_chat_per_s=0.5)
    here = [party.guest(f"A{number}") for number in range(5)]
    away = party.guest("Bob", "198.51.100.7")
    for number, guest in enumerate(here[:3]):
        guest.say(f"line {number}", Channel.GLOBAL)
    refused = refused_with(Code.RATE_LIMITED, here[3], SendChat(Channel.GLOBAL, "too much"))
    assert refused.details == {"retry_after_s": pytest.approx(2.0, abs=0.1)}
    away.say("from elsewhere", Channel.GLOBAL)
    party.now += 2.1
    here[3].say("later", Channel.GLOBAL)
    refused_with(Code.RATE_LIMITED, here[4], SendChat(Channel.GLOBAL, "again too much"))


def test_a_sender_over_its_own_limit_takes_nothing_from_its_address() -> None:
    party = Party(chat_burst=1, chat_per_s=0.01, address_chat_burst=3, address_chat_per_s=0.001)
    ann, bob, carl = (party.guest(name) for name in ("Ann", "Bob", "Carl"))
    ann.say("one", Channel.GLOBAL)
    for number in range(5):
        refused_with(Code.RATE_LIMITED, ann, SendChat(Channel.GLOBAL, f"more {number}"))
    bob.say("two", Channel.GLOBAL)
    carl.say("three", Channel.GLOBAL)


def test_lines_of_a_lobby_fill_its_channel_and_neither_whispers_nor_other_channels() -> None:
    party = Party(channel_per_s=10.0, channel_burst=300.0, channel_least=100)
    ann, bob = party.group("Ann", "Bob")
    party.now += 60.0
    for number in range(3):
        ann.say(f"line {number}")
    refused_with(Code.RATE_LIMITED, bob, SendChat(Channel.LOBBY, "too much"))
    bob.say("elsewhere", Channel.GLOBAL)
    bob.whisper(ann, "psst")


def test_the_servers_own_lines_fill_the_channel_of_the_lobby_too() -> None:
    party = Party(channel_per_s=0.1, channel_burst=300.0, channel_least=100)
    ann = party.guest("Ann")
    ann.create()
    for number in range(3):
        party.guest(f"B{number}").join(ann)
    refused_with(Code.RATE_LIMITED, ann, SendChat(Channel.LOBBY, "hello"))


# --- whispers -------------------------------------------------------------------------------------


def test_the_id_of_a_recipient_counts_before_its_name() -> None:
    party = Party()
    ann, bob, carl = (party.guest(name) for name in ("Ann", "Bob", "Carl"))
    ann.ask(SendChat(Channel.WHISPER, "for Bob", bob.player_id, "Carl"))
    ann.ask(SendChat(Channel.WHISPER, "for Carl", recipient_name="carl"))
    assert (bob.heard, carl.heard) == (["for Bob"], ["for Carl"])
    refused_with(Code.PLAYER_UNKNOWN, ann, SendChat(Channel.WHISPER, "?", recipient_name="Dora"))
    refused_with(Code.PLAYER_UNKNOWN, ann, SendChat(Channel.WHISPER, "me", ann.player_id))


def test_whispers_are_kept_up_to_exactly_their_bytes_and_the_newest_always() -> None:
    probe = Party()
    ann, bob = probe.guest("Ann"), probe.guest("Bob")
    for number in range(3):
        ann.whisper(bob, f"line {number}")
    kept = probe.hall.parts.state.sessions[bob.player_id].whispers
    three = sum(map(weight, kept))
    for most, count in ((three, 3), (three - 1, 2), (1, 1)):
        party = Party(whispers_bytes=most)
        ann, bob = party.guest("Ann"), party.guest("Bob")
        for number in range(3):
            ann.whisper(bob, f"line {number}")
        assert lines(bob, Channel.WHISPER) == ["line 0", "line 1", "line 2"][3 - count :]


# --- histories ------------------------------------------------------------------------------------


def test_a_history_is_one_object_until_there_is_a_new_line() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    ann.say("one")
    first = ann.ask(GetChatHistory(Channel.LOBBY))
    assert bob.ask(GetChatHistory(Channel.LOBBY)) is first
    ann.say("two")
    second = bob.ask(GetChatHistory(Channel.LOBBY))
    assert isinstance(second, ChatHistory)
    assert [line.text for line in second.lines if line.sender] == ["one", "two"]


def test_only_the_newest_shared_histories_are_kept() -> None:
    party = Party(chat_burst=100, chat_repeat_s=0.0)
    ann = party.guest("Ann")
    for number in range(_HISTORIES + 3):
        ann.say(f"line {number}", Channel.GLOBAL)
        ann.ask(GetChatHistory(Channel.GLOBAL))
        assert len(party.hall.parts.chat._histories) == min(number + 1, _HISTORIES)
    newest = max(party.hall.parts.chat._histories)
    assert newest == party.hall.parts.chat._last_id
    assert min(party.hall.parts.chat._histories) == newest - _HISTORIES + 1


def test_without_a_lobby_there_is_no_channel_of_it() -> None:
    party = Party()
    ann = party.guest("Ann")
    refused = refused_with(Code.CHAT_NO_CHANNEL, ann, SendChat(Channel.LOBBY, "anybody?"))
    assert refused.sentence == "You are in no lobby."
    refused_with(Code.CHAT_NO_CHANNEL, ann, GetChatHistory(Channel.LOBBY))


def test_a_team_has_its_own_lines_and_watchers_theirs() -> None:
    party = Party()
    ann, bob, carl, dora = party.group("Ann", "Bob", "Carl", "Dora", options={"mode": "team"})
    teams = {m.player_id: m.team for m in ann.room.members}
    assert set(teams.values()) == {1, 2}
    ann.say("mine", Channel.TEAM)
    for guest in (bob, carl, dora):
        same = teams[guest.player_id] == teams[ann.player_id]
        assert guest.heard == (["mine"] if same else [])
        assert lines(guest, Channel.TEAM) == (["mine"] if same else [])
