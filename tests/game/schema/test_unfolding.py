"""The bound on what a file may unfold to."""

import pytest

from gameserver.game.schema.unfolding import Unfolding

TOO_MUCH = "it holds more values than it may"


def test_as_many_holders_and_values_as_allowed_are_taken() -> None:
    left = Unfolding(2, 5)
    held: list[object] = [1, 2]
    assert left.take(held) is held
    assert left.take({"a": 1}) == {"a": 1}
    left.spend(2)
    assert (left.holders, left.values) == (0, 0)
    with pytest.raises(ValueError, match=TOO_MUCH):
        left.take([])
    with pytest.raises(ValueError, match=TOO_MUCH):
        Unfolding(9, 0).spend(1)
    with pytest.raises(ValueError, match=TOO_MUCH):
        Unfolding(9, 1).take([1, 2])
