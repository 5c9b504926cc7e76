"""The probe of plain requests: what it asks, when it asks for events, and what it counts."""

import json

from trio.testing import wait_all_tasks_blocked

from gameserver.client.probes.connection import Heard, ProbeRequest
from gameserver.client.probes.meter import Meter
from gameserver.client.probes.rest import OverRest
from tests.client.probes.webserver import ADDRESS, Asked, WebServer, web

SESSION = json.dumps({"token": "t", "last_event": 4})
EVENTS = json.dumps({"events": [{"number": 5, "name": "x", "fields": {"a": 1}}]})


async def answer(asked: Asked) -> tuple[int, str]:
    if asked.target.endswith("/session"):
        return 200, SESSION
    return 200, EVENTS if "/events" in asked.target else '{"result":{}}'


def lines(server: WebServer) -> list[str]:
    return [f"{each.method} {each.target} {each.body}".rstrip() for each in server.asked]


async def test_a_probe_signs_in_and_asks_for_events_behind_requests_that_cause_some() -> None:
    async with web(answer) as server:
        probe = OverRest(ADDRESS, Meter(server.opens), server.nursery)
        await probe.open({"name": "Ann"})
        assert await probe.hear() == Heard("welcome", {"token": "t"})
        await probe.say([ProbeRequest(1, "server.info")])
        await wait_all_tasks_blocked()
        await probe.say([ProbeRequest(2, "server.info"), ProbeRequest(3, "a", {"b": 1})])
        heard = [await probe.hear() for _ in range(4)]
        assert heard == [
            *(Heard("answer", {"result": {}}, number) for number in (1, 2, 3)),
            Heard("x", {"a": 1}, 5),
        ]
        await probe.say([ProbeRequest(4, "a"), ProbeRequest(5, "server.info")])
        await wait_all_tasks_blocked()
        assert lines(server) == [
            'POST /api/v1/session {"name": "Ann"}',
            "POST /api/v1/requests/server.info {}",
            "POST /api/v1/requests/server.info {}",
            'POST /api/v1/requests/a {"b":1}',
            "GET /api/v1/events?after=4",
            "POST /api/v1/requests/a {}",
            "POST /api/v1/requests/server.info {}",
            "GET /api/v1/events?after=5",
        ]
        assert "authorization" not in server.asked[0].headers
        assert {each.headers["authorization"] for each in server.asked[1:]} == {"Bearer t"}
        said = 4 * len("{}") + len('{"b":1}')
        assert probe._meter.counts[1:] == (said + 5 * len('{"result":{}}'), 10)
        assert len(server.clients) == 1
        probe.close()
        await wait_all_tasks_blocked()
        assert await server.all_closed()


async def test_a_probe_that_comes_back_asks_for_what_it_has_missed() -> None:
    async with web(answer) as server:
        probe = OverRest(ADDRESS, Meter(server.opens), server.nursery)
        await probe.open({"token": "old", "last_event": 3})
        heard = [await probe.hear() for _ in range(2)]
        assert heard == [Heard("welcome", {"token": "old"}), Heard("x", {"a": 1}, 5)]
        assert lines(server) == ["GET /api/v1/events?after=3"]
        assert server.asked[0].headers["authorization"] == "Bearer old"
