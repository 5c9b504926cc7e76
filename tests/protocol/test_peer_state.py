"""Keep-alive and rates, with time as an argument."""

from hypothesis import given
from hypothesis import strategies as st

from gameserver.protocol.heartbeat import Heartbeat
from gameserver.protocol.ratelimit import TokenBucket


def test_a_silent_peer_is_asked_once_and_dead_after_twice_the_interval() -> None:
    beat = Heartbeat(5.0, 100.0)
    assert not beat.wants_ping(104.9)
    assert beat.wants_ping(105.0)
    assert not beat.wants_ping(106.0)
    assert not beat.is_dead(109.9)
    assert beat.is_dead(110.0)


def test_any_sign_of_life_starts_over() -> None:
    beat = Heartbeat(5.0, 0.0)
    assert beat.wants_ping(5.0)
    beat.heard(9.0)
    assert not beat.is_dead(14.0)
    assert not beat.wants_ping(13.5)
    assert beat.wants_ping(14.0)
    assert beat.is_dead(19.0)


def test_a_bucket_allows_its_burst_and_then_its_rate() -> None:
    bucket = TokenBucket(2.0, 10, 0.0)
    assert [bucket.take(0.0) for _ in range(11)] == [True] * 10 + [False]
    assert not bucket.take(0.49)
    assert bucket.take(0.5)
    assert not bucket.take(0.5)
    assert sum(bucket.take(100.0) for _ in range(20)) == 10


def test_a_refused_take_costs_nothing() -> None:
    bucket = TokenBucket(1.0, 5, 0.0)
    assert not bucket.take(0.0, 6)
    assert bucket.take(0.0, 5)


def test_a_clock_that_steps_back_gives_nothing() -> None:
    bucket = TokenBucket(1.0, 1, 10.0)
    assert bucket.take(10.0)
    assert not bucket.take(0.0)
    assert not bucket.take(10.5)


@given(st.lists(st.floats(0, 1), max_size=200))
def test_no_pattern_of_takes_gets_more_than_burst_and_rate(gaps: list[float]) -> None:
    bucket = TokenBucket(3.0, 7, 0.0)
    now, taken = 0.0, 0
    for gap in gaps:
        now += gap
        taken += bucket.take(now)
    assert taken <= 7 + 3.0 * now + 1e-6
