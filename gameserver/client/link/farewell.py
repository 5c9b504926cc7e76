"""Why a connection ended, and what follows from it.

Law: a plain value; who ends a connection says why, and the first reason counts.
"""

from collections.abc import Mapping
from typing import Final

import attrs

from gameserver.client.status import Cause
from gameserver.errors import Code
from gameserver.messages.wire import Goodbye
from gameserver.text import shown

LOST: Final = "the connection was lost"

OTHER_VERSION: Final = "Server and client speak different versions; update the older side"

COMES_BACK: Final = frozenset({Code.SERVER_STOPPING, Code.SERVER_FULL, Code.RATE_LIMITED})
"""Goodbyes after which coming back makes sense even where no time is named."""

CAUSES: Final[Mapping[Code, Cause]] = {
    Code.SERVER_STOPPING: Cause.STOPPING,
    Code.SERVER_FULL: Cause.FULL,
    Code.SERVER_BUSY: Cause.FULL,
    Code.RATE_LIMITED: Cause.FULL,
}


@attrs.frozen
class Farewell:
    """Why a connection ended, and what to do about it."""

    sentence: str = attrs.field(default=LOST, converter=shown)
    code: Code | None = None
    cause: Cause = Cause.LOST
    retry_after_s: float | None = None
    final: bool = False
    """Do not come back."""
    at_once: bool = False
    """Come back without waiting: the server is there, only the session was not."""


def farewell_of(goodbye: Goodbye) -> Farewell:
    """Return what a server's goodbye means."""
    code = known_code(goodbye.code)
    sentence = goodbye.sentence
    if code is Code.VERSION_UNSUPPORTED:
        sentence = f"{OTHER_VERSION} ({sentence.rstrip('.')})."
    comes_back = goodbye.retry_after_s is not None or code in COMES_BACK
    return Farewell(
        sentence,
        code,
        CAUSES.get(code, Cause.REFUSED),
        goodbye.retry_after_s,
        final=not comes_back,
    )


def known_code(code: str) -> Code:
    """Return a code as this version knows it; a newer server's others are internal to it."""
    try:
        return Code(code)
    except ValueError:
        return Code.INTERNAL


def plain_sentence(text: str) -> str:
    """Return a reason as a sentence of its own: with a capital, and a stop at its end."""
    text = text.strip() or LOST
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?" else ".")
