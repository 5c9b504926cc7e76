"""How a server of Engine.IO v4 must behave, tried on the echoes: all but the upgrade.

Source: the protocol's document and what its official test suite asks for.
"""

import json

import pytest
import trio
from trio_websocket import ConnectionClosed, WebSocketConnection

from gameserver.cli.echo import serve_echoes
from gameserver.protocol.socketio.engine import SEPARATOR
from gameserver.roads.socketio.engine import Engine
from tests.roads.socketio.echoes import (
    ENGINE,
    POLLING,
    SOCKET,
    WEBSOCKET,
    Echoes,
    echoes,
    seconds_to_close,
)
from tests.transports.polling.poller import Caller

__all__ = ["echoes"]

paths = pytest.mark.parametrize("path", [ENGINE, SOCKET])


# --- handshake ------------------------------------------------------------------------------------


def assert_handshake(text: str, upgrades: list[str]) -> None:
    assert text[0] == "0"
    found = json.loads(text[1:])
    assert isinstance(found.pop("sid"), str)
    assert found == {
        "upgrades": upgrades,
        "pingInterval": 300,
        "pingTimeout": 200,
        "maxPayload": 1_000_000,
    }


@paths
async def test_the_handshake_tells_the_session_and_its_limits(echoes: Echoes, path: str) -> None:
    status, body = await echoes.http("GET", path + POLLING)
    assert status == 200
    assert_handshake(body, ["websocket"])
    async with echoes.websocket(path + WEBSOCKET) as websocket:
        assert_handshake(await websocket.get_message(), [])


async def test_the_program_serves_both_paths_on_a_port() -> None:
    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            port = await nursery.start(serve_echoes, 0)
            for path in (ENGINE, SOCKET):
                caller = await Caller.dial(port)
                async with caller.stream:
                    asked = f"GET {path}{POLLING} HTTP/1.1\r\nHost: localhost\r\n\r\n"
                    status, _, body = await caller.call(asked.encode())
                assert status == 200
                assert_handshake(body.decode(), ["websocket"])
            nursery.cancel_scope.cancel()


@paths
@pytest.mark.parametrize(
    "query", ["", "?transport=polling", "?EIO=abc&transport=polling", "?EIO=3&transport=polling",
              "?EIO=4", "?EIO=4&transport=abc", "?EIO=4&EIO=4&transport=polling",
              "?EIO=4&transport=polling&sid=nobody", "?EIO=4&transport=websocket"]
)  # fmt: skip
async def test_a_wrong_query_is_refused(echoes: Echoes, path: str, query: str) -> None:
    assert (await echoes.http("GET", path + query))[0] == 400


@paths
@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_a_session_begins_with_get(echoes: Echoes, path: str, method: str) -> None:
    assert (await echoes.http(method, path + POLLING))[0] == 400


@paths
@pytest.mark.parametrize("query", ["?transport=websocket", "?EIO=abc&transport=websocket",
                                   "?EIO=3&transport=websocket", "?EIO=4", "?EIO=4&transport=abc",
                                   POLLING,
                                   WEBSOCKET + "&sid=nobody"])  # fmt: skip
async def test_a_websocket_with_a_wrong_query_is_closed(
    echoes: Echoes, path: str, query: str
) -> None:
    async with echoes.websocket(path + query) as websocket:
        assert await seconds_to_close(websocket) < 0.1  # and not by a ping that is not answered


# --- message --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent", ["4hello", "4", "4é✓", "bAQIDBA==", SEPARATOR.join(["4one", "4two", "4three"]),
             f"4hello{SEPARATOR}bAQIDBA=="]
)  # fmt: skip
async def test_a_payload_comes_back_in_one_answer(echoes: Echoes, sent: str) -> None:
    target = await echoes.opened()
    assert await echoes.http("POST", target, sent) == (200, "ok")
    assert await echoes.http("GET", target) == (200, sent)


async def test_a_poll_waits_for_a_message(echoes: Echoes) -> None:
    target = await echoes.opened()
    async with echoes.polled(target) as found:
        assert not found
        assert await echoes.http("POST", target, "4hello") == (200, "ok")
    assert found == [(200, "4hello")]


@pytest.mark.parametrize("wrong", ["abc", "", "b!", f"4hello{SEPARATOR}", "2", "5", "0{}"])
async def test_what_is_no_packet_of_a_client_ends_the_session(echoes: Echoes, wrong: str) -> None:
    target = await echoes.opened()
    assert (await echoes.http("POST", target, wrong))[0] == 400
    assert (await echoes.http("GET", target))[0] == 400


async def test_two_polls_at_once_end_the_session(echoes: Echoes) -> None:
    target = await echoes.opened()
    async with echoes.polled(target) as found:
        assert (await echoes.http("GET", target + "&t=other"))[0] == 400
    assert found == [(200, "1")]
    assert (await echoes.http("GET", target))[0] == 400


