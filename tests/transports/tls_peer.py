"""The client's end of TLS, record by record: it can send a half of one, or ask for new keys."""

import hmac
import ssl
from contextlib import suppress
from pathlib import Path

import attrs
import trio
import trustme
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gameserver.transports.tls_stream import TlsStream

HASH = "sha384"
SECRET_BYTES = 48
KEY_BYTES = 32
ROUNDS = 8


@attrs.frozen
class Ends:
    """The certificates of both ends."""

    server: ssl.SSLContext
    client: ssl.SSLContext


def certified() -> Ends:
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.options |= ssl.OP_NO_RENEGOTIATION
    authority.issue_cert("localhost").configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return Ends(server, client)


class TlsPeer:
    """Encrypts and decrypts for a test that carries the bytes itself."""

    def __init__(self, stream: trio.SocketStream, context: ssl.SSLContext) -> None:
        self.stream = stream
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_hostname="localhost")

    async def shake_hands(
        self, server: TlsStream, first: bytes = b"go", most: int | None = None
    ) -> bytes:
        """Shake hands with a server's end; return what it receives of ``first``, ``most`` at most.

        ``first`` comes together with the end of the handshake.
        """
        received = b""
        async with trio.open_nursery() as nursery:

            async def receive() -> None:
                nonlocal received
                received = await server.receive_some(most)

            nursery.start_soon(receive)
            done = False
            while not done:
                try:
                    self._tls.do_handshake()
                    done = True
                except ssl.SSLWantReadError:
                    await self.stream.send_all(self._out.read())
                    self._in.write(bytes(await self.stream.receive_some()))
            await self.stream.send_all(self._out.read() + self.sealed(first))
        return received

    def sealed(self, data: bytes) -> bytes:
        """Return data in a record."""
        self._tls.write(data)
        return self._out.read()

    def farewell(self) -> bytes:
        """Return ``close_notify``."""
        with suppress(ssl.SSLError):
            self._tls.unwrap()
        return self._out.read()

    async def read(self, most: int = 65536) -> bytes:
        """Return decrypted bytes; empty at ``close_notify``.

        Raises:
            ssl.SSLError: With an alert of the other end, or if the stream ends before.
        """
        while True:
            try:
                return self._tls.read(most)
            except ssl.SSLWantReadError:
                data = bytes(await self.stream.receive_some())
                if data:
                    self._in.write(data)
                else:
                    self._in.write_eof()
            except ssl.SSLZeroReturnError:
                return b""

    async def read_exactly(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            data = await self.read(size - len(found))
            assert data, "the other end said that nothing follows"
            found += data
        return found


class KeyChanger:
    """Makes records of TLS 1.3 that ask for new keys, from the secret of the client's bytes."""

    def __init__(self, key_log: Path, records_sent: int) -> None:
        lines = [line.split() for line in key_log.read_text().splitlines()]
        self._secret = bytes.fromhex(
            next(line[2] for line in lines if line[0] == "CLIENT_TRAFFIC_SECRET_0")
        )
        assert len(self._secret) == SECRET_BYTES, "the suite is TLS_AES_256_GCM_SHA384"
        self._number = records_sent

    def request(self) -> bytes:
        """Return a record with a KeyUpdate that asks the other end for the same."""
        record = self.record(b"\x18\x00\x00\x01\x01", 22)
        self._secret, self._number = self._expanded(b"traffic upd", SECRET_BYTES), 0
        return record

    def record(self, content: bytes, kind: int = 23) -> bytes:
        """Return a record."""
        inner = content + bytes([kind])
        head = b"\x17\x03\x03" + (len(inner) + 16).to_bytes(2, "big")
        start = int.from_bytes(self._expanded(b"iv", 12), "big")
        nonce = (start ^ self._number).to_bytes(12, "big")
        self._number += 1
        return head + AESGCM(self._expanded(b"key", KEY_BYTES)).encrypt(nonce, inner, head)

    def _expanded(self, label: bytes, size: int) -> bytes:
        """``HKDF-Expand-Label`` without a context (RFC 8446, 7.1); one block is enough."""
        label = b"tls13 " + label
        info = size.to_bytes(2, "big") + bytes([len(label)]) + label + b"\x00"
        return hmac.digest(self._secret, info + b"\x01", HASH)[:size]
