"""The application of ``/api/v1/admin``: every operation as a route behind one check.

Law: `_serve` is the only way to an operation, and it asks first who is there and what they may do.
So a route that is added to the table cannot be forgotten. Pages of other sites, and of other
origins that the game lets in, get nothing. A request with a secret or a cookie is never refused for
what others of its address ask: a cookie has a rate of its own, a secret is answered later.
Connections are counted by address before anybody asks: a port of its own spares the console that.
"""

from functools import partial
from typing import Final

import attrs
import trio
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gameserver.errors import Code, RequestError, TheirFaultError
from gameserver.rooms.limits.buckets import BucketTable
from gameserver.service.admin.api import AdminApi, AdminCall, WithCookie
from gameserver.service.admin.credentials import SLOW_S, Credentials, shown_secret
from gameserver.service.admin.operations import ADMIN_OPERATIONS, BASE, OPEN, AdminOperation
from gameserver.service.admin.rights import Principal, Role
from gameserver.service.logging.logs import get_logger
from gameserver.service.logging.pace import Pace
from gameserver.service.rest.application import asked_of
from gameserver.service.rest.replies import JSON, Body, encoded, problem
from gameserver.service.router import Router
from gameserver.transports import subscriber
from gameserver.transports.http.asgi import AsgiRoad
from gameserver.transports.http.headers import HeaderFields
from gameserver.transports.http.requests import HttpRequest, HttpResponse, Road

log: Final = get_logger()

BODY_BYTES: Final = 4 * 1024
"""Longest body: a text of 500 characters and a reason of 300, in any script."""

PER_S: Final = 20.0
"""Requests of one address, or of one browser that is signed in: three consoles that look at tables
and charts."""
BURST: Final = 80
ADDRESSES: Final = 10_000

NOBODY: Final = Principal("", Role.READER)
"""Who asks to sign in."""

SIGN_IN: Final = next(BASE + each.path for each in ADMIN_OPERATIONS if each.name == OPEN)

HEADERS: Final = (("Cache-Control", "no-store"), ("Vary", "Cookie, Authorization"))


