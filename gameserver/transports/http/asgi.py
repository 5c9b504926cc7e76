"""A road to an ASGI application: pages and requests of a web framework on the game's port.

Law: what bounds every other road bounds an application: its requests come whole and no longer than
``body_bytes``, its response begins within `ANSWER_S`, a piece of a stream waits until the peer has
taken the one before, and an application that goes on after its peer left is cancelled. An
application that fails costs its request and nothing else.

Only requests of HTTP are passed on, no WebSockets and no lifespan: an application opens what it
needs before it is given to the server.

Source: the ASGI specification 3.0, "HTTP & WebSocket ASGI Message Format", version 2.4.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any, Final, TypeAlias
from urllib.parse import unquote

import structlog
import trio
from structlog.typing import FilteringBoundLogger

from gameserver.errors import split_fault
from gameserver.transports.http.problems import refusal
from gameserver.transports.http.requests import HttpRequest, HttpResponse, Road

log: FilteringBoundLogger = structlog.get_logger()

Scope: TypeAlias = MutableMapping[str, Any]
AsgiEvent: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[AsgiEvent]]
Send: TypeAlias = Callable[[AsgiEvent], Awaitable[None]]
AsgiApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
"""An application of ASGI 3, such as one of Starlette, that runs on trio."""

ANSWER_S: Final = 30.0
"""Longest time until a response begins (threat 9)."""

PIECE_S: Final = 30.0
"""Longest time for which a piece of a stream waits to be sent; a connection gives up earlier."""

LEFT_S: Final = 5.0
"""Time for an application to end after its peer has left."""

_OURS: Final = frozenset(
    {b"connection", b"content-length", b"keep-alive", b"transfer-encoding", b"upgrade"}
)
"""Headers that the connection sets by itself."""


class AsgiRoad:
    """Serves requests with one application."""

    def __init__(self, application: AsgiApp, *, body_bytes: int = 64 * 1024) -> None:
        """Serve requests whose bodies have at most ``body_bytes`` bytes."""
        self._application = application
        self._body_bytes = body_bytes
        self._nursery: trio.Nursery | None = None

    @property
    def road(self) -> Road:
        """The road to the application."""
        return Road(self.answer, self._body_bytes, watches=True)

    async def run(self, *, task_status: "trio.TaskStatus[None]" = trio.TASK_STATUS_IGNORED) -> None:
        """Run the application's tasks until cancelled; without it requests are refused."""
        async with trio.open_nursery() as self._nursery:
            task_status.started()
            await trio.sleep_forever()

    async def answer(self, request: HttpRequest) -> HttpResponse:
        """Let the application answer a request; return as soon as its response begins."""
        if self._nursery is None:
            return refusal(503, "this server does not serve pages yet")
        exchange = _Exchange(request)
        self._nursery.start_soon(exchange.run, self._application)
        try:
            with trio.move_on_after(ANSWER_S):
                await exchange.begun.wait()
        except trio.Cancelled:
            exchange.leave()  # the peer has left
            raise
        if not exchange.begun.is_set():
            exchange.leave()
            return refusal(504, f"no answer began within {ANSWER_S:g} s")
        return exchange.response


class _Exchange:
    """One request and its response."""

    def __init__(self, request: HttpRequest) -> None:
        self.begun: trio.Event = trio.Event()
        """Set once `response` is the whole response, or its head and its stream."""
        self.response: HttpResponse = refusal(500, "this page failed")
        self._request = request
        self._asked = False
        self._head: AsgiEvent | None = None
        self._over = False
        self._left = trio.Event()
        self._scope = trio.CancelScope()
        self._pieces, self._taken = trio.open_memory_channel[bytes](0)

    async def run(self, application: AsgiApp) -> None:
        """Run the application for this request; only cancellation gets out."""
        try:
            with self._scope:
                await application(_scope(self._request), self._receive, self._send)
        except BaseException as error:  # what it raises ends its request alone
            fault, rest = split_fault(error)
            if fault is not None and not (self._left.is_set() and isinstance(fault, OSError)):
                path = self._request.path[:100]
                log.error("application failed", path=path, exc_info=fault)  # noqa: TRY400  a part
            if rest is not None:
                raise rest from None
        finally:
            # A stream that was not sent to its end: the peer must not take it for whole.
            if self._over or not self.begun.is_set():
                self._pieces.close()
            else:
                self._taken.close()
            self.begun.set()

    def leave(self) -> None:
        """Note that the peer has left; the application may end in an orderly way."""
        self._left.set()
        self._scope.deadline = trio.current_time() + LEFT_S

    async def _receive(self) -> AsgiEvent:
        if not self._asked:
            self._asked = True
            await trio.lowlevel.checkpoint()
            return {"type": "http.request", "body": self._request.body, "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, event: AsgiEvent) -> None:
        await trio.lowlevel.checkpoint()
        if self._left.is_set():
            raise OSError("the peer has left")
        match event["type"], self._head:
            case "http.response.start", None:
                self._head = event
            case "http.response.body", head if head is not None and not self._over:
                await self._send_body(head, event.get("body", b""), event.get("more_body", False))
            case kind, _:
                raise RuntimeError(f"{kind} does not fit here")

    async def _send_body(self, head: AsgiEvent, body: bytes, more: bool) -> None:
        self._over = not more
        if not self.begun.is_set():
            headers = _headers(head)
            if not more or self._request.method == "HEAD":
                self.response = HttpResponse(head["status"], body, *headers)
                self.begun.set()
                if more:
                    self.leave()  # nobody takes the body
                return
            self.response = HttpResponse(head["status"], b"", *headers, stream=self._stream())
            self.begun.set()
        if body:
            # Bounded, since a stream that nobody ever asked for a piece is not closed either.
            with trio.move_on_after(PIECE_S), suppress(trio.BrokenResourceError):
                await self._pieces.send(body)
                return
            self.leave()
            raise OSError("the peer has left")

    async def _stream(self) -> AsyncGenerator[bytes, None]:
        try:
            async for piece in self._taken:
                yield piece
        finally:
            self.leave()


def _scope(request: HttpRequest) -> Scope:
    raw = request.path.encode("latin-1")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": unquote(request.path),
        "raw_path": raw,
        "query_string": request.query.encode("latin-1"),
        "root_path": "",
        "headers": request.headers.pairs(),
        "client": (request.peer, 0) if request.peer else None,
        "server": None,
        "state": {"direct": request.headers.direct},
    }


def _headers(head: AsgiEvent) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return a response's media type, and its other headers."""
    kind, others = "application/octet-stream", []
    for name, value in head.get("headers", ()):
        if name.lower() == b"content-type":
            kind = value.decode("latin-1")
        elif name.lower() not in _OURS:
            others.append((name.decode("latin-1"), value.decode("latin-1")))
    return kind, tuple(others)
