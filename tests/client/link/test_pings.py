"""Round trips: which answers measure one, and which of them are shown."""

import pytest

from gameserver.client.link.pings import SHOWN_PINGS, RoundTripLog
from gameserver.messages.wire import Pong


def test_an_answer_measures_the_round_trip_of_its_ping_once() -> None:
    log = RoundTripLog()
    assert (log.smallest_s, log.pinged_at) == (None, 0)
    first, second = log.ping(10.0), log.ping(11.0)
    assert log.pinged_at == 11.0
    assert log.ponged(Pong(second.nonce, 0), 11.5) == pytest.approx(0.5)
    assert log.ponged(Pong(first.nonce, 0), 12.0) == pytest.approx(2.0)
    assert log.ponged(Pong(first.nonce, 0), 13.0) is None
    assert list(log.history_s) == pytest.approx([0.5, 2.0])
    assert log.smallest_s == pytest.approx(0.5)


def test_an_answer_that_comes_over_another_connection_measures_nothing() -> None:
    log = RoundTripLog()
    ping = log.ping(10.0)
    log.disconnected()
    assert log.ponged(Pong(ping.nonce, 0), 10.1) is None
    assert not log.history_s


def test_only_the_last_round_trips_are_shown() -> None:
    log = RoundTripLog()
    for seconds in (0.25, *[0.5] * SHOWN_PINGS):
        ping = log.ping(0.0)
        log.ponged(Pong(ping.nonce, 0), seconds)
        assert log.smallest_s == pytest.approx(min(list(log.history_s)[-SHOWN_PINGS:]))
    assert log.smallest_s == pytest.approx(0.5)
