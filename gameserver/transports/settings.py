"""Addresses to listen on, and all limits of the transports, on by default.

Law: a limit names the threat it answers by its number in the table of threats in
``docs/protocol.md``. The limits on the contents of messages are in
:mod:`gameserver.protocol.limits`.
"""

import ssl
from collections.abc import Mapping
from types import MappingProxyType

import attrs

from gameserver.messages.wire import CLIENT_MESSAGE_BYTES, SUBPROTOCOL
from gameserver.transports.answers import Page


@attrs.frozen(kw_only=True)
class ListenSettings:
    """Addresses and limits. The defaults suit a public server."""

    hosts: tuple[str, ...] = ("127.0.0.1",)
    """Names and addresses; a name stands for all of its addresses."""
    port: int = 0
    """0 picks a free one."""
    subprotocol: str = SUBPROTOCOL
    """The only subprotocol; a client that does not offer it is refused."""
    tls: ssl.SSLContext | None = None
    """Certificate and key for TLS; None listens without TLS."""
    allowed_origins: tuple[str, ...] = ()
    """Web origins that may connect besides the server's own, such as ``https://example.org``
    (threat 19). Programs send no origin and may always connect."""

    names: tuple[str, ...] = ()
    """Names of this server besides the addresses that it listens on, such as ``play.example``. A
    page that was loaded from one of them has the server's own origin (threat 45)."""

    trusted_proxies: int = 0
    """Proxies of the operator in front of this server, by whose ``X-Forwarded-For`` clients are
    counted; 0 believes no header (threat 25)."""

    pages: Mapping[str, Page] = MappingProxyType({})
    """Pages of plain HTTP besides ``/``, by path."""

    max_connections: int = 4096
    """Connections in all (threat 3)."""
    max_per_address: int = 256
    """Connections of one IPv4 address or IPv6 /64; loopback is exempt (threat 3). A campus has one
    address; the cost of its connections has limits of its own (threat 37)."""
    max_refusals: int = 64
    """Connections above the limits that are answered at once; a further one closes the one that
    has waited longest (threat 3)."""

    opening_bytes: int = 16 * 1024
    """Longest request head; no other bytes are read before the handshake is done (threat 4)."""
    opening_s: float = 5.0
    """Seconds from accept to the end of the handshake, in all (threat 2)."""

    body_s: float = 10.0
    """Seconds from the head of such a request to the end of its body (threat 2)."""
    keep_alive_s: float = 30.0
    """Longest pause between two requests of a connection (threat 3)."""
    send_s: float = 5.0
    """Seconds for a peer to take a response (threat 9)."""
    vanished_s: float = 10.0
    """Seconds for which a peer of a stream may acknowledge nothing (threat 9)."""
    link_silence_s: float = 15.0
    """Seconds without a request after which a peer that polls has left (threat 3)."""

    message_bytes: int = CLIENT_MESSAGE_BYTES
    """Longest message from a client, all fragments together (threat 5)."""
    deflate: bool = False
    """Whether WebSockets that offer compressed messages may send them, inflated up to
    `message_bytes` (threat 10), and get those of `Link.queue_public` so."""
    deflate_bytes: int = 1024
    """Shortest message that is compressed."""
    text: bool = False
    """Whether text messages are taken, besides binary ones."""
    fragments: int = 8
    """Most frames of one message (threat 6)."""
    control_per_s: float = 5.0
    """WebSocket pings and pongs a second, in the long run (threat 7)."""
    control_burst: int = 10
    """WebSocket pings and pongs at once (threat 7)."""
    receive_bytes: int = 4096
    """Most bytes of one read, so that no peer holds the loop for long (threat 6)."""
    queued_messages: int = 16
    """Messages read before the handler takes them; then TCP makes the peer wait (threat 8)."""

    send_buffer_bytes: int = 32 * 1024
    """``SO_SNDBUF``: the kernel's default holds seconds of old snapshots (threat 9)."""
    unreliable_bytes: int = 32 * 1024
    """Waiting bytes beyond which messages that a newer one replaces are refused (threat 9)."""
    newest: int = 64
    """Refused messages that wait until there is room, one for each key (threat 9)."""
    newest_bytes: int = 32 * 1024
    """Their bytes, besides ``unreliable_bytes`` (threat 9)."""
    reliable_bytes: int = 192 * 1024
    """Waiting bytes beyond which a reliable message ends the connection (threat 9)."""
    close_s: float = 2.0
    """Seconds to send waiting bytes and for the closing handshake (threat 9)."""
