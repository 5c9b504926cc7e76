"""A match as it is to be drawn in one frame.

Law: positions are pixels of the map (floats, already smoothed); angles are 0..1023, from east,
clockwise; seconds are floats. Nothing here changes the world.
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
    """Just spawned, cannot be hurt."""
    carrying: int = 0
    """Team of the flag it carries; 0 for none."""
    own: bool = False
    silent: bool = False
    """The server hears nothing from its player."""


@attrs.frozen
class RocketView:
    """One rocket in flight; ``key`` names it from frame to frame."""

    key: int
    x: float
    y: float
    angle: int
    team: int
    seat: Seat


@attrs.frozen
class PickupView:
    """A place where something lies, or will lie again."""

    key: int
    x: float
    y: float
    kind: str
    """``health``, ``ammo``, ``rockets`` or another name a map gives."""
    there: bool = True


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
    """The meters of one's own fighter."""

    hp: int = 100
    max_hp: int = 100
    ammo: int = 0
    rockets: int = 0
    dash: float = 1.0
    """0 just used .. 1 ready."""
    reload: float = 1.0
    """0 just fired .. 1 ready."""
    rocket: float = 1.0
    """0 just launched .. 1 ready."""
    endless: bool = False
    """The rifle never runs empty."""
    shield_s: float = 0.0
    """Seconds of protection left."""
    haste_s: float = 0.0
    """Seconds of higher speed left."""
    carrying: int = 0
    """Team of the flag one carries; 0 for none."""
    respawn_s: float | None = None
    """Seconds until one lives again; None while alive."""


@attrs.frozen
class Defeat:
    """What destroyed one's own fighter."""

    killer: str
    killer_colour: tuple[int, int]
    """Team and seat, for the theme."""
    weapon: str
    """``rifle`` or ``rocket``."""
    by_self: bool = False


@attrs.frozen
class Ending:
    """How a match has just ended."""

    winner: str
    """Name of whoever won alone; empty for a team and for nobody."""
    team: int = 0
    """The team that won; 0 for none."""
    seat: Seat = NO_SEAT
    won: bool | None = None
    """Whether one is on the winning side; None for a spectator and in a draw."""
    scores: tuple[int, ...] = ()
    """Of the two teams, or of the first two fighters."""


@attrs.frozen
class LineView:
    """How the connection does while the match runs."""

    silent_s: float = 0.0
    """How long nothing has come from the server."""
    stalls: bool = False
    """Long enough for a mark."""
    stalls_long: bool = False
    """Long enough for a sentence."""
    trouble: str = ""
    """What is wrong with a line on which everything arrives; empty if nothing."""


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
    """Connected, but the server hears nothing."""
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
    """The net graph; histories are newest last."""

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
    """What began since the frame before."""
    own: OwnView | None = None
    """None for spectators."""
    clock_s: float | None = 0.0
    """Seconds left; None where time does not end the match."""
    overtime: bool = False
    """Time ran out in a draw: the next point wins."""
    ending: Ending | None = None
    """Set once the match is decided."""
    destroyed_by: Defeat | None = None
    """Set while one waits for the respawn."""
    starts_in_s: float | None = None
    """Seconds until fighting begins; None while it goes on."""
    team_scores: tuple[int, ...] = ()
    """Of teams 1, 2, …; empty without teams."""
    score_limit: int = 0
    scores: tuple[ScoreLine, ...] = ()
    """Best first."""
    kills: tuple[KillLine, ...] = ()
    chat: tuple[ChatLine, ...] = ()
    """The last lines, oldest first."""
    typing: tuple[str, ...] = ()
    """Names of those who are writing."""
    chat_age_s: float = 0.0
    """How long ago the newest line came."""
    net: NetView = NetView()
    line: LineView = LineView()
    focus: tuple[float, float] | None = None
    """Where a spectator looks; None follows one's own fighter."""
    watched: Seat = NO_SEAT
    """Whom a spectator follows."""
