"""The HTTP pages for operators: health and metrics.

Law: a health check is cheap, and stays possible while other connections are refused.
"""

from collections.abc import Callable, Mapping
from typing import Final

from gameserver.messages.session import ServerStats
from gameserver.service.logging.logs import get_logger
from gameserver.service.logging.pace import Pace
from gameserver.service.monitoring.access import page_may_read
from gameserver.service.monitoring.exposition import CONTENT_TYPE, exposition
from gameserver.transports import HttpAnswer, Page, PageRequest

log: Final = get_logger()


def pages(
    token: str, read: Callable[[], ServerStats], stopping: Callable[[], bool]
) -> Mapping[str, Page]:
    """Return the pages by path.

    Args:
        token: Readers of the figures must send it; if empty, only this machine may read.
        read: Returns the figures.
        stopping: Whether the server is stopping and accepts no new players.
    """
    pace = Pace()

    def health(_request: PageRequest) -> HttpAnswer:
        if stopping():
            return HttpAnswer(503, "the server stops", always=True)
        return HttpAnswer(200, "ok", always=True)

    def metrics(request: PageRequest) -> HttpAnswer:
        direct = not request.from_page
        if not page_may_read(token, request.token, request.address, request.host, direct=direct):
            held = pace.admit(request.address)
            if held is not None:
                log.warning("metrics refused", address=request.address, held_back=held)
            return _refusal(token)
        return HttpAnswer(200, exposition(read()), kind=CONTENT_TYPE)

    return {"/health": health, "/metrics": metrics}


def _refusal(token: str) -> HttpAnswer:
    if token:
        sentence = "this needs the server's stats-token: Authorization: Bearer TOKEN"
        return HttpAnswer(401, sentence, (("WWW-Authenticate", "Bearer"),))
    sentence = (
        "only the server's own machine may read this, at a loopback address, as long as no"
        " stats-token is set"
    )
    return HttpAnswer(403, sentence)
