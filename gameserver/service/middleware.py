"""A chain of functions around every request, of any kind and over any transport.

Law: a link is a plain call. It may answer the request, pass it on (changed or not), and read or
change the answer. It never awaits, since requests are decided between ticks.

A link is ``link(context, request, call_next) -> Answer``; the first one registered is outermost.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import attrs

from gameserver.ids import PlayerId
from gameserver.messages.wire import Answer, Refusal, RequestEnvelope
from gameserver.service.logging.logs import get_logger

log: Final = get_logger()

SLOW_S = 0.005
"""A request that holds the loop this long is logged as a warning."""


@attrs.frozen
class RequestContext:
    """The sender of a request and its connection."""

    player_id: PlayerId
    address: str
    transport: str
    direct: bool = True
    """Whether no browser and no proxy sent it: only then ``address`` is certainly the peer's."""
    epoch: int | None = None
    """Epoch of the connection of the request; None if the connection has no session."""
    posted: bool = False
    """Whether the request came beside the session's connection, over HTTP."""


Handler = Callable[[RequestContext, RequestEnvelope], Answer]
Middleware = Callable[[RequestContext, RequestEnvelope, Handler], Answer]


def chain(links: Sequence[Middleware], handler: Handler) -> Handler:
    """Return ``handler`` wrapped in the links, the first one outermost."""
    for link in reversed(links):
        handler = partial(_call, link, handler)
    return handler


def _call(
    link: Middleware, handler: Handler, context: RequestContext, envelope: RequestEnvelope
) -> Answer:
    return link(context, envelope, handler)


def logged(stopwatch: Callable[[], float]) -> Middleware:
    """Return a link that logs slow requests as warnings, and refusals at debug level."""

    def link(context: RequestContext, envelope: RequestEnvelope, call_next: Handler) -> Answer:
        began = stopwatch()
        answer = call_next(context, envelope)
        took = stopwatch() - began
        name = envelope.request.name
        if took > SLOW_S:
            log.warning("slow request", name=name, ms=round(took * 1000, 1))
        if isinstance(answer, Refusal):
            log.debug("refused", player=context.player_id, name=name, code=answer.code)
        return answer

    return link
