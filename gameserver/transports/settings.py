"""Where to listen, and every limit that the pipes keep, on by default.

Law: a limit names the threat it answers by its number in the table of threats in
``docs/protocol.md``; what messages may hold is limited in :mod:`gameserver.protocol.limits`.
"""

import ssl
from collections.abc import Mapping
from types import MappingProxyType

import attrs

from gameserver.messages.wire import SUBPROTOCOL
from gameserver.transports.answers import Page


@attrs.frozen(kw_only=True)
class ListenSettings:
    """How to listen. The defaults are right for a public server."""

    hosts: tuple[str, ...] = ("127.0.0.1",)
    """Names and addresses; of a name that has several, all of them."""
    port: int = 0
    """0 picks a free one."""
    subprotocol: str = SUBPROTOCOL
    """The one thing spoken here; a client that does not offer it is refused."""
    tls: ssl.SSLContext | None = None
    """Speak TLS with this; None listens in clear."""
    allowed_origins: tuple[str, ...] = ()
    """Web origins that may connect besides the server's own, such as ``https://example.org``
    (threat 19). Programs send no origin and may always."""

    names: tuple[str, ...] = ()
    """Names of this server besides what it listens on, such as ``play.example``: a page that was
    loaded from one of them has the server's own origin (threat 45)."""

    pages: Mapping[str, Page] = MappingProxyType({})
    """What is answered over plain HTTP besides ``/``, by path."""

    max_connections: int = 4096
    """Connections in all (threat 3)."""
    max_per_address: int = 256
    """Connections of one IPv4 address or IPv6 /64; loopback is exempt (threat 3). A campus has one;
    what its connections may cost together is bounded apart from their number (threat 37)."""
    max_refusals: int = 64
    """Connections above the caps that are told so; then the longest silent goes (threat 3)."""

    opening_bytes: int = 16 * 1024
    """Request head of a connection; nothing else is read before the handshake is done
    (threat 4)."""
    opening_s: float = 5.0
    """Seconds from accept to the end of the handshake, in all (threat 2)."""

    message_bytes: int = 4096
    """One message from a client, over all its fragments (threat 5)."""
    fragments: int = 8
    """Frames of one message (threat 6)."""
    control_per_s: float = 5.0
    """WebSocket pings and pongs a second, in the long run (threat 7)."""
    control_burst: int = 10
    """WebSocket pings and pongs at once (threat 7)."""
    receive_bytes: int = 4096
    """Taken from the socket at a time, so that no peer holds the loop for long (threat 6)."""
    queued_messages: int = 16
    """Messages read ahead of the handler; then TCP holds the peer back (threat 8)."""

    send_buffer_bytes: int = 32 * 1024
    """``SO_SNDBUF``: the kernel's default hides seconds of snapshots from us (threat 9)."""
    unreliable_bytes: int = 32 * 1024
    """Waiting bytes beyond which messages that a newer one replaces are refused (threat 9)."""
    reliable_bytes: int = 192 * 1024
    """Waiting bytes beyond which a reliable message ends the connection (threat 9)."""
    close_s: float = 2.0
    """Seconds for what waits to leave and for the closing handshake (threat 9)."""
