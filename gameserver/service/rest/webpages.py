"""The browser client: built pages that the game's own port serves.

Law: files are read once, before the server listens, and sent as they are; nothing of a request but
a path that is one of theirs decides what is sent. What is sent is charged to the address, which is
refused while it is in debt (37). The server runs without pages: then ``/`` is the greeting for all.

    GET, HEAD /            the page, for who takes ``text/html``; the greeting for all others
    GET, HEAD /join/CODE   the same page: an invite link
    GET, HEAD /console     the operator's console, if it is on
    GET, HEAD /web/NAME    scripts, styles and pictures; their names hold a hash of their contents
    GET, HEAD /pictures    and those below it: the pictures of the game, see `rest.pictures`

Source: RFC 9110, sections 8.8.3, 12.5.3 and 13.1.2; RFC 8246 for ``immutable``; the W3C's Content
Security Policy Level 3.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

import attrs
import trio

import gameserver
from gameserver.errors import Code
from gameserver.rooms.limits.budgets import BudgetTable
from gameserver.service.rest.replies import HTML, has_tag, tag_of
from gameserver.transports import subscriber
from gameserver.transports.answers import PLAIN
from gameserver.transports.http.headers import HeaderFields
from gameserver.transports.http.problems import refusal
from gameserver.transports.http.requests import HttpRequest, HttpResponse, Road

ENTRY: Final = "index.html"
CONSOLE_ENTRY: Final = "console.html"
CONSOLE: Final = "/console"
"""Path of the operator's console."""

FOLDER: Final = "web"
"""Of the built files below `ENTRY`, and the first part of their paths."""

PICTURES: Final = "/pictures"
"""First part of the paths of a game's pictures."""

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self';"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""``Content-Security-Policy``: nothing inline, nothing from another address (threat 30)."""

PAGE_HEADERS: Final = (
    ("Content-Security-Policy", POLICY),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ("Vary", "Accept, Accept-Encoding"),
)
ASSET_HEADERS: Final = (
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Vary", "Accept-Encoding"),
)

AGAIN: Final = "no-cache"
"""Kept by browsers, but never used without asking whether it is still the same."""
FOR_EVER: Final = "public, max-age=31536000, immutable"
"""Of a file whose name holds a hash of its contents."""

KINDS: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".html": HTML,
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
CODINGS: Final = (("zstd", ".zst"), ("gzip", ".gz"))
"""Content codings, the smallest first, and the endings of the files that are coded so."""


BURST_BYTES: Final = 16 << 20
"""Bytes that one address may be sent at once: some eighty first visits through one router."""

BYTES_PER_S: Final = 512 << 10

ADDRESSES: Final = 10_000
"""Addresses of which it is known what they were sent. When full: the one not heard of for longest
is forgotten."""


@attrs.frozen
class WebFile:
    """One file in all of its codings."""

    kind: str
    keep: str
    """``Cache-Control``."""
    headers: tuple[tuple[str, str], ...]
    coded: Mapping[str, tuple[bytes, str]]
    """Bytes and tag by content coding; "" is the file as it is."""

    def response(self, headers: HeaderFields) -> HttpResponse:
        """Return the response to a request with these headers."""
        coding = _best(headers, self.coded)
        data, tag = self.coded[coding]
        sent = (("ETag", tag), ("Cache-Control", self.keep), *self.headers)
        shown = (headers.only(b"if-none-match") or b"").decode("latin-1")
        if has_tag(shown, tag):
            return HttpResponse(304, headers=sent)
        if coding:
            sent = (*sent, ("Content-Encoding", coding))
        return HttpResponse(200, data, self.kind, sent)


