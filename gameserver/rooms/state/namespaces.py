"""Who is in one namespace of an author, and in which of its rooms.

Law: a member is a session, so it stays one across its connections. A room exists while it has
members.
"""

from collections.abc import Iterator

import attrs

from gameserver.ids import PlayerId
from gameserver.namespaces.audience import Recipients


@attrs.define(eq=False)
class NamespaceRooms:
    """Members and rooms, both in the order in which they came."""

    members: dict[PlayerId, dict[str, None]] = attrs.field(factory=dict)
    """The rooms of each member."""
    rooms: dict[str, dict[PlayerId, None]] = attrs.field(factory=dict)
    """The members of each room."""

    def enter(self, player_id: PlayerId, room: str) -> None:
        """Put a member into a room."""
        self.members[player_id][room] = None
        self.rooms.setdefault(room, {})[player_id] = None

    def leave(self, player_id: PlayerId, room: str) -> None:
        """Put a member out of a room; without effect if it is not inside."""
        self.members[player_id].pop(room, None)
        inside = self.rooms.get(room)
        if inside is not None:
            inside.pop(player_id, None)
            if not inside:
                del self.rooms[room]

    def drop(self, player_id: PlayerId) -> None:
        """Remove a member from the namespace and from all of its rooms."""
        for room in list(self.members[player_id]):
            self.leave(player_id, room)
        del self.members[player_id]

    def meant(self, audience: Recipients) -> Iterator[PlayerId]:
        """Return each member that an audience means, once."""
        if audience.named or audience.rooms or audience.players:
            named = {player_id: None for player_id in audience.players if player_id in self.members}
            for room in audience.rooms:
                named.update(self.rooms.get(room, {}))
        else:
            named = dict.fromkeys(self.members)
        out = set(audience.without)
        for room in audience.without_rooms:
            out.update(self.rooms.get(room, {}))
        return (player_id for player_id in named if player_id not in out)
