"""Who may read the server's figures, on whatever road they ask.

Law: with a token set everybody shows it; without one only this machine may ask, and no web page
that runs on it: a page can have its own name point to loopback.
"""

from hmac import compare_digest
from ipaddress import ip_address


def may_read(wanted: str, shown: str, address: str, *, direct: bool = True) -> bool:
    """Tell whether a peer may read the figures.

    Args:
        wanted: The operator's token; empty if none is set.
        shown: What the peer shows.
        address: Where it is.
        direct: Whether it is a program, and no proxy shows that may stand between.
    """
    if wanted:
        return compare_digest(shown.encode("utf-8", "replace"), wanted.encode("utf-8", "replace"))
    return direct and is_loopback(address)


def is_loopback(address: str) -> bool:
    """Tell whether a peer is on this machine; what is no address is not."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return bool((mapped or parsed).is_loopback)


def is_loopback_host(host: str) -> bool:
    """Tell whether a Host header names this machine's loopback; a missing one does."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    name = name.removeprefix("[").removesuffix("]")
    return name.lower() in ("", "localhost") or is_loopback(name)
