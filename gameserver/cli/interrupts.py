"""How commands end when they are told to: in order, and without a word more than needed.

Law: until a command listens to signals itself, they end the process as the system does, silently
(`gameserver.__main__` sees to that before anything is imported). Then the first signal ends the
command in order, and a second Ctrl-C at once.
"""

import signal
import threading
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import trio

ResultT = TypeVar("ResultT")

INTERRUPTED: Final = 130
"""Exit code of a command that was told to end before its work was done, as shells write it."""


def ending_signals() -> list[signal.Signals]:
    """Return the signals that ask for an orderly end: Ctrl-C, SIGTERM, and a closed terminal.

    A program that was started to outlive its terminal (``nohup``) ignores the last one and goes on
    doing so.
    """
    wanted = [signal.SIGINT, signal.SIGTERM]
    hangup: signal.Signals | None = getattr(signal, "SIGHUP", None)
    if hangup is not None and signal.getsignal(hangup) is not signal.SIG_IGN:
        wanted.append(hangup)
    return wanted


async def on_signal(end: Callable[[], object]) -> None:
    """Call ``end`` at the first signal; a second Ctrl-C ends the process at once.

    Further signals of other kinds change nothing: a terminal that closes sends more than one.
    """
    asked = False
    with trio.open_signal_receiver(*ending_signals()) as signals:
        async for number in signals:
            if asked and number == signal.SIGINT:
                break
            asked = True
            end()
    signal.raise_signal(signal.SIGINT)


def run_interruptible(main: Callable[[], Awaitable[ResultT]]) -> ResultT | None:
    """Run a command's work; None where a signal cancelled it."""
    return trio.run(_until_signal, main)


async def _until_signal(main: Callable[[], Awaitable[ResultT]]) -> ResultT | None:
    result: ResultT | None = None
    working = trio.CancelScope()
    async with trio.open_nursery() as watching:
        if threading.current_thread() is threading.main_thread():  # others get no signals
            watching.start_soon(on_signal, working.cancel)
        with working:
            result = await main()
        watching.cancel_scope.cancel()
    return result
