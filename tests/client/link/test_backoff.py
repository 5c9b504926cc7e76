"""Waits between attempts: spread wide, bounded, never below the server's wish."""

import random

from hypothesis import given
from hypothesis import strategies as st

from gameserver.client.link.backoff import FIRST_CEILING_S, LAST_CEILING_S, Backoff, ceiling_s


@given(st.integers(), st.integers(0, 40), st.one_of(st.none(), st.floats(0, 60)))
def test_a_wait_lies_between_the_servers_wish_and_the_ceiling_above_it(
    seed: int, failures: int, wish: float | None
) -> None:
    backoff = Backoff(random.Random(seed))
    for _ in range(failures):
        backoff.next_wait()
    wait = backoff.next_wait(wish)
    assert (wish or 0.0) <= wait <= (wish or 0.0) + ceiling_s(failures)


def test_the_ceiling_doubles_stays_low_for_some_seconds_and_then_rises_to_its_end() -> None:
    found = [ceiling_s(failures) for failures in (0, 1, 2, 3, 7, 8, 9, 10, 11, 500)]
    assert found == [0.5, 1.0, 2.0, 2.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0]


def test_clients_that_lose_the_connection_together_reconnect_at_different_times() -> None:
    waits = sorted(Backoff(random.Random(seed), attempt=50).next_wait() for seed in range(500))
    assert waits[0] < LAST_CEILING_S * 0.05
    assert waits[-1] > LAST_CEILING_S * 0.95
    in_one_second = sum(7.0 <= wait < 8.0 for wait in waits)
    assert in_one_second < 70


def test_a_success_resets_the_waits() -> None:
    backoff = Backoff(random.Random(1), attempt=9)
    backoff.succeeded()
    assert backoff.next_wait() <= FIRST_CEILING_S
