"""What is left to the kernel when a response is sent."""

import socket

import pytest
import trio

from gameserver.transports.http.responses import give_up_after


@pytest.mark.skipif(
    not hasattr(socket, "TCP_USER_TIMEOUT"), reason="this system has no such time for a connection"
)
async def test_the_kernel_ends_a_connection_whose_peer_acknowledges_nothing_for_so_long() -> None:
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    async with listener, await trio.testing.open_stream_to_socket_listener(listener) as stream:
        give_up_after(stream, 2.5)
        assert stream.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 2500


async def test_a_stream_without_a_socket_is_left_as_it_is() -> None:
    stream, other = trio.testing.memory_stream_pair()
    give_up_after(stream, 2.5)
    await stream.send_all(b"still open")
    assert await other.receive_some() == b"still open"
