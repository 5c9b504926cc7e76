"""Rows of tests that compare a deterministic play with what was recorded of it.

A module ``test_recorded.py`` keeps its rows in the ``recorded.json`` beside it. Counts in a row
tell where to look; a digest of all that was decided tells that something has changed at all.
``python -m tests.recorded`` writes the rows of all such modules anew.
"""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from enum import Enum
from hashlib import blake2b
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

import attrs
import pytest

Told = tuple[dict[str, int], str]
"""The counts of a play, and the digest of all that it gave."""


@attrs.frozen
class Recorded:
    """The plays of a module, and the rows that they gave when they were recorded."""

    module: str
    """Its ``__file__``."""
    keys: Collection[Any]
    """What tells one play from another: the first item of its row, or a tuple of the first ones."""
    play: Callable[..., Iterable[object]]
    """Takes a key, or the items of its tuple, and returns the rest of the row."""

    @property
    def file(self) -> Path:
        return Path(self.module).with_name("recorded.json")

    @property
    def each(self) -> pytest.MarkDecorator:
        """Let a test run for each ``row`` of the file; none before any were written."""
        rows = json.loads(self.file.read_text("utf-8")) if self.file.exists() else []
        names = ["-".join(map(str, row[: self._width])) for row in rows]
        return pytest.mark.parametrize("row", rows, ids=names)

    def compare(self, row: list[Any]) -> None:
        """Play anew and assert that each item is as it was: the counts before the digests."""
        key = row[: self._width]
        for was, now in zip(row[self._width :], self.play(*key), strict=True):
            assert now == was

    def write(self) -> None:
        """Play all anew and write the rows, each in a line of its own."""
        rows = [(*key, *self.play(*key)) for key in map(_key, self.keys)]
        self.file.write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n", "utf-8")

    @property
    def _width(self) -> int:
        return len(_key(next(iter(self.keys))))


def _key(key: Any) -> tuple[Any, ...]:
    return key if isinstance(key, tuple) else (key,)


def drawn(kinds: Mapping[str, Callable[[Random], Iterable[Any]]]) -> Callable[[str], Told]:
    """Return what plays a kind: draw its items by a seed, and count the words among them."""

    def play(kind: str) -> Told:
        found = list(kinds[kind](Random(kind)))
        return counted(each for each in found if isinstance(each, str)), digest(found)

    return play


def counted(words: Iterable[str]) -> dict[str, int]:
    """Return how often each word came, by word."""
    return dict(sorted(Counter(words).items()))


def digest(value: object) -> str:
    """Return a short hash of a value of any class."""
    return blake2b(json.dumps(plain(value)).encode(), digest_size=8).hexdigest()


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it, the same in every process."""
    if isinstance(value, Enum):
        return value.value
    if attrs.has(type(value)):
        names = [each.name for each in attrs.fields(type(value))]
        return [type(value).__name__, *(plain(getattr(value, name)) for name in names)]
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    if isinstance(value, dict):
        return [[plain(key), plain(each)] for key, each in value.items()]
    if isinstance(value, (set, frozenset)):
        return sorted(json.dumps(plain(each)) for each in value)
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, float):
        return round(value, 6)  # machines differ in the last bits of a square root
    return value if isinstance(value, (int, str, type(None))) else repr(value)


def write_all() -> None:
    """Write the rows of all modules."""
    here = Path(__file__).parent
    for path in sorted(here.rglob("test_recorded.py")):
        name = ".".join(path.relative_to(here.parent).with_suffix("").parts)
        import_module(name).RECORDED.write()


if __name__ == "__main__":
    write_all()
