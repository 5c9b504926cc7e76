"""Shape values that came from outside as part of a map, and pack its grids.

Law: each function returns a value of exactly the asked type within the asked bounds, or raises
`MapError`; the memory it takes is bounded by the caller's own numbers, never by the sender's.

A grid goes over the wire as pairs of bytes ``[run length - 1][value]``.
"""

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Final

from gameserver.game.maps.mapfault import Fault, MapError, Severity

NAME_PATTERN: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}")
"""Names of maps, modes, object kinds, pickups and properties."""

_LONGEST_RUN: Final = 256


def pack_runs(grid: bytes) -> bytes:
    """Pack a grid as runs."""
    pairs = bytearray()
    for value, group in groupby(grid):
        left = sum(1 for _ in group)
        while left:
            run = min(left, _LONGEST_RUN)
            pairs += bytes((run - 1, value))
            left -= run
    return bytes(pairs)


def shape_runs(runs: object, what: str, area: int, highest: int) -> bytes:
    """Unpack runs to a grid of exactly ``area`` values, each at most ``highest``."""
    if type(runs) is not bytes or not runs or len(runs) % 2 or len(runs) > 2 * area:
        raise bad_value(what, "must be pairs of bytes, at most one for each tile")
    lengths, values = runs[::2], runs[1::2]
    if sum(lengths) + len(lengths) != area:
        raise bad_value(what, f"must come to {area} tiles")
    if max(values) > highest:
        raise bad_value(what, f"values must be at most {highest}")
    pairs = zip(lengths, values, strict=True)
    return b"".join(bytes((value,)) * (run + 1) for run, value in pairs)


def shape_array(value: object, what: str, fewest: int, most: int) -> Sequence[object]:
    """Take a list or tuple of ``fewest`` to ``most`` items."""
    if not isinstance(value, list | tuple) or not fewest <= len(value) <= most:
        raise bad_value(what, f"must be an array of {fewest} to {most}")
    return value


def shape_integer(value: object, what: str, lo: int, hi: int) -> int:
    """Take an integer from ``lo`` to ``hi``; booleans are none."""
    if type(value) is not int or not lo <= value <= hi:
        raise bad_value(what, f"must be an integer from {lo} to {hi}")
    return value


def shape_text(value: object, what: str, longest: int) -> str:
    """Take a printable text of at most ``longest`` characters."""
    if type(value) is not str or len(value) > longest or not value.isprintable():
        raise bad_value(what, f"must be printable text of at most {longest} characters")
    return value


def shape_name(value: object, what: str) -> str:
    """Take a name as in `NAME_PATTERN`."""
    if type(value) is not str or not NAME_PATTERN.fullmatch(value):
        raise bad_value(what, "must be a name: lower case letters, digits, - and _, at most 32")
    return value


def bad_value(what: str, message: str) -> MapError:
    """Return the error for a part of the map's data."""
    return MapError([Fault(Severity.ERROR, f"map data, {what}", message)])
