"""Explain in one sentence why no connection to a game server could be made, and what to do.

Law: text from an unknown server is quoted, shortened and cleaned; no such text raises an error.
"""

import errno
import json
import os
import socket
import ssl
from collections.abc import Sequence
from typing import Final

from gameserver.client.link.address import Address
from gameserver.errors import PROTOCOL_PAGE, Code
from gameserver.text import shown

SENTENCE_CHARS: Final = 400
"""Longest sentence of a server about a refusal: it says what to do at its end."""

TLS_ALERT: Final = b"\x15\x03"
"""First bytes of a TLS server's answer to a request without TLS."""

_STATUS_WORDS: Final = {
    400: "it did not understand; where it speaks TLS, the address begins with wss://",
    401: "it wants a password that this client cannot give",
    403: "a rule there forbids it; a gameserver does so to origins that its allow-origin setting"
    " does not name, a proxy by rules of its own",
    404: "a web server is there, but no game server at this path",
    407: "a proxy on the way wants a password",
    429: "it gets too many connections from here; try again later",
    502: "a proxy is there, but the game server behind it does not answer",
    503: "it has no room, or the game server behind the proxy is down; try again later",
    504: "a proxy is there, but the game server behind it does not answer",
}

_ERRNO_WORDS: Final = {
    errno.ECONNREFUSED: "connection refused; is the server running, on this port?",
    errno.EHOSTUNREACH: "no way leads there; are both machines in a network?",
    errno.ENETUNREACH: "no way leads there; is this machine in a network?",
}

_LOOKUP_WORDS: Final = {
    socket.EAI_NONAME: "no host of this name is known",
    socket.EAI_AGAIN: "names cannot be looked up now; is this machine in a network?",
}

Headers = Sequence[tuple[bytes, bytes]]


def refused(there: str, status: int, headers: Headers | None, body: bytes | None) -> str:
    """Return the sentence for a server that answered the handshake with an HTTP status."""
    said = _said(headers or (), body)
    if 300 <= status < 400:
        to = next((value for name, value in headers or () if name.lower() == b"location"), b"")
        where = f" to {shown(to.decode('latin-1'), 100)}" if to else ""
        return f"{there} sends visitors elsewhere{where} (HTTP {status}); use that address"
    if status in (200, 204, 405, 426):
        why = "no WebSocket came about; a proxy there must pass on the headers Upgrade and"
        return f"{there} answered as a web server (HTTP {status}): {why} Connection"
    why = _STATUS_WORDS.get(status, "")
    return f"{there} refused (HTTP {status})" + "".join(f": {part}" for part in (why, said) if part)


def _said(headers: Headers, body: bytes | None) -> str:
    """Return what a body says: the first line of plain text, the sentence of a problem.

    It is "" for HTML, which is for browsers.
    """
    kind = next((value for name, value in headers if name.lower() == b"content-type"), b"")
    if body and kind.lower().startswith(b"application/problem+json"):
        return detail_of(body)
    if not body or not kind.lower().startswith(b"text/plain"):
        return ""
    return shown(body.decode("utf-8", "replace").strip().partition("\n")[0], 120)


def detail_of(body: bytes) -> str:
    """Return the sentence of a problem (RFC 9457), cleaned; "" if the body is none."""
    detail = _fields(body).get("detail")
    return shown(detail, SENTENCE_CHARS) if isinstance(detail, str) else ""


def names_no_path(body: bytes) -> bool:
    """Tell whether a problem says that nothing is at a path, and not that something is gone."""
    return _fields(body).get("code") == Code.UNKNOWN_REQUEST.value


def _fields(body: bytes) -> dict[str, object]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def hung_up(address: Address, first: bytes) -> str:
    """Return the sentence for a handshake that ended without a valid HTTP response.

    ``first`` are the first bytes received; they show which protocol the server speaks.
    """
    there = address.host_header
    if first.startswith(TLS_ALERT):
        return f"{there} speaks TLS: write wss://{there}"
    if first and not first.startswith(b"HTTP/"):
        return f"what answers at {there} is no game server (see {PROTOCOL_PAGE})"
    if first:
        return f"{there} answered the handshake with what is no WebSocket (see {PROTOCOL_PAGE})"
    hint = "" if address.tls else f"; if it uses TLS, write wss://{there}"
    return f"{there} hung up during the handshake{hint}"


def other_websocket(there: str) -> str:
    """Return the sentence for a WebSocket server with another subprotocol."""
    return f"{there} speaks WebSocket, but not the protocol of a gameserver (see {PROTOCOL_PAGE})"


def cause_of(error: BaseException, address: Address) -> str:
    """Return the words for a failed connection: of several addresses tried, the first one's."""
    cause = error.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        reason = shown(cause.verify_message, 100)
        return f"its certificate is not trusted ({reason}); SSL_CERT_FILE may name one that is"
    if isinstance(cause, ssl.SSLError) or (address.tls and cause is None and _is_cut(error)):
        return f"it does not speak TLS there; write ws://{address.host_header}"
    if isinstance(error, UnicodeError):
        return "no host has such a name"
    causes = cause.exceptions if isinstance(cause, BaseExceptionGroup) else ()
    first = causes[0] if causes else error
    if isinstance(first, socket.gaierror):
        return _LOOKUP_WORDS.get(first.errno or 0, "the host's name could not be looked up")
    if isinstance(first, OSError) and first.errno:
        return _ERRNO_WORDS.get(first.errno, shown(os.strerror(first.errno).lower(), 100))
    return shown(str(first).lower(), 200) or type(first).__name__


def _is_cut(error: BaseException) -> bool:
    """Return whether an open stream broke, as opposed to a socket that could not connect."""
    return not isinstance(error, OSError)
