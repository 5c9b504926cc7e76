"""WebSocket extensions that a client offers: of them permessage-deflate, if an operator wants it.

Law: an offer is met whole or not at all, and what was agreed holds for each message alone: neither
side remembers earlier ones, so a length tells nothing of them, and no memory is kept.

Source: RFC 7692, section 7.1; RFC 6455, section 9.1.
"""

from collections.abc import Sequence
from typing import Final

NAME: Final = b"permessage-deflate"

MOST_OFFERS: Final = 8
"""Offers that are looked at; browsers make one."""

_LARGEST: Final = 15
_SMALLEST: Final = 9
"""Least window, in bits, that zlib can compress with."""
_WINDOWS: Final = {str(bits).encode(): bits for bits in range(8, 16)}
_FLAGS: Final = (b"server_no_context_takeover", b"client_no_context_takeover")


def deflate_bits(offers: Sequence[bytes]) -> int:
    """Return the size of our window in bits, for the first offer that can be met; 0 for none."""
    for offer in offers[:MOST_OFFERS]:
        name, *parameters = (part.strip() for part in offer.split(b";"))
        if name == NAME and (bits := _bits(parameters)):
            return bits
    return 0


def agreement(bits: int) -> bytes:
    """Return the value of ``Sec-WebSocket-Extensions`` in the response."""
    window = b"" if bits == _LARGEST else b"; server_max_window_bits=%d" % bits
    return b"; ".join((NAME, *_FLAGS)) + window


def _bits(parameters: Sequence[bytes]) -> int:
    bits = _LARGEST
    names: set[bytes] = set()
    for each in parameters:
        name, equals, value = (part.strip() for part in each.partition(b"="))
        window = _WINDOWS.get(value.strip(b'"'), 0)
        if name in names or len(names) > 4:
            return 0
        names.add(name)
        if name == b"server_max_window_bits" and window >= _SMALLEST:
            bits = window
        elif not (name in _FLAGS and not equals) and not (
            name == b"client_max_window_bits" and (window or not equals)
        ):
            return 0
    return bits
