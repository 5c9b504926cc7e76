"""How many connections the system's limit on open files leaves room for.

Law: what a running server needs is kept free, and newcomers are refused instead: a player who is in
must never fail to enter a match because the last descriptor went to somebody outside (threat 44).
"""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import attrs

from gameserver.errors import ConfigError

resource: Any = import_module("resource") if find_spec("resource") else None
"""The system's limits; Windows has none of this kind."""

ENOUGH: Final = 1 << 17
"""Descriptors that are always enough: as many connections as can be set, a match for each tenth,
and the rest. It is asked for where the system names no upper limit."""

SPARE: Final = 128
"""Descriptors kept for all that is neither a connection nor a match: connections that are being
refused, files and modules that are read later (threat 44)."""

FEWEST_SPARE: Final = 8
"""The same where there are few in all."""

_USUALLY_OPEN: Final = 32
"""Taken for what is open already where the system does not tell."""


@attrs.frozen
class Allowance:
    """What may be open at the same time.

    Attributes:
        connections: Connections that are served.
        refusals: Further ones that are being told that there is no place.
    """

    connections: int
    refusals: int


def raise_limit() -> None:
    """Raise this process's soft limit to the hard one, as every process may."""
    if resource is None:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else hard
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):
        return  # a system that allows less than it says: what there is has to do


def limit() -> int:
    """Return how many descriptors this process may have open."""
    if resource is None:
        return ENOUGH
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return ENOUGH if soft == resource.RLIM_INFINITY else int(soft)


def in_use() -> int:
    """Return how many are open now."""
    for folder in ("/proc/self/fd", "/dev/fd"):
        try:
            return len(list(Path(folder).iterdir()))
        except OSError:
            continue
    return _USUALLY_OPEN


def allowance(connections: int, matches: int, refusals: int, *, most: int, used: int) -> Allowance:
    """Return how much of what is asked for there is room for.

    Each connection takes one descriptor, and each match another one. Where there are too few for
    all, half of them are for matches: everybody may be in one of their own.

    Args:
        connections: Asked for.
        matches: Most of them at the same time.
        refusals: Asked for.
        most: The limit.
        used: Open already.

    Raises:
        ConfigError: There is no room for a single connection.
    """
    free = most - used
    spare = max(FEWEST_SPARE, min(SPARE, free // 8))
    left = free - spare
    if left < 2:
        raise ConfigError(
            f"the limit on open files is {most}, of which {used} are taken: that leaves none for"
            " players; raise it (ulimit -n)"
        )
    room = max(left - matches, left // 2)
    return Allowance(min(connections, room), min(refusals, spare // 2))
