"""Heartbeat of Engine.IO, with time as an argument."""

import pytest

from gameserver.protocol.socketio.engine_heartbeat import EngineHeartbeat


def test_ping_is_due_once_an_interval_after_the_last_pong() -> None:
    beat = EngineHeartbeat(0.3, 0.2, 100)
    assert beat.next_s == pytest.approx(100.3)
    assert not beat.wants_ping(100.29)
    assert beat.wants_ping(100.3)
    assert not beat.wants_ping(100.31)
    beat.heard(100.4, pong=True)
    assert beat.next_s == pytest.approx(100.7)
    assert not beat.wants_ping(100.69)
    assert beat.wants_ping(100.71)


def test_silence_for_interval_and_timeout_is_death_even_if_the_ping_came_a_little_late() -> None:
    beat = EngineHeartbeat(0.3, 0.2, 0)
    assert beat.wants_ping(0.31)
    assert beat.next_s == pytest.approx(0.5)
    assert not beat.is_dead(0.49)
    assert beat.is_dead(0.5)


def test_a_server_that_was_held_up_does_not_take_its_client_for_dead() -> None:
    beat = EngineHeartbeat(0.3, 0.2, 0)
    assert not beat.is_dead(5)
    assert beat.wants_ping(5)
    assert not beat.is_dead(5.09)
    assert beat.is_dead(5.1)


def test_other_packets_give_the_pong_more_time_but_do_not_put_off_pings() -> None:
    beat = EngineHeartbeat(0.3, 0.2, 0)
    beat.heard(0.2, pong=False)
    beat.heard(0.25, pong=True)
    assert beat.wants_ping(0.3)
    beat.heard(0.45, pong=False)
    assert not beat.is_dead(0.6)
    assert beat.is_dead(0.65)
