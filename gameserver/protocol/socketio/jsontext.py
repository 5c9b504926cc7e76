"""Read JSON of a peer within bounds; write JSON with the binary values taken out.

Law: what comes in is plain values that can be written again, in JSON and in UTF-8, or a
`PacketError`. Numbers mean what they mean in JavaScript: whole ones from 2^53 on are floats, and
nothing is infinite. Half of a surrogate pair becomes U+FFFD, as in a browser's own UTF-8.

Source: RFC 8259; Socket.IO Protocol v5, "Packet encoding".
"""

import json
import re
from collections.abc import Mapping, Sequence
from math import isinf
from typing import Any, Final, TypeAlias, cast

from gameserver.errors import Code, PacketError
from gameserver.protocol import limits

JsonValue: TypeAlias = (
    bool | int | float | str | bytes | Sequence["JsonValue"] | Mapping[str, "JsonValue"] | None
)
"""A JSON value, with binary data in any place."""

_HALF_PAIR: Final = re.compile("[\ud800-\udfff]")
_MAY_HAVE_HALF: Final = re.compile(r"\\u[dD][89a-fA-F]|[" + "\ud800-\udfff]")
_SURELY_EXACT: Final = 15
"""Digits, with the sign, that are always below 2^53."""

_PLACEHOLDER: Final = '"_placeholder":true'
"""As it is written by `write`; in a string the quotation marks would be escaped."""


def parse(text: str, depth: int) -> JsonValue:
    """Return the value of a JSON text; of a key that occurs twice the last value.

    Args:
        text: The whole text; its length is bounded by the caller.
        depth: How deep arrays and objects may be nested; 1 is an array of plain values.

    Raises:
        PacketError: ``bad_message``: it is not JSON, nested too deep, or has an infinite number.
    """
    try:
        value = cast(JsonValue, _READER.decode(text))
        if _MAY_HAVE_HALF.search(text):
            value = cast(JsonValue, _READER.decode(write(value)[0]))
    except RecursionError:
        raise _too_deep(depth) from None
    except _NumberError as error:
        raise PacketError(Code.BAD_MESSAGE, str(error)) from None
    except ValueError:
        raise PacketError(Code.BAD_MESSAGE, "the payload is not JSON") from None
    if text.count("[") + text.count("{") > depth:
        _check_depth(value, depth, depth)
    return value


def write(value: JsonValue) -> tuple[str, list[bytes]]:
    """Return a value as JSON, in as few characters as possible, and its binary data.

    In the JSON a placeholder stands for each binary value, numbered in the order of the text.

    Raises:
        ValueError: A number is not finite, a value holds itself, or a mapping could be mistaken for
            one of the placeholders.
        TypeError: A value or a key is of another type.

    Source: Socket.IO Protocol v5, "Sending and receiving data", "with binary data".
    """
    attachments: list[bytes] = []

    def take_out(other: object) -> dict[str, object]:
        if not isinstance(other, bytes | bytearray | memoryview):
            raise TypeError(f"{type(other).__name__} is no value of JSON")
        attachments.append(bytes(other))
        return {"_placeholder": True, "num": len(attachments) - 1}

    text = json.dumps(
        value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=take_out
    )
    if attachments and text.count(_PLACEHOLDER) != len(attachments):
        raise ValueError("a mapping with the key _placeholder could be mistaken for binary data")
    return _HALF_PAIR.sub("\ufffd", text), attachments


class _NumberError(ValueError):
    """A number that a double cannot hold; the text is the sentence."""


def _float(digits: str) -> float:
    value = float(digits)
    if isinf(value):
        raise _NumberError("a number is larger than any double")
    return value


def _whole(digits: str) -> int | float:
    if len(digits) <= _SURELY_EXACT:
        return int(digits)
    value = _float(digits)
    return int(digits) if abs(value) < limits.INTEGER else value


def _no_number(name: str) -> Any:
    raise _NumberError(f"{name} is not JSON")


_READER: Final = json.JSONDecoder(parse_int=_whole, parse_float=_float, parse_constant=_no_number)


def _too_deep(depth: int) -> PacketError:
    sentence = f"arrays and objects are nested more than {depth} deep"
    return PacketError(Code.BAD_MESSAGE, sentence)


def _check_depth(value: JsonValue, left: int, depth: int) -> None:
    if isinstance(value, list):
        parts: Sequence[JsonValue] = value
    elif isinstance(value, dict):
        parts = list(value.values())
    else:
        return
    if left == 0:
        raise _too_deep(depth)
    for part in parts:
        _check_depth(part, left - 1, depth)
