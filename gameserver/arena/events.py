"""The events of Arena, which clients draw and play.

A predicted event is confirmed by an event with equal compared fields. Places are only for drawing,
and are not compared.
"""

from typing import ClassVar

import attrs

from gameserver.game import Event
from gameserver.ids import Seat


class Injury(Event):
    """Base of events between two seats, which both of their clients show on arrival."""

    def shown_at_once_to(self, seat: Seat) -> bool:
        """Return true for the attacker and for the target, whose health has fallen already."""
        return seat in (getattr(self, "seat", None), getattr(self, "target", None))


@attrs.frozen
class Shot(Event):
    """A rifle shot, from the muzzle to its end."""

    seat: int
    x: int = attrs.field(eq=False)
    y: int = attrs.field(eq=False)
    x1: int = attrs.field(eq=False)
    y1: int = attrs.field(eq=False)


@attrs.frozen
class Hit(Injury):
    """A shot hit a fighter."""

    seat: int
    target: int
    damage: int = attrs.field(eq=False)
    x: int = attrs.field(eq=False)
    y: int = attrs.field(eq=False)


@attrs.frozen
class Hurt(Injury):
    """A blast hurt a fighter."""

    seat: int
    target: int
    damage: int = attrs.field(eq=False)


@attrs.frozen
class Launched(Event):
    """A rocket was launched."""

    seat: int
    x: int = attrs.field(eq=False)
    y: int = attrs.field(eq=False)


@attrs.frozen
class Exploded(Event):
    """A rocket exploded; ``born`` and ``ordinal`` are those of the rocket."""

    seat: int
    born: int
    ordinal: int
    x: int = attrs.field(eq=False)
    y: int = attrs.field(eq=False)
    direct: int = attrs.field(default=-1, eq=False)
    """Seat of the fighter that the rocket itself hit, or -1."""


@attrs.frozen
class Killed(Injury):
    """A fighter died; ``seat`` is the killer's, or the victim's own.

    A shooter's client predicts it; on the server only the damage decides.
    """

    reliable: ClassVar[bool] = True

    seat: int
    target: int
    weapon: str
    """``rifle`` or ``rocket``."""


@attrs.frozen
class PickedUp(Event):
    """A fighter took a pickup; ``pickup`` is the id of its entity."""

    seat: int
    pickup: int
    kind: str = attrs.field(eq=False)


@attrs.frozen
class Dashed(Event):
    """A fighter dashed."""

    seat: int
    x: int = attrs.field(eq=False)
    y: int = attrs.field(eq=False)


@attrs.frozen
class Spawned(Event):
    """A fighter spawned, for the first time or again."""

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
    """The flag of ``team`` returned to its stand; ``seat`` is -1 if it returned by itself."""

    reliable: ClassVar[bool] = True

    seat: int
    team: int


@attrs.frozen
class FlagCaptured(Event):
    """A seat captured the flag of ``team``: a point for the other team."""

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
