"""Find the server to attack, which must be on this machine, and its process."""

import socket
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from bench.attacks.wire import Target
from bench.errors import BenchError

DEFAULT_PORT: Final = 7777
_LISTENS: Final = "0A"
"""State of a listening socket in ``/proc/net/tcp``."""


def target_of(url: str) -> Target:
    """Return the host and port of a URL.

    Raises:
        BenchError: It is no address, or not one of this machine.
    """
    text = url if "//" in url else f"ws://{url}"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port or DEFAULT_PORT
        addresses = {info[4][0] for info in socket.getaddrinfo(host or "127.0.0.1", port)}
    except (ValueError, OSError):
        raise BenchError(f"{url!r} is no address of a server; write ws://127.0.0.1:PORT") from None
    if not all(ip_address(str(each).partition("%")[0]).is_loopback for each in addresses):
        raise BenchError(
            f"{host} is not this machine; only a server on this machine may be attacked"
        )
    if parts.scheme not in ("ws", "http"):
        raise BenchError("only ws:// is supported, without TLS")
    return Target("127.0.0.1", port)


def find_pid(port: int) -> int:
    """Return the process that listens on a port of this machine; 0 if it cannot be found."""
    sockets = {f"socket:[{inode}]" for inode in _listening(port)}
    for folder in Path("/proc").glob("[0-9]*/fd"):
        try:
            if any(str(link.readlink()) in sockets for link in folder.iterdir()):
                return int(folder.parent.name)
        except OSError:
            continue  # the process has ended, or belongs to another user
    return 0


def _listening(port: int) -> set[str]:
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = Path(table).read_text("ascii").splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            cells = row.split()
            if cells[3] == _LISTENS and int(cells[1].rpartition(":")[2], 16) == port:
                found.add(cells[9])
    return found
