"""One connection of HTTP/1.1: requests to the roads, one after the other.

Law: every step has a bound: the head by h11's, the body in bytes and seconds, the pause between two
requests, and the time in which a peer must take a response. A peer that breaks one loses this
connection and nothing else.

Source: RFC 9112 for messages and connections; the Fetch standard for requests across origins.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from typing import Final

import attrs
import h11
import trio

from gameserver.transports.answers import PLAIN, HttpAnswer
from gameserver.transports.drain import direct_of, taken
from gameserver.transports.http.forwarded import client_of
from gameserver.transports.http.headers import HeaderFields
from gameserver.transports.http.heads import HeadLines, smuggles
from gameserver.transports.http.origins import FOREIGN_NAME, FOREIGN_PAGE, host_may, origin_may
from gameserver.transports.http.problems import refusal
from gameserver.transports.http.requests import HttpRequest, HttpResponse, Road
from gameserver.transports.http.responses import BODILESS, asked, give_up_after, header_lines
from gameserver.transports.http.routes import fitting_road
from gameserver.transports.http.usual import (
    LONGEST_HEAD,
    RequestHead,
    response_bytes,
    usual_head,
)
from gameserver.transports.settings import ListenSettings

HEAD_END: Final = b"\r\n\r\n"

ENCODED_BODY: Final = (
    "a body must come as it is: send it without compression and without Content-Encoding"
)

ALLOWED: Final = (
    ("Access-Control-Allow-Methods", "GET, POST, OPTIONS"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type, If-None-Match, Last-Event-ID"),
    ("Access-Control-Max-Age", "600"),
)
"""Answer to a browser that asks whether a page may send a request (preflight)."""

MOST_CHUNKS: Final = 128
"""Chunks of a body: h11 takes 16 µs for each, and 64 KiB of them would be a second (threat 6)."""

PIECE_BYTES: Final = 32 * 1024
"""What a peer must take of a response within the settings' ``send_s``: a page's script is longer
than a slow line carries in that time."""

_FOREIGN_SITES: Final = (b"cross-site", b"same-site")

Next = Callable[[h11.Request], HttpAnswer]
"""Answers a request for a page that is no road's; the connection ends with it."""


