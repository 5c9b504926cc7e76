"""Requests and events about the player's session, and about the server."""

from collections.abc import Mapping

import attrs

from gameserver.ids import PlayerId
from gameserver.messages.base import Notice, ReliableEvent, Request, Result


@attrs.frozen
class Renamed(Result):
    """The name as it was accepted: cleaned, with a suffix if it clashed."""

    player_name: str


@attrs.frozen
class Rename(Request, name="session.rename", result=Renamed):
    """Change the player's name; ``session.name_refused`` if it has no letter and no digit.

    ``chat.muted`` while the server's operator has muted the player.
    """

    player_name: str


@attrs.frozen
class NameChanged(ReliableEvent, name="session.renamed"):
    """The player's own name has changed."""

    player_name: str


@attrs.frozen
class SignOut(Request, name="session.sign_out"):
    """End the session: its seat is released, and its token becomes invalid.

    After the result comes a goodbye with the code ``session.token_unknown``.
    """


@attrs.frozen
class ReportPlayer(Request, name="player.report"):
    """Report another player to the server's operator, with the chat that the sender can read now.

    The reported player is not told. ``rate_limited`` behind many reports.
    """

    player_id: PlayerId
    text: str = ""
    """What happened, in at most 500 characters; more are cut off."""


@attrs.frozen
class ServerInfo(Result):
    """The server's name and game, and how many players it has."""

    server: str
    game: str
    title: str
    players: int
    lobbies: int
    matches: int
    uptime_s: int
    message: str = ""
    """The operator's message of the day."""
    replays: bool = True
    """Whether players may have replays of their matches; servers before 2.1 do not tell."""


@attrs.frozen
class GetServerInfo(Request, name="server.info", result=ServerInfo):
    """Ask for the server's name, game and number of players."""


@attrs.frozen
class Quantiles:
    """Percentiles of times in milliseconds, exact to 3 %; zeros without measurements."""

    count: int
    p50_ms: float
    p99_ms: float
    p999_ms: float
    max_ms: float


@attrs.frozen
class GameStats:
    """Statistics of one game, or of all games.

    Totals are since the server's start. Spreads are of the last 10 to 20 seconds; those that end in
    ``_ever`` are since the start.
    """

    game: str
    """Name of the game; empty for all games."""
    matches: int
    seats: int
    """Seats in play, bots included."""
    bots: int
    viewers: int
    """Players and spectators that receive snapshots."""
    congested: int
    """Viewers that get no snapshots now, because they do not keep up."""
    ticks: int
    tick_ms: float
    """Length of a tick, the longest one of several games; durations must be shorter."""
    duration: Quantiles
    """Durations of ticks."""
    lateness: Quantiles
    """Delays between a tick's due time and its begin."""
    duration_ever: Quantiles
    lateness_ever: Quantiles
    overruns: int
    """Ticks that took longer than their period."""
    shed_ticks: int
    """Ticks of lost time that were given up: all later ticks came that much later."""
    inputs: int
    """Inputs that were applied to the tick they named."""
    late_inputs: int
    missed_inputs: int
    """Ticks without a player's input, in which the last command was repeated."""
    malformed: int
    desyncs: int
    clamped_views: int
    snapshot_bytes: int
    bytes_per_viewer_s: float
    """Bytes of snapshots per viewer and second, over the last seconds."""


@attrs.frozen
class ServerStats(Result):
    """Statistics of the server: its event loop, its games, its process."""

    server: str
    uptime_s: float
    connections: int
    players: int
    sessions: int
    """Sessions, with and without a connection."""
    lobbies: int
    matches: int
    matches_started: int
    strain: int
    """Level of overload. 0: none; 1, 2: fewer snapshots; 3: no new matches either."""
    snapshot_stretch: int
    """One of this many due snapshots is sent."""
    refuses_matches: bool
    cpu_share: float
    """Share of one processor: 1.0 is all of it."""
    memory_bytes: int
    loop_lag: Quantiles
    """Delays between a task's due time and its turn in the event loop."""
    gc_pauses: Quantiles
    """Pauses of the whole process by the garbage collector."""
    total: GameStats
    games: tuple[GameStats, ...]
    loop_passes: Quantiles = Quantiles(0, 0.0, 0.0, 0.0, 0.0)
    """Processor time of one pass of the event loop: how long it makes everything else wait."""
    transports: Mapping[str, int] = attrs.field(factory=dict)
    """Open connections by transport."""
    opened: Mapping[str, int] = attrs.field(factory=dict)
    """Connections since the start, by transport."""
    closed: Mapping[str, int] = attrs.field(factory=dict)
    """Connections that have ended since the start, by reason: an error code, ``goodbye`` (of the
    client), ``silent`` or ``lost``."""
    namespaces: Mapping[str, int] = attrs.field(factory=dict)
    """Members of each namespace of authors, connected or not."""
    namespace_rooms: Mapping[str, int] = attrs.field(factory=dict)
    """Rooms with members in each namespace of authors."""
    certificate_left_s: float | None = None
    """Seconds until the certificate ends, negative if it has; None if the server does not speak TLS
    by itself."""


@attrs.frozen
class GetServerStats(Request, name="server.stats", result=ServerStats):
    """Ask for the server's statistics. May be sent before, and instead of, a hello.

    Refused with ``forbidden`` without the operator's token or, if none is set, from another
    machine.
    """

    token: str = attrs.field(default="", repr=False)


@attrs.frozen
class ServerMessage(Notice, name="server.message"):
    """A text of the server for all players, such as that it stops."""

    text: str
    stops_in_s: float | None = None
    """Seconds until the server stops; None if it does not."""


@attrs.frozen
class Presence(Notice, name="session.presence"):
    """Another member of the lobby lost or regained its connection, or stopped sending inputs."""

    player_id: PlayerId
    connected: bool
    stalled: bool = False
    """Whether no input has come from the member's seat for about a second, although connected."""

    @property
    def about(self) -> tuple[str, ...]:
        """This member."""
        return (self.name, self.player_id)
