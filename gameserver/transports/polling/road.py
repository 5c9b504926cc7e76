"""The road of long polling: one link per client, carried by its requests.

A client whose proxies pass event streams asks for one, and gets its messages so; see `following`.

Law: a request is applied once, whatever is cut and sent again, and in the order of its number. A
newer request of a link answers the older ones that still wait, so a link has one that waits. A
link has a handler from its first message on.
"""

from typing import Final

import structlog
import trio
from structlog.typing import FilteringBoundLogger

from gameserver.errors import PROTOCOL_PAGE, ConnectionLostError
from gameserver.transports.connection_limits import ConnectionLimits
from gameserver.transports.http.problems import refusal
from gameserver.transports.http.requests import HttpRequest, HttpResponse
from gameserver.transports.link import Codec, ServeLink
from gameserver.transports.polling.exchange import (
    LONGEST_WAIT_S,
    Exchange,
    ExchangeError,
    decode,
    encode,
)
from gameserver.transports.polling.following import EVENTS, SSE, UNBUFFERED, events
from gameserver.transports.polling.polled import Polled
from gameserver.transports.queued import QueuedLink
from gameserver.transports.settings import ListenSettings
from gameserver.transports.unfetched import Unconfirmed

log: FilteringBoundLogger = structlog.get_logger()

UNKNOWN_MESSAGE: Final = "confirmed is the number of no message yet"

APPLY_S: Final = 10.0
"""Longest wait until the messages of a request are taken: for an earlier request that it has
overtaken on another connection, or for room."""

FIRST_S: Final = 10.0
"""Seconds from the first request of a link to its first message, as until a hello (threat 3)."""

CHECK_S: Final = 1.0
"""Seconds between two checks for peers that have left."""


