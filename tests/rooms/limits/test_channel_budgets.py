"""The traffic of a channel is bounded for all its speakers together."""

import pytest

from gameserver.errors import Code, RequestError
from gameserver.messages.chat import Channel, ChatSaid, ChatTyping, SendChat, Typing
from gameserver.messages.lobby import LeaveLobby, LobbyChanged
from gameserver.messages.session import Rename, SignOut
from gameserver.rooms.limits.rules import RoomRules
from gameserver.rooms.state.effects import Tell
from tests.rooms.party import Guest, Party

QUIET = {"channel_per_s": 100.0, "channel_burst": 500.0, "channel_least": 100}
"""Five lines at once, then one a second."""


def talk(guest: Guest, number: int, channel: Channel = Channel.GLOBAL) -> bool:
    try:
        guest.ask(SendChat(channel, f"line {number}"))
    except RequestError as error:
        if error.code != Code.RATE_LIMITED or not error.details.get("retry_after_s"):
            raise
        return False
    return True


def lines_heard(guest: Guest) -> int:
    return sum(bool(event.line.sender) for event in guest.of(ChatSaid))


def test_many_senders_within_their_own_limits_share_the_limit_of_the_channel() -> None:
    party = Party(**QUIET)
    guests = [party.guest(f"P{i}", f"192.0.2.{i}") for i in range(20)]
    said = sum(talk(guest, n) for n in range(3) for guest in guests)
    assert said == 5
    assert lines_heard(guests[0]) == 5
    party.advance(10.0)
    assert sum(talk(guest, 9) for guest in guests) == 5, "the channel is full again, and no fuller"


def test_a_line_refused_because_of_a_busy_channel_does_not_count_for_its_sender() -> None:
    party = Party(**QUIET)
    ann, *others = [party.guest(f"P{i}", f"192.0.2.{i}") for i in range(20)]
    for other in others:
        talk(other, 1)
    for number in range(30):
        assert not talk(ann, number)
    party.advance(10.0)
    assert all(talk(ann, number) for number in range(5))


def test_a_line_to_more_receivers_counts_for_more() -> None:
    party = Party(channel_per_s=10.0, channel_burst=100.0, channel_least=1)
    few = [party.guest(f"P{i}", f"192.0.2.{i}") for i in range(10)]
    assert sum(talk(guest, 1) for guest in few) == 10
    party.advance(60.0)
    more = [party.guest(f"Q{i}", f"192.0.2.{i}") for i in range(30)]
    assert sum(talk(guest, 2) for guest in more) == 3


def test_chat_by_repeated_sign_ins_is_bounded_by_address() -> None:
    party = Party(channel_burst=10**9)  # else the channel's own limit would do
    listener = party.guest("Listener", "198.51.100.1")
    for turn in range(100):
        guest = party.guest(f"P{turn}", "192.0.2.7")
        for number in range(party.rules.chat_burst):
            talk(guest, number)
        guest.ask(SignOut())
        listener.ack()
    assert lines_heard(listener) == party.rules.address_chat_burst


def test_two_hundred_honest_players_of_one_address_can_chat() -> None:
    party = Party()
    guests = [party.guest(f"P{i}") for i in range(200)]
    party.hall.check = lambda: None  # type: ignore[method-assign]  # of 200, for each of them
    for number in range(3):
        for guest in guests:
            party.advance(0.1)
            assert talk(guest, number)
            if guest in guests[::10]:
                for other in guests:
                    other.ack()


def test_typing_notices_are_bounded_by_channel_and_do_not_count_as_lines() -> None:
    party = Party(**QUIET)
    guests = [party.guest(f"P{i}", f"192.0.2.{i}") for i in range(20)]
    for guest in guests:
        guest.ask(Typing(Channel.GLOBAL))
    shown = [e for e in party.of(Tell) if isinstance(e.notice, ChatTyping)]
    assert len(shown) == 5
    assert talk(guests[0], 1)


@pytest.mark.parametrize("how", ["rename", "join and leave"])
def test_the_servers_own_lines_in_a_lobby_are_bounded(how: str) -> None:
    party = Party(renames_per_s=100.0)
    ann, bob = party.group("Ann", "Bob")
    for turn in range(200):
        party.advance(0.1)
        if how == "rename":
            bob.ask(Rename(f"Bob{turn}"))
        else:
            bob.ask(LeaveLobby())
            bob.join(ann)
        ann.ack()
        bob.ack()
    told = [e for e in ann.of(ChatSaid) if not e.line.sender]
    rules = RoomRules()
    assert len(told) <= rules.server_lines_burst + 200 * 0.1 * rules.server_lines_per_s + 1


def test_a_constantly_changing_lobby_is_sent_at_a_bounded_rate_and_in_its_last_state() -> None:
    party = Party(requests_per_s=1000.0)
    ann, bob = party.group("Ann", "Bob")
    before = len(ann.of(LobbyChanged))
    for turn in range(201):
        party.advance(0.05)
        bob.ready(ready=turn % 2 == 0)
        ann.ack()
        bob.ack()
    shown = len(ann.of(LobbyChanged)) - before
    assert shown <= party.rules.shows_burst + 201 * 0.05 * party.rules.shows_per_s + 1
    party.advance(party.rules.crowd_show_s)
    assert next(m for m in ann.room.members if m.name == "Bob").ready
