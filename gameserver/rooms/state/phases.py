"""The phases of a lobby as a table, used by the code and for the diagram in the documentation.

Law: a lobby changes phase only by a row of this table. It ends when its last member leaves, in any
phase.
"""

from enum import StrEnum
from typing import Final

from gameserver.messages.lobby import Phase


class Cause(StrEnum):
    """Why a lobby changes its phase; the value is the label in the diagram."""

    ALL_READY = "all seated people are ready"
    FORCED = "the host starts"
    QUICK = "a quick-play lobby has its players"
    CALLED_OFF = "the host cancels, or somebody is no longer ready or leaves"
    COUNTED_DOWN = "the countdown is over"
    ENDED = "the match ended"
    RESULTS_SEEN = "the results were shown long enough"


TRANSITIONS: Final = {
    (Phase.OPEN, Cause.ALL_READY): Phase.COUNTDOWN,
    (Phase.OPEN, Cause.FORCED): Phase.COUNTDOWN,
    (Phase.OPEN, Cause.QUICK): Phase.COUNTDOWN,
    (Phase.COUNTDOWN, Cause.CALLED_OFF): Phase.OPEN,
    (Phase.COUNTDOWN, Cause.COUNTED_DOWN): Phase.IN_MATCH,
    (Phase.IN_MATCH, Cause.ENDED): Phase.RESULTS,
    (Phase.RESULTS, Cause.ALL_READY): Phase.COUNTDOWN,
    (Phase.RESULTS, Cause.FORCED): Phase.COUNTDOWN,
    (Phase.RESULTS, Cause.RESULTS_SEEN): Phase.OPEN,
}
