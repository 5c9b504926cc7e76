"""What the requests of ``/api/v1`` answer, as classes: their JSON and its description follow them.

Law: nothing here is secret. No token, password, invite code or address is a field, but for the
token of the session that asks for one.
"""

from collections.abc import Mapping

import attrs

from gameserver.ids import EventNumber, LobbyId, MatchId, PlayerId, Seat, Tick
from gameserver.messages.lobby import LobbyState, LobbySummary, MatchResult, ResultLine
from gameserver.service.played import PlayedMatch


@attrs.frozen
class Index:
    """Where to go from here."""

    name: str
    version: str
    links: Mapping[str, str]
    """Paths by what is there."""


@attrs.frozen
class WayIn:
    """One way to reach this server, on the same port."""

    transport: str
    path: str
    """First part of its addresses; "/" for any path."""
    subprotocol: str = ""


@attrs.frozen
class Info:
    """The server, its game and its protocol."""

    server: str
    """The operator's name for it."""
    version: str
    protocol: int
    protocol_minor: int
    game: str
    title: str
    maps: tuple[str, ...]
    players: int
    lobbies: int
    matches: int
    started_at_ms: int
    """Unix time in milliseconds."""
    message: str
    """The operator's message of the day."""
    replays: bool
    """Whether players may have replays of their matches."""
    ways: tuple[WayIn, ...]


@attrs.frozen
class LobbyPage:
    """A part of the list of lobbies: joinable ones first, then by players."""

    lobbies: tuple[LobbySummary, ...]
    total: int
    """Lobbies that pass the filter; at most the first 200 can be paged through."""
    offset: int
    next: int | None
    """Offset of the next part; null behind the last one."""


@attrs.frozen
class LobbyView:
    """One lobby."""

    lobby: LobbySummary
    state: LobbyState | None
    """With its members; null for a lobby with a password. The invite code is empty, unless the
    request brings a member's token."""


@attrs.frozen
class MatchLine:
    """One running match of a public lobby."""

    match_id: MatchId
    lobby_id: LobbyId
    title: str
    """Of its lobby."""
    map: str
    mode: str
    tick: Tick
    players: int
    """People with a seat."""
    bots: int


@attrs.frozen
class MatchPage:
    """A part of the list of running matches, by lobby."""

    matches: tuple[MatchLine, ...]
    total: int
    offset: int
    next: int | None


@attrs.frozen
class ReplayList:
    """Matches in which the session had a seat and whose replays it may fetch, the newest first."""

    replays: tuple[MatchId, ...]
    matches: tuple[PlayedMatch, ...]
    """What is known of each of them, in the same order."""
    given: bool
    """Whether this server gives out replays."""


@attrs.frozen
class Seated:
    """The player of one seat."""

    seat: Seat
    player_id: PlayerId
    """Empty for a bot."""
    name: str
    team: int
    bot: bool
    connected: bool


@attrs.frozen
class Scores:
    """The standings of a match, best first."""

    match_id: MatchId
    tick: Tick
    over: bool
    winner: str
    """Player or team that won, or is ahead; empty without one."""
    team_scores: tuple[int, ...]
    lines: tuple[ResultLine, ...]


@attrs.frozen
class MatchReport:
    """One match: running, or over as long as its lobby shows the result."""

    match_id: MatchId
    lobby_id: LobbyId
    phase: str
    """``running`` or ``over``."""
    game: str
    map: str
    options: Mapping[str, int | bool | str]
    tick: Tick
    tick_rate: int
    elapsed_s: float
    time_left_s: float | None
    """Longest time that is left, as the game tells it; null if it tells none."""
    players: tuple[Seated, ...]
    scores: Scores
    result: MatchResult | None


@attrs.frozen
class Health:
    """Whether the server works."""

    status: str
    """``ok`` or ``stopping``."""


@attrs.frozen
class LobbyConnections:
    """Members of one lobby."""

    lobby_id: LobbyId
    connected: int
    away: int
    """Members without a connection, whose seats are held."""


@attrs.frozen
class NamespaceConnections:
    """Members of one namespace of the server's author."""

    namespace: str
    connected: int
    away: int
    """Members without a connection; they stay members until their sessions end."""
    rooms: int


@attrs.frozen
class RoomConnections:
    """Members of one room of a namespace."""

    namespace: str
    room: str
    connected: int
    away: int


@attrs.frozen
class ConnectionCounts:
    """Connections of this server, for its operator."""

    open: int
    by_transport: Mapping[str, int]
    """Open ones."""
    players: int
    """Sessions with a connection."""
    sessions: int
    """Sessions, with and without a connection."""
    opened: Mapping[str, int]
    """All since the start, by transport."""
    closed: Mapping[str, int]
    """All that have ended since the start, by reason: an error code, ``goodbye`` (the client left),
    ``silent``, ``lost`` or ``over`` (a stream of topics that have ended)."""
    by_lobby: tuple[LobbyConnections, ...]
    """The 100 lobbies with the most members."""
    by_namespace: tuple[NamespaceConnections, ...]
    by_room: tuple[RoomConnections, ...]
    """The 100 rooms of namespaces with the most members."""


@attrs.frozen
class SignedIn:
    """A session for requests by POST."""

    token: str
    """For ``Authorization: Bearer``; also the token to resume the session on any other way."""
    player_id: PlayerId
    player_name: str
    resumed: bool
    last_event: EventNumber
    """Number of the last event; later ones have higher numbers."""
    lease_s: float
    """The session is present for this time after each request with its token."""


@attrs.frozen
class SignInForm:
    """Who signs in: a new guest by name, or an earlier session by token."""

    name: str = ""
    """Empty lets the server choose."""
    token: str = ""


@attrs.frozen
class Numbered:
    """One event of a session."""

    number: EventNumber
    name: str
    fields: Mapping[str, object]
    """As docs/protocol.md describes the event of this name."""


@attrs.frozen
class EventPage:
    """Events of a session behind a number, in order."""

    events: tuple[Numbered, ...]
    last: EventNumber
    """Number of the newest event; ask again if it is above the last one here."""
    missed: bool
    """Whether events behind the given number are not kept any more."""


@attrs.frozen
class Problem:
    """Why a request is refused, as in RFC 9457."""

    type: str
    title: str
    """Of the HTTP status."""
    status: int
    detail: str
    """A sentence for people."""
    code: str
    """A stable error code of docs/protocol.md."""
    details: Mapping[str, object]
