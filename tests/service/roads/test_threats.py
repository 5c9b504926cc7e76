"""What hostile peers may not do, on every road that is no WebSocket, against the whole server.

The numbers are those of the table of threats in ``docs/protocol.md``.
"""

import gc
import json
import tracemalloc
from collections.abc import Callable
from itertools import count

import attrs
import pytest
import trio
import trio.testing
from structlog.testing import capture_logs
from trio.testing import MockClock

from gameserver.roads.sse import TICKET_S
from gameserver.service.overload.work import REQUEST_S
from gameserver.service.server import Server
from tests.service.peers import Running, serving
from tests.service.roads.road import Client
from tests.service.roads.test_conversations import opened, road
from tests.transports.polling.poller import Caller, body, post

__all__ = ["road"]

ATTACKER = "192.0.2.1"
HANDSHAKE = "/socket.io/?EIO=4&transport=polling"
MOST = 256
"""Connections of one address."""


def _get(target: str) -> bytes:
    return f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


@attrs.frozen
class Opener:
    """How something that outlives its request is opened, counted, and guessed at."""

    name: str
    open: Callable[[int], bytes]
    count: Callable[[Server], int]
    guess: Callable[[int], bytes]
    unknown: int
    """Status of an answer to a guess."""
    refused: int
    """Status of the answer to an opening above the limits."""


def _nothing(number: int) -> str:
    return f"{number:032}"


OPENERS = (
    Opener(
        "poll",
        lambda number: post(body(1, link=number.to_bytes(16, "big"))),
        lambda server: len(server._guard._polling),
        lambda number: post(body(2, link=number.to_bytes(16, "big"))),
        410,
        200,  # its row has the reason
    ),
    Opener(
        "socket.io",
        lambda _: _get(HANDSHAKE),
        lambda server: len(server._roads._engine),
        lambda number: _get(f"{HANDSHAKE}&sid={_nothing(number)}"),
        400,
        503,
    ),
    Opener(
        "sse",
        lambda _: post(b'{"name": "Eve"}', path=b"/sse"),
        lambda server: len(server._roads._streams),
        lambda number: _get(f"/sse?ticket={_nothing(number)}"),
        410,
        503,
    ),
    Opener(
        "sse-send",
        lambda _: post(b'{"name": "Eve"}', path=b"/sse"),
        lambda server: len(server._roads._streams),
        lambda number: post(
            json.dumps({"link": _nothing(number), "number": 1}).encode(), path=b"/sse/send"
        ),
        410,
        503,
    ),
)

each_opener = pytest.mark.parametrize("opener", OPENERS, ids=lambda opener: opener.name)


def call(running: Running, address: str = ATTACKER) -> Caller:
    return Caller(running.whole.connect(address).client)


@each_opener
async def test_what_is_abandoned_is_counted_by_address_and_goes_away(
    autojump_clock: MockClock, opener: Opener
) -> None:
    async with serving(autojump_clock) as running:
        caller = call(running)
        for number in range(MOST + 50):
            status, _, _ = await caller.call(opener.open(number))
            if number >= MOST:
                assert status == opener.refused
        assert opener.count(running.server) == MOST - 1, "the connection counts as well"
        await running.guest("Ann", "198.51.100.7")
        honest = call(running, "198.51.100.7")
        assert (await honest.call(opener.open(10_000)))[0] in (200, 201)
        await trio.sleep(TICKET_S + 10)
        assert opener.count(running.server) == 0


@each_opener
async def test_what_is_abandoned_costs_little_memory(
    autojump_clock: MockClock, opener: Opener
) -> None:
    many = 100
    async with serving(autojump_clock) as running:
        caller = call(running)
        await caller.call(opener.open(many))
        tracemalloc.start()
        try:
            for number in range(many):
                assert (await caller.call(opener.open(number)))[0] in (200, 201)
            await trio.testing.wait_all_tasks_blocked()
            gc.collect()
            assert tracemalloc.get_traced_memory()[0] < 6000 * many
        finally:
            tracemalloc.stop()
        assert opener.count(running.server) == many + 1


@each_opener
async def test_guesses_are_refused_and_cost_their_address_time(
    autojump_clock: MockClock, opener: Opener
) -> None:
    async with serving(autojump_clock) as running:
        server = running.server
        caller = call(running)
        await caller.call(opener.guess(0))
        rules = server._work._rules
        now = server._runtime.now()
        server._work._addresses.spend(ATTACKER, rules.address_work_burst_s, now)
        began = trio.current_time()
        for number in range(60):
            assert (await caller.call(opener.guess(number)))[0] == opener.unknown
        assert trio.current_time() - began > 50 * REQUEST_S / rules.address_work_share
        assert opener.count(server) == 0


