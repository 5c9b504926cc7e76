"""Read the sockets of all connections that are in no match, many at a time."""

from typing import Final

import trio

from gameserver.service.logging.logs import get_logger
from gameserver.transports import Drain

log: Final = get_logger()

RESTING_READ_S: Final = 0.001
"""Shortest time between two reads of the sockets that are in no match: bytes that arrive meanwhile
are read together."""

RESTING_READS: Final = 16
"""Most sockets read at a time: thousands of readable sockets must not hold the loop (threat 37)."""


async def read_resting(resting: Drain) -> None:
    """Read these sockets until the drain is closed.

    Nearly all their messages are pings and pongs, which wake no task of the connection this way.
    Any other message wakes the connection's task.
    """
    while await resting.wait_readable():
        try:
            resting.drain(RESTING_READS)
        except Exception:  # a bug of ours at one message; others are read in the next round
            log.exception("reading failed")
        await trio.sleep(RESTING_READ_S)
