"""One match: inputs, step, encode, journal. Synchronous; meets the outside at two ports."""

from gameserver.match.facts import MatchFacts
from gameserver.match.match import Match, TickReport

__all__ = ["Match", "MatchFacts", "TickReport"]
