"""The server that is to be attacked: only one of this machine is, and its process is looked up."""

import socket
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from bench.attacks.wire import Target
from bench.errors import BenchError

DEFAULT_PORT: Final = 7777
_LISTENS: Final = "0A"
"""The kernel's state of a socket that listens."""


def target_of(url: str) -> Target:
    """Return where a URL leads.

    Raises:
        BenchError: To another machine, or nowhere.
    """
    text = url if "//" in url else f"ws://{url}"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port or DEFAULT_PORT
        addresses = {info[4][0] for info in socket.getaddrinfo(host or "127.0.0.1", port)}
    except (ValueError, OSError):
        raise BenchError(f"{url!r} leads nowhere; write ws://127.0.0.1:PORT") from None
    if not all(ip_address(str(each).partition("%")[0]).is_loopback for each in addresses):
        raise BenchError(
            f"{host} is not this machine; attacks are for a server of your own, at 127.0.0.1"
        )
    if parts.scheme not in ("ws", "http"):
        raise BenchError("only a server that speaks ws:// is attacked, without TLS before it")
    return Target("127.0.0.1", port)


def find_pid(port: int) -> int:
    """Return the process that listens on a port of this machine; 0 where that is not told."""
    sockets = {f"socket:[{inode}]" for inode in _listening(port)}
    for folder in Path("/proc").glob("[0-9]*/fd"):
        try:
            if any(str(link.readlink()) in sockets for link in folder.iterdir()):
                return int(folder.parent.name)
        except OSError:
            continue  # it ended, or is somebody else's
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
