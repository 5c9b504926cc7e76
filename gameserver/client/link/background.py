"""Run background tasks during a block of code, without exception groups for the caller.

Law: the tasks end with the block. An exception of the block is raised unchanged. An exception of a
single task cancels the block and is raised unchanged, too.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio


@asynccontextmanager
async def background() -> AsyncIterator[trio.Nursery]:
    """Open a nursery whose tasks are cancelled when the block ends."""
    failure: Exception | None = None
    try:
        async with trio.open_nursery() as nursery:
            try:
                yield nursery
            except Exception as error:
                failure = error
            nursery.cancel_scope.cancel()
    except BaseExceptionGroup as group:
        if failure is None and len(group.exceptions) == 1:
            raise group.exceptions[0] from None
        if failure is None:
            raise
    if failure is not None:
        raise failure
