"""Carries the load generator's connections on to a server, by TLS or as they are.

Law: one process on the generator's core, which waits for sockets and for nothing else; each read is
passed on as one record, so the server gets what it would get of a client that speaks TLS.

``python -m bench.relay PORT`` prints ``listening`` and its own port; ``--tls`` encrypts.
"""

import select
import socket
import ssl
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from bench.attacks.wire import trusting_anybody

READ_BYTES: Final = 1 << 16
BACKLOG: Final = 1024
WAIT_S: Final = 20.0
"""Longest a server may take for the handshake."""

WOULD_BLOCK: Final = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class End:
    """One of two sockets, and the bytes that it has not taken yet."""

    def __init__(self, connection: socket.socket) -> None:
        """Start with nothing waiting."""
        self.socket = connection
        self.waiting = bytearray()
        self.other: End = self

    def read(self) -> bytes | None:
        """Return what has come; empty at the end, None if there is nothing."""
        try:
            data = self.socket.recv(READ_BYTES)
            while data and isinstance(self.socket, ssl.SSLSocket) and self.socket.pending():
                data += self.socket.recv(READ_BYTES)
        except WOULD_BLOCK:
            return None
        except OSError:
            return b""
        return data

    def write(self, data: bytes) -> bool:
        """Send, as far as the kernel takes it; return whether nothing waits."""
        self.waiting += data
        with suppress(*WOULD_BLOCK):
            while self.waiting:
                sent = self.socket.send(self.waiting)
                del self.waiting[:sent]
        return not self.waiting


class Relay:
    """All connections."""

    def __init__(self, dial: Callable[[], socket.socket]) -> None:
        """Connect to the server by ``dial``, once for each connection that comes."""
        self._dial = dial
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
        self._epoll = select.epoll()
        self._epoll.register(self._listener, select.EPOLLIN)
        self._ends: dict[int, End] = {}

    @property
    def port(self) -> int:
        """The port to connect to."""
        port: int = self._listener.getsockname()[1]
        return port

    def run(self) -> None:
        """Carry bytes until the process is ended."""
        while True:
            for descriptor, events in self._epoll.poll():
                end = self._ends.get(descriptor)
                if end is not None:
                    self._carry(end, events)
                elif descriptor == self._listener.fileno():
                    self._accept()

    def _accept(self) -> None:
        near = End(self._listener.accept()[0])
        try:
            far = End(self._dial())
        except OSError:
            near.socket.close()
            return
        near.other, far.other = far, near
        for end in (near, far):
            end.socket.setblocking(False)
            end.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._ends[end.socket.fileno()] = end
            self._epoll.register(end.socket, select.EPOLLIN)

    def _carry(self, end: End, events: int) -> None:
        try:
            if events & select.EPOLLOUT and end.write(b""):
                self._epoll.modify(end.socket, select.EPOLLIN)
            if events & ~select.EPOLLOUT:
                data = end.read()
                if data == b"":
                    self._end(end)
                elif data and not end.other.write(data):
                    self._epoll.modify(end.other.socket, select.EPOLLIN | select.EPOLLOUT)
        except OSError:
            self._end(end)

    def _end(self, end: End) -> None:
        for each in (end, end.other):
            del self._ends[each.socket.fileno()]
            each.socket.close()


def main(port: int, *, secure: bool) -> None:
    """Carry to this port of the machine, until the process is ended."""
    trusting = trusting_anybody()

    def dial() -> socket.socket:
        plain = socket.create_connection(("127.0.0.1", port), WAIT_S)
        return trusting.wrap_socket(plain) if secure else plain

    relay = Relay(dial)
    sys.stdout.write(f"listening {relay.port}\n")
    sys.stdout.flush()
    relay.run()


if __name__ == "__main__":
    main(int(sys.argv[1]), secure="--tls" in sys.argv[2:])
