"""Cache functions of a class.

Law: a result that depends only on a class's declaration is computed once.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

MadeT = TypeVar("MadeT")


def per_class(make: Callable[[type[Any]], MadeT]) -> Callable[[type[Any]], MadeT]:
    """Cache a function whose argument is a class; unlike `functools.cache`, it keeps the types."""
    return cast("Callable[[type[Any]], MadeT]", cache(make))
