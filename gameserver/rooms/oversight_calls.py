"""Calls into the hall by the server's operators, as values; see `gameserver.rooms.calls`."""

import attrs

from gameserver.rooms.calls import Moment
from gameserver.rooms.hall import Hall
from gameserver.rooms.state.audit import AuditEntry
from gameserver.rooms.state.orders import Order


@attrs.frozen
class Administer:
    """An operator orders an act.

    Raises:
        RequestError: There is no such player, lobby, report or sanction, or the order does not fit.
    """

    by: str
    """Who orders it."""
    order: Order
    reason: str
    """Shown to the players whom it concerns."""

    def act(self, hall: Hall, _moment: Moment) -> AuditEntry:
        """Do it, and return how it was written down."""
        return hall.oversight.carry_out(self.by, self.order, self.reason)
