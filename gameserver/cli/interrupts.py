"""End commands at a signal: in order at the first one, at once at a second Ctrl-C.

Law: until a command handles signals itself, a signal ends the process silently, by the system's
default (`gameserver.__main__` sets that before all other imports).
"""

import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import trio

ResultT = TypeVar("ResultT")

INTERRUPTED: Final = 130
"""Exit code of a command that a signal ended before its work was done: 128 + SIGINT, as in shells.
"""


def ending_signals() -> list[signal.Signals]:
    """Return the signals that ask for an orderly end: Ctrl-C, SIGTERM, and a closed terminal.

    A program started by ``nohup`` ignores SIGHUP, so that it outlives its terminal: this is kept.
    """
    wanted = [signal.SIGINT, signal.SIGTERM]
    hangup = _hangup()
    if hangup is not None and signal.getsignal(hangup) is not signal.SIG_IGN:
        wanted.append(hangup)
    return wanted


def _hangup() -> signal.Signals | None:
    """Return SIGHUP; None on Windows, which has no such signal."""
    number: signal.Signals | None = getattr(signal, "SIGHUP", None)
    return number


def _on_terminal() -> bool:
    """Return whether the process has an open terminal: not behind its end, nor under a service."""
    return any(stream is not None and stream.isatty() for stream in (sys.__stdin__, sys.__stderr__))


async def on_signal(
    end: Callable[[], object],
    terminate: Callable[[], object] | None = None,
    hung_up: Callable[[], object] | None = None,
) -> None:
    """Call ``end`` at each signal until a second one is Ctrl-C, which ends the process at once.

    ``end`` must be idempotent: a terminal that closes sends more than one signal. At SIGTERM,
    ``terminate`` is called instead, if it is given; at SIGHUP ``hung_up``, unless the signal tells
    that the terminal has closed.
    """
    terminal = _on_terminal()
    asked = False
    wanted = set(ending_signals())
    hangup = _hangup() if hung_up is not None else None
    if hangup is not None:
        wanted.add(hangup)
    with trio.open_signal_receiver(*wanted) as signals:
        async for number in signals:
            if number == hangup and hung_up is not None and terminal == _on_terminal():
                hung_up()
                continue
            if asked and number == signal.SIGINT:
                break
            asked = True
            if number == signal.SIGTERM and terminate is not None:
                terminate()
            else:
                end()
    signal.raise_signal(signal.SIGINT)


def run_interruptible(main: Callable[[], Awaitable[ResultT]]) -> ResultT | None:
    """Run a command's task in trio; return its result, or None if a signal cancelled it."""
    return trio.run(_until_signal, main)


async def _until_signal(main: Callable[[], Awaitable[ResultT]]) -> ResultT | None:
    result: ResultT | None = None
    working = trio.CancelScope()
    async with trio.open_nursery() as watching:
        if threading.current_thread() is threading.main_thread():  # only it receives signals
            watching.start_soon(on_signal, working.cancel)
        with working:
            result = await main()
        watching.cancel_scope.cancel()
    return result
