"""Invariants of a hall between two calls; tests assert them after each step.

Law: a check looks and changes nothing.
"""

from gameserver.ids import NO_SEAT
from gameserver.messages.lobby import Phase
from gameserver.rooms.lobbies.match_binding import MatchBinding
from gameserver.rooms.state.hall_state import HallState
from gameserver.rooms.state.lobby import Lobby
from gameserver.rooms.state.seats import SeatState


def check(state: HallState, match_binding: MatchBinding) -> None:
    """Assert every invariant that spans sessions, lobbies and matches."""
    rules = state.rules
    assert not state.over_event_limit
    assert not state.over_backlog_limit
    assert len(state.sessions) <= rules.sessions
    assert len(state.lobbies) <= rules.lobbies
    assert len(state.hosting) == len(match_binding.running()), "a match is charged until its end"
    state.sanctions.check()
    placed = [who for lobby in state.lobbies.values() for who in lobby.members]
    assert len(placed) == len(set(placed)), "a session is in one lobby at most"
    for player_id, session in state.sessions.items():
        assert (session.lobby_id is not None) == (player_id in placed)
        assert (session.expires_at is None) == session.connected
        assert len(session.stream) <= rules.events + rules.events_waiting
        assert len(session.replies) <= rules.replies
        assert len(session.muted) <= rules.mutes
    matches = {
        lobby.match.match_id: lobby for lobby in state.lobbies.values() if lobby.match is not None
    }
    assert matches == match_binding.running(), (
        "every match belongs to a lobby, and no other is known"
    )
    for lobby in state.lobbies.values():
        _check_people(state, lobby)
        _check_phase(lobby)
        _check_seats(lobby)
        assert len(lobby.bans) <= rules.bans
        assert len(lobby.muted) <= rules.bans
        assert not lobby.members[lobby.host].muted, "nobody could lift it"
        watching = [who for who in lobby.watching if not who.stepped_out]
        assert len(watching) <= rules.spectators


def _check_people(state: HallState, lobby: Lobby) -> None:
    assert lobby.members, "a lobby ends with its last member"
    assert lobby.host in lobby.members
    assert (lobby.host_lost_at is None) == lobby.members[lobby.host].connected
    for player_id, member in lobby.members.items():
        session = state.sessions[player_id]
        assert session.lobby_id == lobby.lobby_id
        assert member.name == session.name
        assert member.connected == session.connected
        assert (member.held_until is None) == member.connected
        assert member.connected or not member.ready


def _check_phase(lobby: Lobby) -> None:
    assert (lobby.match is not None) == (lobby.phase is Phase.IN_MATCH)
    timed = lobby.phase in (Phase.COUNTDOWN, Phase.RESULTS)
    assert (lobby.phase_ends_at is not None) == timed
    if lobby.match is not None:
        assert lobby.match.stopping or lobby.seated, "a match without people is stopped"


def _check_seats(lobby: Lobby) -> None:
    assert len(lobby.seats) <= lobby.seats.size == lobby.config.size
    seats = dict(lobby.seats)
    taken = [member.seat for member in lobby.members.values() if member.seat != NO_SEAT]
    assert len(taken) == len(set(taken)), "a seat has one holder"
    assert seats == {m.seat: m.player_id for m in lobby.members.values() if m.seat != NO_SEAT}
    for member in lobby.members.values():
        wanted = SeatState.CLAIMED if member.connected else SeatState.HELD
        assert lobby.seats.state(member.player_id) == (wanted if member.seated else None)
        assert (
            (1 <= member.team <= lobby.teams) if member.seated and lobby.teams else not member.team
        )
    if lobby.match is not None:
        bots = lobby.match.bots
        assert not set(bots) & set(seats), "a bot and a person never share a seat"
        assert len(bots) <= lobby.config.bots
        assert len(bots) + len(seats) <= lobby.seats.size
        assert all(0 <= seat < lobby.seats.size for seat in bots)
