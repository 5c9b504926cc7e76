"""What is shown without a session: the list of lobbies, the global channel, public matches.

Law: reading changes nothing. `Strangers.lobbies` fills the cache of the list, so it is read by a
call (`gameserver.rooms.calls.ShowLobbies`), which a replay repeats.
"""

import attrs

from gameserver.ids import LobbyId, MatchId
from gameserver.messages.chat import ChatHistory
from gameserver.messages.lobby import LobbyFilter, LobbyList
from gameserver.rooms.chat.chat import Chat
from gameserver.rooms.lobbies.directory import Directory
from gameserver.rooms.lobbies.match_binding import MatchBinding, seated
from gameserver.rooms.state.hall_state import HallState
from gameserver.rooms.state.lobby import Lobby
from gameserver.rooms.state.shown import ShownLobby, check_open, is_shown

_ALL = LobbyFilter()


@attrs.frozen
class Strangers:
    """Reads what everybody may know."""

    _state: HallState
    _directory: Directory
    _chat: Chat
    _binding: MatchBinding

    def lobbies(self, wanted: LobbyFilter = _ALL) -> LobbyList:
        """Return the listed lobbies; the same object until the list changes."""
        return self._directory.listing(wanted)

    @property
    def list_s(self) -> float:
        """Shortest time between two looks at the list of lobbies."""
        return self._directory.period_s()

    def chat(self) -> ChatHistory:
        """Return the last lines of the global channel."""
        return self._chat.public_history()

    def open_lobby(self, named: str) -> ShownLobby:
        """Return a lobby that a stranger may begin to follow, by its id or that of its match.

        Raises:
            RequestError: See `check_open`.
        """
        lobby = self._state.lobbies.get(LobbyId(named)) or self._binding.find(MatchId(named))
        lobby = lobby or self._state.ended.get(MatchId(named))
        return self._shown(check_open(lobby))

    def lobby(self, lobby_id: LobbyId) -> ShownLobby | None:
        """Return a lobby that a stranger follows already; None once it may not be seen any more.

        A lock keeps new spectators out and leaves those who are in.
        """
        lobby = self._state.lobbies.get(lobby_id)
        return self._shown(lobby) if lobby is not None and is_shown(lobby) else None

    def _shown(self, lobby: Lobby) -> ShownLobby:
        match, ended = lobby.match, lobby.late.watched
        if ended is not None:  # the public sees matches with the spectators
            return ShownLobby(
                lobby=attrs.evolve(
                    lobby.summary(self._state.game.mode_option), phase=ended.before.phase
                ),
                match_id=ended.match_id,
                facts=ended.facts,
                players=ended.players,
                result=ended.result,
            )
        runs = match is not None and match.facts is not None
        return ShownLobby(
            lobby=lobby.summary(self._state.game.mode_option),
            match_id=match.match_id if match is not None and runs else MatchId(""),
            facts=match.facts if match is not None else None,
            players=seated(lobby, match) if match is not None and runs else (),
            result=lobby.result,
        )
