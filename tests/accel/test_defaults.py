"""What the port promises for what a caller leaves out; its implementations must agree with it."""

import pytest

from gameserver.accel.port import InputBuffer, InputCounts, LinkMeasure
from gameserver.accel.pure.inputs import PureInputBuffer
from gameserver.accel.pure.links import PureLinkMeasure
from tests.defaults import counts, defaults


def test_nothing_is_counted_before_the_first_input() -> None:
    assert counts(InputCounts) == dict.fromkeys(
        ("applied", "late", "early", "doubled", "malformed", "missed"), 0
    )


@pytest.mark.parametrize(
    ("port", "pure", "method", "name"),
    [
        (InputBuffer, PureInputBuffer, "put", "view"),
        (LinkMeasure, PureLinkMeasure, "clamp_view", "margin"),
    ],
)
def test_a_view_and_a_margin_that_are_left_out_are_of_the_present(
    port: type, pure: type, method: str, name: str
) -> None:
    assert defaults(getattr(port, method))[name] == defaults(getattr(pure, method))[name] == 0
