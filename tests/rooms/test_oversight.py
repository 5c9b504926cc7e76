"""What the operator orders: who is put out, who is kept out, what is told, what is written down."""

from typing import Any

import pytest

from gameserver.errors import Code, RequestError
from gameserver.ids import EventNumber, LobbyId, PlayerId
from gameserver.messages import chat
from gameserver.messages.lobby import LobbyLeft
from gameserver.messages.session import NameChanged, Rename, ReportPlayer, ServerMessage
from gameserver.messages.wire import PROTOCOL_VERSION, Hello
from gameserver.rooms import calls
from gameserver.rooms.oversight_calls import Administer
from gameserver.rooms.sessions.book import Welcomed
from gameserver.rooms.state import orders
from gameserver.rooms.state.audit import AuditEntry
from gameserver.rooms.state.sanctions import SanctionedBy, SanctionKind
from tests.rooms.party import Guest, Party, refused_with

BAN, MUTE = SanctionKind.BAN, SanctionKind.MUTE
SESSION, ADDRESS, NAME = SanctionedBy.SESSION, SanctionedBy.ADDRESS, SanctionedBy.NAME


def order(party: Party, ordered: orders.Order, reason: str = "spam") -> AuditEntry:
    entry = party.take(Administer("root", ordered, reason))
    party.settle()
    return entry


def impose(
    party: Party,
    kind: SanctionKind,
    known_by: SanctionedBy,
    value: str,
    seconds: float = 60.0,
) -> AuditEntry:
    return order(party, orders.Impose(kind, known_by, value, seconds))


def resume_refused(guest: Guest) -> RequestError:
    with pytest.raises(RequestError) as refused:
        guest.resume()
    return refused.value


def test_a_kicked_player_is_out_of_the_lobby_and_told_why_and_may_sign_in_again() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    entry = order(party, orders.KickOut(bob.player_id))
    assert (bob.goodbye, bob.online) == (Code.SESSION_KICKED, False)
    assert [member.name for member in ann.room.members] == ["Ann"]
    assert resume_refused(bob).code == Code.TOKEN_UNKNOWN
    assert party.guest("Bob").online
    assert (entry.by, entry.act, entry.target, entry.target_name, entry.reason, entry.affected) == (
        "root",
        "kick",
        bob.player_id,
        "Bob",
        "spam",
        1,
    )


@pytest.mark.parametrize("known_by", list(SanctionedBy))
def test_a_ban_puts_the_player_out_at_once_and_holds_for_its_time(known_by: SanctionedBy) -> None:
    party = Party(session_ttl_s=600.0)
    ann = party.guest("Ann", "198.51.100.1")
    bob = party.guest("Bob")
    ann.create()
    bob.join(ann)
    value = {SESSION: bob.player_id, ADDRESS: "192.0.2.1", NAME: "B\u043eb"}[known_by]
    entry = impose(party, BAN, known_by, value)
    assert (bob.goodbye, bob.online, entry.affected) == (Code.SESSION_BANNED, False, 1)
    assert [member.name for member in ann.room.members] == ["Ann"]
    refused = resume_refused(bob)
    assert refused.code == Code.SESSION_BANNED
    assert refused.sentence.endswith("Reason: spam")
    party.advance(59.0)
    assert resume_refused(bob).code == Code.SESSION_BANNED
    party.advance(2.0)
    bob.resume()
    assert LobbyLeft(ann.room.lobby_id, "left") in bob.events
    assert ann.online


@pytest.mark.parametrize(
    ("known_by", "value", "name", "address"),
    [
        (ADDRESS, "192.0.2.0/24", "Carl", "192.0.2.77"),
        (ADDRESS, "2001:db8:1:2::99", "Carl", "2001:db8:1:2::/64"),
        (ADDRESS, "2001:db8::/32", "Carl", "2001:db8:1:2::/64"),
        (ADDRESS, "::ffff:192.0.2.77", "Carl", "192.0.2.77"),
        (NAME, "Carl", "\u0421arl", "192.0.2.9"),
        (NAME, "Carl", "CARL", "192.0.2.9"),
    ],
)
def test_nobody_new_comes_in_from_a_banned_address_or_with_a_banned_name(
    known_by: SanctionedBy, value: str, name: str, address: str
) -> None:
    party = Party()
    number = impose(party, BAN, known_by, value).number
    with pytest.raises(RequestError) as refused:
        party.guest(name, address)
    assert refused.value.code == Code.SESSION_BANNED
    assert party.guest("Dora", "203.0.113.5").online
    assert number == 1
    order(party, orders.Lift(1))
    assert party.guest(name, address).online


