"""Calls of authors' functions: bounded in time, and no exception of theirs gets out.

Law: a `RefusedError` is told to the client with its code; any other exception is logged, at most
once a second for each handler, and told as ``internal``. Cancellation and `KeyboardInterrupt` get
out.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import trio

from gameserver.errors import Code, RefusedError, split_fault
from gameserver.ids import PlayerId, RequestId
from gameserver.messages.wire import Refusal
from gameserver.namespaces import Namespace
from gameserver.namespaces.values import check_args, copied
from gameserver.service.logging.logs import get_logger
from gameserver.service.logging.pace import Pace
from gameserver.service.middleware import SLOW_S
from gameserver.service.overload.handlers import HandlerTime

log: Final = get_logger()

CODE_CHARS: Final = 64
"""Longest code of a refusal; longer ones are cut."""

SENTENCE_CHARS: Final = 300

_NO_ID: Final = RequestId(0)
"""The id of a refusal's request is set by those who answer it."""


class HandlerGuard:
    """Runs authors' functions."""

    def __init__(self, now: Callable[[], float], time: Callable[[], HandlerTime]) -> None:
        """Charge what they take to ``time``, which is asked for at each call."""
        self._faults = Pace(now)
        self._time = time

    async def run(
        self, space: Namespace, what: str, player_id: PlayerId, call: Callable[[], Awaitable[Any]]
    ) -> Any:
        """Run a function within its time; return what it returns, or a refusal."""

        def took(seconds: float) -> None:
            if seconds > SLOW_S:
                ms = round(seconds * 1000, 1)
                log.warning("handler blocks", namespace=space.name, handler=what, ms=ms)

        try:
            with trio.move_on_after(space.time_limit_s):
                return await self._time().measured(player_id, call, took)
        except BaseException as error:  # an author's fault ends this event alone
            fault, rest = split_fault(error)
            if rest is not None:
                raise rest from None
            assert fault is not None  # it is one or the other
            if isinstance(fault, RefusedError):
                return self._refused(space, what, fault)
            return self.failed(space, what, fault)
        log.warning("handler timed out", namespace=space.name, handler=what)
        return refusal(Code.NAMESPACE_TIMED_OUT, "The server took too long with this event.")

    def failed(self, space: Namespace, what: str, error: BaseException) -> Refusal:
        """Log a fault of an author; return what the client is told."""
        held = self._faults.admit(f"{space.name} {what}")
        if held is not None:
            log.error(
                "handler failed",
                namespace=space.name,
                handler=what,
                held_back=held,
                exc_info=error,
            )
        return refusal(Code.INTERNAL, "the server met a fault with this event")

    def _refused(self, space: Namespace, what: str, error: RefusedError) -> Refusal:
        try:
            details = copied(dict(error.details))
            check_args((error.code, error.sentence, details))
            code, sentence = error.code[:CODE_CHARS], error.sentence[:SENTENCE_CHARS]
        except (TypeError, ValueError) as fault:
            return self.failed(space, what, fault)
        return Refusal(_NO_ID, code, sentence, details)


def refusal(code: str, sentence: str) -> Refusal:
    """Return a refusal of the request that is handled; its id does not count."""
    return Refusal(_NO_ID, code, sentence)
