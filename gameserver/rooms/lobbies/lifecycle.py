"""The phases of a lobby: open, countdown, match, results.

Law: `settle` is called after every change of members or ready marks; only it changes a phase
without a request. All other changes are by the host's request, or by a deadline.
"""

import attrs

from gameserver.errors import Code, RequestError
from gameserver.game.entity import Outcome
from gameserver.ids import MatchId
from gameserver.messages.lobby import Phase
from gameserver.rooms.lobbies.configs import ConfigPolicy
from gameserver.rooms.lobbies.match_binding import MatchBinding
from gameserver.rooms.state.hall_state import HallState
from gameserver.rooms.state.lobby import Lobby
from gameserver.rooms.state.phases import TRANSITIONS, Cause

_QUICK_PLAYERS = 2
"""Number of players, bots included, from which a quick-play lobby starts without waiting."""


@attrs.frozen
class Lifecycle:
    """Moves lobbies through their phases."""

    _state: HallState
    _configs: ConfigPolicy
    _match_binding: MatchBinding

    # --- after changes of members or ready marks --------------------------------------------------

    def settle(self, lobby: Lobby) -> None:
        """Change the phase if the members and their ready marks require it."""
        if lobby.phase is Phase.COUNTDOWN:
            if not self._still_wanted(lobby):
                self._move(lobby, Cause.CALLED_OFF)
        elif lobby.phase is Phase.IN_MATCH:
            if not lobby.seated:
                self._match_binding.stop(lobby, "abandoned")
        elif self._state.draining or not self._enough(lobby):
            return
        elif lobby.all_ready:
            self._move(lobby, Cause.ALL_READY)
        elif lobby.phase is Phase.OPEN and self._quick_wanted(lobby):
            self._move(lobby, Cause.QUICK)

    def _enough(self, lobby: Lobby) -> bool:
        people = len(lobby.seats)
        return people > 0 and people + lobby.bots_to_fill >= self._configs.fewest(lobby.config)

    def _still_wanted(self, lobby: Lobby) -> bool:
        if not self._enough(lobby):
            return False
        if lobby.forced:
            return True
        if lobby.auto:
            return any(member.connected for member in lobby.seated)
        return lobby.all_ready

    def _quick_wanted(self, lobby: Lobby) -> bool:
        if not lobby.auto or not any(member.connected for member in lobby.seated):
            return False
        waited = self._state.now >= lobby.open_since + self._state.rules.quick_alone_s
        return waited or len(lobby.seats) + lobby.bots_to_fill >= _QUICK_PLAYERS

    def somebody_left(self, lobby: Lobby) -> None:
        """Restart the countdown if all others are ready, else stop it; quick play continues it.

        A countdown that the host forced is called off only if the match cannot start any more.
        """
        if lobby.phase is Phase.COUNTDOWN and not lobby.auto and not lobby.forced:
            self._move(lobby, Cause.CALLED_OFF)
        self.settle(lobby)

    def host_left(self, lobby: Lobby) -> None:
        """Call off a countdown that the departed host had forced."""
        if lobby.phase is Phase.COUNTDOWN and lobby.forced:
            self._move(lobby, Cause.CALLED_OFF)

    # --- by the host's request --------------------------------------------------------------------

    def force(self, lobby: Lobby) -> None:
        """Start the countdown, ready or not.

        Raises:
            RequestError: A match runs or starts already, or there are too few players for one.
        """
        if (lobby.phase, Cause.FORCED) not in TRANSITIONS:
            raise RequestError(Code.LOBBY_WRONG_PHASE, "A match is running or starting already.")
        if not self._enough(lobby):
            fewest = self._configs.fewest(lobby.config)
            players = len(lobby.seats) + lobby.bots_to_fill
            sentence = f"A match needs {fewest} players; this lobby has {players}."
            details = {"players": players, "fewest": fewest}
            raise RequestError(Code.LOBBY_NOT_READY, sentence, details)
        self._move(lobby, Cause.FORCED)

    def call_off(self, lobby: Lobby) -> None:
        """Stop the countdown and clear all ready marks; a quick-play lobby becomes a normal one.

        Raises:
            RequestError: There is no countdown.
        """
        if lobby.phase is not Phase.COUNTDOWN:
            raise RequestError(Code.LOBBY_WRONG_PHASE, "There is no countdown to stop.")
        lobby.auto = False
        self.clear_marks(lobby)
        self._move(lobby, Cause.CALLED_OFF)

    def clear_marks(self, lobby: Lobby) -> None:
        """Clear the ready marks of all members."""
        for member in lobby.members.values():
            member.ready = False

    # --- by the match's end -----------------------------------------------------------------------

    def ended(
        self, match_id: MatchId, reason: str, outcome: Outcome, ticks: int, message: str
    ) -> None:
        """Show the members of an ended match its result, if their lobby still exists."""
        lobby = self._match_binding.find(match_id)
        if lobby is None:
            return
        self._match_binding.end(lobby, reason, outcome, ticks, message)
        self._move(lobby, Cause.ENDED)

    # --- by time ----------------------------------------------------------------------------------

    def expire(self, lobby: Lobby) -> None:
        """Change the phase if its time is over."""
        if lobby.phase_ends_at is not None and lobby.phase_ends_at <= self._state.now:
            counting = lobby.phase is Phase.COUNTDOWN
            self._move(lobby, Cause.COUNTED_DOWN if counting else Cause.RESULTS_SEEN)
        self.settle(lobby)

    # --- the table --------------------------------------------------------------------------------

    def _move(self, lobby: Lobby, cause: Cause) -> None:
        rules, now = self._state.rules, self._state.now
        lobby.phase = TRANSITIONS[lobby.phase, cause]
        lobby.phase_ends_at = None
        lobby.forced = False
        match lobby.phase:
            case Phase.OPEN:
                lobby.open_since = now
            case Phase.COUNTDOWN:
                lobby.forced = cause is Cause.FORCED
                lobby.phase_ends_at = now + rules.countdown_s
            case Phase.IN_MATCH:
                self.clear_marks(lobby)
                self._match_binding.begin(lobby)
            case Phase.RESULTS:
                lobby.phase_ends_at = now + rules.results_s
        self._state.touch(lobby)
