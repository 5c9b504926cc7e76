"""The stream below a connection: by TCP, or by TLS, which also fails without leaving a socket."""

import ssl

import pytest
import trio
import trustme

from gameserver.client.link.address import Address
from gameserver.client.link.streams import open_stream


async def echo_once(stream: trio.abc.Stream) -> None:
    await stream.send_all(bytes(await stream.receive_some()))


@pytest.mark.parametrize("tls", [False, True])
async def test_bytes_pass_a_stream_with_and_without_tls(
    monkeypatch: pytest.MonkeyPatch, tls: bool
) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    monkeypatch.setattr(ssl, "create_default_context", lambda *_, **__: trusting)
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listener.socket.getsockname()[1]

    async def serve(stream: trio.SocketStream) -> None:
        over = trio.SSLStream(stream, context, server_side=True) if tls else stream
        await echo_once(over)
        await trio.aclose_forcefully(over)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, serve, [listener])
        stream = await open_stream(Address("localhost", port, tls=tls))
        await stream.send_all(b"hello")
        assert await stream.receive_some() == b"hello"
        assert await stream.receive_some() == b"", "the end, though without a word of TLS"
        await trio.aclose_forcefully(stream)
        nursery.cancel_scope.cancel()


async def test_a_tls_handshake_that_fails_closes_its_socket() -> None:
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listener.socket.getsockname()[1]
    async with trio.open_nursery() as nursery:

        async def serve() -> None:
            async with await listener.accept() as stream:
                await stream.receive_some()
                await stream.send_all(b"no TLS at all")
                while await stream.receive_some():
                    pass

        nursery.start_soon(serve)
        with pytest.raises(trio.BrokenResourceError):
            await open_stream(Address("localhost", port, tls=True))
    await listener.aclose()
