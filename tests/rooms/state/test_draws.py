"""What a call draws follows from its entropy alone, and its secrets from what nobody records."""

from hashlib import shake_256

import pytest

from gameserver.rooms.state.draws import Draws
from gameserver.rooms.state.tokens import TokenDigest, digest


def test_each_draw_is_the_hash_of_entropy_and_number() -> None:
    draws = Draws()
    for _ in range(2):
        draws.begin(b"entropy")
        assert [draws(16), draws.token(20), draws(5)] == [
            shake_256(b"entropy" + bytes((0, 0, 0, number))).digest(size)
            for number, size in ((1, 16), (2, 20), (3, 5))
        ]
        draws.end()


def test_secrets_come_from_entropy_of_their_own_and_are_told_as_hashes() -> None:
    draws = Draws()
    draws.begin(b"entropy", b"secret")
    plain, token = draws(16), draws.token(16)
    assert plain == shake_256(b"entropy\0\0\0\1").digest(16)
    assert token == shake_256(b"secret\0\0\0\2").digest(16)
    assert draws.drawn == [digest(token)]
    draws.begin(b"entropy", b"secret")
    assert draws.drawn == []


def test_a_replay_draws_the_recorded_hashes_in_order_and_then_its_own() -> None:
    draws = Draws()
    draws.begin(b"entropy", recorded=[b"first", b"second"])
    drawn = [draws.token(16), draws.token(16)]
    assert drawn == [b"first", b"second"]
    assert all(isinstance(each, TokenDigest) for each in drawn)
    assert not isinstance(draws.token(16), TokenDigest)
    assert draws.drawn[:2] == [b"first", b"second"]
    assert draws(16) == shake_256(b"entropy\0\0\0\2").digest(16)


def test_nothing_is_drawn_outside_a_call() -> None:
    draws = Draws()
    for _ in range(2):
        for draw in (draws, draws.token):
            with pytest.raises(RuntimeError, match="outside a call"):
                draw(16)
        draws.begin(b"entropy", b"secret")
        draws.end()
