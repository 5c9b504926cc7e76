"""Optional hints for pages that draw and play a game which they do not know.

Law: a hint changes what is drawn and which key does what, and nothing else: neither the state, nor
its hash, nor a byte of a snapshot. Without hints pages go by the names of fields. A game that gives
none has the schema that it had.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import attrs

from gameserver.errors import GameDefinitionError
from gameserver.game.codegen.perclass import per_class
from gameserver.game.pictures import NAME

BINDING_KEY: Final = "gameserver.binding"
"""Key of an attribute's metadata that holds the `Binding` of a command's field."""


class Hint(StrEnum):
    """What a field of an entity tells of how the entity is drawn."""

    X = "x"
    """Its place in the map's sub-units; with `Y`."""
    Y = "y"
    HEADING = "heading"
    """The direction in which it looks: the field needs ``wrap``; 0 is east, then clockwise."""
    SIZE = "size"
    """Its radius in sub-units."""
    COLOUR = "colour"
    """A hue up to 360, else ``0xRRGGBB``; or a text ``"#rrggbb"``."""
    SHAPE = "shape"
    """A text, one of `SHAPES`."""
    LABEL = "label"
    """What is written at it."""
    TEAM = "team"
    """The team whose colour it has, from 1."""
    PICTURE = "picture"
    """A text: the name of a file in the game's folder of pictures, without its ending."""
    MARK = "mark"
    """A bool: while it is true there is a ring around the entity, and the field's name."""
    NONE = "none"
    """Nothing, although the field's name looks as if."""


SHAPES: Final = ("disc", "square", "diamond", "triangle")

_TEXTS: Final = ("str",)
_NUMBERS: Final = ("int", "float")
_KINDS: Final[Mapping[Hint, tuple[str, ...]]] = {
    Hint.X: _NUMBERS,
    Hint.Y: _NUMBERS,
    Hint.HEADING: ("int",),
    Hint.SIZE: _NUMBERS,
    Hint.COLOUR: ("int", "str"),
    Hint.SHAPE: _TEXTS,
    Hint.TEAM: ("int",),
    Hint.PICTURE: _TEXTS,
    Hint.MARK: ("bool",),
}
"""Kinds of fields that a hint is for; all where it is not listed."""

_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")
_KEY: Final = re.compile(
    r"Key[A-Z]|Digit\d|Numpad\w{1,8}|Arrow(Up|Down|Left|Right)|Space|(Shift|Control|Alt)(Left|Right)"
    r"|Backspace|Delete|Home|End|Page(Up|Down)|Minus|Equal|Bracket(Left|Right)|Semicolon|Quote"
    r"|Comma|Period|Slash|Backslash|Backquote|Mouse|MouseRight|MouseMiddle"
    r"|Pad(South|East|West|North|L1|R1|L2|R2|Up|Down|Left|Right)"
)
"""Names of `KeyboardEvent.code`, of the mouse's buttons, and of a gamepad's. Source: W3C, UI Events
KeyboardEvent code Values, section 3; Gamepad, section 10."""

MOST_KEYS: Final = 4
"""Most keys of one field of a command."""

_AXES: Final = ("x", "-x", "y", "-y", "compass")
_POINTS: Final = ("x", "y", "angle")


@attrs.frozen
class Look:
    """How all entities of a class are drawn, unless a hint of a field says otherwise.

    Attributes:
        shape: One of `SHAPES`; "" leaves it to the page.
        colour: ``"#rrggbb"``; "" leaves it to the page, which goes by team and seat.
        picture: Name of a file in the game's folder of pictures, without its ending; "" is the
            name of the class, if there is such a file.
        size: Radius in sub-units; 0 leaves it to the page.
    """

    shape: str = ""
    colour: str = ""
    picture: str = ""
    size: int = 0


@attrs.frozen
class Binding:
    """What a player presses for one field of a command; empty leaves it to the page.

    Attributes:
        keys: Names of keys, of the mouse's buttons and of a gamepad's, such as ``"Space"``,
            ``"KeyE"``, ``"MouseRight"``, ``"PadSouth"``; for presses, and levels from 0 to 1.
        axis: The direction keys and the left stick: ``"x"``, ``"y"`` or their opposites ``"-x"``,
            ``"-y"`` for a level around 0; ``"compass"`` for one from 0 to 4 or 8.
        pointer: ``"x"`` or ``"y"`` of what the pointer is on, in the map's sub-units; ``"angle"``
            from the own figure to it, for a level from 0 in steps of a turn.
    """

    keys: tuple[str, ...] = ()
    axis: str = ""
    pointer: str = ""


