"""What anybody may read of this server: its lobbies and matches as forms.

Law: it changes nothing. A lobby that is not listed exists only for those who know its invite code
or are in it; of a lobby with a password strangers see its entry in the list. They see a match only
where everybody may enter as a spectator.
"""

import heapq
from collections.abc import Callable, Collection, Iterator
from typing import Final

import attrs

from gameserver import __version__
from gameserver.errors import Code, RequestError
from gameserver.game.entity import Outcome
from gameserver.game.game import Game
from gameserver.ids import LobbyId, MatchId, PlayerId, Tick
from gameserver.messages.lobby import (
    LobbyFilter,
    MatchResult,
    Visibility,
)
from gameserver.messages.wire import PROTOCOL_MINOR, PROTOCOL_VERSION, SUBPROTOCOL
from gameserver.rooms.calls import ShowLobbies
from gameserver.rooms.hall import Hall
from gameserver.rooms.lobbies.match_binding import result_line
from gameserver.rooms.state.late import EndedMatch
from gameserver.rooms.state.lobby import Lobby
from gameserver.rooms.state.shown import is_shown
from gameserver.service.config.settings import Settings
from gameserver.service.livematch import LiveMatch
from gameserver.service.matches import Matches
from gameserver.service.people import People
from gameserver.service.rest import forms

WAYS: Final = (
    forms.WayIn("websocket", "/", SUBPROTOCOL),
    forms.WayIn("long-polling", "/poll"),
    forms.WayIn("sse", "/sse"),
    forms.WayIn("events", "/events"),
    forms.WayIn("socket.io", "/socket.io/"),
    forms.WayIn("rest", "/api/v1/"),
)

BY_LOBBY: Final = 100
"""Most lobbies in the counts of connections."""

BY_ROOM: Final = 100
"""Most rooms of namespaces in the counts of connections."""


