"""Access to the server's figures, by request or by page.

Law: if a token is set, every reader must send it. If none is set, only programs on this machine may
read, and no web page in a browser on it: a page can make its own host name point to loopback.
"""

from hmac import compare_digest

from gameserver.transports import is_loopback


def may_read(wanted: str, shown: str, address: str, *, direct: bool = True) -> bool:
    """Tell whether a peer may read the figures.

    Args:
        wanted: The operator's token; empty if none is set.
        shown: The token that the peer sent.
        address: The peer's address.
        direct: Whether no browser and no proxy sent the request.
    """
    if wanted:
        return compare_digest(shown.encode("utf-8", "replace"), wanted.encode("utf-8", "replace"))
    return direct and is_loopback(address)


def page_may_read(wanted: str, shown: str, address: str, host: str, *, direct: bool) -> bool:
    """Tell whether a request over HTTP may read the figures.

    Args:
        wanted: The operator's token; empty if none is set.
        shown: The token that the request brought.
        address: The peer's address.
        host: The request's Host header.
        direct: Whether no browser's script and no proxy sent the request.
    """
    rebound = not direct or not is_loopback_host(host)
    return may_read(wanted, shown, address) and (bool(wanted) or not rebound)


def is_loopback_host(host: str) -> bool:
    """Tell whether a Host header names loopback; a missing header counts as loopback."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    name = name.removeprefix("[").removesuffix("]")
    return name.lower() in ("", "localhost") or is_loopback(name)
