"""What a round of kills counts: who is back, how far matches were set back, and lost lines."""

from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pytest
import trio
from trio.testing import MockClock

from gameserver.client import Client
from gameserver.errors import ConnectionLostError
from gameserver.ids import MessageId, PlayerId
from gameserver.messages.base import Request
from gameserver.messages.chat import Channel, ChatHistory, ChatLine
from gameserver.testing.crash import BACK_S, KEPT_LINES, PATIENCE_S, Crash, CrashPlayer
from gameserver.testing.crashserver import CrashServer


class Server:
    """Stands for the server: match m1 goes on at tick 90."""

    def __init__(self) -> None:
        self.killed_at: list[float] = []

    async def kill(self) -> None:
        await trio.lowlevel.checkpoint()
        self.killed_at.append(trio.current_time())

    async def start(self) -> float:
        await trio.sleep(1)
        return 1.25

    def restored(self) -> dict[str, int]:
        return {"m1": 90}


def player(
    match: str = "",
    *,
    epoch: int = 2,
    desyncs: int = 0,
    lobby: int = 0,
    texts: tuple[str, ...] = (),
) -> CrashPlayer:
    """A player who is in a match, and who can read these lines of its lobby."""

    async def request(_: Request) -> ChatHistory:
        await trio.lowlevel.checkpoint()
        return ChatHistory(
            tuple(
                ChatLine(MessageId(1), Channel.LOBBY, PlayerId("a"), "A", text, 0) for text in texts
            )
        )

    replica = SimpleNamespace(
        live=True,
        epoch=epoch,
        started=SimpleNamespace(match_id=match, tick_rate=30),
        telemetry=SimpleNamespace(desyncs=desyncs),
    )
    client = SimpleNamespace(match=replica if match else None, request=request)
    return CrashPlayer(cast("Client", client), lobby)


def crash_of(folder: Path, *players: CrashPlayer, matches: int = 1) -> Crash:
    made = Crash(folder, len(players), matches, 7, 10.0)
    made._players = list(players)
    return made


async def test_a_round_compares_what_was_seen_with_the_restored_tick(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    del autojump_clock
    right, other, unseen, blind, late = (player("m1", desyncs=number) for number in range(5))
    right.before = {90: {0: 4}, 100: {0: 5}}
    right.seen = {95: {0: 6}, 91: {0: 4}}
    other.before, other.seen = right.before, {91: {0: 5}}
    unseen.before, unseen.seen = {60: {0: 1}, 105: {0: 9}}, {91: {0: 9}}
    blind.before = late.before = right.before
    late.seen = {93: {0: 4, 1: 1}}
    crash = crash_of(tmp_path, player("m2"), right, other, unseen, blind, late, player())
    server: Any = Server()
    crash._server = server
    found = await crash.round(2)
    (killed_at,) = server.killed_at
    assert killed_at == pytest.approx(Random("crash 7").uniform(0.5, 1.5) * 10)
    assert (found.players, found.back, found.matches, found.scores) == (7, 6, 1, 2)
    assert found.lost_s == pytest.approx((105 - 90) / 30)
    assert (found.desyncs, found.ready_s, found.slowest_s) == (1 + 2 + 3 + 4, 1.25, float("inf"))
    assert (found.lines, found.missing) == (0, 0)


async def test_players_are_back_when_their_match_moves_again(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    del autojump_clock
    players = [player("m1", epoch=1) for _ in range(3)]
    crash = crash_of(tmp_path, *players)

    async def come_back() -> None:
        for number, wait_s in enumerate((1.0, BACK_S)):
            await trio.sleep(wait_s)
            replica: Any = players[number].client.match
            replica.epoch = 2

    async with trio.open_nursery() as nursery:
        nursery.start_soon(come_back)
        first, second, third = await crash._wait_back(2, trio.current_time())
    assert first == pytest.approx(1.0, abs=0.03)
    assert second == pytest.approx(1.0 + BACK_S, abs=0.03)
    assert third == float("inf")
    assert trio.current_time() == pytest.approx(PATIENCE_S + 0.2)
    assert await crash_of(tmp_path, players[0])._wait_back(2, trio.current_time() - 5) == [
        pytest.approx(5.02)
    ]
    assert trio.current_time() == pytest.approx(PATIENCE_S + 0.2 + 0.02 + 0.2), "no longer"


async def test_the_newest_acknowledged_lines_of_each_lobby_are_looked_for(tmp_path: Path) -> None:
    ann = player("m1", texts=("hello", "there"))
    bob = player("m1", lobby=1, texts=tuple(f"line {n}" for n in range(1, KEPT_LINES + 1)))
    cy, dee = player("m1"), player("m1", lobby=1)
    crash = crash_of(tmp_path, ann, bob, cy, dee, matches=2)
    many = [(float(n), f"line {n}") for n in range(KEPT_LINES)]
    said = [[(1.0, "hello")], many[:1], [(2.0, "lost"), (3.0, "there")], many[1:]]
    assert await crash._look_for(said) == (3 + KEPT_LINES, 2), "one of each lobby"
    said[3] = [*many[1:], (float(KEPT_LINES), f"line {KEPT_LINES}")]
    assert await crash._look_for(said) == (3 + KEPT_LINES, 1), "the oldest need not be kept"


async def test_a_server_is_closed_whatever_ends_the_play(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, autojump_clock: MockClock
) -> None:
    closed: list[float] = []

    async def start(_: CrashServer) -> float:
        await trio.lowlevel.checkpoint()
        return 0.0

    async def play(crash: Crash, number: int, arrived: trio.Event) -> None:
        crash._players.append(player("m1", desyncs=number))
        arrived.set()
        await trio.sleep_forever()

    async def gather(_: Crash) -> None:
        await trio.lowlevel.checkpoint()

    async def play_for(crash: Crash, seconds: float) -> None:
        async with crash.playing():
            await trio.sleep(seconds)
            if seconds > 3:
                raise ConnectionLostError("one of the players was closed")

    monkeypatch.setattr(CrashServer, "start", start)
    monkeypatch.setattr(CrashServer, "close", lambda _: closed.append(trio.current_time()))
    monkeypatch.setattr(Crash, "_play", play)
    monkeypatch.setattr(Crash, "_gather", gather)
    with trio.fail_after(60):
        await play_for(Crash(tmp_path, 2, 1, 7, 10.0), 3.0)
    with pytest.raises(ExceptionGroup):
        await play_for(Crash(tmp_path, 1, 1, 7, 10.0), 4.0)
    assert closed == [pytest.approx(3.04), pytest.approx(3.04 + 4.02)]
    del autojump_clock
