"""What an answer, a road and a listener do unless they are told otherwise: the careful thing."""

from typing import Any

import pytest

from gameserver.transports.answers import HttpAnswer, PageRequest
from gameserver.transports.drain import Direct
from gameserver.transports.http.asgi import AsgiRoad
from gameserver.transports.http.headers import HeaderFields
from gameserver.transports.http.opening import Opening
from gameserver.transports.http.requests import Road
from gameserver.transports.http.usual import RequestHead
from gameserver.transports.polling.polled import Polled
from gameserver.transports.queued import QueuedLink
from gameserver.transports.settings import ListenSettings
from gameserver.transports.websocket.frames import FrameWalker
from gameserver.transports.websocket.guarded import GuardedStream
from gameserver.transports.websocket.link import WebSocketLink
from tests.defaults import defaults, named

PROMISED: list[tuple[Any, dict[str, object]]] = [
    (HttpAnswer, {"headers": (), "head_only": False, "always": False}),
    (PageRequest, {"address": "", "host": "", "token": "", "from_page": False}),
    (Opening, {"direct": True, "query": "", "deflate_bits": 0, "client": ""}),
    (Road, {"body_bytes": 64 * 1024, "watches": False, "linkable": False}),
    (RequestHead, {"length": -1}),
    (Direct, {"plain": True}),
    (ListenSettings, {"port": 0, "trusted_proxies": 0, "deflate": False, "text": False}),
    (FrameWalker, {"text": False}),
    (GuardedStream, {"replay": b"", "deflate": False}),
    (WebSocketLink, {"direct": True, "deflate_bits": 0}),
    (QueuedLink, {"direct": True}),
    (QueuedLink.waiting, {"after": 0}),
    (Polled.waiting, {"after": 0}),
    (HeaderFields.tokens, {"lower": True}),
    (AsgiRoad, {"body_bytes": 64 * 1024}),
]


@pytest.mark.parametrize(("made", "promised"), PROMISED, ids=named)
def test_what_is_left_out_is_not_taken_not_compressed_and_not_believed(
    made: Any, promised: dict[str, object]
) -> None:
    found = defaults(made)
    assert {name: found[name] for name in promised} == promised
