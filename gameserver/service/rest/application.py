"""The application of ``/api/v1``: operations as routes of Starlette, answers kept and tagged.

Law: an address asks so often and no oftener; what many ask is made once. A fault of ours is
answered with ``internal`` and costs nobody else anything.
"""

from functools import partial
from typing import Final

import trio
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gameserver.errors import Code, TheirFaultError
from gameserver.roads.events.road import BANNED
from gameserver.rooms.limits.buckets import BucketTable
from gameserver.service.logging.logs import get_logger
from gameserver.service.rest.api import BASE, Api, Reply
from gameserver.service.rest.asking import ApiCall, bearer
from gameserver.service.rest.kept import Kept, Shelf
from gameserver.service.rest.operations import OPERATIONS, Operation
from gameserver.service.rest.recordings import Recording, Wanted
from gameserver.service.rest.replies import Body, encoded, problem
from gameserver.service.router import Router
from gameserver.transports import subscriber
from gameserver.transports.http.asgi import AsgiRoad
from gameserver.transports.http.requests import AnswerRequest, HttpRequest, HttpResponse, Road

log: Final = get_logger()

PATH: Final = "/api"
ADMIN: Final = f"{BASE}/admin/"
"""Beginning of the paths for operators."""

BODY_BYTES: Final = 16 * 1024

PER_S: Final = 20.0
"""Requests of one address (32, 37): a table that is renewed each second in twenty places."""
BURST: Final = 60
"""Requests of one address at once (37)."""
ADDRESSES: Final = 20_000

ROUTED_S: Final = 0.0005
"""Cost of a request that the routes answer, besides that of every request over HTTP (37)."""


