"""People on the real program: a match to its end, cuts, a stop, a broken game."""

from functools import partial
from pathlib import Path

import trio

from gameserver.arena import Arena
from gameserver.arena.entities import Fighter
from gameserver.client import (
    Client,
    ClientSettings,
    EventReceived,
    MatchReplica,
    Noticed,
    Online,
    open_client,
)
from gameserver.client.bots import WireBot
from gameserver.client.updates import Updates
from gameserver.errors import Code, RequestError
from gameserver.game.rng import Rng
from gameserver.messages.chat import Channel, ChatSaid, SendChat
from gameserver.messages.lobby import LeaveLobby, Phase, SetReady
from gameserver.messages.match import MatchEnded
from gameserver.messages.session import ServerMessage
from tests.e2e.faulty import Faulty
from tests.e2e.program import gather, phase, plays, program, start, until

CUTS = 20
"""How often the connection is cut in one match."""

STOP_S = 5
"""The longest orderly stop that is promised."""

ARENA = ClientSettings(game=Arena(), seed=1)
FAULTY = ClientSettings(game=Faulty(), seed=1)
WITHOUT_END = {"time_limit_s": 0, "score_limit": 0}


def texts(reader: Updates) -> list[str]:
    """Return what people said, each line as often as it was told."""
    return [
        update.event.line.text
        for update in reader.drain()
        if isinstance(update, EventReceived)
        and isinstance(update.event, ChatSaid)
        and update.event.line.sender
    ]


def has_resumed(client: Client, replica: MatchReplica, times: int) -> bool:
    """Tell whether a client is back in its match after so many cuts, with a keyframe each."""
    back = client.reconnects == times and plays(client)
    return back and replica.telemetry.keyframes >= times + 1


def has_heard(heard: Updates, said: list[str], count: int) -> bool:
    """Collect what was said, and tell whether it is enough."""
    said += texts(heard)
    return len(said) >= count


async def say(client: Client, text: str) -> None:
    """Say a line in the lobby, as often as it takes to get past the rate limit."""
    while True:
        try:
            await client.request(SendChat(Channel.LOBBY, text))
        except RequestError as refused:
            assert refused.code is Code.RATE_LIMITED  # noqa: PT017  any other ends the test
            await trio.sleep(0.5)
        else:
            return


def score_of(replica: MatchReplica) -> int:
    """Return the score of the replica's own fighter."""
    fighter = replica.world.owned(replica.seat, Fighter)
    assert fighter is not None
    return fighter.score


async def test_lost_connections_in_a_match_cost_neither_seat_nor_score_nor_chat_lines(
    tmp_path: Path,
) -> None:
    async with (
        program(tmp_path) as running,
        open_client(running.url, "Ann", ARENA) as ann,
        open_client(running.url, "Bob", ARENA) as bob,
        trio.open_nursery() as playing,
    ):
        heard_by_ann, heard_by_bob = ann.updates(), bob.updates()
        await gather(ann, bob, bots=4, bot_level="easy", **WITHOUT_END)
        await start(ann, bob)
        playing.start_soon(WireBot(ann, "hard", Rng.seeded(1)).play)
        replica = ann.match
        assert replica is not None
        seat, me, score = replica.seat, ann.player_id, 0
        for cut in range(CUTS):
            if cut == CUTS // 2:
                await until(lambda: score_of(replica) > 0)
            ann.drop_connection()
            async with trio.open_nursery() as talking:
                talking.start_soon(say, bob, f"to Ann {cut}")
                talking.start_soon(say, ann, f"to Bob {cut}")
            await until(partial(has_resumed, ann, replica, cut + 1))
            assert (ann.match, replica.seat, ann.player_id) == (replica, seat, me)
            assert score_of(replica) >= score
            score = score_of(replica)
        assert score > 0
        for heard in (heard_by_ann, heard_by_bob):
            said: list[str] = []
            await until(partial(has_heard, heard, said, 2 * CUTS))
            for whom in ("to Ann", "to Bob"):
                lines = [line for line in said if line.startswith(whom)]
                assert lines == [f"{whom} {cut}" for cut in range(CUTS)]
        assert replica.telemetry.desyncs == 0
        running.assert_same_process_without_faults()
        playing.cancel_scope.cancel()


async def test_a_stop_during_a_match_is_announced_and_orderly(tmp_path: Path) -> None:
    async with (
        program(tmp_path) as running,
        open_client(running.url, "Ann", ARENA) as ann,
    ):
        heard = ann.updates()
        await gather(ann, bots=2, **WITHOUT_END)
        await start(ann)
        running.terminate()
        with trio.fail_after(STOP_S):
            assert await running.process.wait() == 0
        await until(lambda: not isinstance(ann.status, Online))
        told = heard.drain()
        assert [u for u in told if isinstance(u, Noticed) and isinstance(u.notice, ServerMessage)]
        ended = [u.event for u in told if isinstance(u, EventReceived)]
        assert [e.result.reason for e in ended if isinstance(e, MatchEnded)] == ["stopped"]
        assert "Traceback" not in running.log.read_text("utf-8")


async def test_a_broken_game_ends_its_own_match_only(tmp_path: Path) -> None:
    async with (
        program(tmp_path, "--game", "tests.e2e.faulty:Faulty") as running,
        open_client(running.url, "Ann", FAULTY) as ann,
        open_client(running.url, "Bob", FAULTY) as bob,
    ):
        await gather(bob, bots=7)
        await start(bob)
        for fault in ({"raise_at": 30}, {"break_start": True}):
            await gather(ann, bots=7, **fault)
            await ann.request(SetReady(ready=True))
            await until(lambda: phase(ann) is Phase.RESULTS)
            assert ann.lobby is not None
            assert ann.lobby.result is not None
            assert ann.lobby.result.reason == "fault"
            assert isinstance(ann.status, Online)
            await goes_on(bob)
            await ann.request(LeaveLobby())
        assert running.process.poll() is None
        broken = ("the game of this match is broken", "the game of this match cannot begin")
        await running.logged(*broken)


async def goes_on(client: Client) -> None:
    """See a second of snapshots more."""
    assert client.match is not None
    replica = client.match
    enough = replica.telemetry.snapshots + 30
    await until(lambda: plays(client) and replica.telemetry.snapshots >= enough)
    assert client.match is replica
    assert replica.telemetry.desyncs == 0