@attrs.frozen
class ServerReader:
    """Reads the state of one server."""

    settings: Settings
    game: Game
    maps: tuple[str, ...]
    people: People
    matches: Matches
    players: Callable[[], int]
    started_at_ms: int

    @property
    def _hall(self) -> Hall:
        return self.people.hall

    def info(self) -> forms.Info:
        """Return what the server is."""
        counts = self._hall.counts()
        return forms.Info(
            server=self.settings.name,
            version=__version__,
            protocol=PROTOCOL_VERSION,
            protocol_minor=PROTOCOL_MINOR,
            game=self.game.name,
            title=self.game.title,
            maps=self.maps,
            players=self.players(),
            lobbies=counts.lobbies,
            matches=len(self.matches),
            started_at_ms=self.started_at_ms,
            message=self.settings.message,
            replays=self.settings.gives_replays,
            ways=WAYS,
        )

    # --- lobbies ----------------------------------------------------------------------------------

    def lobbies(self, wanted: LobbyFilter, offset: int, most: int) -> forms.LobbyPage:
        """Return a part of the list of lobbies."""
        found = self.people.take(ShowLobbies(wanted))
        end = offset + most
        more = end if end < len(found.lobbies) else None
        return forms.LobbyPage(found.lobbies[offset:end], found.total, offset, more)

    def find(self, named: str) -> Lobby | None:
        """Return a lobby by id; None if there is none."""
        return self._hall.parts.state.lobbies.get(LobbyId(named))

    def find_by_code(self, code: str) -> Lobby | None:
        """Return a lobby by invite code; None if there is none."""
        return self._hall.parts.directory.by_code(code)

    def lobby(self, lobby: Lobby, viewer: PlayerId, *, by_code: bool) -> forms.LobbyView:
        """Return a lobby as a member or a stranger sees it; ``viewer`` is empty for a stranger.

        Raises:
            RequestError: ``lobby.unknown``: it is not listed, and the viewer is not in it.
        """
        member, kind = viewer in lobby.members, lobby.config.visibility
        if kind is Visibility.UNLISTED and not (member or by_code):
            raise unknown_lobby()
        state = lobby.late.state_told(viewer) or lobby.state(
            self.people.now(), for_host=viewer == lobby.host
        )
        if not member:
            ended = lobby.late.watched
            state = attrs.evolve(state if ended is None else ended.before, invite_code="")
        shown = member or kind is not Visibility.PASSWORD
        summary = lobby.summary(self.game.mode_option)
        return forms.LobbyView(summary, state if shown else None)

    # --- matches ----------------------------------------------------------------------------------

    def matches_page(self, offset: int, most: int) -> forms.MatchPage:
        """Return a part of the list of running matches of public lobbies."""
        found = list(self._running())
        end = offset + most
        lines = tuple(self._line(lobby, live) for lobby, live in found[offset:end])
        return forms.MatchPage(lines, len(found), offset, end if end < len(found) else None)

    def _running(self) -> Iterator[tuple[Lobby, LiveMatch]]:
        for lobby in self._hall.parts.state.lobbies.values():
            if lobby.match is None or not is_shown(lobby):
                continue
            live = self.matches.get(lobby.match.match_id)
            if live is not None and not lobby.match.stopping:
                yield lobby, live

    def _line(self, lobby: Lobby, live: LiveMatch) -> forms.MatchLine:
        summary = lobby.summary(self.game.mode_option)
        bots = len(lobby.match.bots) if lobby.match is not None else 0
        tick = self._tick_shown(live)
        return forms.MatchLine(
            live.match_id,
            lobby.lobby_id,
            summary.title,
            live.match.map.name,
            summary.mode,
            tick,
            len(lobby.seated),
            bots,
        )

    def match(self, match_id: MatchId, viewer: PlayerId) -> forms.MatchReport:
        """Return a match that runs, or whose result its lobby still shows.

        Raises:
            RequestError: ``match.unknown``.
        """
        lobby, live = self._lobby_of(match_id, viewer)
        scores = self._scores(lobby, live, match_id, viewer)
        over = lobby.result if scores.over else None
        tick, rate = scores.tick, self.game.tick_rate
        told = not self._sees_later(lobby, viewer)
        left_s = live.match.time_left_s() if live is not None and told else None
        ended = lobby.late.ended.get(match_id) if not told else None
        # The host may have changed the lobby for the next match, which they are not told of yet.
        config = lobby.config if ended is None else ended.before.config
        return forms.MatchReport(
            match_id=match_id,
            lobby_id=lobby.lobby_id,
            phase="running" if over is None else "over",
            game=self.game.name,
            map=config.map,
            options=dict(config.options),
            tick=tick,
            tick_rate=rate,
            elapsed_s=round(tick / rate, 3),
            time_left_s=left_s if over is None else 0.0,
            players=_seated(lobby) if ended is None else _sat(ended),
            scores=scores,
            result=over,
        )

    def scores(self, match_id: MatchId, viewer: PlayerId) -> forms.Scores:
        """Return the standings of a match; see `match`.

        Raises:
            RequestError: ``match.unknown``.
        """
        return self._scores(*self._lobby_of(match_id, viewer), match_id, viewer)

    def _lobby_of(self, match_id: MatchId, viewer: PlayerId) -> tuple[Lobby, LiveMatch | None]:
        lobby = self._hall.parts.match_binding.find(match_id)
        live = self.matches.get(match_id)
        if lobby is None or live is None:
            lobbies, live = self._hall.parts.state.lobbies.values(), None
            lobby = next((each for each in lobbies if _showed(each, match_id)), None)
        if lobby is None or not _may_see(lobby, viewer):
            raise RequestError(Code.MATCH_UNKNOWN, "there is no such match, or none to be seen")
        return lobby, live

    def _sees_later(self, lobby: Lobby, viewer: PlayerId) -> bool:
        """Tell whether the viewer is told of matches as late as spectators are."""
        member = lobby.members.get(viewer)
        return self.settings.spectator_delay_s > 0 and (member is None or member.spectates)

    def _tick_shown(self, live: LiveMatch) -> Tick:
        """Return the tick of a running match that spectators see now."""
        return Tick(max(0, live.match.tick_number - live.match.delay))

    def _scores(
        self, lobby: Lobby, live: LiveMatch | None, match_id: MatchId, viewer: PlayerId
    ) -> forms.Scores:
        later = self._sees_later(lobby, viewer)
        ended = lobby.late.ended.get(match_id)
        if later and ended is not None:
            left = round((ended.due - self.people.now()) * self.game.tick_rate)
            tick = Tick(max(0, ended.ticks - max(0, left)))
            return forms.Scores(match_id, tick, False, "", (), ())
        if later and live is not None:
            return forms.Scores(match_id, self._tick_shown(live), False, "", (), ())
        if live is None:
            result = lobby.result
            assert isinstance(result, MatchResult)
            return forms.Scores(
                match_id, Tick(result.ticks), True, result.winner, result.team_scores, result.lines
            )
        outcome: Outcome = live.match.standings()
        assert lobby.match is not None  # it runs
        lines = tuple(result_line(line, lobby.match.sat) for line in outcome.standings)
        tick = live.match.tick_number
        return forms.Scores(match_id, tick, False, outcome.winner, outcome.team_scores, lines)

    # --- connections ------------------------------------------------------------------------------

    def by_lobby(self) -> tuple[forms.LobbyConnections, ...]:
        """Count the members of the fullest lobbies."""
        lobbies = sorted(
            self._hall.parts.state.lobbies.values(), key=lambda each: -len(each.members)
        )
        return tuple(_counted(each) for each in lobbies[:BY_LOBBY])

    def by_namespace(self) -> tuple[forms.NamespaceConnections, ...]:
        """Count the members of each namespace."""
        return tuple(
            forms.NamespaceConnections(name, *self._presence(space.members), len(space.rooms))
            for name, space in self._hall.parts.state.namespaces.items()
        )

    def by_room(self) -> tuple[forms.RoomConnections, ...]:
        """Count the members of the fullest rooms of namespaces."""
        rooms = (
            (name, room, members)
            for name, space in self._hall.parts.state.namespaces.items()
            for room, members in space.rooms.items()
        )
        fullest = heapq.nlargest(BY_ROOM, rooms, key=lambda each: len(each[2]))
        return tuple(
            forms.RoomConnections(name, room, *self._presence(members))
            for name, room, members in fullest
        )

    def _presence(self, members: Collection[PlayerId]) -> tuple[int, int]:
        """Return how many sessions are connected, and how many are not."""
        sessions = self._hall.parts.state.sessions
        connected = sum(sessions[player_id].connected for player_id in members)
        return connected, len(members) - connected


