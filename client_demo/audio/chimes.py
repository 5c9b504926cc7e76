"""Sounds of the course of a match: the last seconds before it, and how it ended.

Law: each sounds once, when it comes; what is on the screen decides, so a resume repeats nothing.
"""

import attrs

from client_demo.views.matchview import MatchView
from client_demo.views.screens import ResultsView, RoomView, ScreenView

BEEPS_FROM_S = 3


@attrs.define
class Chimes:
    """Remembers what has sounded."""

    _second: int = -1
    _result: str = ""

    def due(self, view: ScreenView) -> str:
        """Return the name of the sound that is due with this view, or nothing."""
        if isinstance(view, ResultsView):
            return self._ended(view)
        left_s = None
        if isinstance(view, RoomView):
            left_s = view.countdown_s
        elif isinstance(view, MatchView):
            left_s = view.starts_in_s
        return self._counted(left_s)

    def _counted(self, left_s: float | None) -> str:
        second = -1 if left_s is None else int(left_s + 0.999)
        before, self._second = self._second, second
        return "beep" if second != before and 0 < second <= BEEPS_FROM_S else ""

    def _ended(self, view: ResultsView) -> str:
        result = view.lobby.result
        if result is None or result.match_id == self._result:
            return ""
        self._result = result.match_id
        own = next((line for line in result.lines if line.player_id == view.chat.me), None)
        if own is None or result.reason != "finished":
            return ""
        return "win" if own.won else "lose"
