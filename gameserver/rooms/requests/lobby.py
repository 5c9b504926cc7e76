"""Requests of players about lobbies: find, enter, take a seat, get ready, leave.

Law: a handler checks what no other part can check, calls the parts that carry the request out, and
returns the result. It has no state.
"""

import attrs

from gameserver.errors import Code, RequestError
from gameserver.messages import forms
from gameserver.messages import lobby as asks
from gameserver.messages.base import Result
from gameserver.messages.lobby import LobbyFilter, Phase, Visibility
from gameserver.rooms.lobbies.configs import ConfigPolicy
from gameserver.rooms.lobbies.directory import Directory
from gameserver.rooms.lobbies.lifecycle import Lifecycle
from gameserver.rooms.lobbies.membership import Membership
from gameserver.rooms.lobbies.teams import may_change_team
from gameserver.rooms.sessions.book import SessionBook
from gameserver.rooms.state.hall_state import HallState
from gameserver.rooms.state.lobby import Lobby, Occupant
from gameserver.rooms.state.session import Session

_STOPS_SOON = "The server stops soon; new lobbies and matches begin when it is back."


@attrs.frozen
class LobbyRequests:
    """Handlers of the requests that every player may make."""

    state: HallState
    sessions: SessionBook
    configs: ConfigPolicy
    directory: Directory
    lifecycle: Lifecycle
    membership: Membership

    # --- finding ----------------------------------------------------------------------------------

    def form(self, session: Session, _request: forms.GetLobbyForm) -> Result:
        """Return the choices of a lobby's configuration."""
        return self.configs.form(session.name)

    def listing(self, _session: Session, request: asks.ListLobbies) -> Result:
        """List lobbies once."""
        return self.directory.listing(request.filter)

    def watch(self, session: Session, request: asks.WatchLobbies) -> Result:
        """List lobbies, and start or stop to send changes of the list."""
        wanted: LobbyFilter | None = request.filter if request.on else None
        self.directory.watch(session, wanted)
        return self.directory.listing(request.filter)

    # --- coming in and going ----------------------------------------------------------------------

    def create(self, session: Session, request: asks.CreateLobby) -> Result:
        """Open a lobby."""
        self._refuse_new()
        lobby = self.membership.open(session, request.config, request.password, auto=False)
        return self._in(lobby, session)

    def join(self, session: Session, request: asks.JoinLobby) -> Result:
        """Enter a lobby by id or code."""
        self._refuse_at_the_end()
        lobby = self._find(session, request)
        if session.player_id not in lobby.members:
            self._check_password(session, lobby, request.password)
        self.membership.enter(session, lobby, spectate=request.spectate)
        return self._in(lobby, session)

    def quick_play(self, session: Session, request: asks.QuickPlay) -> Result:
        """Enter the lobby whose match is nearest, or open one that starts by itself."""
        self._refuse_at_the_end()
        lobby = self.directory.pick(session, request)
        if lobby is None:
            self._refuse_new()
            title = f"{session.name}'s quick play"
            config = self.configs.proposal(
                title=title, mode=request.mode, map_name=request.map, fill=True
            )
            lobby = self.membership.open(session, config, "", auto=True)
        else:
            self.membership.enter(session, lobby, spectate=False)
            self._mark(lobby, lobby.members[session.player_id], ready=True)
        return self._in(lobby, session)

    def leave(self, session: Session, _request: asks.LeaveLobby) -> Result:
        """Leave the lobby one is in."""
        self._place(session)
        self.membership.leave(session)
        return Result()

    def leave_match(self, session: Session, _request: asks.LeaveMatch) -> Result:
        """Leave the running match and stay in its lobby."""
        self.membership.step_out(*self._place(session))
        return Result()

    def _find(self, session: Session, request: asks.JoinLobby) -> Lobby:
        """Return the lobby that a request names; an unlisted one only by its invite code.

        Wrong codes are counted and limited, so that codes cannot be guessed.
        """
        if not request.lobby_id and not request.code:
            raise RequestError(Code.BAD_PARAMS, "Name a lobby by its id or its invite code.")
        by_id = self.state.lobbies.get(request.lobby_id)
        if request.code:
            self._refuse_when_guessing(session)
            by_code = self.directory.by_code(request.code)
            if by_code is not None and (not request.lobby_id or by_code is by_id):
                return by_code
            self._count_guess(session)
            raise RequestError(Code.LOBBY_UNKNOWN, "No lobby has this invite code.")
        is_in = by_id is not None and session.player_id in by_id.members
        if by_id is None or (by_id.config.visibility is Visibility.UNLISTED and not is_in):
            raise RequestError(Code.LOBBY_UNKNOWN, "This lobby does not exist any more.")
        return by_id

    def _check_password(self, session: Session, lobby: Lobby, text: str) -> None:
        if lobby.password is None:
            return
        self._refuse_when_guessing(session)
        if not lobby.password.fits(text[: self.state.rules.password_chars + 1]):
            if text:
                self._count_guess(session)
            sentence = "The password is wrong." if text else "This lobby has a password."
            raise RequestError(Code.LOBBY_WRONG_PASSWORD, sentence)

    def _refuse_when_guessing(self, session: Session) -> None:
        now = self.state.now
        by_address = self.sessions.address_attempts.wait(session.address, now)
        wait = max(session.attempts.wait(now), by_address)
        if wait:
            sentence = f"Too many wrong attempts; try again in {wait:.0f} s."
            raise RequestError(Code.RATE_LIMITED, sentence, {"retry_after_s": wait})

    def _count_guess(self, session: Session) -> None:
        session.attempts.take(self.state.now)
        self.sessions.address_attempts.take(session.address, self.state.now)

    def _refuse_at_the_end(self) -> None:
        if self.state.stopping:
            raise RequestError(Code.SERVER_STOPPING, _STOPS_SOON)

    def _refuse_new(self) -> None:
        if self.state.draining:
            raise RequestError(Code.SERVER_STOPPING, _STOPS_SOON)

    # --- inside -----------------------------------------------------------------------------------

    def ready(self, session: Session, request: asks.SetReady) -> Result:
        """Set or clear the own ready mark."""
        lobby, member = self._seated(session)
        if lobby.phase is Phase.IN_MATCH:
            raise RequestError(Code.LOBBY_WRONG_PHASE, "The match runs already.")
        self._mark(lobby, member, ready=request.ready)
        return Result()

    def rematch(self, session: Session, _request: asks.Rematch) -> Result:
        """Set the own ready mark for another match with the same configuration."""
        lobby, member = self._seated(session)
        if lobby.phase is not Phase.RESULTS:
            sentence = "A rematch can be asked for while the results are shown; get ready instead."
            raise RequestError(Code.LOBBY_WRONG_PHASE, sentence)
        self._mark(lobby, member, ready=True)
        return Result()

    def sit(self, session: Session, request: asks.TakeSeat) -> Result:
        """Move to another seat, or become a spectator."""
        lobby, member = self._place(session)
        self.membership.take_seat(lobby, member, request.seat)
        return Result()

    def choose_team(self, session: Session, request: asks.ChooseTeam) -> Result:
        """Change team."""
        lobby, member = self._seated(session)
        if lobby.phase is Phase.IN_MATCH:
            raise RequestError(Code.LOBBY_WRONG_PHASE, "Teams cannot be changed in a match.")
        if not 1 <= request.team <= lobby.teams:
            fault = f"must be from 1 to {lobby.teams}" if lobby.teams else "has no teams to choose"
            raise RequestError(Code.BAD_PARAMS, f"team {fault}", {"fields": {"team": fault}})
        if not may_change_team(lobby.team_counts(), member.team, request.team, lobby.bots_to_fill):
            sentence = (
                "Team sizes may differ by one at most; a player of that team must change first."
            )
            raise RequestError(Code.LOBBY_FULL, sentence, {"team": request.team})
        member.team = request.team
        self.state.touch(lobby)
        return Result()

    def _mark(self, lobby: Lobby, member: Occupant, *, ready: bool) -> None:
        if lobby.phase is not Phase.IN_MATCH and member.ready is not ready:
            member.ready = ready
            self.state.touch(lobby)
            self.lifecycle.settle(lobby)

    def _place(self, session: Session) -> tuple[Lobby, Occupant]:
        place = self.state.place_of(session)
        if place is None:
            raise RequestError(Code.LOBBY_NOT_IN, "You are in no lobby.")
        return place

    def _seated(self, session: Session) -> tuple[Lobby, Occupant]:
        lobby, member = self._place(session)
        if not member.seated:
            raise RequestError(Code.LOBBY_WRONG_PHASE, "Spectators cannot do this; take a seat.")
        return lobby, member

    def _in(self, lobby: Lobby, session: Session) -> Result:
        return asks.InLobby(self.state.view(lobby, session.player_id))