async def test_a_stop_says_goodbye_on_every_road_within_its_time(
    autojump_clock: MockClock, road: type[Client]
) -> None:
    async with opened(autojump_clock, road) as house:
        ann = await house.guest("Ann")
        server = house.running.server
        idle = [call(house.running) for _ in OPENERS]
        for opener, caller in zip(OPENERS, idle, strict=True):
            await caller.call(opener.open(1))
        began = trio.current_time()
        server.stop()
        goodbye = await ann.wait("goodbye")
        assert goodbye.fields["code"] == "server_stopping"
        assert goodbye.fields["retry_after_s"] > 0
        await server.stopped.wait()
        assert trio.current_time() - began < server.settings.stop_after_s + 2


async def test_no_token_ticket_or_link_is_in_a_log(
    autojump_clock: MockClock, road: type[Client]
) -> None:
    with capture_logs() as logs:
        async with opened(autojump_clock, road) as house:
            ann = await house.guest("Ann")
            await ann.ask("server.info")
            secrets = [ann.token.hex(), repr(ann.token)[2:-1]]
            server = house.running.server
            secrets += [each.hex() for each in server._guard._polling._links]
            secrets += [*server._roads._streams._tickets, *server._roads._streams._links]
            secrets += [*server._roads._engine._connections]
            await ann.client.cut()
            await trio.sleep(60)
    said = repr(logs)
    assert "Ann" in said
    assert not [each for each in secrets if each in said]


HOSTILE = "a\r\n\r\nevent: goodbye\r\ndata: {}\r\n\r\nid: 99\u2028\u2029\x00\x1e41\x1e1\x7f"


async def test_texts_cannot_leave_their_message(
    autojump_clock: MockClock, road: type[Client]
) -> None:
    async with opened(autojump_clock, road) as house:
        ann, bob = await house.together()
        await bob.ask("chat.send", channel="lobby", text=HOSTILE)
        said = "event: goodbye"
        await ann.wait("chat.said", lambda heard: said in heard.fields["line"]["text"])
        assert (await ann.ask("server.info"))["game"] == "skirmish"
        assert not [heard for heard in ann.past if heard.name == "goodbye"]


# --- bodies ---------------------------------------------------------------------------------------

DEEP = "[" * 8000
JUNK = (
    "",
    "null",
    "[]",
    "{",
    DEEP,
    '{"name":' + DEEP,
    '{"name": "x", "last_event": ' + "9" * 8000 + "}",
    '{"name": "x", "last_event": 1e999}',
    '{"name": "x", "last_event": NaN}',
    '{"token": "%s"}' % ("A" * 9000),
    '{"client": "%s"}' % ("A" * 9000),
    '{"name": "x", "token": "\\ud800"}',
    '{"name": "\\ud800", "token": 5}',
    '{"name": ["x"]}',
    '{"link": {"a": []}, "number": 1}',
    '{"link": "\\ud800", "number": 1, "say": []}',
)


@pytest.mark.parametrize("path", ["/sse", "/sse/send"])
async def test_no_json_breaks_the_road_of_event_streams(
    autojump_clock: MockClock, path: str
) -> None:
    with capture_logs() as logs:
        async with serving(autojump_clock) as running:
            caller = call(running)
            for junk in JUNK:
                status, _, found = await caller.call(post(junk.encode(), path=path.encode()))
                guest = '"link"' in junk
                assert status in (400, 410) or (status == 201 and guest), (junk, found)
    assert not [each for each in logs if "failed" in each["event"]]


SAID = (
    "42" + DEEP,
    "42[" + DEEP + "]" * 8001,
    '42["input",' + "9" * 400 + "]",
    '42["input",1e308,NaN]',
    "42[" + "9" * 300 + "]",
    '42["\\ud800",{}]',
    '42["lobby.form",{"\\ud800":"\\udfff"}]',
    "429999999999999999[]",
    '4299999999999999999999["a"]',
    '4510-["a",{"_placeholder":true,"num":0}]',
    '45999999-["a"]',
    "4599999999999999999999-[]",
    '451-["input",{"_placeholder":true,"num":99999999999999999999}]',
    '452-["input",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]',
    '451-["input",{"_placeholder":true,"num":0}]',
    "b" + "A" * 60_000,
    "b====",
    "43[]",
    "430",
    "44{}",
    "6",
    "0{}",
    "\x1e" * 1001,
)


