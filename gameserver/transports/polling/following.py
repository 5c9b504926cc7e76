"""Messages of a polled link as an event stream, where one passes.

Law: the stream is the response to one request of the link, and each of its events is the response
that another request would get at that moment; so a stream that is cut and asked for again loses and
doubles nothing. A newer stream of the link ends the older one. While there is a stream, the
responses to other requests bring no messages.

::

    data: base64 of [applied, first, [message, ...], ending]
    : beat                                                        at least every `BEAT_S`

The first event comes at once, or beats until what it repeats has its budget, so that a client
learns soon whether something on the way keeps them.
It is text and not bytes because proxies know this type as one that must not wait.

Source: the HTML standard, section "Server-sent events".
"""

from base64 import b64encode
from collections.abc import AsyncGenerator
from typing import Final

import trio

from gameserver.transports.polling.exchange import encode
from gameserver.transports.polling.polled import Polled

SSE: Final = "sse"
"""The transport's name."""

EVENTS: Final = "text/event-stream"

UNBUFFERED: Final = (("X-Accel-Buffering", "no"), ("Cache-Control", "no-store, no-transform"))
"""For nginx; for proxies that compress, and keep what they compress."""

BEAT_S: Final = 5.0
"""Longest silence of a stream. Proxies end responses that are silent for 30 to 60 seconds."""

BEAT: Final = b": beat\n\n"


async def events(polled: Polled, number: int) -> AsyncGenerator[bytes, None]:
    """Stream the messages of a link, as the response to its request of this number."""
    if not polled.follow(number):
        return
    sent, begun = 0, False
    try:
        while polled.followed == number and not polled.is_over:
            sent = max(sent, polled.oldest - 1)
            if not await polled.may_repeat(sent + 1, BEAT_S):
                yield BEAT
                continue
            found = polled.waiting(sent)
            sent = found.first + len(found.messages) - 1
            news = found.messages or found.ending is not None or not begun
            piece = _event(encode(polled.number, found)) if news else BEAT
            begun = True
            polled.sent(piece, found)
            yield piece
            if found.ending is not None or polled.number < number:
                return  # in the second case the request is to be sent again
            with trio.move_on_after(BEAT_S):
                # A link that is being ended may be ready all the time.
                await trio.lowlevel.checkpoint()
                await polled.wait_ready(lambda: polled.followed != number)
    finally:
        polled.unfollow(number)


def _event(body: bytes) -> bytes:
    return b"data: " + b64encode(body) + b"\n\n"