@pytest.mark.parametrize("also", [None, SESSION, ADDRESS])
def test_a_ban_of_a_name_alone_lets_its_player_sign_in_anew_under_another_one(
    also: SanctionedBy | None,
) -> None:
    party = Party()
    eve = party.guest("Eve")
    impose(party, BAN, NAME, "Eve")

    def come_as(name: str) -> Welcomed:
        hello = Hello(PROTOCOL_VERSION, "test", name, eve.token, EventNumber(eve.applied))
        return party.take(calls.SignIn(hello, "192.0.2.1"))

    for name in ("Eve", "\u0415VE", ""):
        with pytest.raises(RequestError) as refused:
            come_as(name)
        assert refused.value.code == Code.SESSION_BANNED
    if also is not None:
        value = {SESSION: eve.player_id, ADDRESS: "192.0.2.1"}[also]
        impose(party, BAN, also, value)
        with pytest.raises(RequestError) as refused:
            come_as("Adam")
        assert refused.value.code == Code.SESSION_BANNED
        return
    impose(party, BAN, NAME, "Mallory")
    with pytest.raises(RequestError) as refused:
        come_as("Mallory")
    assert refused.value.code == Code.SESSION_BANNED
    welcome = come_as("Adam").welcome
    assert (welcome.player_name, welcome.resumed) == ("Adam", False)
    assert welcome.player_id != eve.player_id
    assert [each.name for each in party.hall.parts.state.sessions.values()] == ["Adam"]
    assert resume_refused(eve).code == Code.TOKEN_UNKNOWN  # the old session is over
    party.settle()


@pytest.mark.parametrize("limit", ["sessions", "sessions_per_address"])
def test_a_session_that_is_replaced_takes_no_place_from_its_successor(limit: str) -> None:
    rules: dict[str, Any] = {limit: 2}
    party = Party(**rules)
    eve, _bob = party.guest("Eve"), party.guest("Bob")
    impose(party, BAN, NAME, "Eve")
    with pytest.raises(RequestError) as refused:
        party.guest("Carl")
    assert refused.value.code == Code.SERVER_FULL
    hello = Hello(PROTOCOL_VERSION, "test", "Adam", eve.token)
    assert party.take(calls.SignIn(hello, "192.0.2.1")).welcome.player_name == "Adam"
    assert {each.name for each in party.hall.parts.state.sessions.values()} == {"Bob", "Adam"}
    with pytest.raises(RequestError) as refused:
        party.guest("Carl")
    assert refused.value.code == Code.SERVER_FULL


def test_a_session_of_elsewhere_that_is_replaced_makes_no_room_at_a_full_address() -> None:
    party = Party(sessions_per_address=1)
    eve, _bob = party.guest("Eve", "198.51.100.1"), party.guest("Bob")
    impose(party, BAN, NAME, "Eve")
    hello = Hello(PROTOCOL_VERSION, "test", "Adam", eve.token)
    with pytest.raises(RequestError) as refused:
        party.take(calls.SignIn(hello, "192.0.2.1"))
    assert refused.value.code == Code.SERVER_FULL


def test_another_name_in_a_hello_changes_nothing_without_a_ban_of_the_name() -> None:
    party = Party()
    eve = party.guest("Eve")
    eve.lose_connection()
    hello = Hello(PROTOCOL_VERSION, "test", "Adam", eve.token)
    welcome = party.take(calls.SignIn(hello, "192.0.2.1")).welcome
    assert (welcome.player_id, welcome.player_name, welcome.resumed) == (eve.player_id, "Eve", True)


