"""A session that goes on over another connection while its resume is being written to disk."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import trio
from trio.testing import MockClock

from gameserver.ids import MatchId, RequestId
from gameserver.messages.lobby import CreateLobby, LobbyConfig, SetReady
from gameserver.messages.match import EnterMatch, MatchStarted
from gameserver.messages.session import ServerMessage
from gameserver.messages.wire import (
    EventEnvelope,
    Goodbye,
    NoticeEnvelope,
    RequestEnvelope,
    ResultEnvelope,
    Snapshot,
    Welcome,
)
from gameserver.store.worker import InlineWorker, Job
from tests.service.peers import MAP, Peer, Running, hello, serving

WRITES_S = 0.3
"""Shorter than the time after which players are told all the same."""


@attrs.define(eq=False)
class Held(InlineWorker):
    """A disk that writes when it is told to."""

    holds: bool = False
    jobs: list[Job] = attrs.field(factory=list)

    def put(self, job: Job) -> None:
        if self.holds:
            self.jobs.append(job)
        else:
            job()

    def go_on(self) -> None:
        self.holds = False
        for job in self.jobs:
            job()


@asynccontextmanager
async def played(
    clock: MockClock, folder: Path
) -> AsyncIterator[tuple[Running, Held, Peer, Welcome, MatchId]]:
    """Bring somebody into a match of a server that saves."""
    disk = Held()
    async with serving(clock, data=folder, inline=lambda *_: disk) as house:
        peer = await house.dial()
        welcome = await peer.sign_in("Ann")
        await peer.ask(1, CreateLobby(LobbyConfig(title="Den", map=MAP.name, size=4, bots=1)))
        await peer.ask(2, SetReady(True))
        while not isinstance((event := (await peer.hear_a(EventEnvelope)).event), MatchStarted):
            pass
        await peer.ask(3, EnterMatch(event.match_id))
        yield house, disk, peer, welcome, event.match_id


async def heard_within(peer: Peer, seconds: float) -> list[Any]:
    """Return what somebody hears in this time."""
    came = []
    with trio.move_on_after(seconds):
        while True:
            came.append(await peer.hear())
    return came


async def resuming(house: Running, welcome: Welcome) -> Peer:
    """Say hello for a session over another connection."""
    other = await house.dial()
    await other.send(hello("Ann", token=welcome.token))
    return other


async def test_a_resumed_session_hears_nothing_before_its_welcome(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    async with played(autojump_clock, tmp_path) as (house, disk, _, welcome, match_id):
        disk.holds = True
        other = await resuming(house, welcome)
        await other.send(RequestEnvelope(RequestId(4), EnterMatch(match_id)))
        assert await heard_within(other, WRITES_S) == [], "nothing of it is on disk"
        disk.go_on()
        came = [type(await other.hear()) for _ in range(12)]
        assert came[0] is Welcome
        assert came.index(ResultEnvelope) < came.index(Snapshot), "it has entered by then"


async def test_a_notice_does_not_overtake_a_welcome(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    async with played(autojump_clock, tmp_path) as (house, disk, _, welcome, _):
        disk.holds = True
        other = await resuming(house, welcome)
        await trio.sleep(WRITES_S / 2)
        house.server.connections.tell((welcome.player_id,), ServerMessage("hello"))
        house.server.connections.flush()
        assert await heard_within(other, WRITES_S / 2) == []
        disk.go_on()
        assert isinstance(await other.hear(), Welcome)
        assert (await other.hear_a(NoticeEnvelope)).notice == ServerMessage("hello")


async def test_a_connection_is_told_that_its_session_is_elsewhere_when_that_is_on_disk(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    async with played(autojump_clock, tmp_path) as (house, disk, peer, welcome, _):
        disk.holds = True
        other = await resuming(house, welcome)
        came = await heard_within(peer, WRITES_S)
        assert not any(isinstance(each, Goodbye) for each in came), "a crash would lose the resume"
        disk.go_on()
        assert isinstance(await other.hear(), Welcome)
        assert (await peer.hear_a(Goodbye)).code == "session.replaced"


async def test_who_leaves_a_match_before_its_entry_is_on_disk_gets_no_snapshots_of_it(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    async with played(autojump_clock, tmp_path) as (house, disk, peer, welcome, match_id):
        disk.holds = True
        other = await resuming(house, welcome)
        await other.send(RequestEnvelope(RequestId(4), EnterMatch(match_id)))
        await trio.sleep(WRITES_S / 2)
        await other.websocket.aclose()
        await peer.websocket.aclose()
        await trio.sleep(WRITES_S / 2)
        disk.go_on()
        live = house.server.matches.get(match_id)
        assert live is not None
        assert live.viewers == 0
