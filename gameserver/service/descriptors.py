"""The number of connections that the system's limit on open files allows.

Law: descriptors that a running server needs are kept free, and new connections are refused instead.
A connected player must never fail to enter a match because a new connection took the last
descriptor (threat 44).
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
"""Descriptors that are always enough: for the largest number of connections that can be set, one
match for each ten of them, and all else. It is requested where the system has no upper limit."""

SPARE: Final = 128
"""Descriptors kept free of connections and matches: for connections that are being refused, and for
files and modules that are read later (threat 44)."""

FEWEST_SPARE: Final = 8
"""The smallest number kept free, if the limit is low."""

_USUALLY_OPEN: Final = 32
"""Assumed number of open descriptors if the system does not tell it."""


@attrs.frozen
class Allowance:
    """Numbers of connections that may be open at the same time.

    Attributes:
        connections: Connections that are served.
        refusals: Further connections, which are being refused.
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
        return  # the system allows less than its own limit says; the present limit stays


def limit() -> int:
    """Return how many descriptors this process may have open."""
    if resource is None:
        return ENOUGH
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return ENOUGH if soft == resource.RLIM_INFINITY else int(soft)


def in_use() -> int:
    """Return the number of open descriptors."""
    for folder in ("/proc/self/fd", "/dev/fd"):
        try:
            return len(list(Path(folder).iterdir()))
        except OSError:
            continue
    return _USUALLY_OPEN


def allowance(connections: int, matches: int, refusals: int, *, most: int, used: int) -> Allowance:
    """Return the numbers of connections and refusals that the descriptors allow.

    Each connection takes one descriptor, and so does each match. If there are too few for all, half
    of them are for matches: then every connection may be in a match of its own.

    Args:
        connections: Wanted number of connections.
        matches: Most matches at the same time.
        refusals: Wanted number of connections that are being refused.
        most: Limit on open descriptors.
        used: Descriptors that are open already.

    Raises:
        ConfigError: There is no descriptor for a single connection.
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
