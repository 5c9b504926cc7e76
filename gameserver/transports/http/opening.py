"""The opening of a connection: one HTTP request, checked before the WebSocket library sees it.

Law: the library gets a request that this module builds from checked parts, so no byte of a peer's
request head reaches the library (threat 1).

Source: RFC 6455, section 4.2.1; RFC 6454 for origins.
"""

import base64
import binascii
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs
import h11

from gameserver.errors import PROTOCOL_PAGE
from gameserver.transports.answers import HttpAnswer, PageRequest
from gameserver.transports.http.extensions import deflate_bits
from gameserver.transports.http.forwarded import client_of
from gameserver.transports.http.headers import HeaderFields
from gameserver.transports.http.heads import HeadLines
from gameserver.transports.http.origins import FOREIGN_PAGE, origin_may
from gameserver.transports.http.pages import answer
from gameserver.transports.http.requests import Road
from gameserver.transports.http.routes import fitting_road, road_of
from gameserver.transports.http.usual import RequestHead
from gameserver.transports.settings import ListenSettings

_VERSION: Final = b"13"
_VERSIONS_OF_HTTP: Final = (b"1.1", b"1.0")
_KEY_BYTES: Final = 16
_HOST_CHARACTERS: Final = frozenset(
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_~:[]%"
)
_LONGEST_HOST: Final = 255 + 6

_TLS_HELLO: Final = b"\x16\x03"
_PROXY_LINES: Final = (b"PROXY ", b"\r\n\r\n\x00\r\nQUIT\n")
"""First bytes of HAProxy's PROXY protocol, in its two versions."""


@attrs.frozen
class Opening:
    """A request that may become a WebSocket."""

    key: bytes
    """``Sec-WebSocket-Key``, 24 checked characters."""
    subprotocol: str
    direct: bool = True
    """Whether no header of a browser or proxy was sent: only then does the peer's address tell
    whether it is on this machine."""
    road: Road | None = None
    """The road that serves this WebSocket in its own way; None for messages of the protocol."""
    query: str = ""
    deflate_bits: int = 0
    """Window for compressed messages, in bits; 0 if they are not agreed on."""
    client: str = ""
    """Address of the client, which may be behind proxies of the operator."""

    def encode(self) -> bytes:
        """Return the request as the WebSocket library gets it."""
        return (
            b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
            + self.key
            + b"\r\n"
            + self._protocol()
            + b"\r\n"
        )

    def _protocol(self) -> bytes:
        if not self.subprotocol:
            return b""
        return b"Sec-WebSocket-Protocol: " + self.subprotocol.encode("ascii") + b"\r\n"


@attrs.frozen(eq=False)
class RoadHead:
    """The head of a request for a road."""

    request: h11.Request
    http: h11.Connection
    """Has read the head, and perhaps bytes behind it."""


class OpeningReader:
    """Reads a connection's first bytes until the request is accepted or answered."""

    def __init__(
        self,
        settings: ListenSettings,
        address: str = "",
        local: str = "",
        roads: Mapping[str, Road] = MappingProxyType({}),
    ) -> None:
        """Start before the first byte of a peer at ``address``; ``local`` is our end."""
        self._roads = roads
        self._settings = settings
        self._address = address
        self._local = local
        self._bytes = 0
        self._lines = HeadLines()
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=settings.opening_bytes)

    def feed(self, data: bytes) -> "Opening | HttpAnswer | RoadHead | None":
        """Take the next bytes; return what the request is, or None if more are needed."""
        refusal = self._unread(data)
        if refusal is not None:
            return refusal
        try:
            self._http.receive_data(data)
            event = self._http.next_event()
        except h11.RemoteProtocolError:
            return _refused(400, "this is no HTTP request")
        if event is h11.NEED_DATA:
            return None
        if not isinstance(event, h11.Request):
            return HttpAnswer(400, "this is no HTTP request")
        if event.http_version not in _VERSIONS_OF_HTTP:
            return HttpAnswer(400, "this is no HTTP request of version 1.1 or 1.0")
        headers = HeaderFields(event.headers)
        if b"websocket" not in headers.tokens(b"upgrade"):
            head = RequestHead(event.method, event.target, headers)
            if b"sec-websocket-key" not in headers and fitting_road(head, self._roads):
                return RoadHead(event, self._http)
            return self.page(event)
        if self._http.trailing_data[0]:
            return _refused(400, "nothing may follow the request before it is answered")
        verdict = judge(event, self._settings, self._local, self._roads)
        if isinstance(verdict, Opening):
            proxies = self._settings.trusted_proxies
            client = client_of(headers, self._address, proxies)
            return attrs.evolve(verdict, client=client)
        return verdict

    def _unread(self, data: bytes) -> HttpAnswer | None:
        """Refuse bytes before h11 reads them; None if it may."""
        self._bytes += len(data)
        if self._bytes == len(data) and (other := _other_protocol(data)):
            return HttpAnswer(400, other)
        if self._bytes > self._settings.opening_bytes:
            return HttpAnswer(431, f"a request may have {self._settings.opening_bytes} bytes")
        fault = self._lines.fault(data)
        return _refused(400, fault) if fault else None

    def page(self, request: h11.Request) -> HttpAnswer:
        """Answer a request for a page."""
        return _page(request, HeaderFields(request.headers), self._settings, self._address)


