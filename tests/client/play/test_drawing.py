"""Where an entity is drawn between two of its states, and beyond the later one."""

from typing import Any

import attrs
import pytest

from gameserver.client.play.drawing import (
    Drawn,
    Frame,
    angle_field,
    drawn_between,
    place_of,
)
from gameserver.game.entity import Entity
from gameserver.game.fields import networked
from gameserver.game.fixed import TURN
from gameserver.netcode.prediction.interpolation import TELEPORT
from gameserver.testing.skirmish import Bolt, Runner, Spark

TELEPORT_XY = 10_000_000


def between(a: Runner, b: Runner, part: float) -> Drawn:
    return drawn_between(7, a, b, part, own=True, state=b)


@pytest.mark.parametrize(
    ("part", "x", "y"), [(0, 0, 80), (0.25, 25, 60), (1, 100, 0), (1.5, 150, -40)]
)
def test_an_interpolated_position_lies_on_the_line_through_both(
    part: float, x: float, y: float
) -> None:
    later = Runner(x=100, y=0)
    drawn = between(Runner(x=0, y=80), later, part)
    assert (drawn.x, drawn.y) == (x, y)
    assert (drawn.key, drawn.entity, drawn.own) == (7, later, True)


@pytest.mark.parametrize(
    ("start", "end", "part", "angle"),
    [
        (10, 20, 0.5, 15),
        (TURN - 10, 10, 0.25, TURN - 5),
        (TURN - 10, 10, 0.75, 5),
        (10, TURN - 10, 0.75, TURN - 5),
        (0, 100, 1.5, 150),
    ],
)
def test_an_interpolated_angle_turns_the_short_way(
    start: int, end: int, part: float, angle: float
) -> None:
    drawn = between(Runner(aim=start), Runner(aim=end), part)
    assert drawn.angle == pytest.approx(angle)


@attrs.define(eq=False)
class Stone(Entity):
    x: int = networked()
    y: int = networked()


def test_an_entity_without_an_angle_is_drawn_unturned() -> None:
    later = Stone(x=8)
    drawn = drawn_between(7, Stone(), later, 0.5, own=False, state=later)
    assert (drawn.x, drawn.y, drawn.angle) == (4, 0, 0)


@pytest.mark.parametrize("axis", ["x", "y"])
@pytest.mark.parametrize("far", [TELEPORT_XY, -TELEPORT_XY])
@pytest.mark.parametrize(
    ("part", "at_end"), [(0.0, False), (0.49, False), (0.5, True), (2.0, True)]
)
def test_a_teleport_is_drawn_at_one_of_its_ends(
    axis: str, far: int, part: float, at_end: bool
) -> None:
    start = Runner(x=5, y=5)
    drawn = between(start, attrs.evolve(start, **{axis: 5 + far}), part)
    assert getattr(drawn, axis) == (5 + far if at_end else 5)


def test_the_first_field_with_wrap_is_the_angle_and_a_class_may_have_none() -> None:
    assert angle_field(Runner) == ("aim", TURN)
    assert angle_field(Bolt) == ("turn", TURN)
    assert angle_field(Spark) is None
    assert place_of(Bolt(x=3, y=4)) == (3, 4)


@pytest.mark.parametrize("axis", ["x", "y"])
def test_only_a_longer_way_than_the_limit_is_a_teleport(axis: str) -> None:
    start = Runner(x=5, y=5)
    for way, half in ((TELEPORT, 5 + TELEPORT / 2), (TELEPORT + 1, 5 + TELEPORT + 1)):
        drawn = between(start, attrs.evolve(start, **{axis: 5 + way}), 0.5)
        assert getattr(drawn, axis) == half


def test_the_first_own_entity_of_a_class_is_found() -> None:
    entities = [Bolt(x=1), Runner(x=2), Runner(x=3), Runner(x=4)]
    drawn = [
        Drawn(number, entity, 0.0, 0.0, 0.0, own=number > 1)
        for number, entity in enumerate(entities)
    ]
    nowhere: Any = None
    frame = Frame(0.0, tuple(drawn), nowhere, 0.0, 0.0)
    assert frame.own(Runner) is drawn[2]
    assert frame.own(Bolt) is None
    assert frame.own(Spark) is None