class AdminRoad:
    """Serves the requests of operators."""

    def __init__(self, api: AdminApi, credentials: Credentials, router: Router) -> None:
        """Build the routes; `asgi.run` must run before requests are answered."""
        self._api = api
        self._credentials = credentials
        self._router = router
        self._rates = BucketTable(PER_S, BURST, ADDRESSES)
        self._refusals = Pace(router.clock.now)
        routes = [
            Route(BASE + each.path, partial(self._serve, each), methods=[each.method])
            for each in ADMIN_OPERATIONS
        ]
        self.starlette: Starlette = Starlette(
            routes=routes, exception_handlers={HTTPException: _refused}
        )
        self.starlette.router.redirect_slashes = False
        self.asgi: AsgiRoad = AsgiRoad(self.starlette, body_bytes=BODY_BYTES)

    @property
    def road(self) -> Road:
        """The road of ``/api`` on a port of the console alone."""
        return Road(self.answer, BODY_BYTES, watches=True)

    async def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer one request, unless it comes too often, or a foreign page asks."""
        session = self._credentials.signed_in(request.headers)
        shows = bool(shown_secret(request.headers)) or request.path == SIGN_IN
        payer = session if session and not shows else subscriber(request.peer) or "loopback"
        wait = self._rates.take(payer, self._router.clock.now())
        if wait and not shows:
            whose = "this browser" if payer == session else "your address"
            sentence = f"too many requests from {whose}; try again in {wait:.1f} s"
            return problem(Code.RATE_LIMITED, sentence, {"retry_after_s": wait})
        if wait:
            await trio.sleep(SLOW_S)
        if _is_foreign(request.headers):
            return problem(Code.FORBIDDEN, "the console is for its own pages")
        if len(request.body) > BODY_BYTES:
            return problem(Code.TOO_LARGE, f"a body may have {BODY_BYTES} bytes")
        return await self.asgi.answer(request)

    async def _serve(self, operation: AdminOperation, request: Request) -> Response:
        try:
            body = await request.body() if operation.method == "POST" else b""
            if operation.name == OPEN or "authorization" in request.headers:
                slow_s = self._credentials.slow_s(_address(request))
                if slow_s:
                    await trio.sleep(slow_s)
            # Nothing waits from here to the comparison, see `slow_s`.
            principal = self._principal(operation, request)
            reply = self._reply(operation, request, body, principal)
            if operation.method == "POST":
                await self._router.people.saved()  # what it tells of is on disk
        except TheirFaultError as error:
            self._note(operation, request, error)
            return _response(problem(error.code, error.sentence, error.details))
        except Exception:
            log.exception("request failed", name=operation.name)
            sentence = "the server met a fault with this request"
            return _response(problem(Code.INTERNAL, sentence))
        return reply

    def _principal(self, operation: AdminOperation, request: Request) -> Principal:
        """Return who asks, if they may.

        Raises:
            RequestError: They may not.
        """
        if operation.name == OPEN:
            return NOBODY
        headers = HeaderFields(request.headers.raw)
        who = self._credentials.principal(request.method, headers, _address(request))
        if operation.right is not None and not who.may(operation.right):
            sentence = f"this needs the right to {operation.right}, which a {who.role} has not"
            raise RequestError(Code.FORBIDDEN, sentence)
        return who

    def _reply(
        self, operation: AdminOperation, request: Request, body: bytes, who: Principal
    ) -> Response:
        plain = attrs.asdict(asked_of(operation, request, body), recurse=False)
        asked = AdminCall(principal=who, encrypted=_by_https(request), **plain)
        with self._router.turns.counted():
            made: object = operation.answer(self._api, asked)
            cookie = {}
            if isinstance(made, WithCookie):
                cookie = {"Set-Cookie": made.cookie}
                made = made.value
            data = made.data if isinstance(made, Body) else encoded(made)
        # Not compressed: it may hold the session's token beside texts that players chose.
        return Response(data, operation.status, {**dict(HEADERS), **cookie}, JSON)

    def _note(self, operation: AdminOperation, request: Request, error: TheirFaultError) -> None:
        """Log that somebody was refused who had no right to ask; no secret is in the line."""
        if error.code not in (Code.TOKEN_UNKNOWN, Code.FORBIDDEN, Code.RATE_LIMITED):
            return
        shown = "authorization" in request.headers or operation.name == OPEN
        if not shown and error.code is Code.TOKEN_UNKNOWN:
            return  # a console that is not signed in yet asks who it is
        held = self._refusals.admit(_address(request))
        if held is not None:
            log.warning(
                "console refused",
                address=_address(request),
                name=operation.name,
                code=error.code.value,
                held_back=held,
            )


def _is_foreign(headers: HeaderFields) -> bool:
    """Tell whether a page of another origin asks, be it one that the game's port lets in."""
    origin = headers.only(b"origin")
    if origin is None:
        return b"origin" in headers or headers.only(b"sec-fetch-site") in (
            b"cross-site",
            b"same-site",
        )
    host = headers.only(b"host") or b""
    # Compared as it stands: what cannot be read as an address is no host's own origin either.
    return origin.partition(b"://")[2].lower() != host.lower()


def _by_https(request: Request) -> bool:
    """Tell whether a page that was opened by ``https`` asks, be it a proxy that ends TLS."""
    return request.headers.get("origin", "").lower().startswith("https:")


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else ""


async def _refused(request: Request, error: Exception) -> Response:
    """Answer what no route takes."""
    assert isinstance(error, HTTPException)
    sentence = f"there is no {request.method} here; see {BASE}/openapi.json"
    return _response(problem(Code.UNKNOWN_REQUEST, sentence, status=error.status_code))


def _response(found: HttpResponse) -> Response:
    return Response(found.body, found.status, {**dict(found.headers), **dict(HEADERS)}, found.kind)