def test_a_request_with_the_token_of_a_banned_session_is_refused() -> None:
    party = Party()
    ann = party.guest()
    impose(party, BAN, SESSION, ann.player_id)
    with pytest.raises(RequestError) as refused:
        party.take(calls.Attend(ann.token, "192.0.2.1"))
    assert refused.value.code == Code.SESSION_BANNED


def test_a_session_that_comes_from_a_banned_address_later_is_refused() -> None:
    party = Party()
    ann = party.guest("Ann", "198.51.100.1")
    ann.lose_connection()
    impose(party, BAN, ADDRESS, "192.0.2.1")
    assert resume_refused(ann).code == Code.SESSION_BANNED


@pytest.mark.parametrize("by_requests", [False, True])
def test_a_ban_of_an_address_reaches_who_came_back_from_it(by_requests: bool) -> None:
    party = Party()
    ann = party.guest("Ann", "198.51.100.1")
    ann.lose_connection()
    if by_requests:
        party.take(calls.Attend(ann.token, "192.0.2.1"))
    else:
        ann.resume()
    session = party.hall.parts.state.sessions[ann.player_id]
    assert (session.address, session.last_address) == ("198.51.100.1", "192.0.2.1")
    assert impose(party, BAN, ADDRESS, "192.0.2.0/24").affected == 1
    assert not session.connected
    assert party.guest("Bob", "198.51.100.1").online


@pytest.mark.parametrize(
    ("value", "banned"),
    [
        ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
        ("::ffff:192.0.2.1", "192.0.2.1/32"),
        ("2001:db8::7", "2001:db8::/64"),
    ],
)
def test_a_network_is_banned_as_wide_as_it_is_written(value: str, banned: str) -> None:
    assert impose(Party(), BAN, ADDRESS, value).target == banned


def test_a_player_cannot_take_a_banned_name() -> None:
    party = Party()
    ann = party.guest()
    impose(party, BAN, NAME, "Root")
    refused_with(Code.NAME_REFUSED, ann, Rename("R00t"))


@pytest.mark.parametrize(
    "value",
    [
        "127.0.0.1",
        "127.0.0.0/8",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:0:0/96",
        "0.0.0.0/0",
        "::/0",
        "10/7",
        "",
    ],
)
def test_loopback_and_half_the_world_cannot_be_banned(value: str) -> None:
    party = Party()
    ann = party.guest("Ann", "")
    with pytest.raises(RequestError) as refused:
        impose(party, BAN, ADDRESS, value)
    assert refused.value.code == Code.BAD_PARAMS
    assert ann.online
    assert not party.hall.parts.state.audit.entries


def test_a_muted_player_is_heard_in_no_channel_until_the_mute_is_lifted() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    impose(party, MUTE, SESSION, bob.player_id)
    for channel in (chat.Channel.GLOBAL, chat.Channel.LOBBY):
        refused_with(Code.CHAT_MUTED, bob, chat.SendChat(channel, "hello"))
        refused_with(Code.CHAT_MUTED, bob, chat.Typing(channel))
    whisper = chat.SendChat(chat.Channel.WHISPER, "hello", ann.player_id)
    refused_with(Code.CHAT_MUTED, bob, whisper)
    assert bob.online
    order(party, orders.Lift(1))
    bob.say("at last")
    assert ann.heard == ["at last"]


@pytest.mark.parametrize("known_by", list(SanctionedBy))
def test_a_muted_player_cannot_write_by_another_name_nor_get_rid_of_the_mute_so(
    known_by: SanctionedBy,
) -> None:
    party = Party()
    ann = party.guest("Ann", "198.51.100.1")
    value = {SESSION: ann.player_id, ADDRESS: "198.51.100.1", NAME: "Ann"}[known_by]
    impose(party, MUTE, known_by, value)
    refused_with(Code.CHAT_MUTED, ann, Rename("You all are fools"))
    order(party, orders.GiveName(ann.player_id, "Nora"))
    order(party, orders.Lift(1))
    ann.ask(Rename("Anna"))
    assert party.hall.parts.state.sessions[ann.player_id].name == "Anna"


