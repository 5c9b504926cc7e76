"""The topics of one lobby: what happens in its matches, their scores, their worlds.

Law: a feed exists while somebody follows it, and a little longer. It shows what a spectator of the
lobby would see, and ends once strangers may not see that any more. It looks at a match between
ticks, at its own pace; a tick does nothing for it.
"""

from collections.abc import Mapping
from typing import Final

import attrs

from gameserver.errors import GameFaultError
from gameserver.game.entity import Outcome
from gameserver.game.game import Game
from gameserver.game.schema.table import table_of
from gameserver.match import Match
from gameserver.messages.base import ReliableEvent
from gameserver.messages.match import MatchEnded, MatchHappened, MatchStarted
from gameserver.roads.events.topics import Changes, Topic, TopicLog
from gameserver.roads.events.worldview import WorldTopic, WorldView
from gameserver.rooms.state.shown import ShownLobby
from gameserver.service.feeds.plain import plain

SCORES_S: Final = 0.25
"""Seconds between two looks at the scores."""

NOT_SHOWN: Final = "not_shown"
"""Reason of the end of a topic: the lobby is closed, or not for strangers any more."""

NO_OUTCOME: Final = Outcome(())


class LobbyFeed:
    """The topics of one lobby."""

    def __init__(
        self, shown: ShownLobby, game: Game, changes: Changes, match: Match | None
    ) -> None:
        """Begin with what is shown now; ``match`` is the running one."""
        lobby_id = shown.lobby.lobby_id
        self.shown: ShownLobby = shown
        self.stale: bool = False
        """Whether the lobby may have changed since ``shown``."""
        self._game = game
        self._changes = changes
        self._match: Match | None = None
        self._scores: Outcome = NO_OUTCOME
        self._scores_due = 0.0
        self.happens: TopicLog = TopicLog(f"match:{lobby_id}", changes, self._match_state)
        self.scores: TopicLog = TopicLog(f"scores:{lobby_id}", changes, self._scores_state)
        self._view: WorldView = WorldView(f"world:{lobby_id}", game)
        self._worlds: dict[int, WorldTopic] = {}
        self._worlds_due: dict[int, float] = {}
        self._bind(match)

    def world(self, rate: int) -> WorldTopic:
        """Return the topic of the world at a rate, in views a second."""
        if rate not in self._worlds:
            self._worlds[rate] = WorldTopic(self._view, self._changes, rate)
            self._worlds_due[rate] = 0.0
        if self._match is not None and not any(world.readers for world in self._worlds.values()):
            self._view.look(self._match.world)  # or the first reader would begin with an old view
        return self._worlds[rate]

    @property
    def topics(self) -> list[Topic]:
        """All of its topics."""
        return [self.happens, self.scores, *self._worlds.values()]

    @property
    def followed(self) -> bool:
        """Whether a topic has readers."""
        return any(topic.readers for topic in self.topics)

    def refresh(self) -> None:
        """Bring the scores up to date, for a first reader."""
        if self._match is not None and not (self.scores.readers or self.happens.readers):
            self._look_at_scores(self._match)

    # --- changes of the lobby ---------------------------------------------------------------------

    def update(self, shown: ShownLobby | None, match: Match | None) -> None:
        """Take in what is shown now; None ends the topics."""
        self.stale = False
        if shown is None:
            self.close(NOT_SHOWN)
            return
        before, self.shown = self.shown, shown
        self._bind(match)
        if shown != before:
            self.happens.renew()
            self.scores.renew()
        if shown.players != before.players and shown.match_id == before.match_id:
            players = plain(shown.players)
            self.happens.say("match.players", lambda: {"players": players})

    def close(self, reason: str) -> None:
        """End all topics."""
        for topic in self.topics:
            topic.close(reason)

    def tell(self, event: ReliableEvent) -> None:
        """Tell an event of the lobby's match."""
        match event:
            case MatchStarted():
                self._say(event, _started(event))
            case MatchHappened():
                row = table_of(self._game).events[event.event]
                fields = dict(zip(row.names, event.fields, strict=True))
                values = {
                    "match_id": event.match_id,
                    "tick": event.tick,
                    "event": row.event.__name__,
                    "fields": fields,
                }
                self.happens.say(event.name, lambda: values)
                self._scores_due = 0.0  # most events change the scores
            case MatchEnded():
                self._say(event, {"result": plain(event.result)})

    def _say(self, event: ReliableEvent, values: Mapping[str, object]) -> None:
        self.happens.say(event.name, lambda: values)
        self.scores.say(event.name, lambda: values)

    def _bind(self, match: Match | None) -> None:
        if match is self._match:
            return
        self._match = match
        self._scores = match.standings() if match is not None else NO_OUTCOME
        self._scores_due = 0.0
        try:
            self._view.begin(self.shown.match_id, match.world if match is not None else None)
        except GameFaultError:  # the match goes on; without its area its world cannot be shown
            self._view.begin(self.shown.match_id, None)
        for world in self._worlds.values():
            world.show()

    # --- at its own pace --------------------------------------------------------------------------

    def look(self, now: float) -> None:
        """Look at the match where a topic with readers is due."""
        match = self._match
        if match is None:
            return
        if now >= self._scores_due and (self.scores.readers or self.happens.readers):
            self._scores_due = now + SCORES_S
            self._look_at_scores(match)
        for rate, world in self._worlds.items():
            if now >= self._worlds_due[rate] and world.readers:
                # On a grid of its own rate, so that several rates share one look.
                period = match.snapshot_stretch / rate
                self._worlds_due[rate] = (now // period + 1) * period
                self._view.look(match.world)
                world.show()

    def _look_at_scores(self, match: Match) -> None:
        scores = match.standings()
        if scores != self._scores:
            self._scores = scores
            values = self._scored(match)
            self.scores.say("match.scores", lambda: values)

    def _scored(self, match: Match) -> dict[str, object]:
        return {
            "match_id": match.match_id,
            "tick": match.tick_number,
            "scores": [attrs.asdict(line) for line in self._scores.standings],
            "team_scores": self._scores.team_scores,
        }

    # --- states -----------------------------------------------------------------------------------

    def _lobby_state(self) -> dict[str, object]:
        shown = self.shown
        return {
            "lobby": plain(shown.lobby),
            "match_id": shown.match_id,
            "result": plain(shown.result),
        }

    def _match_state(self) -> dict[str, object]:
        state = {**self._lobby_state(), "players": plain(self.shown.players)}
        if self.shown.facts is not None:
            state["tick_rate"] = self.shown.facts.tick_rate
            state["options"] = dict(self.shown.facts.options)
        return state

    def _scores_state(self) -> dict[str, object]:
        match = self._match
        scored = self._scored(match) if match is not None else {"scores": [], "team_scores": []}
        return {**self._lobby_state(), **scored}


def _started(event: MatchStarted) -> dict[str, object]:
    return {
        "match_id": event.match_id,
        "game": event.game,
        "players": plain(event.players),
        "tick_rate": event.tick_rate,
        "map": event.map,
        "options": dict(event.options),
    }
