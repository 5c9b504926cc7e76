"""How a session of Engine.IO v4 moves from polling to a WebSocket, tried on the echoes.

Source: the protocol's document and what its official test suite asks for.
"""

import os
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked
from trio_websocket import WebSocketConnection

from gameserver.roads.draws import RoadDraws
from gameserver.roads.socketio.echo import SUITE, EngineEcho
from gameserver.roads.socketio.engine import CLOSE_S, GRACE_PARTS, UPGRADE_GRACE_S, Engine
from gameserver.transports.http.headers import HeaderFields
from gameserver.transports.http.requests import HttpRequest, HttpResponse, SocketRequest
from tests.roads.socketio.echoes import (
    ENGINE,
    POLLING,
    SOCKET,
    WEBSOCKET,
    Echoes,
    echoes,
    seconds_to_close,
    serving,
)

__all__ = ["echoes"]

paths = pytest.mark.parametrize("path", [ENGINE, SOCKET])


@asynccontextmanager
async def probed(echoes: Echoes, target: str) -> AsyncIterator[WebSocketConnection]:
    """Open a WebSocket for a session of polling, and test it as a client does."""
    async with echoes.websocket(upgraded(target)) as websocket:
        await websocket.send_message("2probe")
        assert await websocket.get_message() == "3probe"
        yield websocket


def upgraded(target: str) -> str:
    return target.replace("polling", "websocket")


async def test_a_session_moves_from_polling_to_a_websocket_without_loss(echoes: Echoes) -> None:
    target = await echoes.opened()
    assert await echoes.http("POST", target, "4before") == (200, "ok")
    async with probed(echoes, target) as websocket:
        assert await echoes.http("GET", target) == (200, "4before")
        assert await echoes.http("GET", target) == (200, "6"), "a poll must not wait now"
        assert await echoes.http("POST", target, "4between") == (200, "ok")
        await websocket.send_message("5")
        assert await websocket.get_message() == "4between"
        await websocket.send_message("4hello")
        assert await websocket.get_message() == "4hello"


@paths
async def test_a_poll_that_waits_is_ended_by_the_probe(echoes: Echoes, path: str) -> None:
    target = await echoes.opened(path)
    async with echoes.polled(target) as found, probed(echoes, target):
        await wait_all_tasks_blocked()
        assert found == [(200, "6")]


@paths
async def test_after_the_upgrade_polling_is_refused_and_the_websocket_goes_on(
    echoes: Echoes, path: str
) -> None:
    target = await echoes.opened(path)
    async with probed(echoes, target) as websocket:
        await websocket.send_message("5")
        assert (await echoes.http("GET", target))[0] == 400
        assert (await echoes.http("POST", target, "3"))[0] == 400
        assert await websocket.get_message() == "2"
        await websocket.send_message("3")
        assert await websocket.get_message() == "2"


@paths
async def test_a_second_websocket_is_closed_and_the_first_goes_on(
    echoes: Echoes, path: str
) -> None:
    target = await echoes.opened(path)
    async with probed(echoes, target) as websocket:
        async with echoes.websocket(upgraded(target)) as rival:
            assert await seconds_to_close(rival) < 0.1
        await websocket.send_message("5")
        async with echoes.websocket(upgraded(target)) as second:
            assert await seconds_to_close(second) < 0.1
        assert await websocket.get_message() == "2"


async def test_a_session_of_a_websocket_is_not_upgraded(echoes: Echoes) -> None:
    async with echoes.websocket(ENGINE + WEBSOCKET) as websocket:
        sid = str(await websocket.get_message()).split('"')[3]
        async with echoes.websocket(f"{ENGINE}{WEBSOCKET}&sid={sid}") as second:
            assert await seconds_to_close(second) < 0.1
        await websocket.send_message("4still")
        assert await websocket.get_message() == "4still"


async def test_an_upgrade_whose_client_does_not_wait_for_the_answer_to_its_probe(
    echoes: Echoes,
) -> None:
    target = await echoes.opened()
    async with echoes.websocket(upgraded(target)) as websocket:
        await websocket.send_message("2probe")
        await websocket.send_message("5")
        assert await websocket.get_message() == "3probe"
        await websocket.send_message("4hello")
        assert await websocket.get_message() == "4hello"
        assert (await echoes.http("GET", target))[0] == 400