async def test_no_packet_breaks_the_road_of_socket_io(autojump_clock: MockClock) -> None:
    with capture_logs() as logs:
        async with serving(autojump_clock) as running:
            for said in SAID:
                caller = call(running)
                target = await joined(caller)
                status, _, _ = await caller.call(post(said.encode(), path=target))
                assert status in (200, 400), said
            await trio.sleep(60)
            assert len(running.server._roads._engine) == 0
    assert not [each for each in logs if "failed" in each["event"]]


async def joined(caller: Caller) -> bytes:
    """Open a session of Socket.IO and sign in; return the target of its requests."""
    _, _, found = await caller.call(_get(HANDSHAKE))
    target = f"{HANDSHAKE}&sid={json.loads(found[1:])['sid']}".encode()
    await caller.call(post(b"40" + json.dumps({"name": "Eve"}).encode(), path=target))
    await caller.call(post(b"", path=target, method=b"GET"))
    return target


@pytest.mark.parametrize("packet", ["3", "6", '420["input","x"]'], ids=["pong", "noop", "wrong"])
async def test_packets_that_no_other_limit_counts_end_a_session_when_they_are_many(
    autojump_clock: MockClock, packet: str
) -> None:
    async with serving(autojump_clock) as running:
        caller = call(running)
        target = await joined(caller)
        many = "\x1e".join(packet.replace("420", f"42{at}") for at in range(200))
        assert (await caller.call(post(many.encode(), path=target)))[0] == 400
        few = "\x1e".join([packet] * 3)
        target = await joined(caller)
        for _ in range(4):
            assert (await caller.call(post(few.encode(), path=target)))[0] == 200
            await trio.sleep(0.7)


async def test_attachments_that_never_come_are_forgotten_with_their_session(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as running:
        caller = call(running)
        target = await joined(caller)
        announced = '459-["chat.send"' + ',{"_placeholder":true,"num":%d}' * 9 % tuple(range(9))
        assert (await caller.call(post(f"{announced}]".encode(), path=target)))[0] == 200
        await trio.sleep(60)
        assert len(running.server._roads._engine) == 0


# --- origins --------------------------------------------------------------------------------------

REQUESTS = (
    post(body(1)),
    _get(HANDSHAKE),
    post(b'{"name": "Eve"}', path=b"/sse"),
    _get("/sse?ticket=x"),
    post(b'{"link": "x"}', path=b"/sse/send"),
    _get("/events?topics=lobbies"),
    _get("/api/v1/info"),
    post(b'{"name": "Eve"}', path=b"/api/v1/session"),
)


@pytest.mark.parametrize("origin", ["null", "http://evil.example", "http://localhost.evil.example"])
@pytest.mark.parametrize("host", [b"localhost", b"evil.example", b"localhost.evil.example"])
@pytest.mark.parametrize("request_", REQUESTS)
async def test_pages_of_others_are_let_into_no_road(
    autojump_clock: MockClock, request_: bytes, host: bytes, origin: str
) -> None:
    async with serving(autojump_clock) as running:
        asked = request_.replace(b"localhost", host).replace(
            b"\r\n\r\n", f"\r\nOrigin: {origin}\r\n\r\n".encode(), 1
        )
        status, headers, _ = await call(running).call(asked)
        assert status == 403
        assert not [each for each in headers if each.startswith("access-control")]
        assert sum(opener.count(running.server) for opener in OPENERS) == 0


@each_opener
async def test_a_forged_address_of_a_proxy_changes_nothing(
    autojump_clock: MockClock, opener: Opener
) -> None:
    async with serving(autojump_clock) as running:
        caller = call(running)
        for number in range(MOST + 5):
            forged = f"\r\nX-Forwarded-For: 10.0.{number // 250}.{number % 250}\r\n\r\n".encode()
            await caller.call(opener.open(number).replace(b"\r\n\r\n", forged, 1))
        assert opener.count(running.server) == MOST - 1


async def test_the_states_of_topics_are_charged_to_the_address_that_opens_a_stream(
    autojump_clock: MockClock,
) -> None:
    ticks = count()
    async with serving(autojump_clock, stopwatch=lambda: next(ticks) * 0.5) as running:
        began = trio.current_time()
        for _ in range(6):
            caller = call(running)
            await caller.stream.send_all(_get("/events?topics=lobbies"))
            assert b"HTTP/1.1 200" in bytes(await caller.stream.receive_some())
            await caller.aclose()
        assert trio.current_time() > began + 5, "it waits until time has paid for them"
