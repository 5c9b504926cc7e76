"""Compute bytes from the present state in a copy of the process, so that the loop goes on.

A fork of the process has the memory of this moment (copy on write), as `BGSAVE` of Redis uses it.
The copy has one thread, runs one function that does no I/O, sends what it returns, and ends. Where
the system cannot fork, the function runs here and holds the loop.
"""

import os
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import trio

NICE: Final = 10
"""Lower priority of the copy: the loop comes first."""

_CHUNK: Final = 1 << 20


_copies = 0


def copying() -> bool:
    """Tell whether a copy of the process is at work, which shares the memory of this one."""
    return _copies > 0


class CopyFailedError(Exception):
    """The copy of the process has ended without a result."""


async def computed(work: Callable[[], bytes]) -> bytes:
    """Return what a function computes from the state of this moment.

    Raises:
        CopyFailedError: The function raised, or the copy was ended from outside.
        OSError: The system has no room for another process.
    """
    if not hasattr(os, "fork"):
        return work()
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        # Later versions of Python warn of threads that hold locks; the function takes none.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            child = os.fork()
        except OSError:
            os.close(reading)
            os.close(writing)
            raise
    if child == 0:  # pragma: no cover  the copy leaves no traces
        _send(work, writing)
    os.close(writing)
    global _copies  # noqa: PLW0603  of the process, as what it counts
    _copies += 1
    try:
        received = await _received(reading)
    finally:
        with trio.CancelScope(shield=True):
            status = await trio.to_thread.run_sync(lambda: os.waitpid(child, 0)[1])
        _copies -= 1
    if status != 0:
        raise CopyFailedError(f"the copy of the process has ended with {status}")
    return received


async def _received(descriptor: int) -> bytes:
    chunks = []
    async with trio.lowlevel.FdStream(descriptor) as stream:
        while chunk := await stream.receive_some(_CHUNK):
            chunks.append(chunk)
    return b"".join(chunks)


def _send(work: Callable[[], bytes], descriptor: int) -> None:  # pragma: no cover
    """Run in the copy: send the result and end at once, without any clean-up of the parent's."""
    code = 1
    with suppress(BaseException):
        # Else a connection that the parent closes would stay open until the copy ends.
        os.closerange(3, descriptor)
        os.closerange(descriptor + 1, os.sysconf("SC_OPEN_MAX"))
        os.nice(NICE)
        data = memoryview(work())
        while data:
            data = data[os.write(descriptor, data) :]
        code = 0
    os._exit(code)
