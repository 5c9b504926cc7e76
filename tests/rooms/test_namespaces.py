"""Namespaces in the rooms: members, rooms of members, deferred answers, and what an emit means."""

from typing import Any

import pytest

from gameserver.errors import Code
from gameserver.ids import PlayerId, RequestId
from gameserver.messages.base import Request, Result
from gameserver.messages.namespaces import (
    AckEmitted,
    EmitAnswered,
    EmitEvent,
    Emitted,
    EmittedLatest,
    JoinNamespace,
    LeaveNamespace,
    NamespaceEnded,
    NamespaceJoined,
)
from gameserver.messages.session import SignOut
from gameserver.messages.wire import Later, Refusal, RequestEnvelope, ResultEnvelope
from gameserver.namespaces.audience import Recipients
from gameserver.rooms import calls
from gameserver.rooms.author_calls import EmitTo, Expel, Handled, Place
from gameserver.rooms.hall import Hall
from gameserver.rooms.requests.namespaces import MISSED
from gameserver.rooms.state.effects import AckCame, Departed, Handle, MemberSeen, ReplyLater
from gameserver.rooms.state.namespaces import NamespaceRooms
from tests.rooms.party import MAPS, Guest, Party, Tag, refused_with

CLUB, OTHER = "/club", "/other"
SAID = Emitted(CLUB, "said", (1,))
EVERYBODY = Recipients()


class Club(Party):
    """A party on a hall with two namespaces."""

    def __init__(self, **rules: object) -> None:
        super().__init__(**rules)
        self.hall = Hall(Tag(), MAPS, self.rules, namespaces=[CLUB, OTHER])

    def begin(self, guest: Guest, request: Request) -> RequestId:
        """Ask for what an author's handler carries out; return the number of the request."""
        guest.last_request += 1
        number = RequestId(guest.last_request)
        self.take(calls.Ask(guest.player_id, RequestEnvelope(number, request)))
        self.settle()
        handle = self.of(Handle)[-1]
        assert (handle.player_id, handle.request_id) == (guest.player_id, number)
        assert handle.request == request
        return number

    def finish(
        self, guest: Guest, number: RequestId, request: Request, outcome: Result | Refusal
    ) -> None:
        self.take(Handled(guest.player_id, number, request, outcome))
        self.settle()

    def member(self, name: str) -> Guest:
        guest = self.guest(name)
        self.join(guest)
        return guest

    def join(self, guest: Guest, namespace: str = CLUB) -> None:
        ask = JoinNamespace(namespace)
        self.finish(guest, self.begin(guest, ask), ask, NamespaceJoined())

    def emit(self, audience: Recipients = EVERYBODY, *, latest: bool = False) -> None:
        self.take(EmitTo(audience, SAID, latest=latest))
        self.settle()

    def place(self, guest: Guest, room: str, *, inside: bool = True) -> None:
        self.take(Place(CLUB, guest.player_id, room, inside))

    def members(self, namespace: str = CLUB) -> list[PlayerId]:
        return list(self.hall.parts.state.namespaces[namespace].members)


def heard(guest: Guest) -> int:
    return len(guest.of(Emitted))


def test_a_session_is_a_member_once_its_author_has_let_it_in() -> None:
    club = Club()
    ann = club.guest("Ann")
    refused_with(Code.NAMESPACE_UNKNOWN, ann, JoinNamespace("/nowhere"))
    ask = JoinNamespace(CLUB)
    number = club.begin(ann, ask)
    assert (club.members(), club.of(ReplyLater)) == ([], [])
    club.finish(ann, number, ask, NamespaceJoined())
    assert (club.members(), club.members(OTHER)) == ([ann.player_id], [])
    (reply,) = club.of(ReplyLater)
    assert reply.player_id == ann.player_id
    assert isinstance(reply.answer, ResultEnvelope)
    assert (reply.answer.id, reply.answer.result) == (number, NamespaceJoined())
    assert ann.ask(ask) == NamespaceJoined(again=True)
    assert len(club.of(Handle)) == 1, "the author is not asked again"
    refused = club.begin(ann, JoinNamespace(OTHER))
    no = Refusal(RequestId(0), "club.closed", "No.")
    club.finish(ann, refused, JoinNamespace(OTHER), no)
    answer = club.of(ReplyLater)[-1].answer
    assert isinstance(answer, Refusal)
    assert (answer.id, answer.code, answer.sentence) == (refused, "club.closed", "No.")
    assert club.members(OTHER) == []


