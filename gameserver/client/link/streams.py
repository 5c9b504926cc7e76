"""Open the stream of bytes below a connection."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

import trio

from gameserver.client.link.address import Address

OpenStream: TypeAlias = Callable[[Address], Awaitable[trio.abc.Stream]]
"""Opens a stream to the server of an address."""


async def open_stream(
    address: Address,
) -> "trio.SocketStream | trio.SSLStream[trio.SocketStream]":
    """Connect to a server by TCP, and by TLS if the address says so.

    Raises:
        OSError: There is no way, or nobody listens.
        trio.BrokenResourceError: The TLS handshake failed.
    """
    if address.tls:
        stream = await trio.open_ssl_over_tcp_stream(
            address.host, address.port, https_compatible=True
        )
        try:
            await stream.do_handshake()
        except BaseException:
            await trio.aclose_forcefully(stream)
            raise
        return stream
    return await trio.open_tcp_stream(address.host, address.port)
