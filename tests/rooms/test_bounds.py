"""Limits: which requests are refused, and which data is dropped."""

from typing import ClassVar

import pytest

from gameserver.errors import Code
from gameserver.ids import PlayerId
from gameserver.messages import chat, lobby
from gameserver.messages.chat import Channel
from gameserver.messages.lobby import Phase
from gameserver.messages.session import Presence
from gameserver.rooms import calls
from gameserver.rooms.state.draws import Draws
from tests.rooms.party import Party, Tag, phase, refused_with


class Plain(Tag):
    """A game without modes."""

    mode_option: ClassVar[str] = ""

    def map_fits(self, options: object, modes: tuple[str, ...]) -> bool:
        del options, modes
        return True


def test_a_game_without_modes_refuses_a_mode_and_accepts_none() -> None:
    party = Party(Plain())
    ann = party.guest("Ann")
    refusal = refused_with(Code.LOBBY_BAD_OPTIONS, ann, lobby.QuickPlay("solo"))
    assert "no modes" in refusal.sentence
    assert ann.quick_play().phase is not Phase.IN_MATCH


def test_a_text_that_is_far_too_long_is_refused_before_it_is_cleaned() -> None:
    party = Party()
    ann, _ = party.group("Ann", "Bob")
    most = party.rules.chat_chars
    for length in (most + 1, 4 * most, 4 * most + 1, 100_000):
        refusal = refused_with(Code.CHAT_TOO_LONG, ann, chat.SendChat(Channel.LOBBY, "x" * length))
        assert refusal.details is not None
    # What cleaning removes does not count, up to a bound.
    assert ann.say("x" + " " * (2 * most)).message_id
    party.advance(60.0)
    refused_with(Code.CHAT_TOO_LONG, ann, chat.SendChat(Channel.LOBBY, "y" + " " * (4 * most)))


def test_of_many_changes_at_once_only_some_are_announced_in_the_chat() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    carl = party.guest("Carl")
    for _ in range(30):
        carl.join(ann)
        carl.ask(lobby.LeaveLobby())
        party.advance(0.01)
    party.advance(5.0)
    told = [
        event.line.text
        for event in bob.of(chat.ChatSaid)
        if not event.line.sender and "Carl" in event.line.text
    ]
    assert 2 <= len(told) < 40
    assert [member.name for member in bob.room.members] == ["Ann", "Bob"], "the state is whole"


def test_teams_are_chosen_before_the_match_and_not_in_it() -> None:
    party = Party()
    guests = ann, bob, carl = party.group("Ann", "Bob", "Carl", options={"mode": "team"})
    before = bob.me.team
    assert ann.me.team == carl.me.team != before
    ann.ask(lobby.ChooseTeam(before))
    assert ann.me.team == before
    for wrong in (0, 3):
        refused_with(Code.BAD_PARAMS, ann, lobby.ChooseTeam(wrong))
    for guest in guests:
        guest.ready()
    party.advance(party.rules.countdown_s)
    assert phase(ann) is Phase.IN_MATCH
    refusal = refused_with(Code.LOBBY_WRONG_PHASE, ann, lobby.ChooseTeam(1))
    assert "in a match" in refusal.sentence


def test_a_silence_is_reported_once_and_only_of_players_in_the_match() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob")
    gone = PlayerId("gone")
    for _ in range(2):
        party.take(calls.FellSilent({bob.player_id: True, gone: True}))
        party.settle()
    party.take(calls.FellSilent({ann.player_id: False}))
    party.settle()
    assert [notice for notice in ann.notices if isinstance(notice, Presence)] == [
        Presence(bob.player_id, connected=True, stalled=True)
    ]


def test_drawing_entropy_outside_a_call_raises() -> None:
    with pytest.raises(RuntimeError, match="outside a call"):
        Draws()(8)
