"""What happens in Arena, for eyes and ears.

Two events are the same when their compared fields are equal: that is how a predicted one is
confirmed. Places are for drawing and are not compared.
"""

from typing import ClassVar

import attrs

from gameserver.game import Event
from gameserver.ids import Seat


class Injury(Event):
    """Base of what one seat does to another: both live in their own present and hear at once."""

    def shown_at_once_to(self, seat: Seat) -> bool:
        """Tell the one who is hurt, too: its health has fallen already."""
        return seat in (getattr(self, "seat", None), getattr(self, "target", None))


@attrs.frozen
class Shot(Event):
    """A rifle shot from a muzzle to where it ended."""

    seat: int
    x: int = attrs.field(eq=False)
    y: int = attrs.field(eq=False)
    x1: int = attrs.field(eq=False)
    y1: int = attrs.field(eq=False)


@attrs.frozen
class Hit(Injury):
    """A shot hit somebody."""

    seat: int
    target: int
    damage: int = attrs.field(eq=False)
    x: int = attrs.field(eq=False)
    y: int = attrs.field(eq=False)


@attrs.frozen
class Hurt(Injury):
    """A blast hurt somebody."""

    seat: int
    target: int
    damage: int = attrs.field(eq=False)


@attrs.frozen
class Launched(Event):
    """A rocket left its launcher."""

    seat: int
    x: int = attrs.field(eq=False)
    y: int = attrs.field(eq=False)


@attrs.frozen
class Exploded(Event):
    """A rocket went off; ``born`` and ``ordinal`` are those of the rocket."""

    seat: int
    born: int
    ordinal: int
    x: int = attrs.field(eq=False)
    y: int = attrs.field(eq=False)
    direct: int = attrs.field(default=-1, eq=False)
    """Seat of whoever was hit in person, or -1."""


@attrs.frozen
class Killed(Injury):
    """Somebody died; ``seat`` is the killer's, or the victim's own.

    A shooter's client foretells it; on the server only the damage decides.
    """

    reliable: ClassVar[bool] = True

    seat: int
    target: int
    weapon: str
    """``rifle``, ``rocket``."""


@attrs.frozen
class PickedUp(Event):
    """Somebody took a pick-up; ``pickup`` is its entity's id."""

    seat: int
    pickup: int
    kind: str = attrs.field(eq=False)


@attrs.frozen
class Dashed(Event):
    """Somebody dashed."""

    seat: int
    x: int = attrs.field(eq=False)
    y: int = attrs.field(eq=False)


@attrs.frozen
class Spawned(Event):
    """A fighter came (back) to life."""

    seat: int
    x: int = attrs.field(eq=False)
    y: int = attrs.field(eq=False)


@attrs.frozen
class FlagTaken(Event):
    """A seat took the flag of ``team``."""

    reliable: ClassVar[bool] = True

    seat: int
    team: int


@attrs.frozen
class FlagDropped(Event):
    """A carrier lost the flag of ``team``."""

    reliable: ClassVar[bool] = True

    seat: int
    team: int


@attrs.frozen
class FlagReturned(Event):
    """The flag of ``team`` is home again; ``seat`` is -1 where time brought it."""

    reliable: ClassVar[bool] = True

    seat: int
    team: int


@attrs.frozen
class FlagCaptured(Event):
    """A seat brought the flag of ``team`` home: a point for the other team."""

    reliable: ClassVar[bool] = True

    seat: int
    team: int


ALL: tuple[type[Event], ...] = (
    Shot,
    Hit,
    Hurt,
    Launched,
    Exploded,
    Killed,
    PickedUp,
    Dashed,
    Spawned,
    FlagTaken,
    FlagDropped,
    FlagReturned,
    FlagCaptured,
)