@pytest.mark.parametrize("wrong", ["4too early", "2other", "5", "abc"])
async def test_a_failed_upgrade_leaves_the_session_to_polling(echoes: Echoes, wrong: str) -> None:
    target = await echoes.opened()
    async with echoes.websocket(upgraded(target)) as websocket:
        await websocket.send_message(wrong)
        assert await seconds_to_close(websocket) < 0.1
    assert await echoes.http("POST", target, "4hello") == (200, "ok")
    assert await echoes.http("GET", target) == (200, "4hello")
    async with probed(echoes, target) as websocket:
        await websocket.send_message("5")
        await websocket.send_message("4hello")
        assert await websocket.get_message() == "4hello"


@pytest.mark.usefixtures("autojump_clock")
async def test_a_websocket_that_never_finishes_its_upgrade_is_closed() -> None:
    async with serving(ping_interval_s=60.0, upgrade_timeout_s=3.0) as echoes:
        target = await echoes.opened()
        async with probed(echoes, target) as websocket:
            assert await seconds_to_close(websocket) == pytest.approx(3.0)
        assert await echoes.http("POST", target, "4hello") == (200, "ok")


@pytest.mark.usefixtures("autojump_clock")
async def test_a_session_that_ends_takes_its_websocket_along() -> None:
    async with serving() as echoes:
        target = await echoes.opened()
        async with probed(echoes, target) as websocket:
            await websocket.send_message("5")
            assert await seconds_to_close(websocket) <= 0.5 + CLOSE_S


# --- polls beside an upgrade ----------------------------------------------------------------------


async def test_a_poll_waits_for_the_packet_that_ends_the_upgrade(echoes: Echoes) -> None:
    target = await echoes.opened()
    async with probed(echoes, target) as websocket:
        began = trio.current_time()
        async with echoes.polled(target) as found:
            assert not found
            await websocket.send_message("5")
        assert found[0][0] == 400
        assert trio.current_time() == began


async def test_a_poll_beside_an_upgrade_waits_no_longer_than_its_grace(echoes: Echoes) -> None:
    target = await echoes.opened()
    async with probed(echoes, target):
        began = trio.current_time()
        assert await echoes.http("GET", target) == (200, "6")
        assert trio.current_time() - began == pytest.approx(UPGRADE_GRACE_S)


class Answers:
    """Polls of a session whose WebSocket is in its handshake."""

    def __init__(self, served: Engine) -> None:
        self.engine = served
        self.found: list[HttpResponse] = []

    async def ask(self, query: str, method: str = "GET", body: bytes = b"") -> HttpResponse:
        request = HttpRequest(method, ENGINE, query[1:], HeaderFields(()), body, "")
        return await self.engine.answer(request)

    async def opened(self) -> str:
        sid = (await self.ask(POLLING)).body.split(b'"')[3].decode()
        return f"{POLLING}&sid={sid}"

    def handshake(self, query: str) -> AbstractContextManager[None]:
        """What the listener enters while it answers the handshake of a WebSocket."""
        expect = self.engine.road.expect
        assert expect is not None
        return expect(SocketRequest(upgraded(query)[1:], "", direct=True))

    @asynccontextmanager
    async def polled(self, query: str) -> AsyncIterator[None]:
        """Post a message and poll while the handshake of a WebSocket is answered."""

        async def poll() -> None:
            self.found.append(await self.ask(query))

        await self.ask(query, "POST", b"4hello")
        async with trio.open_nursery() as nursery:
            with self.handshake(query):
                nursery.start_soon(poll)
                await wait_all_tasks_blocked()
                yield


@pytest.fixture
async def answers() -> AsyncIterator[Answers]:
    async with trio.open_nursery() as nursery:
        served = Engine(SUITE, EngineEcho, RoadDraws(os.urandom))
        await nursery.start(served.run)
        yield Answers(served)
        nursery.cancel_scope.cancel()


@pytest.mark.usefixtures("mock_clock")
async def test_a_poll_waits_while_the_handshake_of_a_websocket_is_answered(
    answers: Answers,
) -> None:
    target = await answers.opened()
    async with answers.polled(target):
        assert not answers.found
    assert answers.found[0].body == b"4hello"


async def test_a_stall_of_the_machine_does_not_use_up_the_grace(
    answers: Answers, mock_clock: MockClock
) -> None:
    target = await answers.opened()
    async with answers.polled(target):
        mock_clock.jump(10 * UPGRADE_GRACE_S)
        await wait_all_tasks_blocked()
        assert not answers.found
        for _ in range(GRACE_PARTS):
            mock_clock.jump(UPGRADE_GRACE_S / GRACE_PARTS)
            await wait_all_tasks_blocked()
        assert answers.found[0].body == b"4hello"
