"""Decide which web pages may connect: those of allowed origins, and those of the server itself.

Law: the server's own names are those of the settings and the addresses that it listens on; loopback
names count on loopback only. The Host header never adds a name. The owner of a page can let its
host name point to any address, even to loopback; the browser then considers page and server to have
the same origin (threat 45). Programs send no origin and may always connect.

Source: RFC 6454 for origins; RFC 9110, section 7.2 for Host.
"""

from ipaddress import ip_address
from typing import Final

from gameserver.transports.addresses import is_loopback
from gameserver.transports.settings import ListenSettings

FOREIGN_PAGE: Final = (
    "pages of this origin may not connect to this server; its operator lets them in with the"
    " settings allow-origin (the origin of the page) or domain (the name of this server)"
)

FOREIGN_NAME: Final = (
    "This server does not know itself by the name in the address, so no page of that name may"
    " connect to it. Open the page under the address that the server prints, or let its operator"
    " start it with --domain and the name."
)

_DEFAULT_PORTS: Final = {"http": ":80", "https": ":443"}
_LOOPBACK_NAMES: Final = frozenset({"localhost"})


def origin_may(origin: str, host: str, local: str, settings: ListenSettings) -> bool:
    """Return whether a page may connect.

    The server's own origin is accepted with either scheme, since a proxy may terminate TLS.

    Args:
        origin: The page's origin.
        host: The request's Host header.
        local: Local address of the connection; "" if it has none.
        settings: Allowed origins, own names, and addresses that the server listens on.
    """
    given = _normal(origin)
    if given in [_normal(each) for each in settings.allowed_origins]:
        return True
    own = [_normal(f"{scheme}://{host}") for scheme in _DEFAULT_PORTS]
    return given in own and is_own(host, local, settings)


def host_may(host: str, local: str, settings: ListenSettings) -> bool:
    """Return whether a page that is loaded from this host may connect, by `origin_may`."""
    return any(origin_may(f"{scheme}://{host}", host, local, settings) for scheme in _DEFAULT_PORTS)


def is_own(host: str, local: str, settings: ListenSettings) -> bool:
    """Return whether a host, with or without a port, is a name of this server."""
    name = _name_of(host)
    if name in (_name_of(each) for each in settings.names):
        return True
    ends = [local] if local else list(settings.hosts)
    if _is_loopback(name):
        return any(_is_loopback(_plain(end)) for end in ends)
    return name in map(_plain, [*ends, *_named(settings.hosts)])


def _named(hosts: tuple[str, ...]) -> list[str]:
    """Return the hosts that are names or single addresses, without wildcards."""
    return [host for host in hosts if not _is_unspecified(_plain(host))]


def _name_of(host: str) -> str:
    """Return a host without its port, normalised by `_plain`."""
    name, _, port = host.rpartition(":")
    if not name or not port.isdecimal() or (":" in name and not name.endswith("]")):
        name = host
    return _plain(name.removeprefix("[").removesuffix("]"))


def _plain(name: str) -> str:
    """Normalise a name or address for comparison: lower case, no zone, shortest form."""
    bare = name.partition("%")[0].lower().removesuffix(".")
    try:
        address = ip_address(bare)
    except ValueError:
        return bare
    return str(getattr(address, "ipv4_mapped", None) or address)


def _is_loopback(name: str) -> bool:
    return name in _LOOPBACK_NAMES or is_loopback(name)


def _is_unspecified(name: str) -> bool:
    try:
        return ip_address(name).is_unspecified
    except ValueError:
        return not name


def _normal(origin: str) -> str:
    """Return an origin in lower case, without its scheme's default port."""
    scheme, _, rest = origin.lower().partition("://")
    return f"{scheme}://{rest.removesuffix(_DEFAULT_PORTS.get(scheme, ' '))}"
