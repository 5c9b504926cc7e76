"""What operators are answered and what they send, as classes; JSON and description follow them.

Law: these have addresses and chat in them, for operators alone. No token, password or secret is a
field of an answer, but for the token against cross-site requests that the console needs.
"""

from collections.abc import Mapping

import attrs

from gameserver.ids import LobbyId, MatchId, PlayerId, Tick
from gameserver.messages.chat import ChatLine
from gameserver.messages.lobby import LobbySummary, Member
from gameserver.messages.session import ServerStats
from gameserver.rooms.state.audit import AuditEntry
from gameserver.rooms.state.sanctions import Sanction, SanctionedBy, SanctionKind
from gameserver.service.admin.rights import Role
from gameserver.service.rest.forms import Scores

# --- answers --------------------------------------------------------------------------------------


@attrs.frozen
class Me:
    """Who asks, and of which server."""

    name: str
    """As in the audit log."""
    role: Role
    rights: tuple[str, ...]
    csrf: str
    """Token for ``X-CSRF-Token``, which changing requests with the cookie need; else empty."""
    server: str
    version: str
    game: str
    started_at_ms: int
    """Unix time in milliseconds."""
    now_ms: int
    draining: bool
    """Whether the server drains or stops, or was told to."""
    drain_s: float
    """How long a drain lets matches go on; 0.0: the server ends at once."""
    saves_matches: bool
    """Whether matches that run at the end go on in the next process; else they end."""


@attrs.frozen
class Figures:
    """The server's figures, the same as those of ``gameserver stats`` and ``/metrics``."""

    at_ms: int
    """Unix time in milliseconds."""
    stats: ServerStats


@attrs.frozen
class SessionLine:
    """One session."""

    player_id: PlayerId
    name: str
    address: str
    """The newest one, or an IPv6 address's /64; empty for loopback."""
    connected: bool
    transport: str
    """Empty without a connection."""
    round_trip_ms: int | None
    lobby_id: LobbyId
    """Empty outside of lobbies."""
    lobby_title: str
    playing: bool
    """Whether the player has a seat in a running match."""
    muted: bool
    banned: bool


@attrs.frozen
class SessionPage:
    """A part of the sessions, in the order in which they came."""

    sessions: tuple[SessionLine, ...]
    total: int
    """Sessions that pass the search."""
    offset: int
    next: int | None
    """Offset of the next part; null behind the last one."""


@attrs.frozen
class LobbyLine:
    """One lobby, unlisted ones included."""

    summary: LobbySummary
    visibility: str
    match_id: MatchId
    """Empty without a running match."""


@attrs.frozen
class LobbyLinePage:
    """A part of the lobbies, in the order in which they opened."""

    lobbies: tuple[LobbyLine, ...]
    total: int
    offset: int
    next: int | None


@attrs.frozen
class LobbyInside:
    """One lobby with its members and chat."""

    lobby: LobbyLine
    members: tuple[Member, ...]
    chat: tuple[ChatLine, ...]
    """The kept lines of all its channels, oldest first."""


@attrs.frozen
class GlobalLines:
    """The last lines of the channel of all players, oldest first."""

    lines: tuple[ChatLine, ...]


@attrs.frozen
class MatchRow:
    """One running match."""

    match_id: MatchId
    lobby_id: LobbyId
    title: str
    map: str
    mode: str
    tick: Tick
    elapsed_s: float
    players: int
    """People with a seat."""
    bots: int
    viewers: int
    tick_ms: float
    """Mean processor time of a tick so far."""
    latest_ms: float
    """How late a tick began at most."""
    watchable: bool
    """Whether spectators may enter it."""


@attrs.frozen
class MatchRowPage:
    """A part of the running matches."""

    matches: tuple[MatchRow, ...]
    total: int
    offset: int
    next: int | None


@attrs.frozen
class MatchInside:
    """One running match with its standings."""

    match: MatchRow
    scores: Scores
    time_left_s: float | None


@attrs.frozen
class MatchPicture:
    """One moment of a match from above, as spectators may see it."""

    tick: Tick
    area: tuple[int, ...]
    """Width and height of the world, in the units of the entities' ``x`` and ``y``."""
    entities: tuple[Mapping[str, object], ...]
    """Id, class, owner (a seat, or below 0 for none) and public fields of each."""
    width: int
    """Of the map, in tiles."""
    height: int
    solid: bytes
    """A byte for each tile, row by row; 0 is free."""


@attrs.frozen
class SanctionPage:
    """A part of the bans and mutes, the newest first."""

    sanctions: tuple[Sanction, ...]
    total: int
    offset: int
    next: int | None


@attrs.frozen
class AuditPage:
    """A part of what operators did, the newest first."""

    entries: tuple[AuditEntry, ...]
    total: int
    """Acts that are kept and pass the search."""
    offset: int
    next: int | None


@attrs.frozen
class ReportLine:
    """One report, without the chat around it."""

    number: int
    at_ms: int
    reporter_name: str
    accused: PlayerId
    accused_name: str
    lobby_title: str
    text: str
    lines: int
    """Number of lines of chat around it."""
    settled_by: str


@attrs.frozen
class ReportPage:
    """A part of the players' reports, the newest first."""

    reports: tuple[ReportLine, ...]
    total: int
    open: int
    """Reports that nobody has dealt with, in all."""
    offset: int
    next: int | None


@attrs.frozen
class Acted:
    """An act, as it was written into the audit log."""

    entry: AuditEntry
    warning: str = ""
    """What the operator should know of it; mostly empty."""


@attrs.frozen
class SampleSeries:
    """Figures of the last minutes, one of each second, oldest first."""

    samples: tuple[Mapping[str, object], ...]
    next: int
    """Give this as ``after`` the next time."""


# --- what is sent ---------------------------------------------------------------------------------


@attrs.frozen
class ConsoleSignIn:
    """The form of the console."""

    secret: str = attrs.field(repr=False)
    name: str = ""
    """Whose name the audit log shows."""


@attrs.frozen
class WithReason:
    """An act that needs nothing but a reason."""

    reason: str = ""


@attrs.frozen
class NewName:
    """A name for a player."""

    name: str
    reason: str = ""


@attrs.frozen
class NewSanction:
    """A ban or mute."""

    kind: SanctionKind
    known_by: SanctionedBy
    value: str
    """A player's id, for that session, its address or its name; or an address, network or name."""
    seconds: float
    reason: str = ""


@attrs.frozen
class NewText:
    """A text for all players."""

    text: str
    reason: str = ""


@attrs.frozen
class NewDrain:
    """Let the server end."""

    now: bool = False
    """Stop at once instead of waiting for the matches; needed while the server drains already."""
    reason: str = ""