async def test_a_poll_whose_client_leaves_ends_the_session(echoes: Echoes) -> None:
    target = await echoes.opened()
    caller = Caller(echoes.dial())
    await caller.stream.send_all(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    await trio.testing.wait_all_tasks_blocked()
    await caller.aclose()
    await trio.testing.wait_all_tasks_blocked()
    assert (await echoes.http("GET", target))[0] == 400


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD"])
async def test_a_session_has_no_other_methods(echoes: Echoes, method: str) -> None:
    target = await echoes.opened()
    caller = Caller(echoes.dial())
    await caller.stream.send_all(f"{method} {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert (await caller.stream.receive_some()).startswith(b"HTTP/1.1 400 ")
    assert (await echoes.http("POST", target, "4hello"))[0] == 200


async def test_a_websocket_that_finds_no_room_is_told_so(
    echoes: Echoes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Engine, "_open", lambda *_, **__: "the server is full")
    async with echoes.websocket(ENGINE + WEBSOCKET) as websocket:
        with pytest.raises(ConnectionClosed):
            await websocket.get_message()
        assert websocket.closed is not None
        assert (websocket.closed.code, websocket.closed.reason) == (1013, "the server is full")
    status, body = await echoes.http("GET", ENGINE + POLLING)
    assert status == 503
    assert "the server is full" in body


async def test_a_body_above_the_limit_is_refused(echoes: Echoes) -> None:
    target = await echoes.opened()
    assert (await echoes.http("POST", target, length=1_000_001))[0] == 413


async def test_text_and_binary_come_back_over_a_websocket(echoes: Echoes) -> None:
    async with echoes.begun() as websocket:
        for sent in ("4hello", bytes([1, 2, 3, 4]), b"", "4", "4é✓"):
            await websocket.send_message(sent)
            assert await websocket.get_message() == sent


@pytest.mark.parametrize("wrong", ["abc", "", "2", "5", "0{}", "b!"])
async def test_a_websocket_is_closed_after_what_is_no_packet_of_a_client(
    echoes: Echoes, wrong: str
) -> None:
    async with echoes.begun() as websocket:
        await websocket.send_message(wrong)
        assert await seconds_to_close(websocket) < 0.1


# --- heartbeat ------------------------------------------------------------------------------------


@paths
async def test_a_poll_returns_with_each_ping_while_pings_are_answered(
    echoes: Echoes, path: str
) -> None:
    target = await echoes.opened(path)
    began = trio.current_time()
    for number in (1, 2, 3):
        assert await echoes.http("GET", target) == (200, "2")
        assert trio.current_time() - began == pytest.approx(0.3 * number)
        assert await echoes.http("POST", target, "3") == (200, "ok")


@paths
async def test_a_session_of_polling_whose_pong_is_late_is_over(echoes: Echoes, path: str) -> None:
    target = await echoes.opened(path)
    await trio.sleep(0.5)
    assert (await echoes.http("GET", target))[0] == 400
    target = await echoes.opened(path)
    assert await echoes.http("GET", target) == (200, "2")
    await trio.sleep(0.19)
    assert await echoes.http("POST", target, "3") == (200, "ok")
    await trio.sleep(0.5)
    assert (await echoes.http("POST", target, "3"))[0] == 400


async def next_ping(websocket: WebSocketConnection) -> float:
    """Return after how many seconds a ping comes; nothing else may come."""
    began = trio.current_time()
    assert await websocket.get_message() == "2"
    return trio.current_time() - began


async def test_a_websocket_that_answers_its_pings_lives_on(echoes: Echoes) -> None:
    async with echoes.begun() as websocket:
        for _ in range(3):
            assert await next_ping(websocket) == pytest.approx(0.3)
            await websocket.send_message("3")
        await websocket.send_message("4hello")
        assert await websocket.get_message() == "4hello"


@paths
async def test_a_websocket_that_does_not_answer_its_ping_is_closed(
    echoes: Echoes, path: str
) -> None:
    async with echoes.begun(path) as websocket:
        assert await next_ping(websocket) == pytest.approx(0.3)
        assert await seconds_to_close(websocket) == pytest.approx(0.2, abs=0.01)


# --- close ----------------------------------------------------------------------------------------


@paths
async def test_a_close_lets_the_poll_return(echoes: Echoes, path: str) -> None:
    target = await echoes.opened(path)
    async with echoes.polled(target) as found:
        assert await echoes.http("POST", target, "1") == (200, "ok")
    assert found == [(200, "6")]
    assert (await echoes.http("GET", target))[0] == 400


@paths
async def test_a_websocket_is_closed_by_its_clients_close_packet(echoes: Echoes, path: str) -> None:
    async with echoes.begun(path) as websocket:
        await websocket.send_message("1")
        assert await seconds_to_close(websocket) < 0.1
