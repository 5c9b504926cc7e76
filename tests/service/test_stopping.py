"""Stops and ends: in time, in order, and with nothing left behind."""

import gc
import weakref

import trio
from trio.testing import MockClock

from gameserver.ids import Tick
from gameserver.messages.lobby import CreateLobby, LobbyConfig, SetReady
from gameserver.messages.match import EnterMatch, MatchStarted
from gameserver.messages.session import SignOut
from gameserver.messages.wire import EventEnvelope, Input
from gameserver.service.config.settings import Settings
from gameserver.service.server import Server
from gameserver.testing.skirmish import Skirmish
from tests.service.peers import MAP, Peer, Running, assert_serves, serving
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