def test_a_deferred_answer_is_behind_the_events_that_came_before_it() -> None:
    club = Club()
    ann = club.member("Ann")
    ask = EmitEvent(CLUB, "say", (), ack=True)
    number = club.begin(ann, ask)
    club.emit()
    club.emit()
    club.finish(ann, number, ask, EmitAnswered((7,)))
    answer = club.of(ReplyLater)[-1].answer
    assert isinstance(answer, ResultEnvelope)
    assert answer.after == ann.applied
    assert heard(ann) == 2


def test_only_members_emit_and_leave_and_an_emit_without_ack_is_answered_at_once() -> None:
    club = Club()
    ann = club.guest("Ann")
    refused_with(Code.NAMESPACE_NOT_IN, ann, EmitEvent(CLUB, "say"))
    refused_with(Code.NAMESPACE_NOT_IN, ann, LeaveNamespace(CLUB))
    refused_with(Code.NAMESPACE_UNKNOWN, ann, EmitEvent("/nowhere", "say"))
    club.join(ann)
    ask = EmitEvent(CLUB, "say", (1, "x"))
    assert ann.ask(ask) == EmitAnswered()
    handle = club.of(Handle)[-1]
    assert handle.request == ask
    club.finish(ann, handle.request_id, ask, EmitAnswered((5,)))
    assert len(club.of(ReplyLater)) == 1, "that of the join"
    assert ann.ask(LeaveNamespace(CLUB)) == Result()
    assert club.of(Departed) == [Departed(ann.player_id, CLUB, "left")]
    assert club.members() == []
    refused_with(Code.NAMESPACE_NOT_IN, ann, EmitEvent(CLUB, "say"))


def test_events_that_are_not_finished_are_bounded_for_each_session() -> None:
    club = Club(handling=2)
    ann, bob = club.member("Ann"), club.member("Bob")
    ask = EmitEvent(CLUB, "say", (), ack=True)
    first = club.begin(ann, ask)
    club.begin(ann, ask)
    for refused in (ask, JoinNamespace(OTHER)):
        error = refused_with(Code.RATE_LIMITED, ann, refused)
        assert error.details == {"retry_after_s": 1.0}
    club.begin(bob, ask)
    assert ann.ask(JoinNamespace(CLUB)) == NamespaceJoined(again=True)
    club.finish(ann, first, ask, EmitAnswered())
    club.begin(ann, ask)
    refused_with(Code.RATE_LIMITED, ann, ask)


def test_an_ack_is_passed_on() -> None:
    club = Club()
    ann = club.guest("Ann")
    assert ann.ask(AckEmitted(3, (1, 2), CLUB)) == Result()
    assert club.of(AckCame) == [AckCame(ann.player_id, 3, (1, 2), CLUB)]


def test_a_handler_that_ends_after_its_session_changes_nothing() -> None:
    club = Club()
    ann = club.guest("Ann")
    ask = JoinNamespace(CLUB)
    number = club.begin(ann, ask)
    ann.ask(SignOut())
    club.finish(ann, number, ask, NamespaceJoined())
    assert (club.members(), club.of(ReplyLater)) == ([], [])


def test_a_session_that_ends_leaves_all_namespaces_and_rooms() -> None:
    club = Club()
    ann, bob = club.member("Ann"), club.member("Bob")
    club.join(ann, OTHER)
    club.place(ann, "red")
    ann.ask(SignOut())
    assert [(each.player_id, each.namespace) for each in club.of(Departed)] == [
        (ann.player_id, CLUB),
        (ann.player_id, OTHER),
    ]
    assert (club.members(), club.members(OTHER)) == ([bob.player_id], [])
    assert club.hall.parts.state.namespaces[CLUB].rooms == {}


def test_authors_are_told_of_members_that_lose_their_connection_and_return() -> None:
    club = Club()
    ann = club.member("Ann")
    club.guest("Bob").lose_connection()
    ann.lose_connection()
    ann.resume()
    assert club.of(MemberSeen) == [
        MemberSeen(ann.player_id, CLUB, connected=False),
        MemberSeen(ann.player_id, CLUB, connected=True),
    ]


