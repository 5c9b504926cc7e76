"""Which road answers a request: the one of the first part of its path, if the request fits it."""

from collections.abc import Mapping

from gameserver.transports.http.requests import Road
from gameserver.transports.http.usual import RequestHead


def road_of(target: bytes, roads: Mapping[str, Road]) -> Road | None:
    """Return the road that answers a request target; None if none does."""
    first = target.decode("latin-1").partition("?")[0].split("/", 2)
    return roads.get(f"/{first[1]}") if len(first) > 1 and not first[0] else None


def fitting_road(head: RequestHead, roads: Mapping[str, Road]) -> Road | None:
    """Return the road that answers a request over plain HTTP; None if none does."""
    road = road_of(head.target, roads)
    if road is None or road.fits is None or road.fits(head.method, head.headers):
        return road
    return None
