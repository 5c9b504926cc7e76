"""Reports of players about other players, for the server's operators.

Law: a report is kept with the chat that the reporter could read in that moment, since the lines are
gone later. The accused is not told.
"""

import attrs

from gameserver.errors import Code, RequestError
from gameserver.ids import LobbyId
from gameserver.messages.base import Result
from gameserver.messages.session import ReportPlayer
from gameserver.rooms.chat.around import lines_around
from gameserver.rooms.chat.chat import Chat
from gameserver.rooms.sessions.names import clean_text
from gameserver.rooms.state.audit import PlayerReport
from gameserver.rooms.state.hall_state import HallState
from gameserver.rooms.state.session import Session


@attrs.frozen
class ReportRequests:
    """Handler of the request `ReportPlayer`."""

    state: HallState
    chat: Chat

    def report(self, session: Session, request: ReportPlayer) -> Result:
        """Keep a report.

        Raises:
            RequestError: There is no such other player, or too many reports come from here.
        """
        state = self.state
        accused = state.sessions.get(request.player_id)
        if accused is None or accused is session:
            raise RequestError(Code.PLAYER_UNKNOWN, "There is no such other player.")
        key = session.address or session.player_id
        wait = state.report_attempts.take(key, state.now)
        if wait:
            sentence = f"Many reports came from you; send the next one in {wait:.0f} s."
            raise RequestError(Code.RATE_LIMITED, sentence, {"retry_after_s": wait})
        place = state.place_of(session)
        most = state.rules.report_chars
        report = PlayerReport(
            number=state.reports.last + 1,
            at_ms=state.wall_ms,
            reporter=session.player_id,
            reporter_name=session.name,
            accused=accused.player_id,
            accused_name=accused.name,
            accused_address=accused.last_address,
            lobby_id=place[0].lobby_id if place else LobbyId(""),
            lobby_title=place[0].config.title if place else "",
            text=clean_text(request.text[: 4 * most])[:most],
            lines=lines_around(self.chat, session, accused.player_id, place),
            source=key,
        )
        state.reports.put(report)
        state.note(
            "reported",
            report=report.number,
            player=accused.player_id,
            name=accused.name,
            by=session.player_id,
        )
        return Result()