def unknown_lobby() -> RequestError:
    """Return the refusal for a lobby that there is not, or not for the asking."""
    return RequestError(Code.LOBBY_UNKNOWN, "there is no lobby of this id or code")


def _counted(lobby: Lobby) -> forms.LobbyConnections:
    connected = sum(member.connected for member in lobby.members.values())
    return forms.LobbyConnections(lobby.lobby_id, connected, len(lobby.members) - connected)


def _showed(lobby: Lobby, match_id: MatchId) -> bool:
    if match_id in lobby.late.ended:
        return True
    return lobby.result is not None and lobby.result.match_id == match_id


def _may_see(lobby: Lobby, viewer: PlayerId) -> bool:
    return is_shown(lobby) or viewer in lobby.members


def _sat(ended: EndedMatch) -> tuple[forms.Seated, ...]:
    return tuple(
        forms.Seated(each.seat, each.player_id, each.name, each.team, each.bot, True)
        for each in ended.players
    )


def _seated(lobby: Lobby) -> tuple[forms.Seated, ...]:
    people = [
        forms.Seated(each.seat, each.player_id, each.name, each.team, False, each.connected)
        for each in lobby.seated
    ]
    bots = lobby.match.bots.values() if lobby.match is not None else ()
    found = [forms.Seated(b.seat, PlayerId(""), b.name, b.team, True, True) for b in bots]
    return tuple(sorted([*people, *found], key=lambda each: each.seat))
