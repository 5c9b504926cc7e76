"""Remember what was worked out for a class.

Law: what depends on a class's declaration alone is worked out once.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

MadeT = TypeVar("MadeT")


def per_class(make: Callable[[type[Any]], MadeT]) -> Callable[[type[Any]], MadeT]:
    """Cache a function of one class; unlike `functools.cache`, it keeps its types."""
    return cast("Callable[[type[Any]], MadeT]", cache(make))