class ApiRoad:
    """Serves the requests of all addresses."""

    def __init__(self, api: Api, router: Router, admin: AnswerRequest | None = None) -> None:
        """Build the routes; `asgi.run` must run before requests are answered.

        ``admin`` answers all requests below `ADMIN`; without it there is nothing there.
        """
        self._api = api
        self._admin = admin
        self._router = router
        self._made = Shelf()
        """By operation and parameters: what many ask is made once."""
        self._at_hand = Shelf()
        """By path and query as they were sent: such a request needs no route."""
        self._rates = BucketTable(PER_S, BURST, ADDRESSES)
        routes = [
            Route(BASE + each.path, partial(self._serve, each), methods=[each.method])
            for each in OPERATIONS
        ]
        routes.append(Route(BASE + "/", partial(self._serve, OPERATIONS[0]), methods=["GET"]))
        starlette = Starlette(routes=routes, exception_handlers={HTTPException: _refused})
        starlette.router.redirect_slashes = False  # it would repeat the request's Host
        self.asgi: AsgiRoad = AsgiRoad(starlette, body_bytes=BODY_BYTES)

    @property
    def road(self) -> Road:
        """The road of `PATH`."""
        return Road(self.answer, BODY_BYTES, watches=True)

    async def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer one request, unless its address asks too often."""
        router, address = self._router, subscriber(request.peer)
        if self._admin is not None and request.path.startswith(ADMIN):
            return await self._admin(request)
        if router.people.bars(request.peer):
            return problem(Code.SESSION_BANNED, BANNED)
        wait = self._rates.take(address, router.clock.now())
        if wait:
            sentence = f"too many requests from your address; try again in {wait:.1f} s"
            return problem(Code.RATE_LIMITED, sentence, {"retry_after_s": wait})
        if request.method in ("GET", "HEAD") and b"authorization" not in request.headers:
            kept = self._at_hand.find((request.path, request.query), router.clock.now())
            if kept is not None:
                await trio.lowlevel.checkpoint()
                shown = request.headers.only(b"if-none-match") or b""
                coded = request.headers.only(b"accept-encoding") or b""
                return self._respond(
                    kept, address, shown.decode("latin-1"), coded.decode("latin-1")
                )
        router.work.spent(address, router.work.budget(), ROUTED_S)
        router.turns.spend(ROUTED_S)
        return await self.asgi.answer(request)

    async def _serve(self, operation: Operation, request: Request) -> Response:
        try:
            body = await request.body() if operation.method == "POST" else b""
            asked = asked_of(operation, request, body)
            if operation.gives is Recording:
                names = ("range", "if-none-match", "if-range")
                wanted = Wanted(*(request.headers.get(name, "") for name in names))
                give = self._api.film if operation.name == "film" else self._api.replay
                return _response(await give(asked, wanted))
            reply = self._reply(operation, asked, request)
            if asked.token or not operation.kept_s:
                await self._router.people.saved()  # what it tells of is on disk
        except TheirFaultError as error:
            reply = _response(problem(error.code, error.sentence, error.details))
        except Exception:
            log.exception("request failed", name=operation.name)
            sentence = "the server met a fault with this request"
            reply = _response(problem(Code.INTERNAL, sentence))
        return reply

    def _reply(self, operation: Operation, asked: ApiCall, request: Request) -> Response:
        if not operation.kept_s:
            return self._once(operation, asked)
        kept = self._keep(operation, asked)
        if not asked.token:
            scope = request.scope
            raw = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
            self._at_hand.put(raw, kept)
        asked_for = (request.headers.get(name, "") for name in ("if-none-match", "accept-encoding"))
        return _response(self._respond(kept, subscriber(asked.address), *asked_for))

    def _respond(self, kept: Kept, address: str, shown: str, coded: str) -> HttpResponse:
        """Return a kept answer; the time to compress it is charged like that to make it."""
        if not kept.packs(coded):
            return kept.response(shown, coded)
        router = self._router
        with router.turns.counted(), router.work.timed(address):
            return kept.response(shown, coded)

    def _once(self, operation: Operation, asked: ApiCall) -> Response:
        made = self._make(operation, asked)
        status, value = operation.status, made
        if isinstance(made, Reply):
            status, value = made.status, made.value
        return Response(encoded(value), status, media_type="application/json")

    def _keep(self, operation: Operation, asked: ApiCall) -> Kept:
        """Return the answer; that to everybody is made again once it is too old."""
        key = (operation.name, *asked.path.values(), *asked.query.values())
        now = self._router.clock.now()
        kept = None if asked.token else self._made.find(key, now)
        if kept is None:
            value = self._make(operation, asked)
            body = value if isinstance(value, Body) else Body.of(encoded(value))
            for_s = 0.0 if asked.token else operation.kept_s
            kept = Kept(body, now + for_s, for_s)
            if not asked.token:
                self._made.put(key, kept)
        return kept

    def _make(self, operation: Operation, asked: ApiCall) -> object:
        """Make the answer; its time is charged to the address and to this round of the loop."""
        router = self._router
        own = router.work.budget()
        with router.turns.counted(), router.work.counted(subscriber(asked.address), own):
            return operation.answer(self._api, asked)


def asked_of(operation: Operation, request: Request, body: bytes) -> ApiCall:
    """Return a request with its parameters checked.

    Raises:
        RequestError: ``bad_params``.
    """
    query = {
        each.name: each.read(request.query_params[each.name])
        if each.name in request.query_params
        else each.default
        for each in operation.query
    }
    return ApiCall(
        path=request.path_params,
        query=query,
        token=bearer(request.headers.get("authorization", "")),
        body=body,
        address=request.client.host if request.client is not None else "",
        host=request.headers.get("host", ""),
        direct=request.state.direct,
    )


async def _refused(request: Request, error: Exception) -> Response:
    """Answer what no route takes."""
    assert isinstance(error, HTTPException)
    allow = (error.headers or {}).get("Allow", "")
    allow = ", ".join(sorted(allow.split(", ")))  # Starlette gives them in any order
    headers = (("Allow", allow),) if allow else ()
    sentence = f"{request.method} is not for this path" if allow else f"see {BASE}/docs"
    return _response(
        problem(Code.UNKNOWN_REQUEST, sentence, status=error.status_code, headers=headers)
    )


def _response(found: HttpResponse) -> Response:
    return Response(found.body, found.status, dict(found.headers), found.kind)
