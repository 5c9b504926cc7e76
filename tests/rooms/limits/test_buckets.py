import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.rooms.limits.buckets import BucketTable, TokenBucket


def test_a_full_bucket_gives_its_burst_and_then_the_time_to_wait() -> None:
    bucket = TokenBucket(rate=2.0, burst=3)
    assert [bucket.take(10.0) for _ in range(4)] == [0.0, 0.0, 0.0, pytest.approx(0.5)]


@given(
    st.lists(st.floats(-5.0, 5.0), max_size=60),
    st.floats(0.1, 50.0),
    st.integers(1, 20),
)
def test_no_more_is_ever_taken_than_burst_and_rate_allow(
    steps: list[float], rate: float, burst: int
) -> None:
    bucket = TokenBucket(rate, burst)
    now = latest = first = 100.0
    taken = int(bucket.take(now) == 0.0)
    for step in steps:
        now += step
        latest = max(latest, now)
        taken += bucket.take(now) == 0.0
        assert taken <= burst + (latest - first) * rate + 1e-3


@given(st.floats(0.05, 50.0), st.integers(1, 5), st.floats(0.0, 1e6))
def test_after_the_returned_wait_there_is_a_token(rate: float, burst: int, now: float) -> None:
    bucket = TokenBucket(rate, burst)
    while (wait := bucket.take(now)) == 0.0:
        pass
    assert bucket.take(now + wait + 1e-6 / rate) == 0.0


def test_keys_have_buckets_of_their_own() -> None:
    table = BucketTable(rate=1.0, burst=1, limit=10)
    assert table.take("a", 0.0) == 0.0
    assert table.take("b", 0.0) == 0.0
    assert table.take("a", 0.0) == 1.0
    assert table.wait("c", 0.0) == 0.0


def test_a_full_table_drops_refilled_buckets_first_then_the_least_recently_used() -> None:
    table = BucketTable(rate=1.0, burst=2, limit=2)
    table.take("old", 0.0)
    table.take("new", 9.0)
    table.take("third", 9.5)
    assert len(table) == 2, "old was full again and is forgotten"
    assert table.take("new", 9.5) == 0.0
    table.take("fourth", 9.6)
    assert len(table) == 2
    assert table.take("new", 9.6) > 0.0, "third made room, not the one just used"


def test_a_full_table_does_not_scan_all_buckets_for_each_new_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked = 0

    def is_full(_bucket: TokenBucket, _now: float) -> bool:
        nonlocal looked
        looked += 1
        return False

    monkeypatch.setattr(TokenBucket, "is_full", is_full)
    table = BucketTable(rate=1.0, burst=1, limit=100)
    for number in range(1000):
        table.take(str(number), 0.0)
        assert len(table) <= 100
    assert looked <= 2 * 1000


def test_a_bucket_that_is_partly_full_is_waited_for_by_what_is_missing() -> None:
    bucket = TokenBucket(rate=2.0, burst=3)
    assert bucket.take(0.0, 3.0) == 0.0
    assert bucket.wait(0.25) == pytest.approx(0.25)
    assert bucket.wait(0.25, 2.0) == pytest.approx(0.75)
    assert bucket.take(0.25) == pytest.approx(0.25), "nothing was taken"
    assert bucket.wait(0.5) == 0.0
    assert not bucket.is_full(1.4)
    assert bucket.is_full(1.5)
    assert bucket.wait(99.0, 4.0) == pytest.approx(0.5), "it holds no more than its burst"


def test_a_key_that_is_used_again_and_again_has_one_place_in_the_table() -> None:
    table = BucketTable(rate=1.0, burst=1, limit=4)
    for key in "abcd" * 3:
        table.take(key, 0.0)
    assert len(table) == 4
    table.take("e", 0.0)
    assert len(table) == 3, "the half that was used longest ago made room"
    assert [table.wait(key, 0.0) > 0 for key in "abcde"] == [False, False, True, True, True]


def test_a_table_of_one_key_gives_it_up_for_the_next() -> None:
    table = BucketTable(rate=1.0, burst=1, limit=1)
    for key in "abc":
        table.take(key, 0.0)
    assert (len(table), table.wait("c", 0.0)) == (1, 1.0)
