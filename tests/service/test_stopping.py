"""Stops and ends: in time, in order, and with nothing left behind."""

import gc
import weakref
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from gameserver.errors import Code
from gameserver.ids import MatchId, Tick
from gameserver.messages.lobby import CreateLobby, LeaveLobby, LobbyConfig, SetReady
from gameserver.messages.match import EnterMatch, GetReplay, MatchEnded, MatchStarted
from gameserver.messages.session import ServerMessage, SignOut
from gameserver.messages.wire import EventEnvelope, Input, NoticeEnvelope, Refusal
from gameserver.service.config.settings import Settings
from gameserver.service.server import Server
from gameserver.service.winddown import FETCHING_S, RESULTS_S
from gameserver.store.reading import contents, journals_in, read_journal
from gameserver.testing.skirmish import Skirmish
from tests.service.peers import MAP, Peer, Running, assert_serves, serving
from tests.service.test_live_matches import LISTENER, order
from tests.transports.harness import read_to_end, shake_hands

ALONE = LobbyConfig(title="Den", map=MAP.name, size=4, bots=3)


async def playing(house: Running, name: str = "Ann") -> tuple[Peer, MatchStarted]:
    """Return somebody who plays with bots."""
    peer = await house.guest(name)
    await peer.ask(1, CreateLobby(ALONE))
    await peer.ask(2, SetReady(ready=True))
    while True:
        heard = await peer.hear_a(EventEnvelope)
        if isinstance(heard.event, MatchStarted):
            await peer.ask(3, EnterMatch(heard.event.match_id))
            return peer, heard.event


async def test_a_connection_accepted_during_a_stop_does_not_delay_it() -> None:
    patient = Settings(port=0, stop_after_s=60)
    server = Server(patient, Skirmish(), {MAP.name: MAP})
    with trio.fail_after(patient.stop_after_s / 2):
        async with trio.open_nursery() as nursery:
            port = int((await nursery.start(server.run)).rpartition(":")[2])
            stubborn = await shake_hands(port)  # never answers the close, so the stop waits for it
            server.stop()
            await trio.testing.wait_all_tasks_blocked()
            async with await shake_hands(port) as late:
                assert b"server_stopping" in await read_to_end(late)
            await server.stopped.wait()
            await trio.aclose_forcefully(stubborn)


def settings(**more: Any) -> Settings:
    return Settings(seed=5, **more)


def patient(**more: Any) -> Settings:
    """Return settings of a server on which somebody who says nothing stays connected."""
    return settings(heartbeat_s=60.0, **more)


async def heard_texts(peer: Peer) -> list[str]:
    return [
        each.notice.text
        for each in await peer.hear_out()
        if isinstance(each, NoticeEnvelope) and isinstance(each.notice, ServerMessage)
    ]


async def test_a_drain_waits_for_the_last_match_and_then_stops(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock, settings=patient(drain_s=600)) as house:
        peer, started = await playing(house)
        house.server.drain()
        await trio.sleep(3)
        assert not house.server.stopped.is_set()
        live = house.server.matches.get(started.match_id)
        assert live is not None
        live.end("finished")
        await house.server.stopped.wait()
        assert house.server.cut_matches == 0
        assert await heard_texts(peer) == [
            "the server stops soon: no new matches begin",
            "the last match is over: the server restarts soon",
            "the server stops",
        ]


async def drained_after(house: Running, match_id: MatchId) -> float:
    """Drain, end the match, and return how long the server went on behind its end."""
    house.server.drain()
    live = house.server.matches.get(match_id)
    assert live is not None
    live.end("finished")
    ended = trio.current_time()
    await house.server.stopped.wait()
    return trio.current_time() - ended


async def test_a_drain_leaves_time_for_the_results_of_the_last_match(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock, settings=patient(drain_s=600)) as house:
        _, started = await playing(house)
        took = await drained_after(house, started.match_id)
        assert RESULTS_S <= took < RESULTS_S + 6


async def test_a_drain_waits_for_nobody_who_has_left_the_results(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock, settings=patient(drain_s=600)) as house:
        peer, started = await playing(house)
        async with trio.open_nursery() as nursery:

            async def leave() -> None:
                await trio.sleep(3)
                await peer.ask(9, LeaveLobby())

            nursery.start_soon(leave)
            took = await drained_after(house, started.match_id)
        assert 3 <= took < 10


async def test_results_are_shown_no_longer_than_the_drain_lasts(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock, settings=patient(drain_s=8)) as house:
        _, started = await playing(house)
        assert await drained_after(house, started.match_id) < 15


