"""Which web pages may connect: those of allowed origins, and those of the server itself.

Law: the server's own names are what its operator set and what it listens on; loopback names count
for loopback only. The Host header never adds a name: whoever makes a page can have its name point
to any address, this machine's loopback included, and the browser then takes the page and this
server for one origin (threat 45). Programs send no origin and may always.

Source: RFC 6454 for origins; RFC 9110, section 7.2 for Host.
"""

from ipaddress import ip_address
from typing import Final

from gameserver.transports.addresses import is_loopback
from gameserver.transports.settings import ListenSettings

_DEFAULT_PORTS: Final = {"http": ":80", "https": ":443"}
_LOOPBACK_NAMES: Final = frozenset({"localhost"})


def origin_may(origin: str, host: str, local: str, settings: ListenSettings) -> bool:
    """Tell whether a page may connect.

    The own origin counts with either scheme: TLS may end in front of this server.

    Args:
        origin: The page's origin.
        host: What the request names as its host.
        local: Address of our end of the connection; empty where there is none.
        settings: Allowed origins, own names, and where it listens.
    """
    given = _normal(origin)
    if given in [_normal(each) for each in settings.allowed_origins]:
        return True
    own = [_normal(f"{scheme}://{host}") for scheme in _DEFAULT_PORTS]
    return given in own and is_own(host, local, settings)


def is_own(host: str, local: str, settings: ListenSettings) -> bool:
    """Tell whether a host, with a port or without, is a name of this server."""
    name = _name_of(host)
    if name in (_name_of(each) for each in settings.names):
        return True
    ends = [local] if local else list(settings.hosts)
    if _is_loopback(name):
        return any(_is_loopback(_plain(end)) for end in ends)
    return name in map(_plain, [*ends, *_named(settings.hosts)])


def _named(hosts: tuple[str, ...]) -> list[str]:
    """Return what is listened on by a name or one address, not by all of them."""
    return [host for host in hosts if not _is_unspecified(_plain(host))]


def _name_of(host: str) -> str:
    """Return a host without its port, in lower case, an address in its shortest form."""
    name, _, port = host.rpartition(":")
    if not name or not port.isdecimal() or (":" in name and not name.endswith("]")):
        name = host
    return _plain(name.removeprefix("[").removesuffix("]"))


def _plain(name: str) -> str:
    """Return a name or address in the form in which two of them are compared."""
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
