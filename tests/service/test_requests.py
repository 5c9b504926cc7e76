"""Every request that a client can send is answered by somebody."""

from typing import get_args

from gameserver.messages import REQUESTS
from gameserver.service.router import _AnsweredHere
from tests.rooms.party import Party


def test_each_request_has_exactly_one_handler() -> None:
    hall = set(Party().hall._answers._handlers)
    here = set(get_args(_AnsweredHere))
    assert hall & here == set()
    missing = sorted(name for name, each in REQUESTS.items() if each not in hall | here)
    assert missing == [], "add them to gameserver/rooms/requests/handlers.py"
