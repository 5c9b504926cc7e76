"""Check network names: addresses to listen on, the server's domains, web origins.

Law: each function returns the value, or raises ``ValueError`` with the rest of a sentence that
names the fault and, if possible, the nearest valid value. A value that can never match anything is
refused, since the operator would believe that it works.
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final
from urllib.parse import urlsplit

import idna

_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.IGNORECASE)
_LONGEST_NAME: Final = 253
_ANY: Final = "*"
_EXAMPLE: Final = "write it as https://example.org"


def host(given: str, shown: str) -> str:
    """Return an address or host name to listen on, without brackets.

    Args:
        given: The value of the setting.
        shown: The same value, quoted for the sentence.

    Raises:
        ValueError: The value is neither an address nor a host name.
    """
    bare = _bare(given)
    if _address(bare) or _is_name(bare):
        return bare
    if bare in ("", _ANY):
        raise ValueError(f"{shown} is none; 0.0.0.0 is every IPv4 address, :: every address")
    named, colon, port = bare.rpartition(":")
    if colon and port.isdecimal() and (_address(_bare(named)) or _is_name(named)):
        hint = f"; the port is a setting of its own: {named} and port {port}"
    else:
        usual = "; 127.0.0.1 is this machine alone, 0.0.0.0 every IPv4 address"
        hint = _meant(bare) or usual
    raise ValueError(f"{shown} is none{hint}")


def domain(given: str, shown: str) -> str:
    """Return a host name or address under which web pages reach the server.

    Args:
        given: The value of the setting.
        shown: The same value, quoted for the sentence.

    Raises:
        ValueError: The value is neither a name nor an address, or no page can use it.
    """
    bare = _bare(given)
    address = _address(bare)
    if address is not None and (address.is_unspecified or address.is_multicast):
        raise ValueError(
            f"{shown} is no address that a page can have; what the server listens on counts anyway"
        )
    if address is not None or _is_name(bare):
        return bare
    if _ANY in bare:
        raise ValueError(f"{shown} is none; each name is given in full, several by repeating it")
    hint = _meant(bare) or "; write it as play.example, without scheme, port and path"
    raise ValueError(f"{shown} is none{hint}")


def origin(given: str, shown: str) -> str:
    """Return a web origin as browsers send it: scheme, host, and a port unless it is the default.

    Args:
        given: The value of the setting.
        shown: The same value, quoted for the sentence.

    Raises:
        ValueError: The value is not an origin, or no browser sends it.
    """
    if given.lower() == "null":
        raise ValueError(
            f"{shown} is what browsers send for files and sandboxed pages of anybody;"
            f" serve the page from a web server and {_EXAMPLE}"
        )
    try:
        parts = urlsplit(given)
        port, name = parts.port, parts.hostname
    except ValueError:
        raise ValueError(f"{shown} is none: its host or port cannot be read; {_EXAMPLE}") from None
    if _ANY in given:
        raise ValueError(f"{shown} is none; each origin is given in full, several by repeating it")
    if parts.scheme not in ("http", "https") or not name or parts.username is not None:
        guess = f"https://{given.strip('/')}"
        usable = "://" not in given and _is_name(given.partition(":")[0])
        hint = f"; did you mean {guess}?" if usable else f"; {_EXAMPLE}"
        raise ValueError(f"{shown} is none{hint}")
    tail = "" if port is None else f":{port}"
    address = _address(name)
    if not (address or _is_name(name)):
        right = _right_name(name)
        hint = f"; did you mean {parts.scheme}://{right}{tail}?" if right else f"; {_EXAMPLE}"
        raise ValueError(f"{shown} is none: no host has such a name{hint}")
    short = str(address or name)
    sent = f"{parts.scheme}://{f'[{short}]' if ':' in short else short}{tail}"
    if parts.path or parts.query or parts.fragment:
        raise ValueError(f"{shown} has a path; did you mean {sent}?")
    if given.lower() != sent:
        raise ValueError(f"{shown} is not in the form that browsers send; did you mean {sent}?")
    return given


# --- names and addresses --------------------------------------------------------------------------


def _bare(given: str) -> str:
    """Return a host without the brackets of IPv6 addresses in URLs."""
    bracketed = given.startswith("[") and given.endswith("]")
    return given[1:-1] if bracketed else given


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _is_name(text: str) -> bool:
    labels = text.removesuffix(".").split(".")
    # A name whose last label is a number is a mistyped IPv4 address.
    numeric = labels[-1].isdecimal()
    return len(text) <= _LONGEST_NAME and not numeric and all(map(_LABEL.fullmatch, labels))


def _right_name(name: str) -> str:
    """Return the nearest valid name or address; "" if there is none."""
    near = re.sub(r"\.{2,}", ".", name).strip(".")
    try:
        near = near if near.isascii() else idna.encode(near, uts46=True).decode()
    except idna.IDNAError:
        return ""
    return near if near != name and (_address(near) or _is_name(near)) else ""


def _meant(bare: str) -> str:
    """Return a hint with the host of a URL, or with the IDNA form of a name; "" for no hint."""
    if bare.count(":") > 1 and "[" not in bare and "://" not in bare:
        return ""  # an incomplete IPv6 address
    try:
        named = urlsplit(bare if "://" in bare else f"//{bare}").hostname or ""
    except ValueError:
        return ""
    right = _right_name(named) or named
    if right != bare and (_address(right) or _is_name(right)):
        return f"; did you mean {right}?"
    return ""
