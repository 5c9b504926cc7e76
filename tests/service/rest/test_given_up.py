"""A request to the API ends with its sender: nothing is computed for a peer that has left."""

import pytest
import trio
from trio.testing import MockClock

from gameserver.service.rest.application import ApiRoad
from gameserver.transports.http.requests import HttpRequest, HttpResponse
from tests.service.peers import serving
from tests.transports.polling.poller import Caller


async def test_a_request_whose_sender_has_left_is_given_up(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[float] = []

    async def answer(_: ApiRoad, __: HttpRequest) -> HttpResponse:
        try:
            await trio.sleep(60)
        finally:
            ended.append(trio.current_time())
        return HttpResponse(200)

    monkeypatch.setattr(ApiRoad, "answer", answer)
    async with serving(autojump_clock) as running:
        caller = Caller(running.whole.connect("192.0.2.7").client)
        await caller.stream.send_all(b"GET /api/v1/info HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await trio.sleep(1)
        assert ended == []
        left_at = trio.current_time()
        await caller.stream.aclose()
        await trio.sleep(1)
        assert ended == [pytest.approx(left_at, abs=0.5)]