def test_a_player_is_renamed_without_a_limit_and_everybody_sees_it() -> None:
    party = Party(renames_burst=1)
    ann, bob = party.group("Ann", "Bob")
    for name in ("One", "Two", "two"):
        assert order(party, orders.GiveName(bob.player_id, name)).target_name == name
    assert bob.of(NameChanged)[-1] == NameChanged("two")
    assert [member.name for member in ann.room.members] == ["Ann", "two"]
    told = "The server's operator named you two. Reason: spam"
    assert (bob.notices[-1], ann.notices) == (ServerMessage(told), [])


@pytest.mark.parametrize("name", ["Ann", "\u0410nn", "ANN", ""])
def test_a_player_is_given_no_name_that_another_one_has_and_none_without_letters(name: str) -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    with pytest.raises(RequestError) as refused:
        order(party, orders.GiveName(bob.player_id, name))
    assert refused.value.code == Code.NAME_REFUSED
    assert ("has the name Ann already" in str(refused.value)) == bool(name)
    assert [member.name for member in ann.room.members] == ["Ann", "Bob"]
    assert (bob.notices, party.hall.parts.state.audit.last) == ([], 0)


def test_a_lobby_is_closed_with_its_match() -> None:
    party = Party()
    ann, bob = party.in_match("Ann", "Bob")
    entry = order(party, orders.CloseLobby(ann.room.lobby_id))
    assert (entry.affected, party.hall.counts().lobbies) == (2, 0)
    assert [event.reason for event in (*ann.of(LobbyLeft), *bob.of(LobbyLeft))] == ["closed"] * 2
    assert ann.online
    told = f"The server's operator closed the lobby {entry.target_name}. Reason: spam"
    assert [guest.notices[-1] for guest in (ann, bob)] == [ServerMessage(told)] * 2


def test_a_text_reaches_everybody() -> None:
    party = Party()
    ann = party.guest()
    bob = party.guest("Bob")
    bob.lose_connection()
    assert order(party, orders.TellAll("cake\x1b at\nnoon")).affected == 1
    assert ann.notices == [ServerMessage("cake at noon")]


@pytest.mark.parametrize(
    "ordered",
    [
        orders.KickOut(PlayerId("nobody")),
        orders.GiveName(PlayerId("nobody"), "Ann"),
        orders.CloseLobby(LobbyId("none")),
        orders.Lift(7),
        orders.SettleReport(7),
        orders.TellAll("\u200b"),
        orders.Impose(BAN, SESSION, "nobody", 60.0),
        orders.Impose(BAN, NAME, "", 60.0),
        orders.Impose(BAN, NAME, "Ann", 0.0),
        orders.Impose(BAN, NAME, "Ann", float("nan")),
        orders.Impose(BAN, NAME, "Ann", float("inf")),
    ],
)
def test_an_order_that_does_not_fit_changes_nothing_and_is_not_written_down(ordered: Any) -> None:
    party = Party()
    party.guest()
    with pytest.raises(RequestError):
        order(party, ordered)
    assert not party.hall.parts.state.audit.entries
    assert not party.hall.parts.state.sanctions


def test_the_books_are_bounded() -> None:
    party = Party(sanctions=2, audit_entries=3)
    for name in ("Ann", "Bob"):
        impose(party, BAN, NAME, name)
    with pytest.raises(RequestError) as refused:
        impose(party, BAN, NAME, "Carl")
    assert refused.value.code == Code.SERVER_FULL
    impose(party, BAN, NAME, "Ann", 10.0)  # in place of the first
    party.advance(11.0)
    impose(party, BAN, NAME, "Carl")
    log = party.hall.parts.state.audit
    assert ([entry.number for entry in log.entries], log.last) == ([2, 3, 4], 4)


def test_bans_audit_and_reports_are_part_of_the_dump() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    ann.ask(ReportPlayer(bob.player_id, "rude"))
    impose(party, BAN, ADDRESS, "198.51.100.0/24")
    impose(party, MUTE, NAME, "Bob")
    before = party.hall.parts.state
    party.carry_over()
    after = party.hall.parts.state
    assert list(after.sanctions) == list(before.sanctions)
    assert after.audit.entries == before.audit.entries
    assert after.reports.by_number == before.reports.by_number
    with pytest.raises(RequestError):
        party.guest("Carl", "198.51.100.7")
    assert impose(party, BAN, NAME, "Eve").number == 3