class HttpConnection:
    """Serves the requests of one peer."""

    def __init__(
        self,
        stream: trio.abc.Stream,
        http: h11.Connection,
        settings: ListenSettings,
        roads: Mapping[str, Road],
        *,
        peer: str,
        local: str,
    ) -> None:
        """Go on behind the head of a first request, which ``http`` has read."""
        self._stream = stream
        self._direct = direct_of(stream)
        self._http = http
        self._settings = settings
        self._roads = roads
        self._peer = peer
        self._local = local
        self._lines: HeadLines | None = None
        """Of the head that is being read."""
        self._received = 0
        self._rest: bytes | None = None
        """Bytes behind the last request that was read without h11; None while h11 reads."""
        self._ended = False
        """Whether the peer sends nothing any more; known while h11 does not read."""
        self._unread = False
        """Whether the present request's body is not read; the next request begins behind it."""

    async def serve(
        self,
        request: h11.Request,
        page: Next,
        turn: Callable[[str], Awaitable[None]],
    ) -> None:
        """Serve this request and the following ones until the connection ends.

        Args:
            request: The head of the first request.
            page: Answers a later request that is for no road.
            turn: Called with the client's address and awaited before each request is served.

        Raises:
            trio.BrokenResourceError: The peer is gone, or does not take a response in time.
        """
        following: RequestHead | None = _head_of(request)
        while following is not None:
            road = fitting_road(following, self._roads)
            if road is None:
                await self._send_bytes(page(_request_of(following)).encode())
                return
            await turn(self._client(following.headers))
            response = await self._respond(following, road)
            if response is None:
                return
            if response.stream is not None:
                await self._send_stream(response, response.stream)
                return
            if not await self._send(following, response):
                return
            following = await self._next_request()

    async def _next_request(self) -> RequestHead | None:
        """Wait for the head of the next request; None if the peer sends none, or a broken one."""
        if self._rest is None:
            self._rest, self._ended = self._http.trailing_data
        with trio.move_on_after(self._settings.keep_alive_s):
            end, lines, fault = self._rest.find(HEAD_END), HeadLines(), ""
            while end < 0 and len(self._rest) < LONGEST_HEAD and not self._ended and not fault:
                data = bytes(await self._stream.receive_some(self._settings.receive_bytes))
                self._take(data)
                end = self._rest.find(HEAD_END)
                fault = lines.fault(data) if end < 0 else ""
            head = usual_head(self._rest, end + len(HEAD_END)) if end >= 0 else None
            if head is not None:
                self._rest = self._rest[end + len(HEAD_END) :]
                self._unread = head.length > 0
                return head
            return await self._ask_h11()
        return None

    async def _ask_h11(self) -> RequestHead | None:
        """Let h11 read the request that begins here."""
        self._http = h11.Connection(
            h11.SERVER, max_incomplete_event_size=self._settings.opening_bytes
        )
        rest, self._rest, self._lines = self._rest or b"", None, HeadLines()
        if self._lines.fault(rest):
            return None
        if rest:
            self._http.receive_data(rest)
        if self._ended:
            self._http.receive_data(b"")
        event = await self._next_event()
        return _head_of(event) if isinstance(event, h11.Request) else None

    def _take(self, data: bytes) -> None:
        """Keep bytes that came while a request is read or answered; none are the stream's end."""
        if self._rest is None:
            self._http.receive_data(data)
        elif data:
            self._rest += data
        else:
            self._ended = True

    @property
    def _kept(self) -> tuple[bytes, bool]:
        """Bytes that wait behind the present request, and whether the stream has ended."""
        return self._http.trailing_data if self._rest is None else (self._rest, self._ended)

    async def _next_event(self) -> h11.Event | None:
        """Return h11's next event; None if the connection ends or a rule is broken."""
        while True:
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError:
                return None
            if event is h11.NEED_DATA:
                if self._http.they_are_waiting_for_100_continue:
                    go_on = h11.InformationalResponse(status_code=100, headers=[])
                    await self._send_bytes(self._http.send(go_on))
                data = bytes(await self._stream.receive_some(self._settings.receive_bytes))
                self._received += len(data)
                if self._lines is not None and self._lines.fault(data):
                    return None
                self._http.receive_data(data)
                continue
            return event if isinstance(event, h11.Event) else None

    async def _respond(self, request: RequestHead, road: Road) -> HttpResponse | None:
        """Return the response to a request; None if the peer has left."""
        headers = request.headers
        origin = headers.only(b"origin")
        if road.linkable:
            return await self._respond_linked(request, road)
        if b"origin" in headers and not self._page_may(headers, origin):
            return refusal(403, FOREIGN_PAGE)
        if origin is None and headers.only(b"sec-fetch-site") in _FOREIGN_SITES:
            # A browser sends no origin for an image or a script of another page (threat 19).
            return refusal(403, FOREIGN_PAGE)
        if smuggles(headers):
            return refusal(400, "a request has Content-Length or Transfer-Encoding, not both")
        body = await self._body_of(request, road.body_bytes)
        if isinstance(body, HttpResponse):
            return body
        response: HttpResponse | None
        if request.method == b"OPTIONS":
            response = HttpResponse(204, headers=ALLOWED)
        elif headers.tokens(b"content-encoding") not in ([b""], [b"identity"]):
            response = refusal(415, ENCODED_BODY)  # nothing is inflated: no bomb can be sent
        else:
            path, _, query = request.target.decode("latin-1").partition("?")
            method = request.method.decode("ascii")
            whole = HttpRequest(method, path, query, headers, body, self._client(headers))
            response = await (self._watch(road, whole) if road.watches else road.answer(whole))
        if origin is None or response is None:
            return response
        crossing = (
            ("Access-Control-Allow-Origin", origin.decode("ascii")),
            ("Access-Control-Expose-Headers", "ETag, Retry-After"),
            ("Vary", "Origin"),
        )
        return attrs.evolve(response, headers=(*response.headers, *crossing))

    async def _respond_linked(self, request: RequestHead, road: Road) -> HttpResponse:
        """Return the response to a request that any page may have led to."""
        headers = request.headers
        if smuggles(headers):
            return refusal(400, "a request has Content-Length or Transfer-Encoding, not both")
        host = (headers.only(b"host") or b"").decode("latin-1")
        if not host_may(host, self._local, self._settings):
            return HttpResponse(403, f"{FOREIGN_NAME}\n".encode(), PLAIN)
        body = await self._body_of(request, road.body_bytes)
        if isinstance(body, HttpResponse):
            return body
        path, _, query = request.target.decode("latin-1").partition("?")
        method = request.method.decode("ascii")
        return await road.answer(
            HttpRequest(method, path, query, headers, body, self._client(headers))
        )

    async def _watch(self, road: Road, request: HttpRequest) -> HttpResponse | None:
        """Let the road answer; cancel it when the peer leaves, and return None."""
        response: HttpResponse | None = None
        async with trio.open_nursery() as nursery:

            async def watch() -> None:
                data = b"?"
                try:
                    while data and not self._kept[1]:
                        data = bytes(await self._stream.receive_some(self._settings.receive_bytes))
                        self._take(data)
                        if len(self._kept[0]) > self._settings.opening_bytes:
                            return  # what follows waits in the kernel
                except (trio.BrokenResourceError, h11.RemoteProtocolError):
                    pass
                nursery.cancel_scope.cancel()

            nursery.start_soon(watch)
            response = await road.answer(request)
            nursery.cancel_scope.cancel()
        return response

    def _client(self, headers: HeaderFields) -> str:
        return client_of(headers, self._peer, self._settings.trusted_proxies)

    def _page_may(self, headers: HeaderFields, origin: bytes | None) -> bool:
        if origin is None or not origin.isascii():
            return False
        host = (headers.only(b"host") or b"").decode("latin-1")
        return origin_may(origin.decode("ascii"), host, self._local, self._settings)

    async def _body_of(self, request: RequestHead, most: int) -> bytes | HttpResponse:
        """Return the body of a request, or the response that refuses it."""
        length = request.length
        if self._rest is not None and length <= min(most, len(self._rest)):
            return self._cut(length)
        with trio.move_on_after(self._settings.body_s) as scope:
            if self._rest is None:  # h11 reads
                declared = request.headers.only(b"content-length") or b"0"
                if int(declared) > most:  # h11 has checked that it is a number of few digits
                    return refusal(413, f"a body may have {most} bytes")
                return await self._read_body(most)
            return await self._read_length(length, most)
        assert scope.cancelled_caught
        return refusal(408, f"no whole body came within {self._settings.body_s:g} s")

    async def _read_length(self, length: int, most: int) -> bytes | HttpResponse:
        """Read a body of known length without h11."""
        assert self._rest is not None
        if length > most:
            return refusal(413, f"a body may have {most} bytes")
        while len(self._rest) < length:
            if self._ended:
                return refusal(400, "this is no whole HTTP request")
            self._take(bytes(await self._stream.receive_some(self._settings.receive_bytes)))
        return self._cut(length)

    def _cut(self, length: int) -> bytes:
        """Return the body that has come whole without h11."""
        assert self._rest is not None
        body, self._rest = self._rest[:length], self._rest[length:]
        self._unread = False
        return body

    async def _read_body(self, most: int) -> bytes | HttpResponse:
        """Read the request to its end; return its body, or the response that refuses it."""
        body = bytearray()
        chunks, self._received, self._lines = 0, 0, None
        while True:
            event = await self._next_event()
            if isinstance(event, h11.Data):
                body += event.data
                chunks += event.chunk_start
                if len(body) > most or self._received > most + self._settings.opening_bytes:
                    return refusal(413, f"a body may have {most} bytes")
                if chunks > MOST_CHUNKS:
                    return refusal(413, f"a body may have {MOST_CHUNKS} chunks")
            elif isinstance(event, h11.EndOfMessage):
                return bytes(body)
            else:
                return refusal(400, "this is no whole HTTP request")

    async def _send_stream(
        self, response: HttpResponse, stream: AsyncGenerator[bytes, None]
    ) -> None:
        """Send pieces until the stream or the peer ends; the connection ends with it."""
        give_up_after(self._stream, self._settings.vanished_s)
        headers = [*header_lines(response), (b"connection", b"close")]
        if self._rest is not None:
            self._http = asked()
        head = h11.Response(status_code=response.status, headers=headers)
        async with trio.open_nursery() as nursery:

            async def watch() -> None:
                with suppress(trio.BrokenResourceError):
                    while await self._stream.receive_some(self._settings.receive_bytes):
                        pass
                nursery.cancel_scope.cancel()

            nursery.start_soon(watch)
            async with aclosing(stream):
                await self._send_bytes(self._http.send(head))
                async for piece in stream:
                    await self._send_bytes(self._http.send(h11.Data(data=piece)))
                await self._send_bytes(self._http.send(h11.EndOfMessage()))
            nursery.cancel_scope.cancel()

    async def _send(self, request: RequestHead, response: HttpResponse) -> bool:
        """Send a response; return whether the connection goes on."""
        headers = header_lines(response)
        if response.status not in BODILESS:
            headers.append((b"content-length", b"%d" % len(response.body)))
        if self._rest is not None:
            if self._unread:
                headers.append((b"connection", b"close"))
            await self._send_bytes(response_bytes(response.status, headers, response.body))
            return not self._unread
        if self._http.their_state is not h11.DONE:
            headers.append((b"connection", b"close"))  # its body was not read to the end
        http, head_only = self._http, request.method == b"HEAD"
        data = http.send(h11.Response(status_code=response.status, headers=headers))
        if response.body and not head_only:
            data += http.send(h11.Data(data=response.body))
        data += http.send(h11.EndOfMessage())
        await self._send_bytes(data)
        return http.our_state is h11.DONE and http.their_state is h11.DONE

    async def _send_bytes(self, data: bytes) -> None:
        """Send bytes; as far as the kernel takes them now, without a wait."""
        if self._direct is not None:
            try:
                sent = self._direct.write(data)
                if sent == len(data):
                    return
            except BlockingIOError as full:
                sent = taken(full)
            except OSError as error:
                raise trio.BrokenResourceError from error
            data = data[sent:]
        rest = memoryview(data)
        for begin in range(0, len(rest), PIECE_BYTES):
            with trio.move_on_after(self._settings.send_s) as scope:
                await self._stream.send_all(rest[begin : begin + PIECE_BYTES])
            if scope.cancelled_caught:
                raise trio.BrokenResourceError("the peer does not take its response")


def _head_of(request: h11.Request) -> RequestHead:
    return RequestHead(request.method, request.target, HeaderFields(request.headers))


def _request_of(head: RequestHead) -> h11.Request:
    return h11.Request(method=head.method, target=head.target, headers=head.headers.pairs())
