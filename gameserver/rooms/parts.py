"""The parts of a hall that hold state: created and connected.

Law: all state that a dump must contain is reachable from a field of one of these parts.
"""

from collections.abc import Callable, Mapping

import attrs

from gameserver.game.game import Game
from gameserver.game.maps.tilemap import TileMap
from gameserver.rooms.chat.chat import Chat
from gameserver.rooms.limits.rules import RoomRules
from gameserver.rooms.lobbies.configs import ConfigPolicy
from gameserver.rooms.lobbies.directory import Directory
from gameserver.rooms.lobbies.lifecycle import Lifecycle
from gameserver.rooms.lobbies.match_binding import MatchBinding
from gameserver.rooms.lobbies.membership import Membership
from gameserver.rooms.sessions.book import SessionBook
from gameserver.rooms.state.hall_state import HallState


@attrs.frozen
class HallCounts:
    """Numbers of sessions, lobbies and matches."""

    sessions: int
    connected: int
    lobbies: int
    matches: int
    namespaces: Mapping[str, tuple[int, int]] = attrs.field(factory=dict)
    """Members and rooms of each namespace of authors."""


@attrs.frozen(eq=False)
class Parts:
    """The parts, each connected with those that it uses."""

    state: HallState
    sessions: SessionBook
    chat: Chat
    directory: Directory
    match_binding: MatchBinding
    lifecycle: Lifecycle
    membership: Membership
    configs: ConfigPolicy

    @classmethod
    def join(
        cls,
        game: Game,
        maps: Mapping[str, TileMap],
        rules: RoomRules,
        entropy: Callable[[int], bytes],
        secret: Callable[[int], bytes],
    ) -> "Parts":
        """Create parts without state, and connect them."""
        state = HallState(game, maps, rules, entropy, secret)
        configs = ConfigPolicy(game, maps, rules)
        chat = Chat(state)
        directory = Directory(state)
        binding = MatchBinding(state)
        lifecycle = Lifecycle(state, configs, binding)
        membership = Membership(state, configs, directory, binding, lifecycle, chat)
        sessions = SessionBook(state)
        return cls(state, sessions, chat, directory, binding, lifecycle, membership, configs)

    def given(self) -> dict[str, object]:
        """Return the objects that a dump refers to by name: the parts, and their arguments."""
        state = self.state
        made_of = {
            "game": state.game,
            "maps": state.maps,
            "rules": state.rules,
            "entropy": state.entropy,
            "secret": state.secret,
        }
        return attrs.asdict(self, recurse=False) | made_of

    def counts(self) -> HallCounts:
        """Return the present numbers of sessions, lobbies and matches."""
        sessions = self.state.sessions
        return HallCounts(
            sessions=len(sessions),
            connected=sum(session.connected for session in sessions.values()),
            lobbies=len(self.state.lobbies),
            matches=len(self.match_binding.running()),
            namespaces={
                name: (len(space.members), len(space.rooms))
                for name, space in self.state.namespaces.items()
            },
        )
