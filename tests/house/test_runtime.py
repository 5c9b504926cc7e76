"""Nothing that a server runs on reads its process but by the one value it is given."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.checkout import ROOT

REAL = {"datetime", "gc", "random", "resource", "secrets", "time", "uuid"}
"""Modules that only the runtime may import."""

OF_OS = {"getrandom", "times", "urandom"}

ROOMS = (
    "arena", "game", "match", "messages", "netcode", "protocol", "roads", "rooms", "service",
    "transports",
)  # fmt: skip

EXCEPT = {
    "service/runtime.py",  # the value itself
    "service/logging/foreign.py",  # the log is the process's, whatever servers run in it
    "service/logging/pace.py",
    "service/logging/writer.py",
}


def imported(source: str) -> Iterator[str]:
    """Yield what a module takes from its process."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names):
                yield from (alias.name for alias in names if alias.name in REAL)
            case ast.ImportFrom(module) if module in REAL:
                yield str(module)
            case ast.ImportFrom("os", names):
                yield from (f"os.{alias.name}" for alias in names if alias.name in OF_OS)
            case ast.Attribute(ast.Name("os"), name) if name in OF_OS:
                yield f"os.{name}"


def modules() -> list[Path]:
    package = ROOT / "gameserver"
    found = [path for room in ROOMS for path in (package / room).rglob("*.py")]
    return [path for path in found if str(path.relative_to(package)) not in EXCEPT]


def test_no_module_below_the_server_uses_a_real_clock_or_randomness() -> None:
    assert len(modules()) > 150
    guilty = {str(path): list(imported(path.read_text("utf-8"))) for path in modules()}
    assert {path: names for path, names in guilty.items() if names} == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import time", ["time"]),
        ("from random import Random", ["random"]),
        ("import os\nos.urandom(8)", ["os.urandom"]),
        ("import os\nos.getpid()", []),
        ("from os import getrandom, write", ["os.getrandom"]),
        ("def f():\n    import gc", ["gc"]),
    ],
)
def test_uses_of_real_clocks_and_randomness_are_found(source: str, found: list[str]) -> None:
    assert list(imported(source)) == found
