"""The path for suites of conformance sends back what it is sent, and says what it is."""

import trio
from trio.testing import MockClock
from trio_websocket import wrap_client_stream

from gameserver.roads.echo import PATH, echo_road
from gameserver.service.config.settings import Conformance, Settings
from gameserver.transports.http.headers import HeaderFields
from gameserver.transports.http.requests import HttpRequest
from tests.service.peers import serving


async def test_messages_come_back_until_the_peer_goes(autojump_clock: MockClock) -> None:
    settings = Settings(seed=5, conformance=Conformance.ECHO)
    async with serving(autojump_clock, settings=settings) as house:
        stream = house.whole.connect("").client
        websocket = await wrap_client_stream(house.nursery, stream, "localhost", PATH)
        for message in ("one", b"two", "x" * 100_000):
            await websocket.send_message(message)
            assert await websocket.get_message() == message
        await websocket.aclose()
        await trio.sleep(1)


async def test_a_request_that_is_no_websocket_is_told_what_the_path_is() -> None:
    answer = await echo_road().answer(HttpRequest("GET", PATH, "", HeaderFields([]), b"", "::1"))
    assert answer.status == 426
    assert b"an echo for WebSockets" in answer.body
