"""What a hall decides when a new process goes on with its state: nobody is to blame."""

from collections.abc import Mapping

import msgpack

from gameserver.errors import Code
from gameserver.game.maps.tilemap import TileMap
from gameserver.ids import RequestId
from gameserver.messages.namespaces import NamespaceEnded
from gameserver.messages.wire import Refusal
from gameserver.rooms import server_calls
from gameserver.rooms.dump import dump, restore
from gameserver.rooms.hall import Hall
from gameserver.rooms.state import effects
from gameserver.rooms.state.namespaces import NamespaceRooms
from gameserver.rooms.state.session import Session
from tests.rooms.party import MAPS, Guest, Party


def restart(
    party: Party, *namespaces: str, maps: Mapping[str, TileMap] = MAPS
) -> list[effects.Effect]:
    """Go on in a new process; return what its first call decided."""
    dumped = msgpack.unpackb(msgpack.packb(dump(party.hall)), strict_map_key=False)
    party.hall = Hall(party.hall.parts.state.game, maps, party.rules)
    restore(party.hall, dumped)
    before = len(party.effects)
    party.take(server_calls.Restarted(frozenset(namespaces)))
    party.settle()
    return party.effects[before:]


def session_of(party: Party, guest: Guest) -> Session:
    return party.hall.parts.state.sessions[guest.player_id]


def test_a_hall_that_was_stopping_is_open_again() -> None:
    party = Party()
    state = party.hall.parts.state
    state.stopping = state.draining = True
    state.matches_refused_for_s = 7.0
    restart(party)
    state = party.hall.parts.state
    assert [state.stopping, state.draining, state.matches_refused_for_s] == [False, False, 0.0]


def test_sessions_and_seats_are_held_as_after_a_lost_connection() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    bob.lose_connection()
    restart(party)
    assert [session_of(party, guest).connected for guest in (ann, bob)] == [False, False]
    ann.resume()
    shown = {member.name: member.connected for member in ann.room.members}
    assert shown == {"Ann": True, "Bob": False}
    party.advance(party.rules.session_ttl_s)
    assert bob.player_id not in party.hall.parts.state.sessions


def test_requests_that_were_being_carried_out_are_answered() -> None:
    party = Party()
    ann = party.guest("Ann")
    session = session_of(party, ann)
    session.handling = 3
    for number in (5, 7):
        session.replies.defer(RequestId(number))
    restart(party)
    session = session_of(party, ann)
    assert (session.handling, session.replies.deferred()) == (0, [])
    for number in (5, 7):
        answer = session.replies.find(RequestId(number))
        assert isinstance(answer, Refusal)
        assert (answer.id, answer.code) == (number, Code.INTERNAL)


def test_a_lobby_whose_map_is_gone_is_closed_and_told() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    carl = party.guest("Carl")
    other = next(name for name in MAPS if name != ann.room.config.map)
    carl.create(map=other)
    lobby_id = ann.room.lobby_id
    decided = restart(party, maps={other: MAPS[other]})
    state = party.hall.parts.state
    assert list(state.lobbies) == [carl.room.lobby_id]
    assert [session_of(party, guest).lobby_id for guest in (ann, bob)] == [None, None]
    notes = [each for each in decided if isinstance(each, effects.Note)]
    told = [each.fields["lobby"] for each in notes if each.event == "lobby not restored"]
    assert told == [lobby_id]


def test_members_of_a_namespace_are_put_out_and_the_new_process_has_its_own() -> None:
    party = Party()
    ann, bob = party.guest("Ann"), party.guest("Bob")
    state = party.hall.parts.state
    space = NamespaceRooms()
    space.members[ann.player_id] = {}
    state.namespaces = {"/old": space}
    restart(party, "/new", "/a")
    assert list(party.hall.parts.state.namespaces) == ["/a", "/new"]
    for guest in (ann, bob):
        guest.resume()
    ended = [(each.namespace, each.code) for each in ann.of(NamespaceEnded)]
    assert ended == [("/old", "namespace.restarted")]
    assert bob.of(NamespaceEnded) == []