class WebPages:
    """Serves the built pages."""

    def __init__(
        self, files: Mapping[str, WebFile], now: Callable[[], float], *, console: bool = False
    ) -> None:
        """Serve these files, by their paths; the page's is ``/``. ``now`` is a clock in seconds.

        With ``console`` the page of the operator's console is among them.
        """
        self._files = files
        self._console = console
        self._now = now
        self._sent = BudgetTable(BYTES_PER_S, BURST_BYTES, ADDRESSES)

    @property
    def roads(self) -> Mapping[str, Road]:
        """The roads by the first part of their paths; none without files."""
        if "/" not in self._files:
            return {}
        page = Road(self.page, body_bytes=0, fits=_shows_html, linkable=True)
        shown = {"/": page, "/join": page, f"/{FOLDER}": self.files, PICTURES: self.files}
        if self._console and CONSOLE in self._files:
            shown[CONSOLE] = self.console
        return shown

    @property
    def files(self) -> Road:
        """The road of the files that pages load."""
        return Road(self.asset, body_bytes=0, fits=_reads, linkable=True)

    @property
    def console(self) -> Road:
        """The road of the operator's console."""
        return Road(self.console_page, body_bytes=0, fits=_reads)

    async def page(self, request: HttpRequest) -> HttpResponse:
        """Answer a request for the page itself."""
        await trio.lowlevel.checkpoint()
        return self._charged(request, self._files["/"].response(request.headers))

    async def console_page(self, request: HttpRequest) -> HttpResponse:
        """Answer a request for the console's page, which has nothing secret in it."""
        await trio.lowlevel.checkpoint()
        return self._charged(request, self._files[CONSOLE].response(request.headers))

    async def asset(self, request: HttpRequest) -> HttpResponse:
        """Answer a request for one of the page's files."""
        await trio.lowlevel.checkpoint()
        found = self._files.get(request.path)
        if found is None:
            # Of an older build, perhaps. Nobody may keep this answer.
            return HttpResponse(404, b"there is no such file here\n", PLAIN)
        return self._charged(request, found.response(request.headers))

    def _charged(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Return the response, or a refusal if its address was sent too much lately."""
        if not response.body or request.method == "HEAD":
            return response  # nothing is sent: the browser has it still, or asks for the head alone
        address, now = subscriber(request.peer), self._now()
        wait_s = self._sent.wait(address, now)
        if wait_s:
            sentence = "Too much was sent to your network; try again soon."
            return refusal(429, sentence, Code.RATE_LIMITED, {"retry_after_s": wait_s})
        self._sent.spend(address, len(response.body), now)
        return response


def built_pages() -> Path:
    """Return the folder of the built pages, which need not exist.

    It is inside the installed package, or ``client_web/dist`` of a checkout.
    """
    package = Path(gameserver.__file__).parent
    installed = package / "pages"
    return installed if installed.is_dir() else package.parent / "client_web" / "dist"


@cache
def read_pages(folder: Path) -> Mapping[str, WebFile]:
    """Return the files of a folder by their paths; none where no page was built."""
    return dict(_read(folder)) if (folder / ENTRY).is_file() else {}


def _read(folder: Path) -> Iterator[tuple[str, WebFile]]:
    yield "/", _file(folder / ENTRY, AGAIN, PAGE_HEADERS)
    if (folder / CONSOLE_ENTRY).is_file():
        yield CONSOLE, _file(folder / CONSOLE_ENTRY, AGAIN, PAGE_HEADERS)
    for path in sorted((folder / FOLDER).iterdir()):
        if path.suffix in KINDS:
            yield f"/{FOLDER}/{path.name}", _file(path, FOR_EVER, ASSET_HEADERS)


def _file(path: Path, keep: str, headers: tuple[tuple[str, str], ...]) -> WebFile:
    endings = {"": "", **dict(CODINGS)}
    there = {
        coding: path.with_name(path.name + ending)
        for coding, ending in endings.items()
        if path.with_name(path.name + ending).is_file()
    }
    read = {coding: each.read_bytes() for coding, each in there.items()}
    coded = {coding: (data, tag_of(data)) for coding, data in read.items()}
    return WebFile(KINDS[path.suffix], keep, headers, coded)


def _best(headers: HeaderFields, coded: Mapping[str, object]) -> str:
    """Return the smallest coding that a client takes; "" is none."""
    taken = set()
    for each in headers.tokens(b"accept-encoding")[:16]:
        name, _, weight = each.partition(b";")
        if weight.strip().replace(b" ", b"") not in (b"q=0", b"q=0.0", b"q=0.00", b"q=0.000"):
            taken.add(name.strip().decode("latin-1"))
    return next((name for name, _ in CODINGS if name in coded and name in taken), "")


def _reads(method: bytes, _headers: HeaderFields) -> bool:
    return method in (b"GET", b"HEAD")


def _shows_html(method: bytes, headers: HeaderFields) -> bool:
    """Tell a browser that opens an address from programs, which get the greeting."""
    kinds = (each.partition(b";")[0].strip() for each in headers.tokens(b"accept"))
    return _reads(method, headers) and b"text/html" in kinds