async def test_a_drain_waits_while_a_replay_is_fetched(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    kept = patient(drain_s=600, data=str(tmp_path))
    async with serving(autojump_clock, settings=kept) as house:
        peer, started = await playing(house)
        await trio.sleep(1)
        async with trio.open_nursery() as nursery:

            async def fetch() -> None:
                for number in range(9, 21):
                    await trio.sleep(2)
                    await peer.ask(number, GetReplay(started.match_id))

            nursery.start_soon(fetch)
            took = await drained_after(house, started.match_id)
        assert RESULTS_S + 4 <= took < FETCHING_S


async def test_a_drain_ends_at_its_deadline_at_the_latest(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock, settings=settings(drain_s=30)) as house:
        await playing(house)
        house.server.drain()
        began = trio.current_time()
        await house.server.stopped.wait()
        assert 30 <= trio.current_time() - began < 40


@pytest.mark.parametrize("again", ["drain", "stop"])
async def test_a_second_signal_ends_a_drain_at_once(autojump_clock: MockClock, again: str) -> None:
    async with serving(autojump_clock, settings=settings(drain_s=600)) as house:
        await playing(house)
        house.server.drain()
        await trio.sleep(5)
        getattr(house.server, again)()
        began = trio.current_time()
        await house.server.stopped.wait()
        assert trio.current_time() - began < 10


async def test_without_a_time_for_it_a_drain_is_a_stop(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as house:
        await playing(house)
        house.server.drain()
        began = trio.current_time()
        await house.server.stopped.wait()
        assert trio.current_time() - began < 10


async def test_a_server_that_drains_is_not_ready_but_answers(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock, settings=settings(drain_s=600)) as house:
        peer, _ = await playing(house)
        health = house.server._listen_settings().pages["/health"]
        ready: Any = SimpleNamespace()
        assert health(ready).status == 200
        house.server.drain()
        assert health(ready).status == 503
        await assert_serves(peer)
        late = await house.guest("Late")
        answer = await late.ask(1, CreateLobby(ALONE))
        assert isinstance(answer, Refusal)
        assert answer.code == Code.SERVER_STOPPING


async def test_a_match_with_a_journal_is_cut_off_and_its_players_get_no_result(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    async with serving(autojump_clock, data=tmp_path) as house:
        peer, _ = await playing(house)
        await trio.sleep(2)
        house.server.stop()
        await house.server.stopped.wait()
        assert house.server.cut_matches == 1
        events = [each.event for each in await peer.hear_out() if isinstance(each, EventEnvelope)]
        assert not any(isinstance(event, MatchEnded) for event in events)
    (path,) = journals_in(tmp_path / "matches")
    assert contents(read_journal(path)).end is None
    assert contents(read_journal(path)).ticks >= 30


async def test_a_match_that_belongs_to_no_lobby_is_ended_as_well(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        live = house.server.matches.start(order(7), LISTENER)
        house.server.stop()
        await house.server.stopped.wait()
        assert live.over


async def test_a_match_whose_journal_has_a_fault_ends_with_its_result(
    tmp_path: Path, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(autojump_clock, data=tmp_path) as house:
        peer, started = await playing(house)
        await trio.sleep(2)
        recorder = house.server._journals._recorders[started.match_id]
        monkeypatch.setattr(recorder._file, "fault", "No space left on device")
        house.server.stop()
        await house.server.stopped.wait()
        assert house.server.cut_matches == 0
        events = [each.event for each in await peer.hear_out() if isinstance(each, EventEnvelope)]
        assert any(isinstance(event, MatchEnded) for event in events)


async def test_after_a_sign_out_during_a_match_its_memory_is_freed(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        peer, started = await playing(house)
        live = house.server.matches.get(started.match_id)
        assert live is not None
        gone = weakref.ref(live.match)
        del live
        await peer.ask(4, SignOut())
        await peer.hear_out()
        await trio.sleep(60)
        gc.collect()
        assert gone() is None


async def test_a_finished_match_is_freed_even_if_its_players_stay(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        peer, started = await playing(house)
        live = house.server.matches.get(started.match_id)
        assert live is not None
        gone = weakref.ref(live.match)
        live.end("stopped")
        del live
        await trio.sleep(5)
        await assert_serves(peer)
        gc.collect()
        assert gone() is None
        await peer.send(
            Input(1, Tick(0), Tick(0), 0, (0, 0, 0, 0)),
        )
        await assert_serves(peer, 1001)
