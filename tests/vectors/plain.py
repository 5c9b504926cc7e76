"""Values of msgpack as JSON holds them."""

from typing import Any


def plain(value: Any) -> Any:
    """Return msgpack's values as JSON holds them; bytes become ``{"$hex": …}``."""
    if isinstance(value, bytes):
        return {"$hex": value.hex()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return value