def check_hint(where: str, hint: object, kind: str, *, wraps: bool) -> None:
    """Check the hint of a field of this kind, ``""`` for none.

    Raises:
        GameDefinitionError: There is no such hint, or it is not for such a field.
    """
    if hint == "":
        return
    found = next((each for each in Hint if each == hint), None)
    if found is None:
        raise GameDefinitionError(f"{where}: hint must be one of {', '.join(Hint)}")
    kinds = _KINDS.get(found)
    if kinds is not None and kind not in kinds:
        wanted = " or ".join(kinds)
        raise GameDefinitionError(f"{where}: the hint {found} is for {wanted}, and this is {kind}")
    if found is Hint.HEADING and not wraps:
        raise GameDefinitionError(f"{where}: a heading needs wrap, the steps of a whole turn")


def check_together(entity: type, hints: list[str]) -> None:
    """Check the hints of all fields of a class, in any order.

    Raises:
        GameDefinitionError: Two fields have the same one, or a place has one coordinate alone.
    """
    for hint in Hint:
        if hint not in (Hint.MARK, Hint.NONE) and hints.count(hint) > 1:
            raise GameDefinitionError(f"{entity.__name__}: two fields have the hint {hint}")
    if (Hint.X in hints) != (Hint.Y in hints):
        raise GameDefinitionError(f"{entity.__name__}: a place needs the hints x and y")


@per_class
def look_of(entity: type) -> Look | None:
    """Return the look of an entity class; None if it has none.

    Raises:
        GameDefinitionError: It cannot be drawn so.
    """
    look = getattr(entity, "look", None)
    if not isinstance(look, Look):
        return None  # perhaps the game's own field of this name
    where = f"{entity.__name__}.look"
    shape, colour, picture, size = attrs.astuple(look)  # an author may give anything
    if shape not in ("", *SHAPES):
        raise GameDefinitionError(f"{where}: shape must be one of {', '.join(SHAPES)}")
    if not isinstance(colour, str) or (colour and not _COLOUR.fullmatch(colour)):
        raise GameDefinitionError(f"{where}: colour must be written as #rrggbb")
    if not isinstance(picture, str) or (picture and not NAME.fullmatch(picture)):
        message = "picture must be a name of letters, digits, - and _, without its ending"
        raise GameDefinitionError(f"{where}: {message}")
    if type(size) is not int or not 0 <= size < 2**31:
        raise GameDefinitionError(f"{where}: size must be a whole number of sub-units")
    return look


def check_binding(where: str, binding: Binding, lo: int, hi: int, *, edge: bool) -> None:
    """Check what is pressed for a command's field with these bounds.

    Raises:
        GameDefinitionError: There is no such key or axis, or it is not for such a field.
    """
    keys, axis, pointer = binding.keys, binding.axis, binding.pointer
    if bool(keys) + bool(axis) + bool(pointer) > 1:
        raise GameDefinitionError(f"{where}: give keys, axis or pointer, not several")
    if keys:
        _check_keys(where, keys, switch=edge or (lo, hi) == (0, 1))
    if axis:
        _one_of(where, "axis", axis, _AXES)
        compass = axis == "compass"
        if compass and not (lo == 0 and hi in (4, 8)):
            raise GameDefinitionError(f"{where}: a compass is a level from 0 to 4 or 8")
        if not compass and not lo <= 0 <= hi:
            raise GameDefinitionError(f"{where}: an axis is a level around 0")
    if pointer:
        _one_of(where, "pointer", pointer, _POINTS)
        if pointer == "angle" and not (lo == 0 and hi >= 3):
            raise GameDefinitionError(f"{where}: an angle is a level from 0, in steps of a turn")


def _check_keys(where: str, keys: object, *, switch: bool) -> None:
    if not isinstance(keys, tuple) or len(keys) > MOST_KEYS:
        raise GameDefinitionError(f"{where}: keys must be a tuple of {MOST_KEYS} names at most")
    for key in keys:
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            message = f"there is no key {key!r:.40}; keys are named as KeyE, Space, Mouse, PadSouth"
            raise GameDefinitionError(f"{where}: {message}")
    if not switch:
        raise GameDefinitionError(f"{where}: keys are for edges and levels from 0 to 1")


def _one_of(where: str, name: str, given: object, known: tuple[str, ...]) -> None:
    if given not in known:
        raise GameDefinitionError(f"{where}: {name} must be one of {', '.join(known)}")


def plain(hints: Look | Binding) -> dict[str, Any]:
    """Return what is set, as a schema has it."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in attrs.asdict(hints, recurse=False).items()
        if value
    }
