"""The tests that judge each package of the product."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

FLOORS: Final[Mapping[str, tuple[str, ...]]] = {
    "accel": ("tests/accel", "tests/netcode", "tests/protocol"),
    "arena": ("tests/arena",),
    "cli": ("tests/cli",),
    "client": ("tests/client",),
    "game": ("tests/game",),
    "match": ("tests/match",),
    "messages": ("tests/protocol", "tests/vectors"),
    "namespaces": ("tests/namespaces",),
    "netcode": ("tests/netcode", "tests/accel"),
    "protocol": ("tests/protocol", "tests/vectors"),
    "roads": ("tests/roads", "tests/service/roads"),
    "rooms": ("tests/rooms",),
    "service": ("tests/service",),
    "store": ("tests/store",),
    "testing": ("tests/testing",),
    "transports": ("tests/transports",),
}
"""Folders of tests by package: tests made for the package, not tests that merely execute it."""


def floor_of(path: str) -> tuple[str, ...]:
    """Return the folders of tests that judge a module, from the root of the tree."""
    return FLOORS[Path(path).parts[1]]


def nearest(root: Path, path: str) -> tuple[str, ...]:
    """Return the tests of a module by name and folder; may be empty.

    They go first where no test is known to execute the mutated statement, such as one that is
    executed by an import.
    """
    module = Path(path)
    found: set[Path] = set()
    for folder in floor_of(path):
        found.update((root / folder).rglob(f"test_{module.stem}.py"))
    own = Path("tests", *module.parts[1:-1])
    if len(own.parts) > 2 and (root / own).is_dir():
        found = {each for each in found if not each.is_relative_to(root / own)} | {root / own}
    return tuple(sorted(each.relative_to(root).as_posix() for each in found))
