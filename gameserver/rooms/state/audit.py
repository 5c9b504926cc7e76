"""What operators did, and what players report to them.

Law: an act is written down in the moment in which it is decided, by the same call, so none is
missing. The newest entries are kept; the server's log has a line of each.
"""

from collections import Counter, deque

import attrs

from gameserver.ids import LobbyId, PlayerId
from gameserver.messages.chat import ChatLine


@attrs.frozen
class AuditEntry:
    """One act."""

    number: int
    at_ms: int
    """Unix time in milliseconds."""
    by: str
    """Who did it."""
    act: str
    """Name of the act, such as ``kick``."""
    target: str
    """Id of what it was done to; empty for the whole server."""
    target_name: str
    """The same for people."""
    details: str
    reason: str
    affected: int
    """Sessions that were changed by it."""


@attrs.define(eq=False)
class AuditLog:
    """The newest acts, oldest first. When full: the oldest is dropped."""

    entries: deque[AuditEntry]
    last: int = 0
    """Number of the newest one."""

    @classmethod
    def of(cls, most: int) -> "AuditLog":
        """Return a log for this many entries."""
        return cls(deque(maxlen=most))


@attrs.frozen
class PlayerReport:
    """A player's complaint about another one."""

    number: int
    at_ms: int
    reporter: PlayerId
    reporter_name: str
    accused: PlayerId
    accused_name: str
    accused_address: str
    lobby_id: LobbyId
    """The lobby of the reporter; empty outside of lobbies."""
    lobby_title: str
    text: str
    """What the reporter wrote."""
    lines: tuple[ChatLine, ...]
    """The chat around it, as the reporter could read it."""
    settled_by: str = ""
    """The operator who has dealt with it."""
    source: str = ""
    """Address of the reporter, or the id of one from loopback: as what the limit counts."""


@attrs.define(eq=False)
class ReportBook:
    """The newest reports by number.

    When full: the oldest settled one is dropped. Without one it is the oldest of the source that
    has most of them, and among such sources of the accused with most: whoever floods the book
    drives out the own reports before those of others (threat 28).
    """

    most: int
    last: int = 0
    by_number: dict[int, PlayerReport] = attrs.field(factory=dict)

    def put(self, report: PlayerReport) -> None:
        """Keep a report, whose number must be that behind `last`, or one that is kept."""
        self.by_number[report.number] = report
        self.last = max(self.last, report.number)
        if len(self.by_number) > self.most:
            del self.by_number[self._least_missed()]

    def _least_missed(self) -> int:
        reports = self.by_number.values()
        settled = (each.number for each in reports if each.settled_by)
        if (first := next(settled, None)) is not None:
            return first
        by_source = Counter(each.source for each in reports)
        about = Counter(each.accused for each in reports)
        # Of equals the first one, which is the oldest.
        return max(reports, key=lambda each: (by_source[each.source], about[each.accused])).number
