"""Calls into the hall about the process of the server, as values; see `gameserver.rooms.calls`."""

import attrs

from gameserver.ids import MatchId
from gameserver.rooms.calls import Moment
from gameserver.rooms.hall import Hall


@attrs.frozen
class BeginDrain:
    """Open no lobbies and begin no matches any more; running matches go on."""

    def act(self, hall: Hall, moment: Moment) -> None:
        """Call off all countdowns."""
        hall.drain(moment.now)


@attrs.frozen
class Stop:
    """Refuse new players and matches, and order the end of the running matches."""

    kept: frozenset[MatchId] = frozenset()
    """Matches that do not end, since another process goes on with them."""

    def act(self, hall: Hall, moment: Moment) -> None:
        """Begin the orderly stop of the server."""
        hall.stop(moment.now, self.kept)


@attrs.frozen
class Restarted:
    """A new process goes on with the state of one that has ended; it has these namespaces."""

    namespaces: frozenset[str] = frozenset()

    def act(self, hall: Hall, _moment: Moment) -> None:
        """Hold all sessions and seats as after a lost connection."""
        hall.restart.begin(self.namespaces)