def test_an_emit_reaches_the_members_that_are_meant_once() -> None:
    club = Club()
    ann, bob, cid = (club.member(name) for name in ("Ann", "Bob", "Cid"))
    club.guest("Stranger")
    club.place(ann, "red")
    club.place(bob, "red")
    club.place(bob, "blue")

    def meant(**audience: Any) -> list[str]:
        before = [heard(each) for each in (ann, bob, cid)]
        club.emit(Recipients(**audience))
        after = [heard(each) for each in (ann, bob, cid)]
        assert all(0 <= new - old <= 1 for old, new in zip(before, after, strict=True))
        people = zip((ann, bob, cid), before, after, strict=True)
        return [each.name for each, old, new in people if new > old]

    assert meant() == ["Ann", "Bob", "Cid"]
    assert meant(rooms=("red",)) == ["Ann", "Bob"]
    assert meant(rooms=("red", "blue")) == ["Ann", "Bob"]
    assert meant(rooms=("nowhere",)) == []
    assert meant(named=True) == []
    assert meant(players=(cid.player_id, PlayerId("nobody"))) == ["Cid"]
    assert meant(players=(cid.player_id,), rooms=("blue",)) == ["Bob", "Cid"]
    assert meant(without=(ann.player_id,)) == ["Bob", "Cid"]
    assert meant(without_rooms=("blue", "nowhere")) == ["Ann", "Cid"]
    assert meant(rooms=("red",), without_rooms=("blue",), without=(cid.player_id,)) == ["Ann"]


def test_the_latest_is_a_notice_and_no_event() -> None:
    club = Club()
    ann = club.member("Ann")
    club.emit(latest=True)
    assert heard(ann) == 0
    assert ann.notices[-1] == EmittedLatest(CLUB, "said", (1,))


def test_a_member_is_in_so_many_rooms_and_a_stranger_in_none() -> None:
    club = Club(rooms_of_member=2)
    ann, stranger = club.member("Ann"), club.guest("Bob")
    rooms = club.hall.parts.state.namespaces[CLUB]
    for room in ("red", "blue", "red"):
        club.place(ann, room)
    with pytest.raises(ValueError, match="a member is in at most 2 rooms"):
        club.place(ann, "green")
    club.place(stranger, "red")
    assert rooms.members == {ann.player_id: {"red": None, "blue": None}}
    club.place(ann, "blue", inside=False)
    club.place(ann, "nowhere", inside=False)
    club.place(stranger, "red", inside=False)
    assert set(rooms.rooms) == {"red"}, "a room without members does not exist"
    club.place(ann, "green")
    assert list(rooms.members[ann.player_id]) == ["red", "green"]


def test_an_author_puts_a_member_out_and_its_client_is_told() -> None:
    club = Club()
    ann, bob = club.member("Ann"), club.guest("Bob")
    for guest in (ann, bob):
        club.take(Expel(CLUB, guest.player_id, "club.closed", "Go."))
        club.settle()
    assert ann.of(NamespaceEnded) == [NamespaceEnded(CLUB, "club.closed", "Go.")]
    assert bob.of(NamespaceEnded) == []
    assert club.of(Departed) == [Departed(ann.player_id, CLUB, "club.closed")]


def test_a_member_who_misses_too_much_while_away_is_put_out_and_one_who_listens_is_not() -> None:
    club = Club(emits_waiting=5)
    ann, bob = club.member("Ann"), club.member("Bob")
    ann.lose_connection()
    for _ in range(20):
        club.emit()
        if club.of(Departed):
            break
    (departed,) = club.of(Departed)
    assert departed == Departed(ann.player_id, CLUB, MISSED)
    assert club.members() == [bob.player_id]
    ann.resume()
    assert heard(ann) == 5
    assert ann.of(NamespaceEnded)[0].code == MISSED


def test_members_and_rooms_are_in_the_order_in_which_they_came() -> None:
    rooms = NamespaceRooms()
    ann, bob = PlayerId("a"), PlayerId("b")
    rooms.members = {bob: {}, ann: {}}
    rooms.enter(ann, "red")
    rooms.enter(bob, "red")
    assert list(rooms.meant(EVERYBODY)) == [bob, ann]
    assert list(rooms.meant(Recipients(rooms=("red",)))) == [ann, bob]
    rooms.drop(ann)
    assert list(rooms.meant(Recipients(rooms=("red",)))) == [bob]
    rooms.drop(bob)
    assert (rooms.members, rooms.rooms) == ({}, {})


def test_a_request_that_is_repeated_while_its_handler_works_is_handled_once() -> None:
    club = Club()
    ann = club.guest("Ann")
    ask = JoinNamespace(CLUB)
    number = club.begin(ann, ask)
    handles = len(club.of(Handle))
    again = club.take(calls.Ask(ann.player_id, RequestEnvelope(number, ask)))
    club.settle()
    assert again == Later(number)
    assert len(club.of(Handle)) == handles
