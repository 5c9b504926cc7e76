"""The server's process is killed in the middle of a match, and the next one goes on with it."""

import shutil
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import trio
import trio.lowlevel

from gameserver.arena import Arena
from gameserver.arena.entities import Fighter
from gameserver.client import Client, ClientSettings, MatchReady, MatchReplica, open_client
from gameserver.messages.chat import Channel, ChatHistory, GetChatHistory, SendChat
from gameserver.service.matchrecovery import WAIT_S
from tests.e2e.program import free_port, gather, plays, program, start, until

ARENA = ClientSettings(game=Arena(), seed=1)
WITHOUT_END = {"time_limit_s": 0, "score_limit": 0}


def scores(replica: MatchReplica) -> dict[int, int]:
    """Return the score of each seat in the newest snapshot."""
    return {int(each.owner): each.score for each in replica.world.all(Fighter)}


def is_back(client: Client, epoch: int) -> bool:
    """Tell whether a client plays in a match that this number of processes has run."""
    return plays(client) and client.match is not None and client.match.epoch == epoch


async def note_entries(client: Client, waits: list[float]) -> None:
    """Note of each match that was entered how long it stands still at most."""
    async for update in client.updates():
        match update:
            case MatchReady(waits_s=waits_s):
                waits.append(waits_s)


async def test_players_go_on_after_the_process_was_killed(tmp_path: Path) -> None:
    port = str(free_port())
    args = ("--port", port, "--data", str(tmp_path / "data"))
    async with (
        program(tmp_path, *args) as first,
        open_client(first.url, "Ann", ARENA) as ann,
        open_client(first.url, "Bob", ARENA) as bob,
        trio.open_nursery() as nursery,
    ):
        waits: list[float] = []
        nursery.start_soon(note_entries, bob, waits)
        lobby = (await gather(ann, bob, bots=2, **WITHOUT_END)).lobby
        await start(ann, bob)
        await ann.request(SendChat(Channel.LOBBY, "remember this"))
        replica = ann.match
        assert replica is not None
        assert replica.epoch == 1
        await until(lambda: plays(ann) and plays(bob) and replica.world.tick > 60)
        first.process.kill()
        await first.process.wait()
        tick = replica.world.tick
        before = scores(replica)
        (tmp_path / "next").mkdir()
        async with program(tmp_path / "next", *args) as second:
            for client in (ann, bob):
                await until(partial(is_back, client, 2))
                assert client.reconnects == 1
            assert ann.lobby is not None
            assert ann.lobby.lobby_id == lobby.lobby_id
            assert ann.match is not None
            rate = ann.match.started.tick_rate
            assert tick - rate <= ann.match.world.tick
            after = scores(ann.match)
            assert after.keys() == before.keys()
            history: ChatHistory = await bob.request(GetChatHistory(Channel.LOBBY))
            assert "remember this" in [line.text for line in history.lines]
            await until(lambda: plays(ann) and ann.match.world.tick > tick + rate)  # type: ignore[union-attr]
            assert not ann.match.telemetry.desyncs
            second.assert_same_process_without_faults()
            began, again = waits
            assert began == 0.0
            assert 0.0 < again <= WAIT_S
        nursery.cancel_scope.cancel()
        await trio.lowlevel.checkpoint()


async def test_a_stop_in_a_match_is_a_pause_for_its_players(tmp_path: Path) -> None:
    port = str(free_port())
    args = ("--port", port, "--data", str(tmp_path / "data"))
    async with (
        program(tmp_path, *args) as first,
        open_client(first.url, "Ann", ARENA) as ann,
    ):
        await gather(ann, bots=1, **WITHOUT_END)
        await start(ann)
        replica = ann.match
        assert replica is not None
        await until(lambda: plays(ann) and replica.world.tick > 30)
        first.terminate()
        assert await first.process.wait() == 3
        tick, before = replica.world.tick, scores(replica)
        (tmp_path / "next").mkdir()
        async with program(tmp_path / "next", *args) as second:
            await until(partial(is_back, ann, 2))
            assert ann.match is not None
            assert scores(ann.match).keys() == before.keys()
            # Nothing is lost: what the server had run is in the journal.
            assert ann.match.world.tick >= tick - ann.match.started.tick_rate / 2
            second.assert_same_process_without_faults()


async def test_a_backup_of_a_running_server_goes_on_in_its_place(tmp_path: Path) -> None:
    port, data, backup = str(free_port()), tmp_path / "data", tmp_path / "backup"
    async with (
        program(tmp_path, "--port", port, "--data", str(data)) as first,
        open_client(first.url, "Ann", ARENA) as ann,
    ):
        lobby = (await gather(ann, bots=1, **WITHOUT_END)).lobby
        await start(ann)
        replica = ann.match
        assert replica is not None
        await until(lambda: plays(ann) and replica.world.tick > 60)
        backup.mkdir()
        with closing(sqlite3.connect(data / "people.db")) as database:
            database.execute("VACUUM INTO ?", (str(backup / "people.db"),))
        shutil.copytree(data / "matches", backup / "matches")
        tick = replica.world.tick
        # What follows is not in the copy.
        await until(lambda: plays(ann) and replica.world.tick > tick + 60)
        first.process.kill()
        await first.process.wait()
        (tmp_path / "next").mkdir()
        async with program(tmp_path / "next", "--port", port, "--data", str(backup)) as second:
            await until(partial(is_back, ann, 2))
            assert ann.lobby is not None
            assert ann.lobby.lobby_id == lobby.lobby_id
            assert ann.match is not None
            assert ann.match.world.tick < tick + 60
            second.assert_same_process_without_faults()
