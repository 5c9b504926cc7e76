"""What a ticket of an event stream begins with."""

from gameserver.roads.ticket import Ticket
from tests.defaults import counts, defaults


def test_a_new_ticket_has_taken_nothing_and_nothing_of_it_is_confirmed() -> None:
    assert counts(Ticket) == {"request": 0, "number": 0, "said": 0}
    assert defaults(Ticket)["confirmed"] == (0, 0)
