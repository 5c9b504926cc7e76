"""Members and groups of members, as an author's handlers use them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from gameserver.errors import RequestTimedOutError
from gameserver.ids import PlayerId
from gameserver.messages.namespaces import (
    AckEmitted,
    EmitEvent,
    Emitted,
    EmittedLatest,
    JoinNamespace,
    NamespaceEnded,
)
from gameserver.messages.wire import EventEnvelope, NoticeEnvelope
from gameserver.namespaces import Crowd, Namespace, Participant, Recipients
from gameserver.namespaces.people import plain
from tests.service.peers import Peer, Running, assert_serves, serving

CLUB = "/club"


class Club(Namespace):
    """Keeps its members, for the test to act as its author."""

    name = CLUB

    def __init__(self) -> None:
        CLUBS.append(self)
        self.people: dict[str, Participant] = {}

    async def joined(self, client: Participant) -> None:
        self.people[client.name] = client


CLUBS: list[Club] = []


class People:
    """A server with members of the club, by name."""

    def __init__(self, house: Running) -> None:
        self.house = house
        self.club = CLUBS[-1]
        self.peers: dict[str, Peer] = {}

    async def come(self, *names: str) -> list[Participant]:
        for name in names:
            peer = self.peers[name] = await self.house.guest(name)
            await peer.ask(1, JoinNamespace(CLUB))
            await assert_serves(peer, 2)
        return [self.club.people[name] for name in names]

    async def heard(self) -> dict[str, list[Any]]:
        """Return the arguments of the events that each has heard so far."""
        got = {}
        for name, peer in self.peers.items():
            await assert_serves(peer)
            events = [each.event for each in peer.heard if isinstance(each, EventEnvelope)]
            got[name] = [each.args[0] for each in events if isinstance(each, Emitted)]
        return got


@pytest.fixture
async def people(autojump_clock: MockClock) -> AsyncIterator[People]:
    async with serving(autojump_clock, namespaces=[Club]) as house:
        yield People(house)


async def test_crowds_are_joined_and_narrowed_by_rooms_and_members(people: People) -> None:
    ann, bob, cid = await people.come("Ann", "Bob", "Cid")
    ann.join("red")
    bob.join("red")
    bob.join("blue")
    bob.join("blue")
    assert (ann.rooms, bob.rooms, cid.rooms) == (("red",), ("red", "blue"), ())
    club = people.club
    club.everybody.without(ann).emit("said", "not Ann")
    club.everybody.without("red").emit("said", "not red")
    club.to("red").without("blue").emit("said", "red, not blue")
    club.to("red").without("blue").without(ann).emit("said", "nobody")
    club.to("blue").to("red").emit("said", "both")
    ann.to("red", "blue").emit("said", "the others of both")
    bob.leave("blue")
    bob.leave("blue")
    club.to("blue").emit("said", "nobody")
    cid.emit("said", "Cid")
    assert await people.heard() == {
        "Ann": ["red, not blue", "both"],
        "Bob": ["not Ann", "both", "the others of both"],
        "Cid": ["not Ann", "not red", "Cid"],
    }
    assert club.to("red").player_ids == (ann.player_id, bob.player_id)
    assert set(club.everybody.player_ids) == {ann.player_id, bob.player_id, cid.player_id}


async def test_a_member_has_its_name_its_connection_and_what_an_author_keeps(
    people: People,
) -> None:
    (ann,) = await people.come("Ann")
    ann.data["points"] = 3
    assert (ann.name, ann.connected, ann.data) == ("Ann", True, {"points": 3})
    await people.peers["Ann"].websocket.aclose()
    await trio.sleep(1)
    assert (ann.name, ann.connected) == ("Ann", False)


async def test_volatile_events_have_no_acks_and_only_the_newest_comes(people: People) -> None:
    ann, bob = await people.come("Ann", "Bob")
    for number in range(5):
        ann.volatile.emit("moved", number)
        people.club.everybody.volatile.without(ann).emit("moved", number)
    await people.heard()
    for peer in people.peers.values():
        notices = [each.notice for each in peer.heard if isinstance(each, NoticeEnvelope)]
        latest = [each for each in notices if isinstance(each, EmittedLatest)]
        assert latest[-1] == EmittedLatest(CLUB, "moved", (4,))
    with pytest.raises(ValueError, match="has no acks"):
        await bob.volatile.emit_with_ack("moved", 5)


async def answering(peer: Peer, *args: object) -> None:
    """Answer the next event that asks for an ack."""
    while not isinstance(event := (await peer.hear_a(EventEnvelope)).event, Emitted):
        pass
    assert event.ack is not None
    await peer.ask(50, AckEmitted(event.ack, args))


async def test_acks_of_a_crowd_are_gathered_and_the_silent_ones_named(people: People) -> None:
    ann, bob, cid = await people.come("Ann", "Bob", "Cid")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(answering, people.peers["Ann"], "yes")
        nursery.start_soon(answering, people.peers["Bob"])
        began = trio.current_time()
        gathered = await people.club.everybody.emit_with_ack("ready?")
    assert trio.current_time() - began == pytest.approx(5, abs=0.5)
    assert gathered.answers == {ann.player_id: "yes", bob.player_id: None}
    assert gathered.silent == (cid.player_id,)


async def test_one_member_is_asked_and_has_five_seconds(people: People) -> None:
    (ann,) = await people.come("Ann")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(answering, people.peers["Ann"], 1, 2)
        assert await ann.emit_with_ack("how many?") == (1, 2)
    began = trio.current_time()
    with pytest.raises(RequestTimedOutError):
        await ann.emit_with_ack("still there?")
    assert trio.current_time() - began == pytest.approx(5, abs=0.5)


async def test_a_member_is_put_out_and_told_why(people: People) -> None:
    ann, bob = await people.come("Ann", "Bob")
    ann.disconnect("Go.")
    bob.disconnect(code="club.closed")
    await people.heard()
    ends = {
        name: [
            (each.event.code, each.event.sentence)
            for each in peer.heard
            if isinstance(each, EventEnvelope) and isinstance(each.event, NamespaceEnded)
        ]
        for name, peer in people.peers.items()
    }
    assert ends == {"Ann": [("namespace.ended", "Go.")], "Bob": [("club.closed", "")]}
    assert people.club.everybody.player_ids == ()
    again = await people.peers["Ann"].ask(60, EmitEvent(CLUB, "said", ()))
    assert getattr(again, "code", None) == "namespace.not_in"


def test_an_ack_is_its_argument_none_without_one_and_a_tuple_of_several() -> None:
    assert plain(()) is None
    assert plain((0,)) == 0
    assert plain((None, 2)) == (None, 2)


def test_no_name_means_nobody_only_for_crowds_that_name_rooms() -> None:
    ground: Any = None
    everybody = Crowd(ground, CLUB)
    assert everybody._audience == Recipients(named=False)
    assert everybody.to()._audience == Recipients(named=True)
    first, second = (Participant(ground, CLUB, PlayerId(number)) for number in (1, 1))
    first.data["x"] = 1
    assert first == second, "what an author keeps does not make another member"
