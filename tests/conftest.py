"""Fixtures and settings of all tests."""

import signal
from collections.abc import Callable, Generator, Sequence
from inspect import iscoroutinefunction
from typing import Any, Final

import pytest
import trio
from coverage import Coverage
from hypothesis import HealthCheck, settings
from trio.abc import Clock, Instrument

# What a recorded play gave is shown beside what it gives now.
pytest.register_assert_rewrite("tests.recorded")

# Times depend on what else a machine does: an example that takes long, or comes late, is no fault.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

# Programs that tests interrupt inherit an ignored signal, and what a shell starts in the background
# (or with nohup) ignores these. A signal that is handled here has its default in them.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda *_: None)

PROGRAMS: Final = ("tests/e2e/", "tests/client_js/", "tests/client_web/")
"""Tests that run programs and mostly wait for them: they go first, beside those that compute."""

MEASURED_S: Final = 0.5
"""The time on the processor for which each test is measured for coverage.

Measuring more than doubles what a test costs. A test that computes for longer steps through the
same lines again and again: the rest of it runs, and asserts, without being measured.
"""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, None, None]:
    """Measure the coverage of the first `MEASURED_S` of each test."""
    coverage = Coverage.current()
    if coverage is None or not hasattr(signal, "setitimer"):
        yield
        return
    stopped = False

    def stop(*_: object) -> None:
        nonlocal stopped
        coverage.stop()
        stopped = True

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, MEASURED_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
        if stopped:
            coverage.start()


CLOCKS: Final = ("autojump_clock", "mock_clock")


def run_on_its_clock(item: pytest.Function, name: str) -> None:
    """Let a test run on the clock that its mark or one of its fixtures asks for.

    pytest-trio itself looks for clocks among a test's own arguments only.
    """

    def run(test: Callable[[], Any], clock: Clock | None, instruments: Sequence[Instrument]) -> Any:
        return trio.run(test, clock=clock or item.funcargs[name], instruments=instruments)

    item.add_marker(pytest.mark.trio(run=run), append=False)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of `PROGRAMS` first, so that one worker gets them while others compute."""
    for item in items:
        if isinstance(item, pytest.Function) and iscoroutinefunction(item.obj):
            for name in set(CLOCKS).intersection(item.fixturenames):
                run_on_its_clock(item, name)
    items.sort(key=lambda item: not item.nodeid.startswith(PROGRAMS))
