"""The responses of HTTP: their header lines, and how they begin without h11 before them."""

import socket
from contextlib import suppress
from typing import Final

import h11
import trio

from gameserver.transports.http.requests import HttpResponse
from gameserver.transports.tls_stream import below_tls

BODILESS: Final = (204, 304)
"""Statuses without a body, and without its length: 304's would be that of what the peer has."""

ALWAYS: Final = ((b"x-content-type-options", b"nosniff"),)

UNKEPT: Final = (b"cache-control", b"no-store")
"""Of a response that does not say how long it may be kept."""


def header_lines(response: HttpResponse) -> list[tuple[bytes, bytes]]:
    """Return the headers of a response, those that all have included; names in small letters."""
    found = [
        (name.lower().encode("ascii"), value.encode("latin-1")) for name, value in response.headers
    ]
    if all(name != UNKEPT[0] for name, _ in found):
        found.append(UNKEPT)
    if response.body or response.stream is not None:
        found.append((b"content-type", response.kind.encode("ascii")))
    return [*ALWAYS, *found]


def asked() -> h11.Connection:
    """Return an h11 connection that waits for the response to a request."""
    http = h11.Connection(h11.SERVER)
    http.receive_data(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    while http.their_state is not h11.DONE:
        http.next_event()
    return http


def give_up_after(stream: trio.abc.Stream, seconds: float) -> None:
    """Let the kernel end a connection whose peer acknowledges nothing for this long."""
    below = below_tls(stream)
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    if isinstance(below, trio.SocketStream) and option is not None:
        with suppress(OSError):
            below.setsockopt(socket.IPPROTO_TCP, option, int(seconds * 1000))
