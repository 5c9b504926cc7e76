"""Cues: events of a match as they are drawn and heard, once.

Law: every cue has a number. `TakenBack` with the same number ends its effects and sound at once.
"""

import attrs


@attrs.frozen
class ShotCue:
    """A hitscan shot along a line."""

    cue_id: int
    x: float
    y: float
    to_x: float
    to_y: float
    team: int
    seat: int
    own: bool = False


@attrs.frozen
class HitCue:
    """A fighter lost hit points."""

    cue_id: int
    x: float
    y: float
    damage: int
    by_me: bool = False
    on_me: bool = False
    away: tuple[float, float] | None = None
    """Vector from the hurt fighter to the attacker, in pixels; None if no other fighter did it."""


@attrs.frozen
class Explosion:
    """A rocket exploded."""

    cue_id: int
    x: float
    y: float
    own: bool = False


@attrs.frozen
class Launch:
    """A rocket was launched."""

    cue_id: int
    x: float
    y: float
    angle: int


@attrs.frozen
class Dash:
    """A fighter dashed."""

    cue_id: int
    x: float
    y: float
    angle: int
    team: int
    seat: int
    own: bool = False


@attrs.frozen
class Taken:
    """A pickup was taken."""

    cue_id: int
    x: float
    y: float
    kind: str
    own: bool = False


@attrs.frozen
class Spawn:
    """A fighter spawned, for the first time or again."""

    cue_id: int
    x: float
    y: float
    team: int
    seat: int
    own: bool = False


@attrs.frozen
class DeathCue:
    """A fighter was destroyed."""

    cue_id: int
    x: float
    y: float
    team: int
    seat: int
    by_me: bool = False
    on_me: bool = False


@attrs.frozen
class Banner:
    """A sentence about a flag; teams are numbers, since the theme has their names.

    Attributes:
        cue_id: Number of the cue.
        text: The sentence before the name of the flag's team.
        flag: Team of the flag.
        after: The sentence after the name.
        team: The team that gains by the event, which gives the colour; 0 for none.
        sound: Name of a sound in `client_demo.audio.synth.SOUNDS`; empty for none.
    """

    cue_id: int
    text: str
    flag: int = 0
    after: str = ""
    team: int = 0
    sound: str = ""


@attrs.frozen
class TakenBack:
    """The predicted event with this number did not happen."""

    cue_id: int


Cue = ShotCue | HitCue | Explosion | Launch | Dash | Taken | Spawn | DeathCue | Banner | TakenBack
