"""Parse a server's address as a person types it.

Law: any text becomes an address or raises `ConfigError` with one sentence. No name is resolved.

Accepted: the host alone, a host with a port, a URL with ``ws``, ``wss``, ``http`` or ``https``, and
full-width characters of East Asian keyboards. ``http`` is taken for ``ws``, ``https`` for ``wss``.
"""

import re
import unicodedata
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final
from urllib.parse import quote

import attrs
import idna

from gameserver.errors import ConfigError
from gameserver.text import JOINERS, fits_utf8, quoted

GAME_PORT: Final = 7777
"""Default port of a server, for an address without scheme and port."""

LONGEST: Final = 2000
"""Longest address in characters, about the limit of browsers."""

TLS_OF_SCHEME: Final = {"ws": False, "http": False, "wss": True, "https": True}

_HINT: Final = "write HOST:PORT or ws://HOST:PORT, such as 192.168.1.5:7777"
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):/{1,3}(.*)", re.DOTALL)
_LABEL: Final = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_ZONE: Final = re.compile(r"[A-Za-z0-9_.~-]{1,32}")
_ANY_HERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  nothing is bound
"""Loopback addresses for the wildcard addresses: a server may print these, but no client can
connect to them."""


@attrs.frozen
class Address:
    """Address of a server: host, port, path with query, and whether to use TLS."""

    host: str
    port: int
    resource: str = "/"
    tls: bool = False

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Parse an address that a person typed.

        Raises:
            ConfigError: The text is not the address of a server; the sentence says why.
        """
        plain = _plain(text)
        scheme, rest = _split_scheme(plain, text)
        head = re.split(r"[/?#]", rest, maxsplit=1)[0]
        host, port_text = _split_port(head, text)
        port = _port(port_text, text)
        tls = TLS_OF_SCHEME[scheme] if scheme else port == 443
        if port is None:
            port = (443 if tls else 80) if scheme else GAME_PORT
        return cls(_host(host, text), port, _resource(rest[len(head) :]), tls)

    @property
    def host_header(self) -> str:
        """Value of the HTTP header ``Host``: without the IPv6 zone, and without a default port."""
        bare = self.host.partition("%")[0]
        host = f"[{bare}]" if ":" in bare else bare
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The address in its normal form, with scheme and port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        resource = "" if self.resource == "/" else self.resource
        return f"{'wss' if self.tls else 'ws'}://{host}:{self.port}{resource}"


def _plain(text: str) -> str:
    """Remove surrounding spaces, quotes and format characters; normalise full-width characters.

    Raises:
        ConfigError: The text is empty or too long, or holds a character that no address has.
    """
    if len(text) > LONGEST:
        raise ConfigError(f"an address has at most {LONGEST} characters; {_HINT}")
    if not fits_utf8(text):
        raise ConfigError(f"{quoted(text)} holds half a character; {_HINT}")
    visible = "".join(c for c in text if unicodedata.category(c) != "Cf" or c in JOINERS)
    plain = unicodedata.normalize("NFKC", visible).replace("。", ".").replace("\\", "/")
    plain = plain.strip().strip("\"'<>`").strip()
    if not plain:
        raise ConfigError(f"the server's address is missing; {_HINT}")
    if any(c.isspace() or not c.isprintable() for c in plain):
        raise ConfigError(f"{quoted(text)} is no address: a space or break is in it; {_HINT}")
    return plain


def _split_scheme(plain: str, text: str) -> tuple[str, str]:
    found = _SCHEME.fullmatch(plain)
    if found is None:
        return "", plain.lstrip("/")
    scheme, rest = found[1].lower(), found[2]
    if scheme not in TLS_OF_SCHEME:
        sentence = f"{quoted(text)}: a game server is not reached by {scheme}://; {_HINT}"
        raise ConfigError(sentence)
    return scheme, rest


def _split_port(head: str, text: str) -> tuple[str, str | None]:
    if "@" in head:
        raise ConfigError(f"{quoted(text)} is no address: leave out what is before the @; {_HINT}")
    if head.startswith("["):
        host, bracket, rest = head[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ConfigError(f"{quoted(text)} is no address: write an IPv6 one as [::1]:7777")
        return host, rest[1:] or None
    if head.count(":") > 1:
        return head, None  # an IPv6 address without brackets has no port
    host, _, port = head.partition(":")
    return host, port or None


def _port(port: str | None, text: str) -> int | None:
    if port is None:
        return None
    if not port.isascii() or not port.isdigit():
        raise ConfigError(f"{quoted(text)} is no address: {quoted(port)} is no port number")
    digits = port.lstrip("0") or "0"
    if len(digits) > 5 or not 1 <= int(digits) <= 65535:
        raise ConfigError(f"{quoted(text)} is no address: a port is a number from 1 to 65535")
    return int(digits)


def _host(host: str, text: str) -> str:
    """Return a host in the form for the resolver: lower case, IDNA-encoded, or an IP address.

    Raises:
        ConfigError: The text is neither a host name nor an IP address.
    """
    if not host:
        raise ConfigError(f"{quoted(text)} is no address: the host is missing; {_HINT}")
    if ":" in host:
        return _ipv6(host, text)
    try:
        name = host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    except UnicodeError:  # the base class of idna's errors
        raise ConfigError(f"{quoted(text)} is no address: no host has such a name") from None
    labels = name.removesuffix(".").split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ConfigError(f"{quoted(text)} is no address: no host has such a name; {_HINT}")
    if labels[-1].isdigit():
        try:
            return _ANY_HERE.get(name, str(IPv4Address(name)))
        except AddressValueError:
            sentence = f"{quoted(text)} is no address: an IP address is four numbers up to 255"
            raise ConfigError(f"{sentence}, such as 192.168.1.5") from None
    return name.lower()


def _ipv6(host: str, text: str) -> str:
    bare, percent, zone = host.partition("%")
    try:
        address = str(IPv6Address(bare))
    except AddressValueError:
        raise ConfigError(f"{quoted(text)} is no address: this is no IPv6 address") from None
    if percent and not _ZONE.fullmatch(zone):
        raise ConfigError(f"{quoted(text)} is no address: behind % stands a network's name")
    return _ANY_HERE.get(address, address) + percent + zone


def _resource(rest: str) -> str:
    """Return path and query, percent-encoded for the request line; the fragment is dropped."""
    rest = rest.partition("#")[0]
    path = quote(rest, safe="/?%:@!$&'()*+,;=~-._")
    return path if path.startswith("/") else "/" + path
