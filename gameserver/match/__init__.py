"""One match: inputs, step, encode, journal. Synchronous; meets the outside at two ports."""

from gameserver.match.match import Match, MatchFacts, TickReport

__all__ = ["Match", "MatchFacts", "TickReport"]
