"""One task keeps the time of all sessions: who is sent a ping, when, and what one bug may spoil."""

import os
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from math import inf

import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from gameserver.protocol.socketio.engine import EngineKind, EnginePacket
from gameserver.protocol.socketio.handshake import Transport
from gameserver.roads.draws import RoadDraws
from gameserver.roads.socketio.beats import AT_ONCE, Beats
from gameserver.roads.socketio.connection import EngineConnection, EngineSettings

PING_S = 5.0
SETTINGS = EngineSettings(ping_interval_s=PING_S, ping_timeout_s=20.0)


class Timed:
    """An application that notes when its session was sent a ping."""

    late_s = inf
    spoilt = False

    def __init__(self, any_beaten: trio.Event) -> None:
        self._any_beaten = any_beaten
        self.beaten_s: list[float] = []

    async def receive(self, data: str | bytes) -> None:
        raise AssertionError(data)

    def fill(self, queue: deque[EnginePacket]) -> bool:
        if self.spoilt:
            raise ZeroDivisionError
        del queue
        return True

    def beaten(self) -> None:
        self.beaten_s.append(trio.current_time())
        self._any_beaten.set()

    async def ponged(self) -> None:
        await trio.lowlevel.checkpoint()

    def closed(self) -> None:
        raise AssertionError("the engine tells that, not the time")


class Sessions:
    def __init__(self, nursery: trio.Nursery) -> None:
        self.connections: dict[str, EngineConnection] = {}
        self.beats = Beats(self.connections)
        self._nursery = nursery
        self.any_beaten = trio.Event()

    def open(self) -> tuple[EngineConnection, Timed]:
        connection = EngineConnection(
            SETTINGS,
            Transport.WEBSOCKET,
            "there",
            self._nursery,
            RoadDraws(os.urandom),
            direct=True,
            changed=lambda _: None,
        )
        application = Timed(self.any_beaten)
        connection.application = application
        connection.queue.clear()
        self.connections[connection.sid] = connection
        self.beats.note(connection)
        return connection, application


@asynccontextmanager
async def kept() -> AsyncIterator[Sessions]:
    with trio.fail_after(100):
        async with trio.open_nursery() as nursery:
            sessions = Sessions(nursery)
            nursery.start_soon(sessions.beats.run)
            yield sessions
            nursery.cancel_scope.cancel()


async def test_each_session_is_sent_one_ping_at_its_time(autojump_clock: MockClock) -> None:
    assert isinstance(autojump_clock, MockClock)
    began = trio.current_time()
    async with kept() as sessions:
        early, of_early = sessions.open()
        await trio.sleep(2)
        late, of_late = sessions.open()
        await trio.sleep(PING_S + 0.1)
        assert of_early.beaten_s == [began + PING_S]
        assert of_late.beaten_s == [began + 2 + PING_S]
        for each in (early, late):
            assert [packet.kind for packet in each.queue] == [EngineKind.PING]


async def test_a_session_without_a_pong_is_closed_at_its_time(autojump_clock: MockClock) -> None:
    assert isinstance(autojump_clock, MockClock)
    async with kept() as sessions:
        silent, _ = sessions.open()
        await trio.sleep(PING_S + SETTINGS.ping_timeout_s - 0.1)
        assert not silent.session.closed
        await trio.sleep(0.2)
        assert silent.session.closed


async def test_sessions_that_are_closed_or_gone_are_left_alone(autojump_clock: MockClock) -> None:
    assert isinstance(autojump_clock, MockClock)
    async with kept() as sessions:
        closed, of_closed = sessions.open()
        gone, of_gone = sessions.open()
        _, of_open = sessions.open()
        closed.session.close()
        del sessions.connections[gone.sid]
        await trio.sleep(PING_S + 0.1)
        assert (of_closed.beaten_s, of_gone.beaten_s, len(of_open.beaten_s)) == ([], [], 1)


async def test_a_session_whose_time_is_brought_forward_is_looked_at_then(
    autojump_clock: MockClock,
) -> None:
    assert isinstance(autojump_clock, MockClock)
    async with kept() as sessions:
        other, _ = sessions.open()
        hurried, application = sessions.open()
        await trio.sleep(1)
        application.late_s = trio.current_time() + 1
        sessions.beats.note(hurried)
        both = [hurried.session, other.session]
        await trio.sleep(0.9)
        assert [session.closed for session in both] == [False, False]
        await trio.sleep(0.2)
        assert [session.closed for session in both] == [True, False]


async def test_a_bug_at_one_session_ends_it_alone(autojump_clock: MockClock) -> None:
    assert isinstance(autojump_clock, MockClock)
    async with kept() as sessions:
        spoilt, of_spoilt = sessions.open()
        whole, of_whole = sessions.open()
        of_spoilt.spoilt = True
        with capture_logs() as logs:
            await trio.sleep(PING_S + 0.1)
        assert [(line["event"], line["address"]) for line in logs] == [
            ("connection failed", "there")
        ]
        assert spoilt.session.closed
        assert not whole.session.closed
        assert len(of_whole.beaten_s) == 1


async def test_other_tasks_run_between_many_sessions_that_are_due_at_once(
    autojump_clock: MockClock,
) -> None:
    assert isinstance(autojump_clock, MockClock)
    async with kept() as sessions:
        opened = [application for _, application in (sessions.open() for _ in range(3 * AT_ONCE))]
        await sessions.any_beaten.wait()
        done = sum(len(each.beaten_s) for each in opened)
        assert done < len(opened)
        await trio.sleep(0.1)
        assert all(len(each.beaten_s) == 1 for each in opened)
