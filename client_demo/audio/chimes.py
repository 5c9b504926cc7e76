"""Sounds for the stages of a match: the last seconds of a countdown, and the result.

Law: each sound is played once. The view on the screen triggers it, not a message of the server, so
a resumed session does not repeat a sound.
"""

import attrs

from client_demo.views.matchview import MatchView
from client_demo.views.screens import ResultsView, RoomView, ScreenView

BEEPS_FROM_S = 3


@attrs.define
class Chimes:
    """The last second and the last result that were announced by a sound."""

    _second: int = -1
    _result: str = ""

    def due(self, view: ScreenView) -> str:
        """Return the name of the sound to be played with this view; empty for none."""
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
