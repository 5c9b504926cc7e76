"""TLS over any stream, so that a drain reads below it and frames go through it without a task.

Law: whoever reads the transport, the task or a drain, gives its bytes to `ssl.MemoryBIO`, and all
records that are whole are decrypted at once; at most one record that is not whole is kept. All
records to the peer leave in the order in which they were encrypted: while bytes of one wait, no
other one is made but by whoever sends them first.

`trio.SSLStream` is not used, since its bytes can only be had by a task that waits for them, record
by record. As it does with ``https_compatible``, an end of the transport without ``close_notify``
is taken for the end of the peer's bytes: WebSocket and HTTP have ends of their own.

Source: RFC 8446 (TLS 1.3), 6.1 on half-closed connections.
"""

import ssl
from contextlib import suppress
from errno import EAGAIN
from typing import Final

import attrs
import trio

from gameserver.accel import DrainMember
from gameserver.transports.drain import Direct, direct_of

RECORD_BYTES: Final = 16 * 1024
"""Most plain bytes of one record (RFC 8446, 5.1)."""

READ_BYTES: Final = 4096
"""Most bytes of one read of the transport, unless the caller wants fewer."""

PIECE_BYTES: Final = 2048
"""Plain bytes that are asked for at once; usual records are shorter."""

ANSWER_BYTES: Final = 64 * 1024
"""Most bytes that wait of what TLS itself answers, to requests for new keys above all: a peer that
asks and reads nothing is ended (threat 9)."""

SILENT_BYTES: Final = 20 * 1024
"""Most bytes of a peer in which nothing is for us (threat 7): one record of any size that is not
whole yet, and some requests for new keys, of which 75 in one tick would cost 1.6 ms of it."""

SILENT_PER_S: Final = 1024.0
"""By how many of them a second more may come."""

OVERHEAD_BYTES: Final = 22
"""What a record of TLS 1.3 has besides its content."""

OLD_OVERHEAD_BYTES: Final = 96
"""What a record of TLS 1.2 has at most; its peers cannot ask for new keys."""


