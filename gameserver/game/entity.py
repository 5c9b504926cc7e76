"""The base classes of a game's state and events.

Law: state consists of attrs classes of integers, floats with a precision, booleans and short
strings. Encoding, history and hash are derived from their declarations.
"""

from typing import Any, ClassVar

import attrs

from gameserver.game.codegen.perclass import per_class
from gameserver.game.hints import Look
from gameserver.ids import NO_SEAT, EntityId, Seat, Tick


@attrs.define(eq=False)
class Entity:
    """One thing in the world. Subclass with ``@attrs.define(eq=False)`` and `networked` fields.

    The base fields are set by `World.spawn`. ``owner`` is the owning seat, or `NO_SEAT`. ``born``
    is the tick of the spawn. ``ordinal`` is the number among the entities that the owner's command
    of that tick spawned, or -1 if no seat's command was the cause. Owner, ``born`` and ``ordinal``
    match an entity with the one that the owner's client predicted.
    """

    id: EntityId = attrs.field(default=EntityId(0), init=False)
    owner: Seat = attrs.field(default=NO_SEAT, init=False)
    born: Tick = attrs.field(default=Tick(0), init=False)
    ordinal: int = attrs.field(default=-1, init=False)

    rewindable: ClassVar[bool] = False
    """Whether `World.rewound` returns past positions; set it on classes that can be shot at."""
    extrapolated: ClassVar[bool] = False
    """Whether clients draw other players' entities of the class extrapolated to the present, at
    their last velocity. Otherwise they are interpolated: a little in the past, but exact."""
    look: ClassVar[Look | None] = None
    """How pages that draw any game draw the class; None leaves it to them."""


@attrs.frozen
class Event:
    """Something that happened in one tick: a shot, a hit, a kill. Subclass with ``@attrs.frozen``.

    Fields are ``int``, ``bool`` or ``str``. A client's predicted event is confirmed by an equal
    event of the server in the same tick, and taken back if there is none. Declare fields that may
    differ between the two with ``attrs.field(eq=False)``.
    """

    reliable: ClassVar[bool] = False
    """Whether viewers who missed the tick (resumed, congested) get the event later, in order."""

    def shown_at_once_to(self, seat: Seat) -> bool:
        """Tell whether a seat's client shows the event on arrival.

        Otherwise the client shows it when it draws the other players at the event's tick. True for
        events that the seat itself caused: by default those whose field ``seat`` is this seat.
        """
        return bool(getattr(self, "seat", NO_SEAT) == seat)


@attrs.frozen
class Player:
    """The player of a seat, as far as a game may know it."""

    seat: Seat
    name: str
    team: int = 0
    """From 1; 0 in a mode without teams."""
    bot: bool = False


@attrs.frozen
class Standing:
    """One line of a result table."""

    seat: Seat
    name: str
    team: int
    score: int
    stats: dict[str, int] = attrs.field(factory=dict)
    """Further columns by name, such as kills and deaths."""
    won: bool = False


@attrs.frozen
class Outcome:
    """How a match ended."""

    standings: tuple[Standing, ...]
    """Best first."""
    winner: str = ""
    """Name of the player or team that won, "" for a draw."""
    team_scores: tuple[int, ...] = ()
    """Scores of teams 1, 2, …; empty in a mode without teams."""


@per_class
def has_place(kind: type[Any]) -> bool:
    """Tell whether entities or events of a class have a place: fields ``x`` and ``y``."""
    return {"x", "y"} <= {field.name for field in attrs.fields(kind)}
