"""How servers of Engine.IO v4 and Socket.IO v5 must behave, tried on those of `gameserver echo`.

Source: the protocols' documents and what their official test suites ask for.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import attrs
import pytest
import trio
from trio_websocket import ConnectionClosed, WebSocketConnection, wrap_client_stream

from gameserver.cli import echo
from gameserver.cli.echo import serve_echoes
from gameserver.protocol.socketio.engine import SEPARATOR
from gameserver.roads.socketio import engine
from gameserver.roads.socketio.echo import SUITE
from tests.transports.polling.poller import Caller

ENGINE = "/engine.io/"
SOCKET = "/socket.io/"
POLLING = "?EIO=4&transport=polling"
WEBSOCKET = "?EIO=4&transport=websocket"


class House:
    """A server with echoes."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def http(
        self, method: str, target: str, body: str = "", length: int | None = None
    ) -> tuple[int, str]:
        """Ask; ``length`` is announced in place of the body's, which is not sent whole then."""
        length = len(body) if length is None else length
        caller = await Caller.dial(self.port)
        async with caller.stream:
            head = f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}"
            status, _, content = await caller.call(f"{head}\r\n\r\n{body}".encode())
            return status, content.decode()

    async def opened(self, path: str = ENGINE) -> str:
        """Open a session by polling; return the target of its requests."""
        status, body = await self.http("GET", path + POLLING)
        assert status == 200
        return f"{path}{POLLING}&sid={json.loads(body[1:])['sid']}"

    @asynccontextmanager
    async def websocket(self, target: str) -> AsyncIterator[WebSocketConnection]:
        # The stream is ours, because the library leaves it open.
        stream = await trio.open_tcp_stream("127.0.0.1", self.port)
        async with stream, trio.open_nursery() as nursery:
            yield await wrap_client_stream(nursery, stream, "localhost", target)
            nursery.cancel_scope.cancel()


@pytest.fixture
async def house() -> AsyncIterator[House]:
    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            yield House(await nursery.start(serve_echoes, 0))
            nursery.cancel_scope.cancel()


async def is_closed(websocket: WebSocketConnection) -> bool:
    with trio.move_on_after(2.0):
        try:
            while True:
                await websocket.get_message()
        except ConnectionClosed:
            return True
    return False


# --- Engine.IO ------------------------------------------------------------------------------------


async def test_the_handshake_tells_the_session(house: House) -> None:
    status, body = await house.http("GET", ENGINE + POLLING)
    assert (status, body[0]) == (200, "0")
    found = json.loads(body[1:])
    assert found.pop("sid")
    assert found == {
        "upgrades": ["websocket"],
        "pingInterval": 300,
        "pingTimeout": 200,
        "maxPayload": 1_000_000,
    }
    async with house.websocket(ENGINE + WEBSOCKET) as websocket:
        assert json.loads((await websocket.get_message())[1:])["upgrades"] == []


@pytest.mark.parametrize(
    "query", ["?transport=polling", "?EIO=abc&transport=polling", "?EIO=4", "?EIO=4&transport=abc",
              "?EIO=4&transport=polling&sid=nobody", "?EIO=4&transport=websocket"]
)  # fmt: skip
async def test_a_wrong_query_is_refused(house: House, query: str) -> None:
    assert (await house.http("GET", ENGINE + query))[0] == 400


async def test_a_session_begins_with_get(house: House) -> None:
    assert (await house.http("POST", ENGINE + POLLING))[0] == 400
    assert (await house.http("PUT", ENGINE + POLLING))[0] == 400


@pytest.mark.parametrize("query", ["?EIO=4", "?EIO=4&transport=abc", "?EIO=3&transport=websocket",
                                   WEBSOCKET + "&sid=nobody"])  # fmt: skip
async def test_a_websocket_with_a_wrong_query_is_closed(house: House, query: str) -> None:
    async with house.websocket(ENGINE + query) as websocket:
        assert await is_closed(websocket)


@pytest.mark.parametrize(
    "sent", ["4hello", SEPARATOR.join(["4one", "4two", "4three"]), f"4hello{SEPARATOR}bAQIDBA=="]
)
async def test_a_payload_comes_back_in_one_answer(house: House, sent: str) -> None:
    target = await house.opened()
    assert await house.http("POST", target, sent) == (200, "ok")
    assert await house.http("GET", target) == (200, sent)


