"""What a hall decides when a new process of the server goes on with its state.

Law: nobody is blamed for the end of a process. Sessions and seats are held as after a lost
connection, from now on; requests that a handler of an author was carrying out are answered, since
no handler will; and who was in a namespace is told to join again, since the author's own state is
gone.
"""

from collections.abc import Callable

import attrs

from gameserver.errors import Code, RequestError
from gameserver.messages.namespaces import NamespaceEnded
from gameserver.messages.wire import Refusal
from gameserver.rooms.lobbies.configs import ConfigPolicy
from gameserver.rooms.lobbies.membership import Membership
from gameserver.rooms.state.hall_state import HallState
from gameserver.rooms.state.lobby import Lobby
from gameserver.rooms.state.namespaces import NamespaceRooms
from gameserver.rooms.state.session import Session

RESTARTED = "namespace.restarted"
"""Code of the end of a membership because the server was restarted."""

_AGAIN = "The server was restarted; please join again."
_CUT_OFF = "The server was restarted while it carried this out; please look whether it was done."


@attrs.frozen
class Restart:
    """Adapts the restored state to a new process."""

    state: HallState
    membership: Membership
    configs: ConfigPolicy
    lose: Callable[[Session], None]
    """Notes that a session has lost its connection."""
    finish: Callable[[], None]
    """Ends the call as every call."""

    def begin(self, namespaces: frozenset[str]) -> None:
        """Go on; ``namespaces`` are those that the new process has."""
        state = self.state
        state.stopping = state.draining = False
        state.matches_refused_for_s = 0.0
        for lobby in list(state.lobbies.values()):
            self._check(lobby)  # first, since all that follows looks the map of a lobby up
        for session in list(state.sessions.values()):
            self._settle(session)
            if session.connected:
                self.lose(session)
        self._empty(namespaces)
        self.finish()

    def _settle(self, session: Session) -> None:
        session.handling = 0
        for request_id in session.replies.deferred():
            session.replies.settle(Refusal(request_id, Code.INTERNAL, _CUT_OFF))

    def _empty(self, namespaces: frozenset[str]) -> None:
        """Put everybody out of the namespaces, of which the new process may have others."""
        state = self.state
        for name, space in state.namespaces.items():
            for player_id in space.members:
                state.send(state.sessions[player_id], NamespaceEnded(name, RESTARTED, _AGAIN))
        state.namespaces = {name: NamespaceRooms() for name in sorted(namespaces)}

    def _check(self, lobby: Lobby) -> None:
        """Close a lobby whose map or options this process does not have."""
        try:
            lobby.config, lobby.options = self.configs.check(lobby.config, "")
        except RequestError as error:
            self.state.note("lobby not restored", lobby=lobby.lobby_id, fault=error.sentence)
            for player_id in list(lobby.members):
                self.membership.remove(lobby, self.state.sessions[player_id], "closed")
