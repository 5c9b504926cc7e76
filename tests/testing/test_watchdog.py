"""Code that does not return is interrupted, and what the watchdog changes is restored."""

import os
import signal
import threading

import pytest

from gameserver.errors import GameFaultError
from gameserver.testing.watchdog import PATIENCE_S, watched

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="needs an alarm signal")


def never_return() -> None:
    signal.setitimer(signal.ITIMER_REAL, 0.001)  # the alarm is brought forward
    while True:
        pass


def test_the_alarm_is_set_and_restarted_and_both_are_restored() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with watched("the game", 50.0) as dog:
        left_s, again_s = signal.getitimer(signal.ITIMER_REAL)
        assert 40 < left_s <= 50 == again_s
        signal.setitimer(signal.ITIMER_REAL, 30.0, 30.0)
        dog.again()
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 40
        assert signal.getsignal(signal.SIGALRM) is not before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is before
    with watched("the game"):
        assert signal.getitimer(signal.ITIMER_REAL)[1] == PATIENCE_S


def test_code_that_does_not_return_is_interrupted_with_its_place() -> None:
    before = signal.getsignal(signal.SIGALRM)
    words = r"^the game has not come back for 50 s, at test_watchdog.py line \d+$"
    with pytest.raises(GameFaultError, match=words), watched("the game", 50.0):
        never_return()
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is before


@pytest.mark.parametrize("end", ["_exit", "abort"])
def test_ending_the_process_is_refused_inside_only(end: str) -> None:
    before = getattr(os, end)
    with watched("the game"):
        inside = getattr(os, end)
        with pytest.raises(RuntimeError, match=r"ends the process .*, and every match with it$"):
            inside(3)
    assert getattr(os, end) is before is not inside


def test_outside_the_main_thread_nothing_is_watched() -> None:
    seen: list[object] = []

    def work() -> None:
        with watched("the game", 50.0) as dog:
            dog.again()
            seen.append((dog.works, signal.getitimer(signal.ITIMER_REAL)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [(False, (0.0, 0.0))]
