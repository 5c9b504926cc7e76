"""The base classes a game's state is made of.

Law: state is plain attrs classes of integers, booleans and short strings; everything else about
them (encoding, history, hash) is derived from their declarations.
"""

from typing import Any, ClassVar

import attrs

from gameserver.game.codegen.perclass import per_class
from gameserver.ids import NO_SEAT, EntityId, Seat, Tick


@attrs.define(eq=False)
class Entity:
    """One thing in the world. Subclass with ``@attrs.define(eq=False)`` and `networked` fields.

    The base fields are set by `World.spawn`. ``owner`` is the seat it belongs to or `NO_SEAT`.
    ``born`` is the tick of its spawn and ``ordinal`` its number among the entities that the
    owner's command of that tick spawned: together with the owner they pair an entity with the
    one the owner's client predicted. ``ordinal`` is -1 where no seat's command was the cause.
    """

    id: EntityId = attrs.field(default=EntityId(0), init=False)
    owner: Seat = attrs.field(default=NO_SEAT, init=False)
    born: Tick = attrs.field(default=Tick(0), init=False)
    ordinal: int = attrs.field(default=-1, init=False)

    rewindable: ClassVar[bool] = False
    """Whether `World.rewound` knows where it was: set it on what can be shot at."""
    extrapolated: ClassVar[bool] = False
    """Whether clients draw others' entities of the class ahead at their last velocity, where they
    meet the player's own present, instead of a little in the past, where they surely were."""


@attrs.frozen
class Event:
    """Something that happened in one tick: a shot, a hit, a kill. Subclass with ``@attrs.frozen``.

    Fields are ``int``, ``bool`` or ``str``. Two events are *the same* when they are equal: a
    client's predicted event is confirmed by an equal one in the server's tick, and taken back
    if there is none. Fields that may differ between the two are declared with
    ``attrs.field(eq=False)``.
    """

    reliable: ClassVar[bool] = False
    """Whether viewers who missed the tick (resumed, congested) still get it, in order."""

    def shown_at_once_to(self, seat: Seat) -> bool:
        """Tell whether a seat's client tells it on arrival, not when others are drawn there.

        True for what the seat itself caused: by default an event whose field ``seat`` names it.
        """
        return bool(getattr(self, "seat", NO_SEAT) == seat)


@attrs.frozen
class Player:
    """Who sits in a seat, as far as a game may know."""

    seat: Seat
    name: str
    team: int = 0
    """From 1; 0 where the mode has no teams."""
    bot: bool = False


@attrs.frozen
class Standing:
    """One line of a result table."""

    seat: Seat
    name: str
    team: int
    score: int
    stats: dict[str, int] = attrs.field(factory=dict)
    """Further columns by name, e.g. kills, deaths."""
    won: bool = False


@attrs.frozen
class Outcome:
    """How a match ended."""

    standings: tuple[Standing, ...]
    """Best first."""
    winner: str = ""
    """Name of the player or team that won, "" for a draw."""
    team_scores: tuple[int, ...] = ()
    """Score of team 1, 2, …; empty where the mode has no teams."""


@per_class
def has_place(kind: type[Any]) -> bool:
    """Tell whether entities or events of a class have a place: fields ``x`` and ``y``."""
    return {"x", "y"} <= {field.name for field in attrs.fields(kind)}
