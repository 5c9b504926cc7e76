"""What operators did, and what players report to them.

Law: an act is written down in the moment in which it is decided, by the same call, so none is
missing. The newest entries are kept; the server's log has a line of each.
"""

from collections import Counter, deque
from typing import Final

import attrs

from gameserver.ids import LobbyId, PlayerId
from gameserver.messages.chat import ChatLine

SHARES: Final = 20
"""Into how many shares a book of reports is divided: 15 reports of a book of 300."""


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

    When full: the oldest settled one is dropped. Without one, whatever has more than its share of
    the book (`share`) loses its oldest: first the source that has most, then the accused that has
    most, of whom each source keeps its newest. Else sources and accused are many, and the older
    half of the book gives way: there the oldest about the accused whom fewest sources report.

    So a flood from few addresses, or about few players, drives out its own; one from many addresses
    about many players leaves the new reports, and those about players whom more addresses report
    than any of the flood's. As many addresses as there is room for can drive out all of the older
    half (threat 28): addresses are cheap, and nothing else tells their reports from honest ones.
    """

    most: int
    last: int = 0
    by_number: dict[int, PlayerReport] = attrs.field(factory=dict)

    @property
    def share(self) -> int:
        """Reports of one source, or about one accused, that others cannot drive out at once."""
        return max(1, self.most // SHARES)

    def put(self, report: PlayerReport) -> None:
        """Keep a report, whose number must be that behind `last`, or one that is kept."""
        self.by_number[report.number] = report
        self.last = max(self.last, report.number)
        if len(self.by_number) > self.most:
            del self.by_number[self._least_missed()]

    def _least_missed(self) -> int:
        reports = list(self.by_number.values())  # the oldest first
        settled = (each.number for each in reports if each.settled_by)
        if (first := next(settled, None)) is not None:
            return first
        by_source = Counter(each.source for each in reports)
        source, count = by_source.most_common(1)[0]
        if count > self.share:
            return next(each.number for each in reports if each.source == source)
        about = Counter(each.accused for each in reports)
        accused, count = about.most_common(1)[0]
        if count > self.share:
            return _oldest_repeated([each for each in reports if each.accused == accused])
        sources = Counter(
            accused for accused, _ in {(each.accused, each.source) for each in reports}
        )
        # Of equals the first one, which is the oldest.
        older = reports[: max(1, len(reports) // 2)]
        return min(older, key=lambda each: sources[each.accused]).number


def _oldest_repeated(reports: list[PlayerReport]) -> int:
    """Return the oldest report whose source has sent a newer one; without such the oldest."""
    left = Counter(each.source for each in reports)
    repeated = (each.number for each in reports if left[each.source] > 1)
    return next(repeated, reports[0].number)