def _other_protocol(data: bytes) -> str:
    """Return the sentence for a peer that begins with another protocol; empty if it does not."""
    if data.startswith(_TLS_HELLO):
        return "this port speaks without TLS; connect with ws:// or http://"
    if data.startswith(_PROXY_LINES):
        return "this server does not read the PROXY protocol; turn it off in the proxy"
    return ""


def _page(
    request: h11.Request, headers: HeaderFields, settings: ListenSettings, address: str
) -> HttpAnswer:
    """Answer a request for a page, or for a WebSocket whose Upgrade header a proxy removed."""
    if b"sec-websocket-key" in headers:
        sentence = (
            "the request for a WebSocket came without its Upgrade header:"
            " a proxy in front of this server must pass upgrades on"
        )
        return HttpAnswer(426, sentence, (("Upgrade", "websocket"),))
    host = headers.only(b"host") or b""
    authorization = headers.only(b"authorization") or b""
    scheme, _, token = authorization.partition(b" ")
    asked = PageRequest(
        path="",
        address=address,
        host=host.decode("ascii") if _is_host(host) else "",
        token=token.strip().decode("utf-8", "replace") if scheme.lower() == b"bearer" else "",
        from_page=not headers.direct,
    )
    return answer(request.method, request.target, asked, settings)


def judge(
    request: h11.Request,
    settings: ListenSettings,
    local: str,
    roads: Mapping[str, Road] = MappingProxyType({}),
) -> Opening | HttpAnswer:
    """Check a request for a WebSocket; return the opening, or the answer that refuses it."""
    headers = HeaderFields(request.headers)
    host = headers.only(b"host")
    if host is None or not _is_host(host):
        return _refused(400, "the Host header is missing or is no host name")
    if request.method != b"GET" or b"upgrade" not in headers.tokens(b"connection"):
        return _refused(400, "a WebSocket begins with GET and Connection: Upgrade")
    if headers.only(b"sec-websocket-version") != _VERSION:
        answer = (("Sec-WebSocket-Version", "13"),)
        return _refused(426, "this port speaks WebSocket version 13", answer)
    key = headers.only(b"sec-websocket-key")
    if key is None or not _is_key(key):
        return _refused(400, "Sec-WebSocket-Key must be 16 bytes in base64")
    if not _page_may(headers, host.decode("ascii"), local, settings):
        return HttpAnswer(403, FOREIGN_PAGE)
    road = road_of(request.target, roads)
    if road is not None and road.accept is not None:
        query = request.target.decode("latin-1").partition("?")[2]
        bits = _deflate_bits(headers) if road.profile and road.profile.deflate else 0
        return Opening(key, "", headers.direct, road, query, bits)
    offered = headers.tokens(b"sec-websocket-protocol", lower=False)
    if settings.subprotocol.encode("ascii") not in offered:
        sentence = f"this port speaks the WebSocket subprotocol {settings.subprotocol} only"
        return _refused(400, sentence)
    bits = _deflate_bits(headers) if settings.deflate else 0
    return Opening(key, settings.subprotocol, headers.direct, deflate_bits=bits)


def _deflate_bits(headers: HeaderFields) -> int:
    return deflate_bits(headers.tokens(b"sec-websocket-extensions"))


def _refused(status: int, sentence: str, headers: tuple[tuple[str, str], ...] = ()) -> HttpAnswer:
    """Return a refusal for the author of a client, with a reference to the protocol's page."""
    return HttpAnswer(status, f"{sentence}; see {PROTOCOL_PAGE}, section 1", headers)


def _page_may(headers: HeaderFields, host: str, local: str, settings: ListenSettings) -> bool:
    """Return whether a connection is allowed: from a program, or an allowed page (19, 45)."""
    if b"origin" not in headers:
        return True
    given = headers.only(b"origin")
    if given is None or not given.isascii():
        return False
    return origin_may(given.decode("ascii"), host, local, settings)


def _is_host(host: bytes) -> bool:
    return 0 < len(host) <= _LONGEST_HOST and _HOST_CHARACTERS.issuperset(host)


def _is_key(key: bytes) -> bool:
    try:
        return len(base64.b64decode(key, validate=True)) == _KEY_BYTES
    except binascii.Error:
        return False
