"""Rows of tests that compare a deterministic play with what was recorded of it.

A module ``test_recorded.py`` keeps its rows in the ``recorded.json`` beside it. Counts in a row
tell where to look; a digest of all that was decided tells that something has changed at all.
``python -m tests.recorded`` writes the rows of all such modules anew.
"""

import json
from collections.abc import Iterable
from enum import Enum
from hashlib import blake2b
from importlib import import_module
from pathlib import Path
from typing import Any

import attrs


def file_of(module: str) -> Path:
    """Return the file of rows beside a module."""
    return Path(module).with_name("recorded.json")


def rows_of(module: str) -> list[Any]:
    """Return the rows of a module; none before any were written."""
    file = file_of(module)
    return json.loads(file.read_text("utf-8")) if file.exists() else [[]]


def write_rows(module: str, rows: Iterable[object]) -> None:
    """Write the rows of a module, each in a line of its own."""
    file_of(module).write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n", "utf-8")


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
        write_rows(str(path), import_module(name).rows())


if __name__ == "__main__":
    write_all()
