"""Requests of hosts: configure, start, and moderate.

Law: each of these requests is refused unless its sender is the host of the lobby they are in.
"""

import attrs

from gameserver.errors import Code, RequestError
from gameserver.game.guard import teams_of
from gameserver.ids import PlayerId
from gameserver.messages import lobby as asks
from gameserver.messages.base import Result
from gameserver.messages.lobby import Phase
from gameserver.rooms.chat.chat import Chat
from gameserver.rooms.lobbies.configs import ConfigPolicy
from gameserver.rooms.lobbies.lifecycle import Lifecycle
from gameserver.rooms.lobbies.membership import Membership
from gameserver.rooms.lobbies.teams import balanced
from gameserver.rooms.sessions.names import skeleton
from gameserver.rooms.state.hall_state import HallState
from gameserver.rooms.state.lobby import Ban, Lobby, Occupant
from gameserver.rooms.state.session import Session


@attrs.frozen
class HostRequests:
    """Handlers of the requests that only a host may make."""

    state: HallState
    configs: ConfigPolicy
    lifecycle: Lifecycle
    membership: Membership
    chat: Chat

    # --- the match --------------------------------------------------------------------------------

    def configure(self, session: Session, request: asks.ConfigureLobby) -> Result:
        """Change the configuration; all ready marks are cleared."""
        lobby = self._hosted(session)
        if lobby.phase not in (Phase.OPEN, Phase.RESULTS):
            sentence = "The lobby can be changed before the countdown and after the match."
            raise RequestError(Code.LOBBY_WRONG_PHASE, sentence)
        config, options = self.configs.check(request.config, session.name)
        if config.size < len(lobby.seats):
            fault = f"must be at least {len(lobby.seats)}, since so many are seated"
            details = {"fields": {"size": fault}}
            raise RequestError(Code.LOBBY_BAD_OPTIONS, f"size {fault}", details)
        teams = teams_of(self.state.game, options)  # the game's code: before anything changes
        lobby.password = self.membership.check_password(config, request.password, lobby.password)
        lobby.config, lobby.options, lobby.auto = config, options, False
        self._reseat(lobby)
        self._set_teams(lobby, teams)
        self.lifecycle.clear_marks(lobby)
        self.state.touch(lobby)
        return Result()

    def _reseat(self, lobby: Lobby) -> None:
        lobby.seats.resize(lobby.config.size)
        for seat, player_id in lobby.seats:
            lobby.members[player_id].seat = seat

    def _set_teams(self, lobby: Lobby, teams: int) -> None:
        if teams != lobby.teams:
            lobby.teams = teams
            seated = lobby.seated
            for member, team in zip(seated, balanced(len(seated), teams), strict=True):
                member.team = team

    def start(self, session: Session, _request: asks.StartMatch) -> Result:
        """Start the countdown, ready or not."""
        lobby = self._hosted(session)
        if self.state.draining:
            sentence = "The server stops soon; matches begin when it is back."
            raise RequestError(Code.SERVER_STOPPING, sentence)
        wait = self.state.matches_refused_for_s
        if wait > 0 and not self.state.hosting.spares(session):
            sentence = f"The server is overloaded; try again in {wait:.0f} s."
            raise RequestError(Code.SERVER_BUSY, sentence, {"retry_after_s": wait})
        bots = lobby.bots_to_fill
        self.state.hosting.check(session, len(lobby.seats) + bots, bots)
        self.lifecycle.force(lobby)
        return Result()

    def cancel(self, session: Session, _request: asks.CancelStart) -> Result:
        """Stop the countdown."""
        self.lifecycle.call_off(self._hosted(session))
        return Result()

    # --- people -----------------------------------------------------------------------------------

    def kick(self, session: Session, request: asks.KickPlayer) -> Result:
        """Remove a member, who may enter again."""
        lobby = self._hosted(session)
        target = self._other(lobby, session, request.player_id)
        self.membership.remove(lobby, self.state.sessions[target.player_id], "kicked")
        return Result()

    def ban(self, session: Session, request: asks.BanPlayer) -> Result:
        """Remove a member, who cannot enter again while the lobby exists."""
        lobby = self._hosted(session)
        target = self._other(lobby, session, request.player_id)
        lobby.bans[skeleton(target.name)] = Ban(target.player_id, target.name)
        if len(lobby.bans) > self.state.rules.bans:
            del lobby.bans[next(iter(lobby.bans))]
        self.membership.remove(lobby, self.state.sessions[target.player_id], "banned")
        return Result()

    def unban(self, session: Session, request: asks.UnbanPlayer) -> Result:
        """Lift a ban."""
        lobby = self._hosted(session)
        if lobby.bans.pop(skeleton(request.player_name), None) is None:
            raise RequestError(Code.PLAYER_UNKNOWN, "Nobody of this name is banned here.")
        self.state.note(
            "unbanned", lobby=lobby.lobby_id, name=request.player_name, by=session.player_id
        )
        self.state.touch(lobby)
        return Result()

    def lock(self, session: Session, request: asks.LockLobby) -> Result:
        """Refuse new members, or allow them again."""
        lobby = self._hosted(session)
        if lobby.locked is not request.locked:
            self.state.note(
                "locked" if request.locked else "unlocked",
                lobby=lobby.lobby_id,
                by=session.player_id,
            )
        lobby.locked = request.locked
        self.state.touch(lobby)
        return Result()

    def transfer(self, session: Session, request: asks.TransferHost) -> Result:
        """Make another seated person the host."""
        lobby = self._hosted(session)
        heir = self._other(lobby, session, request.player_id)
        if not heir.seated:
            raise RequestError(Code.PLAYER_UNKNOWN, "Only somebody seated can be the host.")
        self.membership.make_host(lobby, heir)
        return Result()

    def mute(self, session: Session, request: asks.MutePlayer) -> Result:
        """Refuse a member's lines of chat, or allow them again."""
        lobby = self._hosted(session)
        target = self._other(lobby, session, request.player_id)
        if target.muted is not request.muted:
            target.muted = request.muted
            self._remember_mute(lobby, target)
            # The words stand in the call, where the test of the log's documentation finds them.
            self.state.note(
                "muted" if request.muted else "unmuted",
                lobby=lobby.lobby_id,
                player=target.player_id,
                name=target.name,
                by=session.player_id,
            )
            verb = "muted" if request.muted else "unmuted"
            self.chat.announce(lobby, f"{target.name} was {verb}.", verb, target.name)
            self.state.touch(lobby)
        return Result()

    def _remember_mute(self, lobby: Lobby, target: Occupant) -> None:
        """Keep a mute for when the member comes back.

        When full: the oldest is forgotten, and counts until that player leaves.
        """
        lobby.muted.pop(target.player_id, None)
        if target.muted:
            lobby.muted[target.player_id] = None
            if len(lobby.muted) > self.state.rules.bans:
                del lobby.muted[next(iter(lobby.muted))]

    # --- who --------------------------------------------------------------------------------------

    def _hosted(self, session: Session) -> Lobby:
        place = self.state.place_of(session)
        if place is None:
            raise RequestError(Code.LOBBY_NOT_IN, "You are in no lobby.")
        if place[0].host != session.player_id:
            raise RequestError(Code.LOBBY_NOT_HOST, "Only the host can do this.")
        return place[0]

    def _other(self, lobby: Lobby, session: Session, player_id: PlayerId) -> Occupant:
        member = lobby.members.get(player_id)
        if member is None or player_id == session.player_id:
            raise RequestError(Code.PLAYER_UNKNOWN, "There is no such other player here.")
        return member
