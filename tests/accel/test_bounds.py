"""Entities with a field out of its bounds are found, by both implementations alike."""

import importlib
import sys
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.accel import HotPath, pure
from gameserver.game.entity import Entity
from gameserver.game.fields import INTEGER_LIMIT, networked
from gameserver.game.schema.table import TEXT_CHARS


@attrs.define(eq=False)
class Box(Entity):
    count: int = networked(default=3, lo=-2, hi=7)
    ring: int = networked(default=0, wrap=16)
    on: bool = networked(default=False)
    label: str = networked(default="")
    size: float = networked(default=0.0, precision=0.25, lo=-1, hi=2)
    own: int = 0


@attrs.define(eq=False)
class Bare(Entity):
    """Has no field of its own."""


@attrs.define(eq=False, slots=False)
class LooseBox(Entity):
    count: int = networked(default=3, lo=-2, hi=7)


class Whole(int):
    """A number that is no plain int."""


FIT = {
    "count": (-2, 7, 0),
    "ring": (0, 15),
    "on": (True, False),
    "label": ("", "x" * TEXT_CHARS, "🌩" * TEXT_CHARS),
    "size": (-1.0, 2.0, 0.0, -0.0),
    "own": (INTEGER_LIMIT - 1, 1 - INTEGER_LIMIT),
}
UNFIT: dict[str, tuple[Any, ...]] = {
    "count": (-3, 8, 3.0, True, None, "3", Whole(3), 1 << 63, -(1 << 63) - 1, 1 << 200),
    "ring": (-1, 16),
    "on": (0, 1, None),
    "label": ("x" * (TEXT_CHARS + 1), b"x", None),
    "size": (-1.25, 2.25, 1, float("nan"), float("inf"), float("-inf")),
    "own": (INTEGER_LIMIT, -INTEGER_LIMIT),
}


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, vs in FIT.items() for v in vs])
def test_a_value_on_the_bounds_fits(name: str, value: object, hot: HotPath) -> None:
    box = Box()
    setattr(box, name, value)
    assert hot.first_unfit(hot.bounds([Box]), [box]) is None


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, vs in UNFIT.items() for v in vs])
def test_a_value_out_of_bounds_or_of_another_class_does_not_fit(
    name: str, value: object, hot: HotPath
) -> None:
    box = Box()
    setattr(box, name, value)
    assert hot.first_unfit(hot.bounds([Box]), [Box(), box, Box()]) is box


def test_the_first_entity_that_does_not_fit_is_returned(hot: HotPath) -> None:
    boxes = [Box(), Box(count=8), Box(count=9)]
    assert hot.first_unfit(hot.bounds([Box]), iter(boxes)) is boxes[1]
    assert hot.first_unfit(hot.bounds([Box]), []) is None


def test_an_entity_of_a_class_without_bounds_is_returned(hot: HotPath) -> None:
    boxes = [Box(), Bare(), LooseBox()]
    assert hot.first_unfit(hot.bounds([Box, LooseBox]), boxes) is boxes[1]
    assert hot.first_unfit(hot.bounds([Box, LooseBox, Bare]), boxes) is None


def test_a_class_without_slots_is_looked_at_too(hot: HotPath) -> None:
    boxes = [LooseBox(), LooseBox(count=-3)]
    assert hot.first_unfit(hot.bounds([LooseBox]), boxes) is boxes[1]


def test_a_missing_field_is_an_error(hot: HotPath) -> None:
    box = Box()
    del box.ring
    with pytest.raises(AttributeError, match="ring"):
        hot.first_unfit(hot.bounds([Box]), [box])


ANY = st.one_of(
    st.integers(),
    st.integers(-20, 20),
    st.floats(),
    st.booleans(),
    st.text(max_size=300),
    st.none(),
)


@given(st.lists(st.tuples(st.sampled_from(sorted(FIT)), ANY), max_size=4))
def test_both_find_the_same(native: HotPath, changes: list[tuple[str, object]]) -> None:
    boxes = []
    for name, value in changes:
        boxes.append(Box())
        setattr(boxes[-1], name, value)
    found = [each.first_unfit(each.bounds([Box]), boxes) for each in (pure, native)]
    assert found[0] is found[1]


@pytest.mark.usefixtures("native")
def test_a_name_that_is_no_interned_text_keeps_its_references() -> None:
    core = importlib.import_module("gameserver.accel.native._core")
    name = "".join(("cou", "nt"))
    held = [name] * 8
    assert name is not sys.intern("count")
    before = sys.getrefcount(name)
    core.Bounds(Box, [(name, 0, -2, 7)])
    core.Plan(Box, 0, [(name, 0, False, False, 0, 1.0)])
    assert sys.getrefcount(name) == before
    del held
