"""The address of a client behind the operator's own proxies.

Law: ``X-Forwarded-For`` is believed only as far as the operator's proxies have written it: each of
them appends the address of the peer that it serves. What stands before is the client's own word.
"""

from ipaddress import ip_address

from gameserver.transports.http.headers import HeaderFields


def client_of(headers: HeaderFields, peer: str, proxies: int) -> str:
    """Return the address of the client; ``peer`` if the header does not tell it.

    Args:
        headers: Of the request.
        peer: Address of the other end of the connection.
        proxies: Proxies of the operator between the client and this server; 0 believes nothing.
    """
    if proxies <= 0:
        return peer
    chain = headers.tokens(b"x-forwarded-for")
    if len(chain) < proxies:
        return peer
    try:
        return str(ip_address(_bare(chain[-proxies].decode("ascii"))))
    except ValueError:
        return peer


def _bare(text: str) -> str:
    """Return an address without brackets and port, which some proxies write."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
