"""Messages as plain values, with the fields and the omissions that they have on the wire."""

from typing import Any

from gameserver.protocol.shape import FROM_CLIENT


def plain(value: object) -> Any:
    """Return a message, a part of one, or a tuple of parts as plain values."""
    return FROM_CLIENT.unstructure(value)
