"""A match as it is drawn in one frame.

Law: positions are pixels of the map (floats, already smoothed); angles are 0..1023, clockwise from
east; seconds are floats. Nothing here changes the world.
"""

import attrs

from client_demo.views.cues import Cue
from gameserver.game.maps.tilemap import TileMap
from gameserver.ids import NO_SEAT, Seat
from gameserver.messages.chat import ChatLine


@attrs.frozen
class FighterView:
    """One fighter on the field."""

    seat: Seat
    name: str
    team: int
    x: float
    y: float
    aim: int
    hp: int
    max_hp: int = 100
    alive: bool = True
    dashing: bool = False
    shielded: bool = False
    """It has just spawned and cannot be hurt."""
    carrying: int = 0
    """Team of the flag it carries; 0 for none."""
    own: bool = False
    silent: bool = False
    """The server receives nothing from its player."""


@attrs.frozen
class RocketView:
    """One rocket in flight; ``key`` is the same in all frames."""

    key: int
    x: float
    y: float
    angle: int
    team: int
    seat: Seat


@attrs.frozen
class PickupView:
    """A pickup, or the place where it will appear again."""

    key: int
    x: float
    y: float
    kind: str
    """``health``, ``ammo``, ``rockets`` or ``haste``; another server may send other names."""
    there: bool = True
    """False while the pickup is taken."""


@attrs.frozen
class FlagView:
    """One flag."""

    team: int
    x: float
    y: float
    home_x: float
    home_y: float
    carrier: Seat | None = None
    dropped: bool = False


@attrs.frozen
class OwnView:
    """The state of the player's own fighter."""

    hp: int = 100
    max_hp: int = 100
    ammo: int = 0
    rockets: int = 0
    dash: float = 1.0
    """From 0, just used, to 1, ready."""
    reload: float = 1.0
    """From 0, just fired, to 1, ready."""
    rocket: float = 1.0
    """From 0, just launched, to 1, ready."""
    endless: bool = False
    """Ammunition is unlimited."""
    shield_s: float = 0.0
    """Seconds of protection left."""
    haste_s: float = 0.0
    """Seconds of higher speed left."""
    carrying: int = 0
    """Team of the carried flag; 0 for none."""
    respawn_s: float | None = None
    """Seconds until the fighter respawns; None while it is alive."""


@attrs.frozen
class Defeat:
    """How the player's own fighter was destroyed."""

    killer: str
    killer_colour: tuple[int, int]
    """Team and seat, for the theme."""
    weapon: str
    """``rifle`` or ``rocket``."""
    by_self: bool = False


@attrs.frozen
class Ending:
    """The result of a match that has just ended."""

    winner: str
    """Name of the player who won; empty if a team or nobody won."""
    team: int = 0
    """The team that won; 0 for none."""
    seat: Seat = NO_SEAT
    won: bool | None = None
    """Whether the player is on the winning side; None for a spectator and in a draw."""
    scores: tuple[int, ...] = ()
    """Scores of the two teams, or of the best two players."""


@attrs.frozen
class LineView:
    """The state of the connection during a match."""

    silent_s: float = 0.0
    """Seconds since the last message of the server."""
    stalls: bool = False
    """The silence is long enough to be shown."""
    stalls_long: bool = False
    """The silence is long enough to be explained by a sentence."""
    trouble: str = ""
    """What is wrong with a connection that is not silent; empty if nothing is."""


@attrs.frozen
class ScoreLine:
    """One line of the scoreboard."""

    seat: Seat
    name: str
    team: int
    score: int
    kills: int
    deaths: int
    bot: bool = False
    connected: bool = True
    silent: bool = False
    """Connected, but the server receives nothing."""
    own: bool = False


@attrs.frozen
class KillLine:
    """One line of the kill feed."""

    age_s: float
    killer: str
    killer_colour: tuple[int, int]
    """Team and seat, for the theme."""
    victim: str
    victim_colour: tuple[int, int]
    weapon: str
    """``rifle`` or ``rocket``."""
    own: bool = False
    by_self: bool = False


@attrs.frozen
class NetView:
    """The figures of the net graph; the newest value of a history is the last one."""

    rtt_ms: float = 0.0
    jitter_ms: float = 0.0
    tick: int = 0
    lead_ticks: float = 0.0
    bytes_in_s: float = 0.0
    bytes_out_s: float = 0.0
    late_inputs: int = 0
    desyncs: int = 0
    rtt_history_ms: tuple[float, ...] = ()
    correction_history_px: tuple[float, ...] = ()


@attrs.frozen
class MatchView:
    """One frame of a match."""

    map: TileMap
    mode: str
    """``dm``, ``tdm`` or ``ctf``."""
    fighters: tuple[FighterView, ...] = ()
    rockets: tuple[RocketView, ...] = ()
    pickups: tuple[PickupView, ...] = ()
    flags: tuple[FlagView, ...] = ()
    cues: tuple[Cue, ...] = ()
    """New since the previous frame."""
    own: OwnView | None = None
    """None for spectators."""
    clock_s: float | None = 0.0
    """Seconds left; None if the match has no time limit, or is over."""
    overtime: bool = False
    """Time ran out in a draw: the next point wins."""
    ending: Ending | None = None
    """Set when the match is over."""
    destroyed_by: Defeat | None = None
    """Set while the player waits for the respawn."""
    starts_in_s: float | None = None
    """Seconds of the warm-up left; None after it."""
    team_scores: tuple[int, ...] = ()
    """Scores of teams 1, 2, …; empty without teams."""
    score_limit: int = 0
    scores: tuple[ScoreLine, ...] = ()
    """Best first."""
    kills: tuple[KillLine, ...] = ()
    chat: tuple[ChatLine, ...] = ()
    """The last lines, oldest first."""
    typing: tuple[str, ...] = ()
    """Names of the people who are writing."""
    chat_age_s: float = 0.0
    """Seconds since the newest line."""
    net: NetView = NetView()
    line: LineView = LineView()
    focus: tuple[float, float] | None = None
    """The place that a spectator's camera follows; None follows the own fighter."""
    watched: Seat = NO_SEAT
    """Seat of the player whom a spectator follows."""
