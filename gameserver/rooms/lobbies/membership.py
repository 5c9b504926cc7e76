"""Entering and leaving lobbies, and the role of the host.

Law: a player reserves a place in the new lobby before leaving the old one, so a refused entry
changes nothing. Every member leaves through `remove`, for any reason, and a lobby is closed when
its last member leaves.
"""

import attrs

from gameserver.errors import Code, RequestError
from gameserver.game.guard import teams_of
from gameserver.ids import NO_SEAT, LobbyId, PlayerId, Seat
from gameserver.messages.lobby import LobbyConfig, LobbyLeft, Phase, Visibility
from gameserver.messages.session import Presence
from gameserver.rooms.chat.chat import Chat
from gameserver.rooms.limits.buckets import BucketTable
from gameserver.rooms.lobbies.configs import ConfigPolicy
from gameserver.rooms.lobbies.directory import Directory, is_banned
from gameserver.rooms.lobbies.lifecycle import Lifecycle
from gameserver.rooms.lobbies.match_binding import MatchBinding
from gameserver.rooms.state.hall_state import HallState
from gameserver.rooms.state.lobby import Lobby, Occupant, Password
from gameserver.rooms.state.seats import Seats
from gameserver.rooms.state.session import Session

_GONE_TEXT = {
    "left": "left.",
    "kicked": "was kicked.",
    "banned": "was banned.",
    "expired": "was away too long.",
    "closed": "has left: the lobby is closed.",
}


