"""What is said around a match; its hot traffic is in :mod:`gameserver.messages.wire`."""

from collections.abc import Mapping

import attrs

from gameserver.ids import MatchId, PlayerId, Seat, Tick
from gameserver.messages.base import ReliableEvent, Request, Result
from gameserver.messages.lobby import MatchResult


@attrs.frozen
class SeatedPlayer:
    """Who sits where when a match starts; later changes come as lobby states."""

    seat: Seat
    player_id: PlayerId
    """Empty for a bot."""
    name: str
    team: int
    bot: bool


@attrs.frozen
class MatchStarted(ReliableEvent, name="match.started"):
    """A match of one's lobby runs; enter it with `EnterMatch` when ready to draw it.

    It comes again, for the same match, when one has taken a seat in it or moved among the
    spectators.
    """

    match_id: MatchId
    game: str
    seat: Seat
    """One's own; `NO_SEAT` for a spectator."""
    players: tuple[SeatedPlayer, ...]
    tick_rate: int
    snapshot_every: int
    """Ticks from one snapshot to the next, where the server is not under strain."""
    map: str
    map_digest: str
    options: Mapping[str, int | bool | str]
    salt: int
    """Key of the random numbers that client and server agree on."""
    schema: Mapping[str, object]
    """The field tables, see ``docs/protocol.md``: enough to decode without the game's classes."""


@attrs.frozen
class MapData(Result):
    """A map as the simulation uses it; its form is drawn in ``docs/protocol.md``, section 4."""

    data: Mapping[str, object]


@attrs.frozen
class GetMap(Request, name="match.map", result=MapData):
    """Ask for the map of the match one is in."""

    match_id: MatchId


@attrs.frozen
class MatchEntered(Result):
    """Snapshots follow, beginning with a keyframe; ``tick`` is the server's now."""

    tick: Tick
    seat: Seat
    next_seq: int
    """Inputs of this session must count on from here."""


@attrs.frozen
class EnterMatch(Request, name="match.enter", result=MatchEntered):
    """Say that one is ready to receive; again after each resume."""

    match_id: MatchId


@attrs.frozen
class ReportDesync(Request, name="match.desync"):
    """Tell that a section's checksum did not fit; a keyframe of it follows."""

    match_id: MatchId
    tick: Tick
    section: int
    expected: int
    computed: int


@attrs.frozen
class MatchStats(Result):
    """What became of the inputs of one's own seat; zeros for a spectator."""

    applied: int = 0
    late: int = 0
    """Came after their tick was stepped."""
    missed: int = 0
    """Ticks stepped without an input of their own, after the first one came."""
    early: int = 0
    """Named a tick more than a second ahead."""
    doubled: int = 0
    """Named a tick that had its input, or bore a ``seq`` that was not above the last one."""
    malformed: int = 0
    """Were no input of this game: another number of fields, or a value out of its bounds."""


@attrs.frozen
class GetMatchStats(Request, name="match.stats", result=MatchStats):
    """Ask what became of one's inputs."""

    match_id: MatchId


@attrs.frozen
class MatchHappened(ReliableEvent, name="match.event"):
    """A reliable game event: its class number in the schema and its fields in order."""

    match_id: MatchId
    tick: Tick
    event: int
    fields: tuple[int | bool | str, ...]


@attrs.frozen
class MatchEnded(ReliableEvent, name="match.ended"):
    """The match is over; one is back in the lobby."""

    result: MatchResult