async def test_what_is_no_packet_ends_the_session(house: House) -> None:
    target = await house.opened()
    assert (await house.http("POST", target, "abc"))[0] == 400
    assert (await house.http("GET", target))[0] == 400


@asynccontextmanager
async def polled(house: House, target: str) -> AsyncIterator[list[tuple[int, str]]]:
    """Do something while a poll waits; afterwards the list holds its response."""
    found: list[tuple[int, str]] = []

    async def poll() -> None:
        found.append(await house.http("GET", target))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(poll)
        await trio.sleep(0.05)
        yield found


async def test_two_polls_at_once_end_the_session(house: House) -> None:
    target = await house.opened()
    async with polled(house, target) as found:
        assert (await house.http("GET", target))[0] == 400
    assert found == [(200, "1")]


async def test_a_poll_whose_client_leaves_ends_the_session(house: House) -> None:
    target = await house.opened()
    caller = await Caller.dial(house.port)
    await caller.stream.send_all(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    await trio.sleep(0.05)
    await caller.aclose()
    await trio.sleep(0.05)
    assert (await house.http("GET", target))[0] == 400


async def test_pings_come_and_a_client_that_does_not_answer_is_gone(house: House) -> None:
    target = await house.opened()
    for _ in range(3):
        assert await house.http("GET", target) == (200, "2")
        assert await house.http("POST", target, "3") == (200, "ok")
    await trio.sleep(0.6)
    assert (await house.http("GET", target))[0] == 400
    async with house.websocket(ENGINE + WEBSOCKET) as websocket:
        await websocket.get_message()
        assert await websocket.get_message() == "2"
        assert await is_closed(websocket)


async def test_a_close_lets_the_poll_return(house: House) -> None:
    target = await house.opened()
    async with polled(house, target) as found:
        assert await house.http("POST", target, "1") == (200, "ok")
    assert found == [(200, "6")]
    assert (await house.http("GET", target))[0] == 400


async def test_text_and_binary_come_back_over_a_websocket(house: House) -> None:
    async with house.websocket(ENGINE + WEBSOCKET) as websocket:
        await websocket.get_message()
        for sent in ("4hello", bytes([1, 2, 3, 4]), "4é✓"):
            await websocket.send_message(sent)
            assert await websocket.get_message() == sent
        await websocket.send_message("abc")
        assert await is_closed(websocket)


async def test_a_session_moves_from_polling_to_a_websocket_without_loss(house: House) -> None:
    target = await house.opened()
    upgraded = target.replace("polling", "websocket")
    assert await house.http("POST", target, "4before") == (200, "ok")
    async with house.websocket(upgraded) as websocket:
        await websocket.send_message("2probe")
        assert await websocket.get_message() == "3probe"
        assert (await house.http("GET", target)) == (200, "4before")
        assert (await house.http("GET", target)) == (200, "6"), "a poll must not wait now"
        await websocket.send_message("5")
        await websocket.send_message("4hello")
        assert await websocket.get_message() == "4hello"
        assert (await house.http("GET", target))[0] == 400
        async with house.websocket(upgraded) as second:
            assert await is_closed(second)
        await websocket.send_message("4still")
        while (found := await websocket.get_message()) == "2":
            await websocket.send_message("3")
        assert found == "4still"


async def test_a_failed_upgrade_leaves_the_session_to_polling(house: House) -> None:
    target = await house.opened()
    async with house.websocket(target.replace("polling", "websocket")) as websocket:
        await websocket.send_message("4too early")
        assert await is_closed(websocket)
    assert await house.http("POST", target, "4hello") == (200, "ok")
    assert await house.http("GET", target) == (200, "4hello")


async def test_a_body_above_the_limit_is_refused(house: House) -> None:
    target = await house.opened()
    assert (await house.http("POST", target, length=1_000_001))[0] == 413


# --- Socket.IO ------------------------------------------------------------------------------------


@asynccontextmanager
async def joined(house: House, *packets: str) -> AsyncIterator[WebSocketConnection]:
    """Open a session and join; the answers of the joins are read."""
    async with house.websocket(SOCKET + WEBSOCKET) as websocket:
        await websocket.get_message()
        for packet in packets:
            await websocket.send_message(packet)
            await websocket.get_message()
            await websocket.get_message()
        yield websocket


async def following(websocket: WebSocketConnection) -> Any:
    while (found := await websocket.get_message()) == "2":
        await websocket.send_message("3")
    return found


@pytest.mark.parametrize(
    ("packet", "namespace", "auth"),
    [("40", "", {}), ('40{"token":"123"}', "", {"token": "123"}), ("40/custom,", "/custom,", {}),
     ('40/custom,{"token":"abc"}', "/custom,", {"token": "abc"})],
)  # fmt: skip
async def test_a_namespace_is_joined_and_the_auth_arrives(
    house: House, packet: str, namespace: str, auth: dict[str, str]
) -> None:
    async with joined(house) as websocket:
        await websocket.send_message(packet)
        connected = await websocket.get_message()
        assert connected.startswith(f"40{namespace}")
        assert list(json.loads(connected.removeprefix(f"40{namespace}"))) == ["sid"]
        told = await websocket.get_message()
        assert json.loads(told.removeprefix(f"42{namespace}")) == ["auth", auth]


async def test_an_unknown_namespace_is_refused(house: House) -> None:
    async with joined(house) as websocket:
        await websocket.send_message("40/random")
        assert await websocket.get_message() == '44/random,{"message":"Invalid namespace"}'


@pytest.mark.parametrize("first", ["4abc", "", '42["message"]'])
async def test_a_client_must_join_first_and_in_time(house: House, first: str) -> None:
    async with joined(house) as websocket:
        if first:
            await websocket.send_message(first)
        assert await is_closed(websocket)


async def test_leaving_one_namespace_leaves_the_other(house: House) -> None:
    async with joined(house, "40", "40/custom") as websocket:
        await websocket.send_message("41/custom")
        await websocket.send_message('42["message","to main"]')
        assert await following(websocket) == '42["message-back","to main"]'


@pytest.mark.parametrize(
    ("sent", "back"),
    [
        (['42["message",1,"2",{"3":[true]}]'], ['42["message-back",1,"2",{"3":[true]}]']),
        (['42456["message-with-ack",1,{"3":[false]}]'], ['43456[1,{"3":[false]}]']),
        (
            ['452-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]',
             b"\1\2", b"\3"],
            ['452-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]',
             b"\1\2", b"\3"],
        ),
        (
            ['451-789["message-with-ack",{"_placeholder":true,"num":0}]', b"\1"],
            ['461-789[{"_placeholder":true,"num":0}]', b"\1"],
        ),
    ],
)  # fmt: skip
async def test_events_acks_and_attachments_come_back(
    house: House, sent: list[Any], back: list[Any]
) -> None:
    async with joined(house, "40") as websocket:
        for each in sent:
            await websocket.send_message(each)
        assert [await following(websocket) for _ in back] == back


@pytest.mark.parametrize("wrong", ["4abc", "42{}", '42abc["message-with-ack",1]', "49", "42[]"])
async def test_a_wrong_packet_ends_the_connection(house: House, wrong: str) -> None:
    async with joined(house, "40") as websocket:
        await websocket.send_message(wrong)
        assert await is_closed(websocket)


@pytest.fixture
async def hasty(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """A server whose clients must finish an upgrade soon, and take their last packets."""
    monkeypatch.setattr(echo, "SUITE", attrs.evolve(SUITE, upgrade_timeout_s=0.3))
    monkeypatch.setattr(engine, "CLOSE_S", 0.2)
    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            yield House(await nursery.start(serve_echoes, 0))
            nursery.cancel_scope.cancel()


async def test_a_websocket_that_never_finishes_its_upgrade_is_closed(hasty: House) -> None:
    target = await hasty.opened()
    async with hasty.websocket(target.replace("polling", "websocket")) as websocket:
        await websocket.send_message("2probe")
        assert await websocket.get_message() == "3probe"
        assert await is_closed(websocket)
