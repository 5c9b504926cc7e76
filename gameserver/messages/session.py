"""Requests about one's own session, and about the server."""

import attrs

from gameserver.ids import PlayerId
from gameserver.messages.base import Notice, ReliableEvent, Request, Result


@attrs.frozen
class Renamed(Result):
    """The name as it was accepted: cleaned, with a suffix if it clashed."""

    player_name: str


@attrs.frozen
class Rename(Request, name="session.rename", result=Renamed):
    """Change one's name. Refused with ``session.name_refused`` where nothing readable remains."""

    player_name: str


@attrs.frozen
class NameChanged(ReliableEvent, name="session.renamed"):
    """One's own name is another from now on."""

    player_name: str


@attrs.frozen
class SignOut(Request, name="session.sign_out"):
    """End the session for good: its seat is released and its token forgotten.

    Behind the result comes a goodbye with the code ``session.token_unknown``.
    """


@attrs.frozen
class ServerInfo(Result):
    """What the server is and how busy."""

    server: str
    game: str
    title: str
    players: int
    lobbies: int
    matches: int
    uptime_s: int
    message: str = ""
    """The operator's message of the day."""


@attrs.frozen
class GetServerInfo(Request, name="server.info", result=ServerInfo):
    """Ask what the server is and how busy."""


@attrs.frozen
class Spread:
    """How times are distributed, in milliseconds, to 3 %; zeros where none were measured."""

    count: int
    p50_ms: float
    p99_ms: float
    p999_ms: float
    max_ms: float


@attrs.frozen
class GameStats:
    """Figures of one game, or of all.

    Totals are since the server's start; spreads of the last 10 to 20 seconds, or since the start.
    """

    game: str
    """Empty where it stands for all games."""
    matches: int
    seats: int
    """Seats in play, bots included."""
    bots: int
    viewers: int
    """Connections that get snapshots."""
    congested: int
    """Those of them that get none now, because they do not keep up."""
    ticks: int
    tick_ms: float
    """The longest period of a tick among them: what a duration must stay below."""
    duration: Spread
    """How long ticks took."""
    lateness: Spread
    """How long after their time ticks began."""
    duration_ever: Spread
    lateness_ever: Spread
    overruns: int
    """Ticks that took longer than their period."""
    shed_ticks: int
    """Ticks given up: all that followed came that much later."""
    inputs: int
    """Inputs that were applied to the tick they named."""
    late_inputs: int
    missed_inputs: int
    """Ticks for which a player's input did not come, so that the last one was repeated."""
    malformed: int
    desyncs: int
    clamped_views: int
    snapshot_bytes: int
    bytes_per_viewer_s: float
    """Bytes of snapshots for each viewer and second, of late."""


@attrs.frozen
class ServerStats(Result):
    """How the server fares: its loop, its games, its process."""

    server: str
    uptime_s: float
    connections: int
    players: int
    sessions: int
    """Players, and those whose connection is lost while their session is kept."""
    lobbies: int
    matches: int
    matches_started: int
    strain: int
    """0: all is well; 1, 2: fewer snapshots; 3: no new matches either."""
    snapshot_stretch: int
    """Of how many due snapshots one is sent."""
    refuses_matches: bool
    cpu_share: float
    """Of one processor: 1.0 is all of it."""
    memory_bytes: int
    loop_lag: Spread
    """How late tasks come to their turn."""
    gc_pauses: Spread
    """How long the memory's collector held everything."""
    total: GameStats
    games: tuple[GameStats, ...]


@attrs.frozen
class GetServerStats(Request, name="server.stats", result=ServerStats):
    """Ask how the server fares. May be asked before, and instead of, a hello.

    Refused with ``forbidden`` without the operator's token, or, where none is set, from another
    machine.
    """

    token: str = attrs.field(default="", repr=False)


@attrs.frozen
class ServerMessage(Notice, name="server.message"):
    """The operator, or the server itself, says something to everybody (such as that it stops)."""

    text: str
    stops_in_s: float | None = None


@attrs.frozen
class Presence(Notice, name="session.presence"):
    """Another member of one's lobby lost or regained the connection, or fell silent in a match."""

    player_id: PlayerId
    connected: bool
    stalled: bool = False
    """Whether nothing has come from their seat for about a second, over a connection that stands.
    """
