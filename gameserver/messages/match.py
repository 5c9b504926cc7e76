"""Requests and events around a match; its hot messages are in :mod:`gameserver.messages.wire`."""

from collections.abc import Mapping

import attrs

from gameserver.ids import MatchId, PlayerId, Seat, Tick
from gameserver.messages.base import ReliableEvent, Request, Result
from gameserver.messages.lobby import MatchResult


@attrs.frozen
class SeatedPlayer:
    """One seat and its player when a match starts; later changes come as lobby states."""

    seat: Seat
    player_id: PlayerId
    """Empty for a bot."""
    name: str
    team: int
    bot: bool


@attrs.frozen
class MatchStarted(ReliableEvent, name="match.started"):
    """A match of the player's lobby is running; `EnterMatch` asks for its snapshots.

    It comes again, for the same match, after the player has taken a seat in it or has become a
    spectator.
    """

    match_id: MatchId
    game: str
    seat: Seat
    """The player's own seat; `NO_SEAT` for a spectator."""
    players: tuple[SeatedPlayer, ...]
    tick_rate: int
    snapshot_every: int
    """Ticks from one snapshot to the next while the server is not overloaded."""
    map: str
    map_digest: str
    options: Mapping[str, int | bool | str]
    salt: int
    """Key of the random numbers that client and server compute equally."""
    schema: Mapping[str, object]
    """The field tables, see ``docs/protocol.md``: they suffice to decode snapshots."""


@attrs.frozen
class MapData(Result):
    """A map as the simulation uses it; ``docs/protocol.md``, section 4, describes its form."""

    data: Mapping[str, object]


@attrs.frozen
class GetMap(Request, name="match.map", result=MapData):
    """Ask for the map of the player's match."""

    match_id: MatchId


@attrs.frozen
class MatchEntered(Result):
    """Snapshots follow, beginning with a keyframe; ``tick`` is the server's present tick."""

    tick: Tick
    seat: Seat
    next_seq: int
    """The ``seq`` of the session's next input; later ones must rise from it."""
    epoch: int = 1
    """Rises when another process of the server goes on with the match behind an earlier tick: then
    all that the client knows of the match is void."""
    delay_s: float = 0.0
    """By how much later than to players the snapshots come, in seconds: a server may delay what
    spectators see. The first one comes that much later, too."""
    waits_s: float = 0.0
    """The match stands still, since the server was started again, until all its players are back;
    for so long at most, in seconds."""


@attrs.frozen
class EnterMatch(Request, name="match.enter", result=MatchEntered):
    """Ask for the match's snapshots; needed again after each resume."""

    match_id: MatchId


@attrs.frozen
class DesyncNoted(Result):
    """A report was taken."""

    view_bytes: int = 0
    """Most bytes that the server takes of what the client had of the section, by `SendView`; 0 if
    it wants nothing."""


@attrs.frozen
class ReportDesync(Request, name="match.desync", result=DesyncNoted):
    """Report that a section's checksum is wrong; a keyframe follows."""

    match_id: MatchId
    tick: Tick
    section: int
    expected: int
    computed: int


@attrs.frozen
class SendView(Request, name="match.view"):
    """Send a part of what the client had of a section whose checksum was wrong.

    The whole is msgpack compressed by zlib: an array of ``[tick, body]`` by rising tick, up to the
    report's; each body is that of a keyframe of the section. The server keeps it, unread, beside
    its own world.
    """

    match_id: MatchId
    offset: int
    """Bytes sent before; the next part follows when this one was answered."""
    data: bytes
    """At most 2 KiB, so that the message keeps within its limit."""
    last: bool


@attrs.frozen
class MatchStats(Result):
    """Counts of the player's inputs by result; zeros for a spectator."""

    applied: int = 0
    late: int = 0
    """Inputs that came after their tick had been stepped."""
    missed: int = 0
    """Ticks stepped without an input, after the first input was applied."""
    early: int = 0
    """Inputs for a tick more than a second ahead."""
    doubled: int = 0
    """Inputs for a tick that had one already, or with a ``seq`` not above the last one."""
    malformed: int = 0
    """Invalid inputs: a wrong number of fields, or a value out of bounds."""


@attrs.frozen
class GetMatchStats(Request, name="match.stats", result=MatchStats):
    """Ask for the counts of the player's inputs."""

    match_id: MatchId


@attrs.frozen
class ReplayPage(Result):
    """A part of the journal of a match, as it lies on the server's disk."""

    file: str
    """Name of the file; its ending tells whether it is compressed (``.journal.zst``)."""
    size: int
    """Bytes of the whole file."""
    digest: str
    """SHA-256 of the whole file, in hexadecimal."""
    offset: int
    data: bytes
    """At most 32 KiB from ``offset`` on; empty at the end."""


@attrs.frozen
class GetReplay(Request, name="match.replay", result=ReplayPage):
    """Ask for a part of the journal of a match that is over, in which the player had a seat.

    Ask for the next part when one has come: a session has one such request at a time.
    """

    match_id: MatchId
    offset: int = 0
    """Bytes of the file that the client has already."""


@attrs.frozen
class MatchHappened(ReliableEvent, name="match.event"):
    """A reliable game event: its class number in the schema and its fields in order."""

    match_id: MatchId
    tick: Tick
    event: int
    fields: tuple[int | bool | str, ...]


@attrs.frozen
class MatchEnded(ReliableEvent, name="match.ended"):
    """The match is over; the player is back in the lobby."""

    result: MatchResult
