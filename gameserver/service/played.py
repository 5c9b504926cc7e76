"""Which of the matches that are over each player has played, while the player's session lasts."""

from collections.abc import Callable, Iterable
from typing import Final

import attrs

from gameserver.ids import MatchId, PlayerId

MATCHES_MOST: Final = 20
"""Matches that are kept of one player (27)."""

PLAYERS_LEAST: Final = 256
"""Players from whom on those without a session are looked for."""


@attrs.frozen
class PlayedMatch:
    """One match that is over, as a list of replays shows it."""

    match_id: MatchId
    began_ms: int
    """Unix time in milliseconds."""
    map: str
    """Its title."""
    mode: str
    """The option of this name; empty without one."""
    seconds: float
    """Of play."""
    players: tuple[str, ...]
    """Names of the people, those with a place in the result first."""
    bots: int
    reason: str
    """Why it ended, as in the result."""
    winner: str
    """Name of the player or team that won, "" for nobody."""
    team_scores: tuple[int, ...]


class PlayedMatches:
    """The last matches of each player.

    Law: nothing is kept for a session that has ended. Those are looked for whenever the number of
    players has doubled, so that it costs the same for each match.
    """

    def __init__(self, has_session: Callable[[PlayerId], bool]) -> None:
        """Start without matches; ``has_session`` tells whether a player's session lasts."""
        self._has_session = has_session
        self._matches: dict[PlayerId, tuple[PlayedMatch, ...]] = {}
        self._sweep_at = PLAYERS_LEAST

    def __len__(self) -> int:
        """Count the players of whom something is kept."""
        return len(self._matches)

    def note(self, match: PlayedMatch, players: Iterable[PlayerId]) -> None:
        """Note that a match of these players is over. When full: the oldest match is forgotten."""
        for player_id in players:
            before = self._matches.get(player_id, ())
            self._matches[player_id] = (match, *before[: MATCHES_MOST - 1])
        if len(self._matches) >= self._sweep_at:
            lasting = filter(self._has_session, self._matches)
            self._matches = {player_id: self._matches[player_id] for player_id in lasting}
            self._sweep_at = max(PLAYERS_LEAST, 2 * len(self._matches))

    def by(self, player_id: PlayerId) -> tuple[PlayedMatch, ...]:
        """Return the matches of a player, the newest one first."""
        return self._matches.get(player_id, ())
