"""Open the sockets that a server listens on: any number of addresses, all on one port.

Law: every error of listening is raised here, with a sentence that says what to do. ``::`` means
every address of the machine, IPv6 and IPv4, as in other servers.
"""

import errno
import socket
from collections.abc import Iterator, Sequence
from ipaddress import IPv6Address, ip_address
from typing import Any, Final

import trio

from gameserver.errors import CannotListenError, ConfigError

ANY_V4: Final = "0.0.0.0"  # noqa: S104  a name for what an operator may choose
ANY_V6: Final = "::"

PORT_ATTEMPTS: Final = 8
"""Attempts with port 0: the kernel picks a port that is free at the first address, but it may be in
use at others."""

_WRONG: Final = (errno.EACCES, errno.EAFNOSUPPORT, errno.EINVAL)
"""Permanent errors. Others may end by themselves: a port becomes free, a network comes up."""

_ELSEWHERE: Final = {4: "198.51.100.1", 6: "2001:db8::1"}
"""Addresses for documentation that no machine has (RFC 5737, RFC 3849), to ask for the route to
other machines."""

_DISCARD: Final = 9
"""The port for bytes that nobody wants (RFC 863); none are sent."""

_NO_FAMILY: Final = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT)


async def open_listeners(hosts: Sequence[str], port: int) -> list[trio.SocketListener]:
    """Open a listener for each address, all on the port of the first one.

    Raises:
        ConfigError: An address or port cannot be listened on.
        CannotListenError: An address is in use, or does not exist at present.
    """
    addresses = _without_covered(await _resolved(hosts, port))
    both = ANY_V6 in hosts and ANY_V4 not in addresses
    attempt = 0
    while True:
        attempt += 1
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
            if again and attempt < PORT_ATTEMPTS:
                continue
            failed = addresses[min(len(listeners), len(addresses) - 1)]
            kind = ConfigError if error.errno in _WRONG else CannotListenError
            raise kind(_sentence(failed, port, error)) from None
        return listeners


def port_of(listeners: Sequence[trio.SocketListener]) -> int:
    """Return the port of the first listener; 0 without listeners."""
    if not listeners:
        return 0
    port: int = listeners[0].socket.getsockname()[1]
    return port


def shown(host: str, port: int) -> str:
    """Return an address in the form of a URL, IPv6 in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def own_address(version: int) -> str:
    """Return the address at which other machines reach this one; "" if it is unknown.

    Nothing is sent: the kernel only returns the address from which it would send.
    """
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as asking:
            asking.connect((_ELSEWHERE[version], _DISCARD))
            address = ip_address(asking.getsockname()[0])
    except OSError:
        return ""
    return "" if address.is_loopback or address.is_link_local else str(address)


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
        ConfigError: A name is unknown, or an address cannot be listened on.
        CannotListenError: Names cannot be resolved at present.
    """
    found: dict[str, None] = {}
    for host in hosts:
        try:
            infos = await trio.socket.getaddrinfo(
                host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )
        except (OSError, UnicodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            later = isinstance(error, OSError) and error.errno == socket.EAI_AGAIN
            raise (CannotListenError if later else ConfigError)(
                f"cannot listen on {shown(host, port)}: the name is not known here ({reason});"
                " write an address, such as 127.0.0.1"
            ) from None
        found.update(dict.fromkeys(_address_in(info[4]) for info in infos))
    for address in found:
        if reason := _no_listening(address):
            raise ConfigError(f"cannot listen on {shown(address, port)}: {reason}")
    return list(found)


def _address_in(place: tuple[Any, ...]) -> str:
    """Return the address of a result of ``getaddrinfo``; a link-local one with its interface."""
    scope = place[3] if len(place) > 3 else 0
    return f"{place[0]}%{socket.if_indextoname(scope)}" if scope else str(place[0])


def _no_listening(address: str) -> str:
    """Return why no client can connect to an address; "" if the address can be listened on."""
    known = ip_address(address)
    if known.is_multicast:
        return (
            "it is a multicast address, to which nobody can connect; --host 0.0.0.0 listens on all"
        )
    if known.version == 4 and _is_broadcast(address):
        return (
            "it is a broadcast address, to which nobody can connect; --host 0.0.0.0 listens on all"
        )
    if isinstance(known, IPv6Address) and known.is_link_local and not known.scope_id:
        networks = [name for _, name in socket.if_nameindex()]
        return (
            "it is a link-local address, which every network has; write the network's name behind"
            f" it, such as {address}%{networks[-1] if networks else 'eth0'}"
        )
    return ""


def _is_broadcast(address: str) -> bool:
    """Return whether the kernel treats an address as a broadcast address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect((address, 9))  # sends nothing
        except OSError as error:
            return error.errno == errno.EACCES
    return False


def _without_covered(addresses: Sequence[str]) -> list[str]:
    """Return the addresses that no wildcard includes: listening on both would fail."""
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


def is_loopback(address: str) -> bool:
    """Return whether an address is loopback; False for an invalid address."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return bool((mapped or parsed).is_loopback)
