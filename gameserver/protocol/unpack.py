"""Decode the msgpack objects of one message, within limits.

Law: whatever the bytes are, the result is plain values or a `ProtocolError`. No length that the
message announces is allocated before its bytes are there; what these unfold to is up to 90 times as
large, so of a file's it is bounded. The sentence says what is wrong, for the author of a client.
"""

from typing import Any, Final

import msgpack

from gameserver.game.schema.unfolding import Unfolding
from gameserver.protocol import limits
from gameserver.protocol.hot import bad

_SHOWN_KEY: Final = 40
"""Most characters of a key that are echoed in an error sentence."""

_BEYOND: Final = {
    "max_ext_len": "extension types, timestamps among them, are not taken",
    "timestamp": "extension types, timestamps among them, are not taken",
    "max_array_len": "an array or map has more than {items} elements",
    "max_map_len": "an array or map has more than {items} elements",
    "max_str_len": "the message ends within a value",
    "max_bin_len": "the message ends within a value",
}
"""Sentences by a word in the text of msgpack's exception."""


def unpack(data: bytes, items: int, depth: int, unfolding: Unfolding | None = None) -> list[Any]:
    """Return the msgpack objects of a message, at least one.

    Args:
        data: The whole message.
        items: Most elements of an array, and most entries of a map.
        depth: How deep arrays and maps may be nested.
        unfolding: What all of it may hold; None for messages, whose bytes are few.

    Raises:
        ProtocolError: ``bad_message``.
    """
    unpacker = msgpack.Unpacker(
        max_buffer_size=max(len(data), 1),
        list_hook=None if unfolding is None else unfolding.take,
        object_pairs_hook=_map if unfolding is None else lambda got: unfolding.take(_map(got)),
        ext_hook=_extension,
        strict_map_key=False,  # `_map` refuses wrong keys, with a better sentence
        max_str_len=len(data),
        max_bin_len=len(data),
        max_array_len=items,
        max_map_len=items,
        max_ext_len=0,
    )
    unpacker.feed(data)
    rows: list[Any] = []
    end = 0
    try:
        for row in unpacker:
            rows.append(row)
            end = unpacker.tell()  # taken here: after the loop it counts an incomplete object, too
            if len(rows) > limits.OBJECTS_PER_MESSAGE:
                raise bad(f"more than {limits.OBJECTS_PER_MESSAGE} objects in one message")
    except (ValueError, TypeError, msgpack.UnpackException, RecursionError) as error:
        raise bad(_fault(error, items, depth)) from None
    if not data:
        raise bad("the message is empty")
    if not rows or end != len(data):
        raise bad("the message ends within a value")
    for row in rows:
        _check_depth(row, depth, depth)
    return rows


class _MapError(ValueError):
    """A map key that is no text or occurs twice, or an extension type; the text is the sentence."""


def _map(pairs: list[tuple[Any, Any]]) -> dict[str, Any]:
    for key, _ in pairs:
        if type(key) is not str:
            raise _MapError("the keys of a map must be text")
    made = dict(pairs)
    if len(made) != len(pairs):
        places = dict(zip(made, range(len(pairs)), strict=False))
        twice = next(key for at, (key, _) in enumerate(pairs) if places[key] != at)
        raise _MapError(f"a map has the key {twice[:_SHOWN_KEY]!a} twice")
    return made


def _extension(_code: int, _data: bytes) -> Any:
    raise _MapError(_BEYOND["max_ext_len"])


def _fault(error: Exception, items: int, depth: int) -> str:
    """Return the sentence for an exception of msgpack or of the hooks above."""
    match error:
        case _MapError():
            return str(error)
        case UnicodeDecodeError():
            return "a text is not UTF-8; other bytes must be sent as binary (bin)"
        case msgpack.StackError() | RecursionError():
            return _too_deep(depth)
    known = (sentence for phrase, sentence in _BEYOND.items() if phrase in str(error).lower())
    return next(known, "the bytes are not msgpack").format(items=items)


def _too_deep(depth: int) -> str:
    return f"arrays and maps are nested more than {depth} deep"


def _check_depth(value: Any, left: int, depth: int) -> None:
    if type(value) is list:
        parts: Any = value
    elif type(value) is dict:
        parts = value.values()
    else:
        return
    if left == 0:
        raise bad(_too_deep(depth))
    for part in parts:
        _check_depth(part, left - 1, depth)
