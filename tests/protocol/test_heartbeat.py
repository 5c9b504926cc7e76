"""Keep-alive, with time as an argument."""

from gameserver.protocol.heartbeat import Heartbeat


def test_a_silent_peer_is_pinged_once_and_dead_after_twice_the_interval() -> None:
    beat = Heartbeat(5.0, 100.0)
    assert not beat.wants_ping(104.9)
    assert beat.wants_ping(105.0)
    assert not beat.wants_ping(106.0)
    assert not beat.is_dead(109.9)
    assert beat.is_dead(110.0)


def test_any_received_message_restarts_the_interval() -> None:
    beat = Heartbeat(5.0, 0.0)
    assert beat.wants_ping(5.0)
    beat.heard(9.0)
    assert not beat.is_dead(14.0)
    assert not beat.wants_ping(13.5)
    assert beat.wants_ping(14.0)
    assert beat.is_dead(19.0)
