"""A command ends in order at the first signal, and at once at a second Ctrl-C."""

import io
import signal
import sys
import threading
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import trio
import trio.testing

from gameserver.cli.interrupts import ending_signals, on_signal, run_interruptible
from tests.cli.command import gameserver

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Restore the handlers of all signals that a test changes."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(
    ("handler", "expected"),
    [
        (signal.SIG_DFL, [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]),
        (signal.SIG_IGN, [signal.SIGINT, signal.SIGTERM]),
    ],
)
def test_closed_terminal_ends_a_program_unless_it_ignores_that_signal(
    handler: Any, expected: list[signal.Signals]
) -> None:
    signal.signal(signal.SIGHUP, handler)
    assert ending_signals() == expected


def test_signal_of_a_system_without_terminals_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(signal, "SIGHUP")
    assert ending_signals() == [signal.SIGINT, signal.SIGTERM]


def test_command_that_is_not_disturbed_returns_its_result() -> None:
    async def main() -> str:
        await trio.lowlevel.checkpoint()
        return "done"

    assert run_interruptible(main) == "done"


@pytest.mark.parametrize("number", SIGNALS)
def test_signal_cancels_the_command_which_may_tidy_up(number: signal.Signals) -> None:
    ended: list[str] = []

    async def main() -> None:
        try:
            # The receiver of signals starts with the next turn of the event loop.
            await trio.testing.wait_all_tasks_blocked()
            signal.raise_signal(number)
            await trio.sleep_forever()
        finally:
            ended.append("in order")

    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    run_interruptible(main)
    assert ended == ["in order"]


def test_command_in_a_thread_leaves_signals_alone() -> None:
    results: list[str | None] = []

    async def main() -> str:
        await trio.lowlevel.checkpoint()
        return "done"

    thread = threading.Thread(target=lambda: results.append(run_interruptible(main)))
    thread.start()
    thread.join()
    assert results == ["done"]


async def test_each_signal_asks_for_the_end_until_a_second_ctrl_c_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    asked: list[None] = []

    async def send() -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGTERM):
            await trio.testing.wait_all_tasks_blocked()
            signal.raise_signal(number)
        await trio.testing.wait_all_tasks_blocked()
        assert len(asked) == 4
        signal.raise_signal(signal.SIGINT)

    async def both() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(on_signal, lambda: asked.append(None))
            nursery.start_soon(send)

    with pytest.raises(BaseExceptionGroup) as raised:
        await both()
    assert raised.group_contains(KeyboardInterrupt)
    assert len(asked) == 4


class Stream(io.StringIO):
    """A standard stream that is a terminal, until that is closed."""

    open = True

    def isatty(self) -> bool:
        return self.open


async def told(monkeypatch: pytest.MonkeyPatch, stream: Stream, *numbers: int) -> list[str]:
    """Return what `on_signal` calls at some signals; 0 closes the terminal."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as under nohup: it is heard if it is wanted
    monkeypatch.setattr(sys, "__stdin__", stream)
    monkeypatch.setattr(sys, "__stderr__", None)
    called: list[str] = []
    add = called.append
    async with trio.open_nursery() as nursery:
        nursery.start_soon(on_signal, *(partial(add, name) for name in ("end", "term", "hup")))
        for number in numbers:
            await trio.testing.wait_all_tasks_blocked()
            if number:
                signal.raise_signal(number)
            else:
                stream.open = False
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    return called


async def test_a_hangup_is_not_an_end_unless_the_terminal_has_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    signals = (signal.SIGHUP, signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
    assert await told(monkeypatch, Stream(), *signals) == ["hup", "hup", "end", "term"]
    closed = await told(monkeypatch, Stream(), signal.SIGHUP, 0, signal.SIGHUP)
    assert closed == ["hup", "end"]


async def test_a_hangup_of_a_service_is_not_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Stream()
    service.open = False
    assert await told(monkeypatch, service, signal.SIGHUP, signal.SIGHUP) == ["hup", "hup"]


@pytest.mark.parametrize("command", ["bots", "stats --once"])
def test_interrupted_command_is_exit_code_130_or_0(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gameserver.cli.bots.run_interruptible", lambda _main: None)
    monkeypatch.setattr("gameserver.cli.stats.run_interruptible", lambda _main: None)
    ended = gameserver(*command.split())
    # The figures were shown until Ctrl-C; the bots' report was not.
    assert (ended.code, ended.out, ended.err) == (130 if command == "bots" else 0, "", "")
