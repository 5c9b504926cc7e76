"""One match: take inputs, step, encode snapshots, keep the journal. Synchronous, without I/O.

A match is connected to the outside by the two ports of :mod:`gameserver.match.ports` only.
"""

from gameserver.match.facts import MatchFacts
from gameserver.match.match import Match
from gameserver.match.report import TickReport
from gameserver.match.viewers import send_all

__all__ = ["Match", "MatchFacts", "TickReport", "send_all"]
