"""One-shot happenings of a match that are seen and heard.

Law: every cue has a number; `TakenBack` with the same number makes what it started end at once.
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
    """Somebody was hurt."""

    cue_id: int
    x: float
    y: float
    damage: int
    by_me: bool = False
    on_me: bool = False
    away: tuple[float, float] | None = None
    """From who was hurt to who did it, in pixels; None where nobody else did."""


@attrs.frozen
class Explosion:
    """A rocket went off."""

    cue_id: int
    x: float
    y: float
    own: bool = False


@attrs.frozen
class Launch:
    """A rocket left its tube."""

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
    """Something was picked up."""

    cue_id: int
    x: float
    y: float
    kind: str
    own: bool = False


@attrs.frozen
class Spawn:
    """A fighter came (back) to life."""

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
    """A sentence for everybody about a flag; teams are numbers, since their names are the theme's.

    Attributes:
        cue_id: Names it.
        text: The sentence, up to the flag.
        flag: Team of the flag.
        after: The rest of the sentence.
        team: Whose success it is, which gives the colour; 0 for nobody's.
        sound: ``flag``, ``beep``, ``win``, ``lose`` or nothing.
    """

    cue_id: int
    text: str
    flag: int = 0
    after: str = ""
    team: int = 0
    sound: str = ""


@attrs.frozen
class TakenBack:
    """What was predicted under this number did not happen."""

    cue_id: int


Cue = ShotCue | HitCue | Explosion | Launch | Dash | Taken | Spawn | DeathCue | Banner | TakenBack
