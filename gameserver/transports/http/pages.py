"""Answer plain HTTP requests of browsers, monitors and proxies.

Law: a health check in any of the usual forms gets a 2xx while the server serves; a wrong request
gets a status and a sentence. No web framework is involved, so a check is cheap, and it is answered
even when the server is full.

    GET, HEAD /         what this server is, and how to connect
    GET, HEAD /health   added by the service
    GET, HEAD /metrics  added by the service
    OPTIONS             the supported methods

Source: RFC 9110, sections 9 and 15; HAProxy's ``option httpchk`` (``OPTIONS / HTTP/1.0``).
"""

from typing import Final
from urllib.parse import urlsplit

import attrs

from gameserver.installation import client_command
from gameserver.transports.answers import HttpAnswer, PageRequest
from gameserver.transports.settings import ListenSettings

METHODS: Final = "GET, HEAD, OPTIONS"
_ALLOW: Final = (("Allow", METHODS),)


def answer(
    method: bytes, target: bytes, request: PageRequest, settings: ListenSettings
) -> HttpAnswer:
    """Return the answer to a request; ``request.path`` is filled in here."""
    path = _path(target)
    known = path == "/" or path in settings.pages
    if method == b"OPTIONS" and (known or path == "*"):
        return HttpAnswer(200, "", _ALLOW, always=True)
    if not known:
        there = ", ".join(["/", *settings.pages])
        return _for(method, HttpAnswer(404, f"there is no such page; there are {there}"))
    if method not in (b"GET", b"HEAD"):
        return HttpAnswer(405, f"a page here is asked for with {METHODS}", _ALLOW)
    page = settings.pages.get(path)
    found = _greeting(request.host, settings)
    if page is not None:
        found = page(attrs.evolve(request, path=path))
    return _for(method, found)


def _for(method: bytes, found: HttpAnswer) -> HttpAnswer:
    return attrs.evolve(found, head_only=True) if method == b"HEAD" else found


def _path(target: bytes) -> str:
    """Return the path of a request target in origin or absolute form; "*" as it is."""
    text = target.decode("latin-1")
    if text == "*":
        return text
    try:
        path = urlsplit(text).path if "://" in text else text.partition("?")[0]
    except ValueError:
        return ""
    return path.rstrip("/") or "/"


def _greeting(host: str, settings: ListenSettings) -> HttpAnswer:
    """Return the page that tells a person with a browser what this server is."""
    address = f"{'ws' if settings.tls is None else 'wss'}://{host or 'HOST:PORT'}"
    return HttpAnswer(
        200,
        "This is a gameserver.\n\n"
        f"Programs connect to  {address}  with the subprotocol {settings.subprotocol}.\n"
        f"To play Arena with the desktop client:  {client_command()} --url {address}\n",
        always=True,
    )