class LongPolling:
    """Serves the links of all clients that poll."""

    def __init__(
        self,
        settings: ListenSettings,
        handler: ServeLink,
        codec: Codec,
        limits: ConnectionLimits,
    ) -> None:
        """Serve each link with ``handler``; ``limits`` counts links like connections."""
        self._settings = settings
        self._handler = handler
        self._codec = codec
        self._limits = limits
        self._links: dict[bytes, Polled] = {}
        self._nursery: trio.Nursery | None = None

    def __len__(self) -> int:
        """Return the number of links."""
        return len(self._links)

    async def run(self, *, task_status: "trio.TaskStatus[None]" = trio.TASK_STATUS_IGNORED) -> None:
        """Run the links until cancelled."""
        async with trio.open_nursery() as self._nursery:
            task_status.started()
            while True:
                await trio.sleep(CHECK_S)
                now = trio.current_time()
                for name, each in list(self._links.items()):
                    if each.link is None:
                        if each.began < now - FIRST_S:
                            self._drop(name, each, f"no message came within {FIRST_S:g} s")
                    elif (
                        not each.followed
                        and each.link.silent_since < now - self._settings.link_silence_s
                    ):
                        each.link.leave()

    async def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer one request: apply what it brings, and return what waits for the client."""
        if request.method != "POST":
            return _refused(405, "long polling is done with POST")
        try:
            exchange = decode(request.body, self._settings.message_bytes)
        except ExchangeError as error:
            return _refused(400, str(error))
        polled = self._links.get(exchange.link)
        if polled is None:
            if exchange.number != 1 or self._nursery is None:
                return _refused(410, "this link has ended; begin a new one with number 1")
            # Judged before anything is kept: refused links would use up the memory of others.
            refusal = "this server is full; try again later"
            if len(self._links) < self._most():
                refusal = self._limits.enter(request.peer)
            if refusal:
                return HttpResponse(200, encode(0, Unconfirmed(1, (), refusal)))
            polled = Polled(request.peer, direct=request.headers.direct)
            self._links[exchange.link] = polled
        streams = EVENTS.encode() in request.headers.tokens(b"accept") and not exchange.leaves
        if streams and polled.link is None:
            polled.transport = SSE
        if polled.link is None and exchange.messages:
            self._begin(exchange.link, polled)
        respond = self._stream if streams else self._exchange
        if polled.link is None:
            return await respond(polled, exchange)
        polled.link.bytes_in += len(request.body)
        polled.repeats.asked(len(request.body))
        with polled.link.visiting():
            return await respond(polled, exchange)

    def _most(self) -> int:
        """Most links: those that have ended are kept for ``close_s``."""
        return self._settings.max_connections + self._settings.max_refusals

    def _begin(self, name: bytes, polled: Polled) -> None:
        """Let a handler have the link."""
        assert self._nursery is not None
        link = QueuedLink(
            polled.transport, self._settings, self._codec, polled.peer, direct=polled.direct
        )
        polled.begin(link)
        self._nursery.start_soon(self._run, name, link)

    def _drop(self, name: bytes, polled: Polled, reason: str) -> None:
        """End a link that had no message."""
        del self._links[name]
        self._limits.leave(polled.peer)
        polled.end(reason)

    async def _run(self, name: bytes, link: QueuedLink) -> None:
        """Run one link to its end; no exception but cancellation is raised."""
        try:
            try:
                await link.run(self._handler)
            finally:
                self._limits.leave(link.peer)
            # A client whose last response was cut asks again.
            await trio.sleep(self._settings.close_s)
        except Exception:
            log.exception("connection failed", address=link.peer)
        finally:
            del self._links[name]

    async def _exchange(self, polled: Polled, exchange: Exchange) -> HttpResponse:
        if not polled.confirm(exchange.confirmed):
            return _refused(400, UNKNOWN_MESSAGE)
        repeated = await self._came(polled, exchange)
        if exchange.leaves:
            self._leave(polled, exchange.link)
        elif exchange.wait_s and not (
            repeated or polled.number < exchange.number or polled.is_ready or polled.followed
        ):
            with trio.move_on_after(exchange.wait_s):
                await polled.wait_ready(lambda: polled.newest > exchange.number)
        link = polled.link
        if link is None:
            return HttpResponse(200, encode(polled.number, polled.waiting()))
        found = Unconfirmed(link.oldest, (), None)
        if not polled.followed and await polled.may_repeat(link.oldest, LONGEST_WAIT_S):
            found = polled.waiting()
        body = encode(polled.number, found)
        polled.sent(body, found)
        return HttpResponse(200, body)

    async def _stream(self, polled: Polled, exchange: Exchange) -> HttpResponse:
        if not polled.confirm(exchange.confirmed):
            return _refused(400, UNKNOWN_MESSAGE)
        await self._came(polled, exchange)
        stream = events(polled, exchange.number)
        return HttpResponse(200, kind=EVENTS, headers=UNBUFFERED, stream=stream)

    async def _came(self, polled: Polled, exchange: Exchange) -> bool:
        """Apply a request; return whether that had been done before."""
        repeated = exchange.number <= polled.number
        polled.came(exchange.number)
        if not repeated:
            with trio.move_on_after(APPLY_S):
                await self._apply(polled, exchange)
        return repeated

    def _leave(self, polled: Polled, name: bytes) -> None:
        if polled.link is not None:
            polled.link.leave()
        elif polled.ending is None:
            self._drop(name, polled, "")

    async def _apply(self, polled: Polled, exchange: Exchange) -> None:
        """Deliver the messages, in order of the requests; each once, also if this is cancelled."""
        while polled.number + 1 < exchange.number:
            await polled.applied.park()
        link = polled.link
        if link is None:  # then this request has no messages either
            polled.number = max(polled.number, exchange.number)
            polled.applied.unpark_all()
            return
        async with polled.turn:
            if exchange.number <= polled.number:
                return  # its first try was applied meanwhile
            try:
                for message in exchange.messages[polled.delivered :]:
                    await link.deliver(message)
                    polled.delivered += 1
            except ConnectionLostError:
                pass  # the response tells that the link has ended
            polled.number, polled.delivered = exchange.number, 0
            polled.applied.unpark_all()


def _refused(status: int, text: str) -> HttpResponse:
    return refusal(status, f"{text}; see {PROTOCOL_PAGE}, section 1")
