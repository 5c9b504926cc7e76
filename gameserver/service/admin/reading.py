"""What an operator sees: sessions, lobbies with their chat, matches, bans, the audit, reports.

Law: it changes nothing. Of a long list only the asked part is made into forms. Whispers are shown
only where a player has reported them.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

import attrs

from gameserver.errors import Code, GameFaultError, RequestError
from gameserver.game.game import Game
from gameserver.ids import LobbyId, MatchId, PlayerId
from gameserver.messages.session import ServerStats
from gameserver.roads.events.worldview import WorldView
from gameserver.rooms.chat.around import lobby_lines
from gameserver.rooms.lobbies.match_binding import result_line
from gameserver.rooms.state.audit import PlayerReport
from gameserver.rooms.state.hall_state import HallState
from gameserver.rooms.state.lobby import Lobby
from gameserver.rooms.state.sanctions import SanctionKind
from gameserver.rooms.state.session import Session
from gameserver.service.admin import forms
from gameserver.service.connections import Connections
from gameserver.service.livematch import LiveMatch
from gameserver.service.matches import Matches
from gameserver.service.people import People
from gameserver.service.rest.forms import Scores
from gameserver.service.runtime import Runtime

T = TypeVar("T")


@attrs.frozen
class Part:
    """Which part of a list is asked for."""

    text: str
    """Part of a text in the line; in any case of letters. Empty for all lines."""
    offset: int
    limit: int


@attrs.frozen
class OperatorReader:
    """Reads the state of one server for its operators."""

    game: Game
    people: People
    matches: Matches
    connections: Connections
    runtime: Runtime
    stats: Callable[[], ServerStats]

    @property
    def _state(self) -> HallState:
        return self.people.hall.parts.state

    def figures(self) -> forms.Figures:
        """Return the server's figures of this moment."""
        return forms.Figures(self.runtime.wall_ms(), self.stats())

    # --- sessions ---------------------------------------------------------------------------------

    def sessions(self, part: Part) -> forms.SessionPage:
        """Return a part of the sessions."""
        state = self._state

        def texts(session: Session) -> Iterator[str]:
            yield from (session.name, session.player_id, session.last_address)
            if session.lobby_id is not None:
                yield state.lobbies[session.lobby_id].config.title

        found, total, more = _part(state.sessions.values(), texts, part)
        lines = tuple(map(self._session, found))
        return forms.SessionPage(lines, total, part.offset, more)

    def session(self, player_id: str) -> forms.SessionLine:
        """Return one session.

        Raises:
            RequestError: ``player.unknown``.
        """
        found = self._state.sessions.get(PlayerId(player_id))
        if found is None:
            raise RequestError(Code.PLAYER_UNKNOWN, "there is no session of this id")
        return self._session(found)

    def _session(self, session: Session) -> forms.SessionLine:
        state, line = self._state, self.connections.line(session.player_id)
        place = state.place_of(session)
        trip_s = line.link.round_trip_s if line is not None else None
        transport = line.link.transport if line is not None else ""
        now_ms, of = self.runtime.wall_ms(), state.sanctions.of
        return forms.SessionLine(
            player_id=session.player_id,
            name=session.name,
            address=session.last_address,
            connected=session.connected,
            transport=transport or ("rest" if session.connected else ""),
            round_trip_ms=None if trip_s is None else round(trip_s * 1000),
            lobby_id=session.lobby_id or LobbyId(""),
            lobby_title=place[0].config.title if place else "",
            playing=place is not None and place[0].match is not None and place[1].seated,
            muted=of(SanctionKind.MUTE, session, now_ms) is not None,
            banned=of(SanctionKind.BAN, session, now_ms) is not None,
        )

    # --- lobbies ----------------------------------------------------------------------------------

    def lobbies(self, part: Part) -> forms.LobbyLinePage:
        """Return a part of the lobbies."""

        def texts(lobby: Lobby) -> Iterator[str]:
            yield from (lobby.config.title, lobby.lobby_id, lobby.config.map)
            yield from (member.name for member in lobby.members.values())

        found, total, more = _part(self._state.lobbies.values(), texts, part)
        lines = tuple(map(self._lobby, found))
        return forms.LobbyLinePage(lines, total, part.offset, more)

    def lobby(self, lobby_id: str) -> forms.LobbyInside:
        """Return one lobby with its members and chat.

        Raises:
            RequestError: ``lobby.unknown``.
        """
        lobby = self._state.lobbies.get(LobbyId(lobby_id))
        if lobby is None:
            raise RequestError(Code.LOBBY_UNKNOWN, "there is no lobby of this id")
        members = lobby.state(self.people.now(), for_host=True).members
        return forms.LobbyInside(self._lobby(lobby), members, lobby_lines(lobby))

    def chat(self) -> forms.GlobalLines:
        """Return the last lines of the channel of all players."""
        return forms.GlobalLines(self.people.hall.parts.chat.public_history().lines)

    def _lobby(self, lobby: Lobby) -> forms.LobbyLine:
        match_id = lobby.match.match_id if lobby.match is not None else MatchId("")
        summary = lobby.summary(self.game.mode_option)
        return forms.LobbyLine(summary, lobby.config.visibility.value, match_id)

    # --- matches ----------------------------------------------------------------------------------

    def matches_page(self, part: Part) -> forms.MatchRowPage:
        """Return a part of the running matches."""
        running = [
            (lobby, live)
            for match_id, lobby in self.people.hall.parts.match_binding.running().items()
            if (live := self.matches.get(match_id)) is not None
        ]

        def texts(each: tuple[Lobby, LiveMatch]) -> Iterator[str]:
            lobby, live = each
            yield from (lobby.config.title, live.match_id, live.match.map.name, lobby.lobby_id)
            yield from (member.name for member in lobby.members.values())

        found, total, more = _part(running, texts, part)
        rows = tuple(self._match(*each) for each in found)
        return forms.MatchRowPage(rows, total, part.offset, more)

    def match(self, match_id: str) -> forms.MatchInside:
        """Return one running match with its standings.

        Raises:
            RequestError: ``match.unknown``.
        """
        lobby = self.people.hall.parts.match_binding.find(MatchId(match_id))
        live = self.matches.get(MatchId(match_id))
        if lobby is None or live is None:
            raise RequestError(Code.MATCH_UNKNOWN, "no match of this id runs")
        outcome = live.match.standings()
        sat = {} if lobby.match is None else lobby.match.sat
        lines = tuple(result_line(line, sat) for line in outcome.standings)
        tick = live.match.tick_number
        scores = Scores(live.match_id, tick, False, outcome.winner, outcome.team_scores, lines)
        return forms.MatchInside(self._match(lobby, live), scores, live.match.time_left_s())

    def picture(self, match_id: str) -> forms.MatchPicture:
        """Return the present moment of a running match from above.

        Raises:
            RequestError: ``match.unknown``: it does not run, or its game cannot tell its area.
        """
        live = self.matches.get(MatchId(match_id))
        if live is None:
            raise RequestError(Code.MATCH_UNKNOWN, "no match of this id runs")
        view, tile_map = WorldView(match_id, self.game), live.match.map
        try:
            view.begin(live.match_id, live.match.world)
        except GameFaultError as fault:
            raise RequestError(Code.MATCH_UNKNOWN, f"it cannot be shown: {fault}") from None
        seen: Any = view.whole()
        return forms.MatchPicture(
            tick=seen["tick"],
            area=seen["area"],
            entities=tuple(seen["entities"]),
            width=tile_map.width,
            height=tile_map.height,
            solid=tile_map.solid,
        )

    def _match(self, lobby: Lobby, live: LiveMatch) -> forms.MatchRow:
        tick, timetable = live.match.tick_number, live.timetable
        return forms.MatchRow(
            match_id=live.match_id,
            lobby_id=lobby.lobby_id,
            title=lobby.config.title,
            map=live.match.map.name,
            mode=lobby.summary(self.game.mode_option).mode,
            tick=tick,
            elapsed_s=round(tick / self.game.tick_rate, 1),
            players=len(lobby.seated),
            bots=len(lobby.match.bots) if lobby.match is not None else 0,
            viewers=live.viewers,
            tick_ms=round(timetable.busy_s * 1000 / max(1, timetable.done), 3),
            latest_ms=round(timetable.late_max_s * 1000, 1),
            watchable=lobby.config.spectators,
        )

    # --- what operators and players wrote down ----------------------------------------------------

    def sanctions(self, part: Part) -> forms.SanctionPage:
        """Return a part of the bans and mutes that have not ended, the newest first."""
        now_ms = self.runtime.wall_ms()
        holding = [each for each in self._state.sanctions if each.until_ms > now_ms]
        holding.reverse()
        found, total, more = _part(
            holding, lambda each: (each.shown, each.value, each.reason, each.imposed_by), part
        )
        return forms.SanctionPage(tuple(found), total, part.offset, more)

    def audit(self, part: Part) -> forms.AuditPage:
        """Return a part of what operators did, the newest first."""
        found, total, more = _part(
            reversed(self._state.audit.entries),
            lambda each: (each.act, each.by, each.target, each.target_name, each.reason),
            part,
        )
        return forms.AuditPage(tuple(found), total, part.offset, more)

    def reports(self, part: Part) -> forms.ReportPage:
        """Return a part of the players' reports, the newest first."""
        reports = list(self._state.reports.by_number.values())
        unsettled = sum(not each.settled_by for each in reports)
        reports.sort(key=lambda each: -each.number)
        found, total, more = _part(
            reports,
            lambda each: (each.reporter_name, each.accused_name, each.text, each.accused),
            part,
        )
        lines = tuple(map(_report_line, found))
        return forms.ReportPage(lines, total, unsettled, part.offset, more)

    def report(self, number: int) -> PlayerReport:
        """Return one report with the chat around it.

        Raises:
            RequestError: ``bad_params``: there is none of this number.
        """
        found = self._state.reports.by_number.get(number)
        if found is None:
            raise RequestError(Code.BAD_PARAMS, f"There is no report of number {number}.")
        return found


def _report_line(report: PlayerReport) -> forms.ReportLine:
    return forms.ReportLine(
        report.number,
        report.at_ms,
        report.reporter_name,
        report.accused,
        report.accused_name,
        report.lobby_title,
        report.text,
        len(report.lines),
        report.settled_by,
    )


def _part(
    items: Iterable[T], texts: Callable[[T], Iterable[str]], part: Part
) -> tuple[list[T], int, int | None]:
    """Return the asked part of the items that have the text, their number, and the next offset."""
    wanted = part.text.casefold().strip()
    found = list(items)
    if wanted:
        found = [each for each in found if any(wanted in text.casefold() for text in texts(each))]
    end = part.offset + part.limit
    return list(islice(found, part.offset, end)), len(found), end if end < len(found) else None
