"""Open the sockets that a server listens on: any number of addresses, all on one port.

Law: only here an error is one of listening, and it says what to do. ``::`` means every address of
the machine, of IPv6 and of IPv4, as people expect from other servers.
"""

import errno
import socket
from collections.abc import Iterator, Sequence
from typing import Final

import trio

from gameserver.errors import ConfigError

ANY_V4: Final = "0.0.0.0"  # noqa: S104  a name for what an operator may choose
ANY_V6: Final = "::"

PORT_ATTEMPTS: Final = 8
"""With port 0 the kernel picks one that is free at the first address; it may not be at others."""

_NO_FAMILY: Final = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT)


async def open_listeners(hosts: Sequence[str], port: int) -> list[trio.SocketListener]:
    """Open a listener for each address; the first has the port of all.

    Raises:
        ConfigError: An address cannot be listened on.
    """
    addresses = _without_covered(await _resolved(hosts, port))
    both = ANY_V6 in hosts and ANY_V4 not in addresses
    for attempt in range(PORT_ATTEMPTS):
        listeners: list[trio.SocketListener] = []
        try:
            for address in addresses:
                listeners += await _open(address, port_of(listeners) or port)
            if both:
                listeners += await _open_if_there(ANY_V4, port_of(listeners))
        except OSError as error:
            for listener in listeners:
                await listener.aclose()
            again = error.errno == errno.EADDRINUSE and port == 0 and listeners
            if again and attempt + 1 < PORT_ATTEMPTS:
                continue
            failed = addresses[min(len(listeners), len(addresses) - 1)]
            raise ConfigError(_sentence(failed, port, error)) from None
        return listeners
    raise AssertionError("the last attempt returned or raised")


def port_of(listeners: Sequence[trio.SocketListener]) -> int:
    """Return the port of the first listener; 0 where there is none."""
    if not listeners:
        return 0
    port: int = listeners[0].socket.getsockname()[1]
    return port


def shown(host: str, port: int) -> str:
    """Return an address in the form of a URL, IPv6 in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


async def _open(address: str, port: int) -> list[trio.SocketListener]:
    return await trio.open_tcp_listeners(port, host=address)


async def _open_if_there(address: str, port: int) -> list[trio.SocketListener]:
    try:
        return await _open(address, port)
    except OSError as error:
        if error.errno not in _NO_FAMILY:
            raise
        return []


async def _resolved(hosts: Sequence[str], port: int) -> list[str]:
    """Return the addresses of all hosts, each once, in order.

    Raises:
        ConfigError: A name is not known.
    """
    found: dict[str, None] = {}
    for host in hosts:
        try:
            infos = await trio.socket.getaddrinfo(
                host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )
        except (OSError, UnicodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise ConfigError(
                f"cannot listen on {shown(host, port)}: the name is not known here ({reason});"
                " write an address, such as 127.0.0.1"
            ) from None
        found.update(dict.fromkeys(str(info[4][0]) for info in infos))
    return list(found)


def _without_covered(addresses: Sequence[str]) -> list[str]:
    """Leave out addresses that a wildcard includes: to listen on them as well would fail."""
    return list(_uncovered(addresses))


def _uncovered(addresses: Sequence[str]) -> Iterator[str]:
    for address in addresses:
        wildcards = (ANY_V6,) if ":" in address else (ANY_V4, ANY_V6)
        if address in (ANY_V4, ANY_V6) or not any(each in addresses for each in wildcards):
            yield address


def _sentence(address: str, port: int, error: OSError) -> str:
    what = {
        errno.EADDRINUSE: f"port {port} is in use; stop the program that has it, or choose another"
        " with --port (0 picks a free one)",
        errno.EACCES: f"port {port} needs a right that this user lacks; choose one from 1024 on"
        " with --port, or grant CAP_NET_BIND_SERVICE",
        errno.EADDRNOTAVAIL: "this machine has no such address; --host 0.0.0.0 listens on all",
        errno.EAFNOSUPPORT: "this machine has none of that family; --host 0.0.0.0 is all of IPv4",
    }
    reason = what.get(error.errno or 0) or error.strerror or str(error)
    return f"cannot listen on {shown(address, port)}: {reason}"
