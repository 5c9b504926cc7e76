"""Who is meant by an emit, as a plain value."""

import attrs

from gameserver.ids import PlayerId


@attrs.frozen
class Recipients:
    """Members of one namespace.

    Attributes:
        rooms: Members of any of these rooms; with no room and no player, all members, unless
            ``named``.
        players: These members.
        without: Never these members.
        without_rooms: Never members of these rooms.
        named: Whether only those are meant who are named, so that no name means nobody.
    """

    rooms: tuple[str, ...] = ()
    players: tuple[PlayerId, ...] = ()
    without: tuple[PlayerId, ...] = ()
    without_rooms: tuple[str, ...] = ()
    named: bool = False
