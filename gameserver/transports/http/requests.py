"""Requests and responses of the roads over plain HTTP.

A road gets whole requests and returns responses.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Final, TypeAlias

import attrs
from trio_websocket import WebSocketConnection

from gameserver.transports.http.headers import HeaderFields

MSGPACK: Final = "application/msgpack"


@attrs.frozen
class HttpRequest:
    """One request, its body complete."""

    method: str
    path: str
    query: str
    headers: HeaderFields
    body: bytes
    peer: str
    """Address of the peer; "" if it has none."""


@attrs.frozen
class HttpResponse:
    """One response: its body, or a stream of pieces that are sent as they come."""

    status: int
    body: bytes = b""
    kind: str = MSGPACK
    """The body's media type."""
    headers: tuple[tuple[str, str], ...] = ()
    stream: AsyncGenerator[bytes, None] | None = None
    """Its next piece is asked for once the peer's kernel, or ours, has the last one."""


@attrs.frozen
class SocketRequest:
    """The request for a WebSocket that is accepted."""

    query: str
    peer: str
    direct: bool


AnswerRequest: TypeAlias = Callable[[HttpRequest], Awaitable[HttpResponse]]
FitsRoad: TypeAlias = Callable[[bytes, HeaderFields], bool]
AcceptSocket: TypeAlias = Callable[[WebSocketConnection, SocketRequest], Awaitable[None]]
ExpectSocket: TypeAlias = Callable[[SocketRequest], AbstractContextManager[None]]


@attrs.frozen(kw_only=True)
class SocketProfile:
    """Limits of a road's WebSockets in the place of the listener's; see `ListenSettings`."""

    message_bytes: int
    fragments: int
    receive_bytes: int
    control_burst: int
    deflate: bool


@attrs.frozen
class Road:
    """What serves the requests of one first part of a path, such as ``/poll``.

    Attributes:
        answer: Answers a request; it may wait before it does.
        body_bytes: Longest body of a request.
        watches: Whether ``answer`` is cancelled when the peer leaves before its response.
        accept: Serves a WebSocket, text messages included, until it ends; None refuses them.
        expect: Entered before a WebSocket's handshake is answered, left when ``accept`` has ended:
            by then the peer may have sent other requests that count on the answer.
        profile: Limits of these WebSockets; None for the listener's, with messages of
            ``body_bytes`` and without compression.
        fits: Tells by method and headers whether a request is for this road; None takes all. What
            does not fit gets the answers of plain HTTP, such as the greeting.
        linkable: Whether pages of other sites may lead here, as by an invite link in a chat. Its
            answers must be the same for everybody. A name that is none of the server's own gets a
            sentence instead, since what the page then opens would be refused (threat 45).
    """

    answer: AnswerRequest
    body_bytes: int = 64 * 1024
    watches: bool = False
    accept: AcceptSocket | None = None
    expect: ExpectSocket | None = None
    profile: SocketProfile | None = None
    fits: FitsRoad | None = None
    linkable: bool = False
