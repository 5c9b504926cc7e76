"""The bodies of long polling: what one request brings and what its response returns.

Law: a body is one msgpack array, checked whole before any of it acts.

::

    request    [link (bin 16), number, confirmed, wait_ms, [message (bin), ...]]
    response   [applied, first, [message (bin), ...], ending (str) or nil]

``link`` is random bytes of the client's choice, known to nobody else: whoever knows them holds the
connection. ``number`` counts a link's requests from 1; a repeated number is a retry, applied once.
``confirmed`` is the number of the last message that the client has. A ``wait_ms`` of -1 says that
the client leaves. ``applied`` is the number of the last request whose messages were all taken: a
later one must be sent again. ``first`` is the number of the first message that follows; a client
passes over those that it has. ``ending`` is the reason for the end of the link.
"""

from typing import Any, Final

import attrs
import msgpack

from gameserver.transports.unfetched import Unconfirmed

LINK_BYTES: Final = 16

MOST_MESSAGES: Final = 64
"""Most messages in one request: two seconds of inputs at 30 Hz."""

LONGEST_WAIT_S: Final = 25.0
"""Longest time for which a response waits for something to return. Proxies end requests that are
silent for 30 to 60 seconds."""

LEAVES: Final = -1
"""The ``wait_ms`` of a client's last request."""


class ExchangeError(Exception):
    """A body breaks a rule; the text is a sentence for the author of the client."""


@attrs.frozen
class Exchange:
    """One request of long polling."""

    link: bytes
    number: int
    confirmed: int
    wait_s: float
    """Seconds; negative if the client leaves."""
    messages: tuple[bytes, ...]

    @property
    def leaves(self) -> bool:
        """Whether the client leaves."""
        return self.wait_s < 0


def decode(body: bytes, longest: int) -> Exchange:
    """Decode a request's body whose messages have at most ``longest`` bytes.

    Raises:
        ExchangeError: The body breaks a rule.
    """
    try:
        row = msgpack.unpackb(
            body,
            use_list=True,
            max_array_len=MOST_MESSAGES,
            max_bin_len=max(longest, LINK_BYTES),
            max_str_len=0,
            max_map_len=0,
            max_ext_len=0,
        )
    except (ValueError, msgpack.exceptions.ExtraData, msgpack.exceptions.StackError):
        raise ExchangeError(
            f"the body must be one msgpack array, its messages at most {MOST_MESSAGES} and each"
            f" of at most {longest} bytes"
        ) from None
    if not isinstance(row, list) or len(row) != 5:
        raise ExchangeError("the body must be [link, number, confirmed, wait_ms, messages]")
    link, number, confirmed, wait_ms, messages = row
    if not isinstance(link, bytes) or len(link) != LINK_BYTES:
        raise ExchangeError(f"link must be {LINK_BYTES} random bytes")
    if not (_is_int(number) and number >= 1):
        raise ExchangeError("number must count the requests of a link from 1")
    if not (_is_int(confirmed) and confirmed >= 0):
        raise ExchangeError("confirmed must be the number of a message, or 0")
    if not (_is_int(wait_ms) and wait_ms >= LEAVES):
        raise ExchangeError("wait_ms must be a number of milliseconds, or -1 to leave")
    if not (isinstance(messages, list) and all(isinstance(each, bytes) for each in messages)):
        raise ExchangeError("messages must be an array of bin")
    wait_s = min(wait_ms / 1000, LONGEST_WAIT_S)
    return Exchange(link, number, confirmed, wait_s, tuple(messages))


def encode(applied: int, found: Unconfirmed) -> bytes:
    """Encode the response that returns these messages."""
    packed: bytes = msgpack.packb([applied, found.first, found.messages, found.ending])
    return packed


def _is_int(value: Any) -> bool:
    return type(value) is int
