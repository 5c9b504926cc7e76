"""Every road over plain HTTP refuses in one form: a problem (RFC 9457) with a code of ours."""

import json

import pytest
from trio.testing import MockClock

from gameserver.errors import Code
from tests.service.peers import serving
from tests.service.roads.test_threats import HANDSHAKE, call
from tests.transports.polling.poller import body, post

ORIGIN = b"Origin: http://evil.example"
CODED = b"Content-Encoding: gzip"


def get(path: str, *headers: bytes) -> bytes:
    return post(b"", *headers, path=path.encode(), method=b"GET")


REFUSED = {
    "poll": (post(b"what"), 400, Code.BAD_MESSAGE),
    "poll-method": (get("/poll"), 405, Code.UNKNOWN_REQUEST),
    "poll-ended": (post(body(2)), 410, Code.HELLO_EXPECTED),
    "socket.io": (get("/socket.io/?EIO=3"), 400, Code.BAD_MESSAGE),
    "socket.io-sid": (get(f"{HANDSHAKE}&sid=none"), 400, Code.BAD_MESSAGE),
    "sse": (post(b"[]", path=b"/sse"), 400, Code.BAD_MESSAGE),
    "sse-ticket": (get("/sse?ticket=none"), 410, Code.TOKEN_UNKNOWN),
    "sse-send": (post(b'{"link": "none"}', path=b"/sse/send"), 410, Code.TOKEN_UNKNOWN),
    "sse-path": (get("/sse/else"), 404, Code.UNKNOWN_REQUEST),
    "events": (get("/events?topics=nothing"), 404, Code.UNKNOWN_REQUEST),
    "events-query": (get("/events"), 400, Code.BAD_PARAMS),
    "events-path": (get("/events/else"), 404, Code.UNKNOWN_REQUEST),
    "api": (get("/api/v1/lobbies?limit=x"), 400, Code.BAD_PARAMS),
    "api-path": (get("/api/v1/else"), 404, Code.UNKNOWN_REQUEST),
    "api-token": (get("/api/v1/events"), 401, Code.TOKEN_UNKNOWN),
    "origin": (get("/api/v1/info", ORIGIN), 403, Code.FORBIDDEN),
    "compressed": (post(b"x", CODED, path=b"/sse"), 415, Code.BAD_MESSAGE),
    "too-large": (post(bytes(20_000), path=b"/sse"), 413, Code.TOO_LARGE),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_refusal_is_a_problem_with_a_code_of_the_protocol(
    autojump_clock: MockClock, name: str
) -> None:
    request, status, code = REFUSED[name]
    async with serving(autojump_clock) as running:
        found, headers, content = await call(running).call(request)
        assert (found, headers["content-type"]) == (status, "application/problem+json")
        problem = json.loads(content)
        assert list(problem) == ["type", "title", "status", "detail", "code", "details"]
        assert (problem["status"], problem["code"]) == (status, code)
        assert problem["detail"]


async def test_headers_have_the_same_letters_whether_an_answer_has_changed_or_not(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as running:
        stream = running.whole.connect("192.0.2.1").client
        heads = []
        for extra in ("", "If-None-Match: *\r\n"):
            request = f"GET /api/v1/lobbies HTTP/1.1\r\nHost: localhost\r\n{extra}\r\n"
            await stream.send_all(request.encode())
            said = b""
            while b"\r\n\r\n" not in said:
                said += bytes(await stream.receive_some())
            head = said.partition(b"\r\n\r\n")[0].decode()
            heads.append({line.partition(":")[0] for line in head.split("\r\n")[1:]})
        assert heads[0] - heads[1] == {"content-type", "content-length"}
        assert heads[1] - heads[0] == set()
