"""Check the values of a map that came from outside, and encode its grids.

Law: each ``shape_`` function returns a value of the declared type within the given bounds, or
raises `MapError`. The memory that it takes is bounded by the caller's arguments, not by the data.

On the wire a grid is run-length coded, as pairs of bytes ``[run length - 1][value]``.
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
    """Return a grid as pairs of bytes ``[run length - 1][value]``."""
    pairs = bytearray()
    for value, group in groupby(grid):
        left = sum(1 for _ in group)
        while left:
            run = min(left, _LONGEST_RUN)
            pairs += bytes((run - 1, value))
            left -= run
    return bytes(pairs)


def shape_runs(runs: object, what: str, area: int, highest: int) -> bytes:
    """Return the grid of `pack_runs`: exactly ``area`` values, each at most ``highest``."""
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
    """Return a list or tuple of ``fewest`` to ``most`` items."""
    if not isinstance(value, list | tuple) or not fewest <= len(value) <= most:
        raise bad_value(what, f"must be an array of {fewest} to {most}")
    return value


def shape_integer(value: object, what: str, lo: int, hi: int) -> int:
    """Return an integer from ``lo`` to ``hi``; a boolean is refused."""
    if type(value) is not int or not lo <= value <= hi:
        raise bad_value(what, f"must be an integer from {lo} to {hi}")
    return value


def shape_text(value: object, what: str, longest: int) -> str:
    """Return a printable text of at most ``longest`` characters."""
    if type(value) is not str or len(value) > longest or not value.isprintable():
        raise bad_value(what, f"must be printable text of at most {longest} characters")
    return value


def shape_name(value: object, what: str) -> str:
    """Return a name that matches `NAME_PATTERN`."""
    if type(value) is not str or not NAME_PATTERN.fullmatch(value):
        raise bad_value(what, "must be a name: lower case letters, digits, - and _, at most 32")
    return value


def bad_value(what: str, message: str) -> MapError:
    """Return the error for a value of the map's data; ``what`` names the value."""
    return MapError([Fault(Severity.ERROR, f"map data, {what}", message)])