class TlsStream(trio.abc.HalfCloseableStream):
    """The server's end of a TLS connection. The handshake happens at the first receive.

    Attributes:
        transport: The stream below.
        direct: Access without waiting; None if the transport has none.
    """

    def __init__(self, transport: trio.abc.Stream, context: ssl.SSLContext) -> None:
        """Encrypt what goes over ``transport``, with the certificate of ``context``."""
        self.transport = transport
        self._below = direct_of(transport)
        self.direct: Direct | None = None
        if self._below is not None:
            self.direct = Direct(self._below.descriptor, self._write, self._reader, plain=False)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._shaken = False
        self._plain = b""
        """Decrypted bytes that nobody has taken yet."""
        self._ended = False
        """Whether the peer sends nothing any more."""
        self._fault: Exception | None = None
        """What the peer did wrong below its own bytes; nothing is received after it."""
        self._owed = b""
        """Encrypted bytes that the kernel did not take."""
        self._sending = False
        """Whether a task sends; until it is done nobody else may."""
        self._cut = False
        """Whether a record was sent in part and its rest is lost: no other can follow."""
        self._parted = False
        self._overhead = OVERHEAD_BYTES
        self._silent = 0.0
        """Bytes that held nothing for us, less what time has forgiven."""
        self._silent_at = trio.current_time()

    # --- in -------------------------------------------------------------------------------------

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """Return decrypted bytes; empty at the end.

        Raises:
            trio.BrokenResourceError: The handshake failed, a record is invalid, or the transport is
                broken.
        """
        if not self._shaken:
            await self._shake_hands()
        elif self._plain or self._is_over:
            await trio.lowlevel.checkpoint()
        while not self._plain and not self._is_over:
            data = await self.transport.receive_some(max_bytes or READ_BYTES)
            self._plain = self._decrypted(bytes(data))
        if self._fault is not None and not self._plain:
            raise trio.BrokenResourceError("the peer's TLS is broken") from self._fault
        data = self._plain[:max_bytes]
        self._plain = self._plain[len(data) :]
        return data

    @property
    def _is_over(self) -> bool:
        return self._ended or self._fault is not None

    async def _shake_hands(self) -> None:
        if self._fault is not None:
            raise trio.BrokenResourceError("the TLS handshake failed") from self._fault
        while not self._shaken:
            try:
                self._tls.do_handshake()
                self._shaken = True
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError as error:
                self._fault = error
            if self._outgoing.pending:  # the alert, too
                await self.transport.send_all(self._outgoing.read())
            if self._fault is not None:
                raise trio.BrokenResourceError("the TLS handshake failed") from self._fault
            if not self._shaken:
                data = await self.transport.receive_some(READ_BYTES)
                if not data:
                    raise trio.BrokenResourceError("the peer left during the TLS handshake")
                self._incoming.write(data)
        if self._tls.version() != "TLSv1.3":
            self._overhead = OLD_OVERHEAD_BYTES
        # The first bytes may have come together with the end of the handshake.
        self._plain = self._decrypt(0)

    def _decrypted(self, data: bytes) -> bytes:
        """Take bytes of the transport, empty at its end; return what is in them."""
        if not data:
            self._ended = True
            return b""
        self._incoming.write(data)
        return self._decrypt(len(data))

    def _decrypt(self, fresh: int) -> bytes:
        """Return the contents of all records that have come whole, with so many new bytes."""
        read, incoming, tls = self._tls.read, self._incoming, self._tls
        found = b""
        silent = self._silent + fresh
        try:
            while True:
                piece = read(PIECE_BYTES)
                if not piece:
                    self._ended = True
                    break
                silent -= len(piece) + self._overhead
                found = found + piece if found else piece
                if not (incoming.pending or tls.pending()):
                    break
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self._ended = True
        except ssl.SSLError as error:
            self._fault = error
        self._silent = max(silent, 0.0)
        if silent > SILENT_BYTES:
            self._forgive()
        if self._outgoing.pending:
            self._answer()
        return found

    def _forgive(self) -> None:
        now = trio.current_time()
        self._silent = max(self._silent - (now - self._silent_at) * SILENT_PER_S, 0.0)
        self._silent_at = now
        if self._silent > SILENT_BYTES:
            self._fault = ConnectionError("the peer sends nothing but TLS's own messages")

    def _answer(self) -> None:
        """Send what TLS itself says while bytes are received, as far as the kernel takes it now."""
        if not self._sending and not self._cut and self._below is not None:
            with suppress(OSError):
                self._push()
        if len(self._owed) + self._outgoing.pending > ANSWER_BYTES:
            self._fault = ConnectionError("the peer reads no answers of TLS")

    def _reader(self, member: DrainMember) -> DrainMember | None:
        if self._plain or self._is_over or not self._shaken:
            return None
        return _Decrypting(self, member)

    def take(self, data: bytes, member: DrainMember) -> None:
        """Decrypt bytes that a drain has read, empty at the end, for a member of the drain."""
        if plain := self._decrypted(data):
            member.received_nowait(plain)
        if self._is_over:
            member.received_nowait(b"")

    # --- out ------------------------------------------------------------------------------------

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Encrypt and send bytes behind those that the kernel did not take from `Direct.write`.

        Raises:
            trio.BrokenResourceError: The connection is broken, or an earlier send was cut off.
        """
        self._check_sending()
        self._sending = True
        try:
            for at in range(0, len(data) or 1, RECORD_BYTES):
                if data:
                    self._tls.write(data[at : at + RECORD_BYTES])
                await self._send_owed()
        except ssl.SSLError as error:
            raise trio.BrokenResourceError("TLS takes no more bytes") from error
        finally:
            self._sending = False

    async def _send_owed(self) -> None:
        data, self._owed = self._owed + self._outgoing.read(), b""
        try:
            await self.transport.send_all(data)
        except BaseException:
            self._cut = True
            raise

    def _write(self, data: bytes) -> int:
        """Encrypt and send as much as the kernel takes now, a record at a time: `Direct.write`."""
        if self._sending or self._cut or not self._shaken:
            raise OSError("this TLS stream cannot be written to")
        done = 0
        if self._owed:
            self._push()
            self._check_owed(done)
        size = len(data)
        while done < size:
            piece = data if size <= RECORD_BYTES else data[done : done + RECORD_BYTES]
            done += self._tls.write(piece)
            self._push()
            self._check_owed(done)
        return done

    def _push(self) -> None:
        """Offer the kernel what is encrypted and not yet sent; what it does not take is owed.

        Raises:
            OSError: The connection is broken.
        """
        assert self._below is not None
        data = self._owed + self._outgoing.read() if self._owed else self._outgoing.read()
        try:
            sent = self._below.write(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._cut = True
            raise
        self._owed = data[sent:]

    def _check_owed(self, done: int) -> None:
        if self._owed:
            raise BlockingIOError(EAGAIN, "the kernel took a record in part", done)

    def _check_sending(self) -> None:
        if self._sending:
            raise trio.BusyResourceError("another task is sending on this stream")
        if self._cut or not self._shaken:
            raise trio.BrokenResourceError("this TLS stream cannot be sent on")

    async def wait_send_all_might_not_block(self) -> None:
        """Wait until the transport may accept bytes."""
        await self.transport.wait_send_all_might_not_block()

    # --- closing --------------------------------------------------------------------------------

    async def send_eof(self) -> None:
        """Tell the peer that nothing follows, by ``close_notify``; it can still be heard.

        Raises:
            trio.BrokenResourceError: The connection is broken, or an earlier send was cut off.
        """
        self._check_sending()
        self._part()
        self._sending = True
        try:
            await self._send_owed()
        finally:
            self._sending = False
        if isinstance(self.transport, trio.abc.HalfCloseableStream):
            await self.transport.send_eof()

    def _part(self) -> None:
        if not self._parted:
            self._parted = True
            with suppress(ssl.SSLError):  # the peer's own end is not waited for
                self._tls.unwrap()

    async def aclose(self) -> None:
        """Say ``close_notify`` if that is possible without a wait, and close the transport."""
        if self._shaken and not (self._sending or self._cut) and self._below is not None:
            self._part()
            with suppress(OSError):
                self._push()
        await self.transport.aclose()


@attrs.frozen(eq=False)
class _Decrypting:
    """Stands in a drain for a member that takes plain bytes."""

    stream: TlsStream
    member: DrainMember
    tap: None = attrs.field(default=None, init=False)
    """What the socket brings is encrypted."""

    def received_nowait(self, data: bytes) -> None:
        self.stream.take(data, self.member)


def encrypted(transport: trio.abc.Stream, context: ssl.SSLContext | None) -> trio.abc.Stream:
    """Return a TLS stream over ``transport``, or the transport itself without a context."""
    return transport if context is None else TlsStream(transport, context)


def below_tls(stream: trio.abc.Stream) -> trio.abc.Stream:
    """Return the stream that a connection's bytes go over: below TLS if there is TLS."""
    return stream.transport if isinstance(stream, TlsStream) else stream
