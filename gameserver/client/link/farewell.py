"""Why a connection ended, and whether to reconnect.

Law: a plain value. The code that ends a connection gives the reason, and the first reason counts.
"""

from collections.abc import Mapping
from typing import Final

import attrs

from gameserver.client.status import OfflineCause
from gameserver.errors import Code
from gameserver.messages.wire import Goodbye
from gameserver.text import shown

LOST: Final = "the connection was lost"

OTHER_VERSION: Final = "Server and client speak different versions; update the older side"

COMES_BACK: Final = frozenset(
    {Code.SERVER_STOPPING, Code.SERVER_FULL, Code.RATE_LIMITED, Code.HELLO_EXPECTED}
)
"""Codes of goodbyes after which the client reconnects even without ``retry_after_s``. Its hello is
expected no more if the program or the line was blocked for seconds: the next one is in time."""

CAUSES: Final[Mapping[Code, OfflineCause]] = {
    Code.SERVER_STOPPING: OfflineCause.STOPPING,
    Code.SERVER_FULL: OfflineCause.FULL,
    Code.SERVER_BUSY: OfflineCause.FULL,
    Code.RATE_LIMITED: OfflineCause.FULL,
}


@attrs.frozen
class Farewell:
    """Reason of a connection's end, and when to reconnect."""

    sentence: str = attrs.field(default=LOST, converter=shown)
    code: Code | None = None
    cause: OfflineCause = OfflineCause.LOST
    retry_after_s: float | None = None
    final: bool = False
    """Whether the client must not reconnect."""
    at_once: bool = False
    """Reconnect without waiting: the server is available, but did not know the session."""


def farewell_of(goodbye: Goodbye) -> Farewell:
    """Translate a server's goodbye."""
    code = known_code(goodbye.code)
    sentence = goodbye.sentence
    if code is Code.VERSION_UNSUPPORTED:
        sentence = f"{OTHER_VERSION} ({sentence.rstrip('.')})."
    comes_back = goodbye.retry_after_s is not None or code in COMES_BACK
    return Farewell(
        sentence,
        code,
        CAUSES.get(code, OfflineCause.REFUSED),
        goodbye.retry_after_s,
        final=not comes_back,
    )


def last_reason(farewell: Farewell | None, *, stops: bool, elsewhere: bool) -> Farewell:
    """Return why the last connection of a session has ended.

    Args:
        farewell: What was said of it; None if nothing was.
        stops: Whether the server has announced that it stops.
        elsewhere: Whether this client may itself have moved the session to a connection that ended
            at once; then it goes on over the next one.
    """
    found = farewell or Farewell()
    if stops and found.cause is OfflineCause.LOST:
        return attrs.evolve(found, sentence="the server stopped", cause=OfflineCause.STOPPING)
    if elsewhere and found.code is Code.SESSION_REPLACED:
        return Farewell(at_once=True)
    return found


def known_code(code: str) -> Code:
    """Return a server's code; an unknown code of a newer server becomes `Code.INTERNAL`."""
    try:
        return Code(code)
    except ValueError:
        return Code.INTERNAL


def plain_sentence(text: str) -> str:
    """Return a reason as a complete sentence: with a capital letter and a full stop."""
    text = text.strip() or LOST
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?" else ".")
