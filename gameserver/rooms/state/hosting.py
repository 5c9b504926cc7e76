"""The processor time of running matches, counted by the owner who started them.

Law: a match is charged to the address (IPv6 /64) of the host who started it, or for loopback
addresses to the host. An owner without a running match may start one, whatever other owners do.
An owner above a fair share may start more only while the server has much time to spare. So an owner
who starts many matches never makes the server refuse other owners (threat 41).
"""

from typing import Final

import attrs

from gameserver.errors import Code, RequestError
from gameserver.ids import MatchId, PlayerId
from gameserver.rooms.limits.rules import RoomRules
from gameserver.rooms.state.session import Session

_WEIGHT: Final = 0.2
"""Weight of the newest measure in the average; measures come each quarter of a second."""

_RETRY_AFTER_S: Final = 10.0


@attrs.define
class _Run:
    """One match: its owner, the number of the server's bots in it, and its cost."""

    owner: str
    bots: int
    share: float
    """Part of one processor; an estimate until it is measured."""


@attrs.define(eq=False)
class Hosting:
    """The running matches and their owners."""

    _rules: RoomRules
    _runs: dict[MatchId, _Run] = attrs.field(factory=dict, init=False)

    def __len__(self) -> int:
        """Count the matches that are charged to an owner."""
        return len(self._runs)

    def begin(self, match_id: MatchId, host: Session, seats: int, bots: int) -> None:
        """Charge a match that is about to start to its host's owner, at the estimated cost."""
        share = seats * self._rules.seat_share
        self._runs[match_id] = _Run(owner_of(host.address, host.player_id), bots, share)

    def measured(self, match_id: MatchId, share: float) -> None:
        """Add a measure of the part of one processor that a match uses to its average."""
        run = self._runs.get(match_id)
        if run is not None:
            run.share += (share - run.share) * _WEIGHT

    def end(self, match_id: MatchId) -> None:
        """Stop to charge a match; unknown matches are ignored."""
        self._runs.pop(match_id, None)

    def check_match(self, match_id: MatchId) -> None:
        """Check that a match that is about to start may run beside the others of its owner.

        Raises:
            RequestError: As `check`.
        """
        run = self._runs.get(match_id)
        if run is not None:
            self._check(run.owner, run.share, run.bots, besides=run)

    def check(self, host: Session, seats: int, bots: int) -> None:
        """Check that a host may start a match of this size.

        Raises:
            RequestError: ``rate_limited``: the address has as many bots as it may, or its matches
                take their share of the processor already.
        """
        owner = owner_of(host.address, host.player_id)
        self._check(owner, seats * self._rules.seat_share, bots, besides=None)

    def spares(self, host: Session) -> bool:
        """Tell whether a host may start a match although the server is overloaded.

        It may if its owner has no running match while several matches of another owner take more
        than a fair share together: that owner is refused further matches, and others still play.
        """
        return self._spares(owner_of(host.address, host.player_id), besides=None)

    def spares_match(self, match_id: MatchId) -> bool:
        """Tell, as `spares` does, whether a match that is about to start may."""
        run = self._runs.get(match_id)
        return run is not None and self._spares(run.owner, besides=run)

    def _spares(self, owner: str, besides: _Run | None) -> bool:
        shares: dict[str, list[float]] = {}
        for run in self._runs.values():
            if run is not besides:
                shares.setdefault(run.owner, []).append(run.share)
        piled_up = (sum(theirs) for theirs in shares.values() if len(theirs) > 1)
        return owner not in shares and max(piled_up, default=0.0) > self._rules.host_share

    def _check(self, owner: str, share: float, bots: int, besides: _Run | None) -> None:
        rules = self._rules
        others = [run for run in self._runs.values() if run is not besides]
        theirs = [run for run in others if run.owner == owner]
        if not theirs:
            return
        if bots and bots + sum(run.bots for run in theirs) > rules.bots_per_address:
            raise _refused(
                f"Matches of your network have {rules.bots_per_address} of the server's bots at "
                "most; start with fewer, or when one of them has ended."
            )
        mine = share + sum(run.share for run in theirs)
        whole = share + sum(run.share for run in others)
        if mine > rules.host_share and whole > rules.spare_share:
            raise _refused(
                "Matches of your network take as much of the server as they may; "
                "start when one of them has ended."
            )


def owner_of(address: str, player_id: PlayerId) -> str:
    """Return the owner to whom a host's matches are charged."""
    return address or player_id


def _refused(sentence: str) -> RequestError:
    return RequestError(Code.RATE_LIMITED, sentence, {"retry_after_s": _RETRY_AFTER_S})
