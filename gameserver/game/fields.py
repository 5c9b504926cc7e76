"""Declare what of an entity's state goes over the wire, to whom, and how a viewer predicts it.

Law: the declaration stands in the class, once; the encoder, decoder, dump, schema and checksum
are all made from it (see :mod:`gameserver.game.schema.table`).

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
"""Bounds of every integer field, exclusive: what a double, hence JavaScript, holds exactly."""


class Audience(StrEnum):
    """Who a field is sent to."""

    PUBLIC = "public"
    GROUP = "group"
    OWNER = "owner"


class Predict(StrEnum):
    """How a viewer extrapolates a field when nothing is sent."""

    HOLD = "hold"
    """It stays."""
    LINEAR = "linear"
    """It moves on by its last difference."""


@attrs.frozen
class FieldSpec:
    """What a game's author declared about one networked field."""

    audience: Audience
    predict: Predict
    wrap: int | None
    once: bool
    lo: int | None
    hi: int | None
    precision: float | None
    fault: str = ""
    """What is wrong with the declaration itself; told where class and field are known."""


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
) -> Any:
    """Declare a field of an entity that viewers receive.

    Args:
        default: Value of a new entity's field; its type must be the field's type
            (``int``, ``bool``, ``str``, or ``float`` with ``precision``).
        predict: ``"hold"`` or ``"linear"``; linear needs a number.
        wrap: The field counts modulo this (an angle); differences take the short way round.
        once: Sent when the entity enters a view and never again.
        lo: Smallest value the field may have, checked after each step.
        hi: Largest value the field may have, checked after each step.
        precision: Size of one unit on the wire, for ``float`` fields only.
        audience: ``"public"``, ``"group"`` or ``"owner"``.

    Another ``predict`` or ``audience`` is told by class and field when the game's tables are made.
    """
    to, audience_fault = _one_of(Audience, "audience", audience)
    how, predict_fault = _one_of(Predict, "predict", predict)
    fault = audience_fault or predict_fault
    spec = FieldSpec(to, how, wrap, once, lo, hi, precision, fault)
    return attrs.field(default=default, metadata={METADATA_KEY: spec})


EnumT = TypeVar("EnumT", bound=StrEnum)


def _one_of(kind: type[EnumT], name: str, given: object) -> tuple[EnumT, str]:
    """Return a member by its value and no fault, or the first one and what is wrong."""
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
