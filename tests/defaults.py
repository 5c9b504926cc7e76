"""What a class or a function takes for what its caller leaves out, for tables of promises."""

import inspect
from typing import Any

import attrs

IS_COUNTED = (bool, int, float)


def defaults(made: Any) -> dict[str, Any]:
    """Return the defaults of a class's attributes, or of a function's parameters, by name."""
    if isinstance(made, type) and attrs.has(made):
        return {each.name: each.default for each in attrs.fields(made)}
    parameters = inspect.signature(made).parameters.values()
    return {each.name: each.default for each in parameters}


def counts(made: Any) -> dict[str, Any]:
    """Return the numbers and truth values among the defaults: what a new instance has counted."""
    return {name: value for name, value in defaults(made).items() if type(value) in IS_COUNTED}


def named(value: object) -> str:
    """Return a test's name for a value: the same in every process, so without an address."""
    return str(getattr(value, "__qualname__", value))[:40]
