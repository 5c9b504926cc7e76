"""Declare which fields of an entity are sent, to whom, and how a viewer extrapolates them.

Law: the declaration in the class is the only one; encoder, decoder, dump, schema and checksum are
made from it (see :mod:`gameserver.game.schema.table`).

====================  =========  =======================================
declared with         dumped     sent to
====================  =========  =======================================
``networked(...)``    yes        everybody who sees the entity
``grouped(...)``      yes        viewers in the owner's group (team)
``private(...)``      yes        the owner's seat
plain ``attrs.field``  yes       nobody
====================  =========  =======================================
"""

from enum import StrEnum
from typing import Any, Final, TypeVar

import attrs

METADATA_KEY: Final = "gameserver.networked"

INTEGER_LIMIT: Final = 2**53
"""Bound of every integer field, exclusive: a double, the only number of JavaScript, is exact
below it."""


class Audience(StrEnum):
    """The viewers to whom a field is sent."""

    PUBLIC = "public"
    GROUP = "group"
    OWNER = "owner"


class Predict(StrEnum):
    """How a viewer extrapolates a field when no residual is sent."""

    HOLD = "hold"
    """The value stays the same."""
    LINEAR = "linear"
    """The value changes by its last difference."""


@attrs.frozen
class FieldSpec:
    """The declaration of one networked field; see `networked`."""

    audience: Audience
    predict: Predict
    wrap: int | None
    once: bool
    lo: int | None
    hi: int | None
    precision: float | None
    hint: str = ""
    fault: str = ""
    """A fault of the declaration; reported later, when class and field are known."""


def networked(
    *,
    default: Any = 0,
    predict: str = "hold",
    wrap: int | None = None,
    once: bool = False,
    lo: int | None = None,
    hi: int | None = None,
    precision: float | None = None,
    audience: str = "public",
    hint: str = "",
) -> Any:
    """Declare a field of an entity that is sent to viewers.

    Args:
        default: Value of a new entity's field; its type must be the field's type
            (``int``, ``bool``, ``str``, or ``float`` with ``precision``).
        predict: ``"hold"`` or ``"linear"``; linear needs a number.
        wrap: The field is a number modulo this, such as an angle; differences are the short way
            round.
        once: Sent when the entity becomes visible, and never again.
        lo: Smallest value the field may have, checked after each step.
        hi: Largest value the field may have, checked after each step.
        precision: Size of one unit on the wire, for ``float`` fields only.
        audience: ``"public"``, ``"group"`` or ``"owner"``.
        hint: What the field tells pages that draw any game: a `Hint`, such as ``"heading"``.

    A wrong ``predict`` or ``audience`` is reported when the game's tables are made.
    """
    to, audience_fault = _one_of(Audience, "audience", audience)
    how, predict_fault = _one_of(Predict, "predict", predict)
    fault = audience_fault or predict_fault
    spec = FieldSpec(to, how, wrap, once, lo, hi, precision, hint, fault)
    return attrs.field(default=default, metadata={METADATA_KEY: spec})


EnumT = TypeVar("EnumT", bound=StrEnum)


def _one_of(kind: type[EnumT], name: str, given: object) -> tuple[EnumT, str]:
    """Return the member with this value and no fault; or the first member and a fault."""
    for member in kind:
        if member == given:
            return member, ""
    return next(iter(kind)), f"{name} must be one of {', '.join(kind)}, not {given!r:.60}"


def private(**declaration: Any) -> Any:
    """Declare a field that only the entity's owner receives. Takes what `networked` takes."""
    return networked(audience="owner", **declaration)


def grouped(**declaration: Any) -> Any:
    """Declare a field that only the owner's group receives. Takes what `networked` takes."""
    return networked(audience="group", **declaration)
