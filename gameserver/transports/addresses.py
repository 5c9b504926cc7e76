"""Open the sockets that a server listens on: any number of addresses, all on one port.

Law: only here an error is one of listening, and it says what to do. ``::`` means every address of
the machine, of IPv6 and of IPv4, as people expect from other servers.
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
"""With port 0 the kernel picks one that is free at the first address; it may not be at others."""

_WRONG: Final = (errno.EACCES, errno.EAFNOSUPPORT, errno.EINVAL)
"""What no later attempt mends; a port gets free, and an address comes up with its network."""

_ELSEWHERE: Final = {4: "198.51.100.1", 6: "2001:db8::1"}
"""Addresses that no machine has (RFC 5737, RFC 3849), to ask for the way to other machines."""

_NO_FAMILY: Final = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT)


async def open_listeners(hosts: Sequence[str], port: int) -> list[trio.SocketListener]:
    """Open a listener for each address; the first has the port of all.

    Raises:
        ConfigError: An address or port is none to listen on.
        CannotListenError: One is not free, or not there yet.
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
            kind = ConfigError if error.errno in _WRONG else CannotListenError
            raise kind(_sentence(failed, port, error)) from None
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


def own_address(version: int) -> str:
    """Return the address under which other machines reach this one; empty where it is unknown.

    Nothing is sent: the kernel chooses the address from which it would send.
    """
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as asking:
            asking.connect((_ELSEWHERE[version], 9))
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
        ConfigError: A name is not known, or an address is none to listen on.
        CannotListenError: No name can be looked up at the moment.
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
    """Return the address of what a name stands for, a link-local one with its network."""
    scope = place[3] if len(place) > 3 else 0
    return f"{place[0]}%{socket.if_indextoname(scope)}" if scope else str(place[0])


def _no_listening(address: str) -> str:
    """Return why nobody could connect to an address, although the kernel may listen on it."""
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
    """Tell whether the kernel takes an address for all machines of a network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect((address, 9))  # sends nothing
        except OSError as error:
            return error.errno == errno.EACCES
    return False


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


def is_loopback(address: str) -> bool:
    """Tell whether an address is loopback; an invalid address is not."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return bool((mapped or parsed).is_loopback)