@attrs.define(eq=False)
class Membership:
    """Adds members to lobbies and removes them."""

    _state: HallState
    _configs: ConfigPolicy
    _directory: Directory
    _match_binding: MatchBinding
    _lifecycle: Lifecycle
    _chat: Chat
    _creates: BucketTable = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Make the limit on opening lobbies."""
        rules = self._state.rules
        self._creates = BucketTable(rules.creates_per_s, rules.creates_burst, rules.addresses)

    # --- in -------------------------------------------------------------------------------------

    def open(self, host: Session, config: LobbyConfig, password: str, *, auto: bool) -> Lobby:
        """Open a lobby and put its host on the first seat.

        Raises:
            RequestError: The configuration is bad, or there are too many lobbies.
        """
        accepted, options = self._configs.check(config, host.name)
        teams = teams_of(self._state.game, options)  # the game's code: before anything changes
        secret = self.check_password(accepted, password, None)
        self._allow_one_more(host)
        lobby_id = LobbyId(self._state.fresh_id("l", self._state.lobbies))
        lobby = Lobby(
            lobby_id=lobby_id,
            code=self._directory.new_code(lobby_id),
            config=accepted,
            options=options,
            teams=teams,
            password=secret,
            host=host.player_id,
            auto=auto,
            open_since=self._state.now,
            seats=Seats(accepted.size),
        )
        # Only now, when nothing can be refused any more, does the host leave the old lobby.
        self.leave(host)
        self._state.lobbies[lobby_id] = lobby
        self._state.note(
            "lobby opened",
            lobby=lobby_id,
            player=host.player_id,
            map=accepted.map,
            visibility=accepted.visibility,
            quick=auto,
        )
        lobby.seats.reserve(host.player_id, lobby.open_seats())
        self._come_in(lobby, host)
        return lobby

    def _allow_one_more(self, host: Session) -> None:
        if len(self._state.lobbies) >= self._state.rules.lobbies:
            raise RequestError(Code.LOBBY_LIMIT, "The server has no room for another lobby.")
        wait = self._creates.take(host.address, self._state.now)
        if wait:
            sentence = f"Too many new lobbies from here; try again in {wait:.0f} s."
            raise RequestError(Code.RATE_LIMITED, sentence, {"retry_after_s": wait})

    def check_password(
        self, config: LobbyConfig, text: str, before: Password | None
    ) -> Password | None:
        """Return the password of a lobby with this configuration; an empty text keeps ``before``.

        Raises:
            RequestError: ``lobby.bad_options``: there is no password, or it is too long.
        """
        if config.visibility is not Visibility.PASSWORD:
            return None
        limit = self._state.rules.password_chars
        if len(text) > limit or (not text and before is None):
            fault = f"must have from 1 to {limit} characters"
            details = {"fields": {"password": fault}}
            raise RequestError(Code.LOBBY_BAD_OPTIONS, f"password {fault}", details)
        return Password.new(text, self._state.entropy(16)) if text else before

    def enter(self, session: Session, lobby: Lobby, *, spectate: bool) -> None:
        """Add a player to a lobby; the player leaves the lobby they were in.

        Raises:
            RequestError: The player is a member already or banned, or there is no free place.
        """
        if session.player_id in lobby.members:
            raise RequestError(Code.LOBBY_ALREADY_IN, "You are in this lobby already.")
        if is_banned(lobby, session):
            raise RequestError(Code.LOBBY_BANNED, "The host of this lobby has banned you.")
        if lobby.locked:
            raise RequestError(Code.LOBBY_LOCKED, "The host has locked this lobby.")
        if not lobby.takes_members(self._state.rules):
            raise RequestError(Code.LOBBY_FULL, "This lobby has no room for another member.")
        if spectate:
            self._allow_watching(lobby)
        else:
            self._reserve(lobby, session.player_id, lobby.open_seats())
        self.leave(session)
        self._come_in(lobby, session)

    def _allow_watching(self, lobby: Lobby) -> None:
        if not lobby.config.spectators:
            raise RequestError(Code.LOBBY_FULL, "This lobby takes no spectators.")
        if sum(not who.stepped_out for who in lobby.watching) >= self._state.rules.spectators:
            raise RequestError(Code.LOBBY_FULL, "This lobby has no room for another spectator.")

    def _reserve(self, lobby: Lobby, player_id: PlayerId, wanted: list[Seat]) -> None:
        if not lobby.in_progress_open:
            sentence = "Nobody can join the running match; you can watch it, or wait for its end."
            raise RequestError(Code.LOBBY_WRONG_PHASE, sentence)
        if lobby.seats.reserve(player_id, wanted) is None:
            if len(lobby.seats) >= lobby.seats.size:
                raise RequestError(Code.LOBBY_FULL, "All seats of this lobby are taken.")
            raise RequestError(Code.LOBBY_SEAT_TAKEN, "This seat is taken.")

    def _come_in(self, lobby: Lobby, session: Session) -> None:
        muted = session.player_id in lobby.muted
        member = Occupant(session.player_id, session.name, muted=muted)
        lobby.members[session.player_id] = member
        session.lobby_id = lobby.lobby_id
        if lobby.seats.state(session.player_id) is not None:
            self._sit_down(lobby, member)
        self._state.note(
            "joined", lobby=lobby.lobby_id, player=session.player_id, watches=not member.seated
        )
        self._lifecycle.settle(lobby)
        self._state.touch(lobby)
        self._state.show(lobby)
        self._match_binding.show_match(lobby, member)
        if 1 < len(lobby.members) <= self._state.rules.crowd:
            self._chat.announce(lobby, f"{session.name} joined.", "joined", session.name)

    # --- between seats ----------------------------------------------------------------------------

    def take_seat(self, lobby: Lobby, member: Occupant, seat: Seat) -> None:
        """Move a member to another seat; `NO_SEAT` makes the member a spectator.

        Raises:
            RequestError: The seat is taken or does not exist, or seats cannot be changed now.
        """
        if seat == member.seat:
            return
        if lobby.phase is Phase.IN_MATCH and member.seated and seat != NO_SEAT:
            raise RequestError(Code.LOBBY_WRONG_PHASE, "Seats cannot be changed in a match.")
        if seat == NO_SEAT:
            self._allow_watching(lobby)
            # The view of the seat ends before the seat does: `show_match` opens a spectator's.
            self._match_binding.close_view(lobby, member)
            self._stand_up(lobby, member)
        elif not 0 <= seat < lobby.seats.size:
            fault = f"must be from 0 to {lobby.seats.size - 1}"
            raise RequestError(Code.BAD_PARAMS, f"seat {fault}", {"fields": {"seat": fault}})
        elif member.seated:
            self._change_seat(lobby, member, seat)
        else:
            self._reserve(lobby, member.player_id, [seat])
            self._sit_down(lobby, member)
        self._lifecycle.settle(lobby)
        self._state.touch(lobby)
        self._state.show(lobby)
        self._match_binding.show_match(lobby, member)

    def _change_seat(self, lobby: Lobby, member: Occupant, seat: Seat) -> None:
        if lobby.seats.holder(seat) is not None:
            raise RequestError(Code.LOBBY_SEAT_TAKEN, "This seat is taken.")
        lobby.seats.release(member.player_id)
        lobby.seats.reserve(member.player_id, [seat])
        lobby.seats.claim(member.player_id)
        member.seat = seat

    def _sit_down(self, lobby: Lobby, member: Occupant) -> None:
        """Claim the reserved seat, in the smallest team, and add the player to a running match."""
        seat = lobby.seats.seat_of(member.player_id)
        assert seat is not None
        self._state.catch_up(lobby, member.player_id)  # players are told of the present
        member.team = lobby.smallest_team()
        lobby.seats.claim(member.player_id)
        member.seat = seat
        member.ready = member.stepped_out = False
        self._match_binding.admit(lobby, member)

    def _stand_up(self, lobby: Lobby, member: Occupant) -> None:
        # Dismissed while still seated: the match must be told which seat is cleared.
        self._match_binding.dismiss(lobby, member)
        lobby.seats.release(member.player_id)
        member.seat, member.team, member.ready = NO_SEAT, 0, False

    def step_out(self, lobby: Lobby, member: Occupant) -> None:
        """Take a member out of the running match, but not out of the lobby.

        Raises:
            RequestError: No match is running.
        """
        if lobby.phase is not Phase.IN_MATCH:
            raise RequestError(Code.LOBBY_WRONG_PHASE, "There is no running match to leave.")
        self._match_binding.close_view(lobby, member)
        if member.seated:
            self._stand_up(lobby, member)
            member.stepped_out = True
        self._lifecycle.settle(lobby)
        self._state.touch(lobby)

    def bring_back(self, lobby: Lobby) -> None:
        """Give members who left the ended match a seat again, as far as seats are free."""
        for member in lobby.members.values():
            if not member.stepped_out:
                continue
            if lobby.seats.reserve(member.player_id, lobby.open_seats()) is not None:
                self._sit_down(lobby, member)
                if not member.connected:
                    lobby.seats.hold(member.player_id)
                self._state.touch(lobby)

    # --- out --------------------------------------------------------------------------------------

    def leave(self, session: Session) -> None:
        """Remove a session from its lobby; a session in no lobby is ignored."""
        place = self._state.place_of(session)
        if place is not None:
            self.remove(place[0], session, "left")

    def remove(self, lobby: Lobby, session: Session, reason: str) -> None:
        """Remove a member, tell them the reason, and close the lobby if it is empty.

        The member's place is cleared before the others are told: the state that they get must not
        show it any more.
        """
        member = lobby.members[session.player_id]
        self._match_binding.close_view(lobby, member)
        if member.seated:
            self._stand_up(lobby, member)
        del lobby.members[session.player_id]
        lobby.late.take_all(session.player_id)
        session.lobby_id = None
        self._state.send(session, LobbyLeft(lobby.lobby_id, reason))
        self._note_gone(lobby, session, reason)
        if not lobby.members:
            self._state.note("lobby closed", lobby=lobby.lobby_id)
            self._match_binding.drop(lobby)
            self._directory.forget(lobby)
            self._state.forget(lobby)
            return
        text = f"{member.name} {_GONE_TEXT[reason]}"
        self._chat.announce(lobby, text, reason, member.name)
        self._state.touch(lobby)
        if lobby.host == session.player_id:
            self._lifecycle.host_left(lobby)
            self.hand_over(lobby)
        self._lifecycle.somebody_left(lobby)

    def _note_gone(self, lobby: Lobby, session: Session, reason: str) -> None:
        note, lobby_id, player_id = self._state.note, lobby.lobby_id, session.player_id
        if reason == "kicked":
            note("kicked", lobby=lobby_id, player=player_id, name=session.name, by=lobby.host)
        elif reason == "banned":
            note("banned", lobby=lobby_id, player=player_id, name=session.name, by=lobby.host)
        else:
            note("left", lobby=lobby_id, player=player_id, reason=reason)

    # --- the host ---------------------------------------------------------------------------------

    def hand_over(self, lobby: Lobby) -> None:
        """Make the first connected member the host, or the first member if none is connected."""
        members = list(lobby.members.values())
        heir = next((member for member in members if member.connected), members[0])
        self.make_host(lobby, heir)

    def make_host(self, lobby: Lobby, member: Occupant) -> None:
        """Make a member the host, and tell the lobby."""
        lobby.host = member.player_id
        member.muted = False  # only another host could unmute them
        lobby.muted.pop(member.player_id, None)
        lobby.host_lost_at = None if member.connected else self._state.now
        self._state.note("host changed", lobby=lobby.lobby_id, player=member.player_id)
        self._chat.announce(lobby, f"{member.name} is the host now.", "host", member.name)
        self._state.touch(lobby)

    # --- lost connections -------------------------------------------------------------------------

    def hold(self, lobby: Lobby, member: Occupant) -> None:
        """Keep a member's place for the grace time, since the connection was lost."""
        rules, now = self._state.rules, self._state.now
        in_match = lobby.phase is Phase.IN_MATCH
        grace = rules.match_grace_s if in_match else rules.lobby_grace_s
        member.connected, member.ready, member.held_until = False, False, now + grace
        member.stalled = False
        if member.seated:
            lobby.seats.hold(member.player_id)
        if lobby.host == member.player_id:
            lobby.host_lost_at = now
        self._show_presence(lobby, member)

    def take_back(self, lobby: Lobby, member: Occupant) -> None:
        """Give a member the held place back, since there is a connection again."""
        member.connected, member.held_until = True, None
        if member.seated:
            lobby.seats.claim(member.player_id)
        if lobby.host == member.player_id:
            lobby.host_lost_at = None
        self._show_presence(lobby, member)

    def _show_presence(self, lobby: Lobby, member: Occupant) -> None:
        self._lifecycle.settle(lobby)
        self._state.touch(lobby)
        self._tell_presence(lobby, member)

    def note_silence(self, lobby: Lobby, member: Occupant, *, stalled: bool) -> None:
        """Tell the other members that a member's inputs have stopped, or come again.

        Both are sent as a notice, which is fast but may be lost. The second is also sent reliably,
        as a lobby state: every client that knows of the silence must learn of its end. In a crowd
        both are told by states alone.
        """
        stalled = stalled and member.connected and lobby.phase is Phase.IN_MATCH
        if member.stalled == stalled:
            return
        member.stalled = stalled
        self._tell_presence(lobby, member)
        if not stalled or self._is_crowd(lobby):
            self._state.touch(lobby)

    def _tell_presence(self, lobby: Lobby, member: Occupant) -> None:
        """Send the others a notice; in a crowd the next state must tell it instead.

        When hundreds lose their connections together, each would be told of each.
        """
        if self._is_crowd(lobby):
            return
        sessions = self._state.sessions
        others = [sessions[who] for who in lobby.members if who != member.player_id]
        presence = Presence(member.player_id, member.connected, member.stalled)
        self._state.tell_all(others, presence)

    def _is_crowd(self, lobby: Lobby) -> bool:
        return len(lobby.members) > self._state.rules.crowd

    def expire(self, lobby: Lobby) -> None:
        """Tell spectators what is due, remove members who were away too long, replace the host."""
        self._state.tell_late(lobby)
        now = self._state.now
        for member in list(lobby.members.values()):
            if member.held_until is not None and member.held_until <= now:
                self.remove(lobby, self._state.sessions[member.player_id], "expired")
        away_at = lobby.host_lost_at
        if away_at is not None and away_at + self._state.rules.host_grace_s <= now:
            heirs = [member for member in lobby.members.values() if member.connected]
            if heirs:
                self.make_host(lobby, heirs[0])
