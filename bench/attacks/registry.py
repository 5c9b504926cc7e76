"""The attacks by name. Each is a function of a scene; its docstring says what it does."""

from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Final

import attrs

from bench.attacks.scene import Scene

Strike = Callable[[Scene], Awaitable[None]]

MODULES: Final = ("talk", "asking", "opening", "topics", "sessions", "hosting", "roads")


@attrs.frozen
class Attack:
    """One attack, and its default duration."""

    name: str
    title: str
    strike: Strike
    seconds: float = 8.0


_known: dict[str, Attack] = {}


def attack(name: str, *, seconds: float = 8.0) -> Callable[[Strike], Strike]:
    """Register an attack under its name; ``seconds`` is the time it needs to have an effect."""

    def register(strike: Strike) -> Strike:
        title = (strike.__doc__ or name).strip().splitlines()[0].rstrip(".")
        _known[name] = Attack(name, title, strike, seconds)
        return strike

    return register


def attacks() -> dict[str, Attack]:
    """Return all attacks in the order in which they run."""
    for module in MODULES:
        import_module(f"bench.attacks.kinds.{module}")
    return _known
