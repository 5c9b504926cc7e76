"""What roads draw from the server's entropy."""

import os

from gameserver.roads.draws import RoadDraws


def test_names_follow_from_the_entropy_and_fit_a_url() -> None:
    assert RoadDraws(lambda size: bytes(range(250, 250 + size))).name(6) == "-vv8_f7_"
    names = {RoadDraws(os.urandom).name(18) for _ in range(50)}
    assert len(names) == 50
    assert {len(name) for name in names} == {24}


def test_times_are_spread_between_the_bounds() -> None:
    assert RoadDraws(bytes).between(2.0, 4.0) == 2.0
    assert RoadDraws(lambda size: b"\x80" + bytes(size - 1)).between(2.0, 4.0) == 3.0
    assert 3.99 < RoadDraws(lambda size: b"\xff" * size).between(2.0, 4.0) < 4.0
