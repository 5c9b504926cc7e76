"""Bots on the wire: what each does, when it asks, and what is reported of all of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import attrs
import pytest
import trio
from trio.testing import MockClock

from gameserver.client import (
    Client,
    ClientSettings,
    Conditions,
    EventReceived,
    Online,
    StatusChanged,
    Updates,
)
from gameserver.client import bots as wire_bots
from gameserver.client.bots import (
    ARRIVE_OVER_S,
    ASK_AGAIN_S,
    WireBot,
    check_level,
    run_bots,
)
from gameserver.client.play.telemetry import Telemetry
from gameserver.errors import (
    Code,
    ConfigError,
    ConnectionLostError,
    GameMismatchError,
    GameserverError,
    RequestError,
    RequestTimedOutError,
)
from gameserver.game.rng import Rng
from gameserver.ids import NO_SEAT, MatchId, Seat
from gameserver.messages.base import Request
from gameserver.messages.lobby import LobbyState, MatchResult, Phase, QuickPlay, Rematch
from gameserver.messages.match import GetMatchStats, MatchEnded, MatchStats
from gameserver.messages.session import NameChanged
from gameserver.testing.skirmish import Skirmish, SkirmishCommand
from tests.client.test_state import den

FIRST = Seat(0)
TICK_S = 1 / Skirmish.tick_rate
REFUSED = RequestError(Code.RATE_LIMITED, "slower")


class Levelled(Skirmish):
    """A game with three bot levels, whose bots tell their level by how they walk."""

    bot_levels = ("easy", "medium", "hard")

    def bot(self, seat: Seat, level: str, rng: Rng) -> Any:
        return Walker(seat, level, rng)


@attrs.define
class Walker:
    seat: Seat
    level: str
    rng: Rng

    def command(self, world: object) -> SkirmishCommand:
        assert world == "the world"
        return SkirmishCommand(move=1 + Levelled.bot_levels.index(self.level))


@attrs.define(eq=False)
class FakeReplica:
    """Notes what a bot does with it."""

    seat: Seat = FIRST
    live: bool = True
    telemetry: Telemetry = attrs.field(factory=Telemetry)
    world: str = "the world"
    calls: list[tuple[float, str]] = attrs.field(factory=list)
    held: list[Any] = attrs.field(factory=list)
    match_id: MatchId = MatchId("m1")

    @property
    def started(self) -> "FakeReplica":
        return self

    def hold(self, command: object) -> None:
        self.held.append(command)

    def advance(self, now: float) -> None:
        assert now == trio.current_time()
        self.calls.append((now, "advance"))

    def take_events(self) -> None:
        self.calls.append((trio.current_time(), "events"))


@attrs.define(eq=False)
class FakeClient:
    """A client that is online; answers requests as it is told."""

    game: Any = attrs.field(factory=Levelled)
    match: FakeReplica | None = None
    lobby: LobbyState | None = None
    asked: list[tuple[float, Request]] = attrs.field(factory=list)
    answers: Any = None
    reader: Updates = attrs.field(factory=Updates)
    rtt_history_s: list[float] = attrs.field(factory=list)
    reconnects: int = 0
    bytes_in: int = 0
    bytes_out: int = 0

    def now(self) -> float:
        return trio.current_time()

    def updates(self) -> Updates:
        return self.reader

    async def request(self, request: Request) -> Any:
        await trio.lowlevel.checkpoint()
        self.asked.append((trio.current_time(), request))
        if isinstance(self.answers, Exception):
            raise self.answers
        return self.answers

    def of(self, kind: type[Request]) -> list[float]:
        return [at for at, request in self.asked if isinstance(request, kind)]


@asynccontextmanager
async def playing(client: FakeClient, level: str = "", seed: int = 1) -> AsyncIterator[WireBot]:
    bot = WireBot(cast(Client, client), level, Rng.seeded(seed))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(bot.play)
        yield bot
        nursery.cancel_scope.cancel()


# --- one bot --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("level", "move"), [("", 2), ("easy", 1), ("hard", 3)])
async def test_a_bot_of_the_level_plays_each_tick(
    autojump_clock: MockClock, level: str, move: int
) -> None:
    assert isinstance(autojump_clock, MockClock)
    client = FakeClient(match=FakeReplica())
    async with playing(client, level):
        await trio.sleep(9.5 * TICK_S)
        replica = client.match
        assert replica is not None
        assert replica.held == [SkirmishCommand(move=move)] * 9
        assert [what for _, what in replica.calls] == ["advance", "events"] * 9
        times = [at for at, what in replica.calls if what == "advance"]
        assert times == pytest.approx([n * TICK_S for n in range(1, 10)])


async def test_a_tick_that_was_missed_is_not_made_up_for(autojump_clock: MockClock) -> None:
    client = FakeClient(match=FakeReplica())
    async with playing(client):
        await trio.sleep(1.5 * TICK_S)
        assert client.match is not None
        client.match.calls.clear()
        autojump_clock.jump(1.0)
        await trio.sleep(3 * TICK_S)
        assert len(client.match.calls) <= 2 * 4


async def test_a_match_without_a_picture_or_seat_is_not_played(autojump_clock: MockClock) -> None:
    assert isinstance(autojump_clock, MockClock)
    replica = FakeReplica(live=False)
    client = FakeClient(match=replica)
    async with playing(client) as bot:
        await trio.sleep(3.5 * TICK_S)
        assert replica.calls == []
        replica.live, replica.seat = True, NO_SEAT
        await trio.sleep(2 * TICK_S)
        assert (len(replica.calls), replica.held) == (4, [])
        replica.seat = Seat(2)
        await trio.sleep(2 * TICK_S)
        assert len(replica.held) == 2
        assert bot.record.replicas == [replica.telemetry], "it is one match"


async def test_each_match_has_a_new_bot_with_other_numbers(autojump_clock: MockClock) -> None:
    assert isinstance(autojump_clock, MockClock)
    client = FakeClient(match=FakeReplica())
    async with playing(client) as bot:
        made = []
        for _ in range(2):
            await trio.sleep(1.5 * TICK_S)
            made.append(bot._bot)
            client.match = FakeReplica(seat=Seat(1))
        await trio.sleep(1.5 * TICK_S)
        made.append(bot._bot)
        first, second, third = cast(list[Walker], made)
        assert [walker.seat for walker in (first, second, third)] == [0, 1, 1]
        draws = {walker.rng.below(1 << 30) for walker in (first, second, third)}
        assert len(draws) == 3
        assert len(bot.record.replicas) == 3


@pytest.mark.parametrize("answers", [None, REFUSED, RequestTimedOutError("slow"),
                                     ConnectionLostError("gone")])  # fmt: skip
async def test_a_bot_looks_for_a_lobby_and_asks_for_another_match_behind_each(
    autojump_clock: MockClock, answers: Any
) -> None:
    assert isinstance(autojump_clock, MockClock)
    client = FakeClient(answers=answers)
    async with playing(client):
        await trio.sleep(2.5 * ASK_AGAIN_S)
        assert client.of(QuickPlay) == pytest.approx([0, ASK_AGAIN_S, 2 * ASK_AGAIN_S])
        client.lobby = den()
        await trio.sleep(2 * ASK_AGAIN_S)
        assert len(client.asked) == 3
        client.lobby = attrs.evolve(den(), phase=Phase.RESULTS)
        await trio.sleep(2 * ASK_AGAIN_S)
        assert len(client.of(Rematch)) == 2
        assert len(client.of(QuickPlay)) == 3


async def test_a_bot_asks_for_its_inputs_and_keeps_the_last_answer(
    autojump_clock: MockClock,
) -> None:
    assert isinstance(autojump_clock, MockClock)
    client = FakeClient(match=FakeReplica(), lobby=den(), answers=MatchStats(late=2))
    async with playing(client) as bot:
        await trio.sleep(2.5 * ASK_AGAIN_S)
        assert client.of(GetMatchStats) == pytest.approx([ASK_AGAIN_S, 2 * ASK_AGAIN_S])
        client.answers = REFUSED
        await trio.sleep(ASK_AGAIN_S)
        assert bot.record.inputs == {"m1": MatchStats(late=2)}
        client.match = None
        await trio.sleep(2 * ASK_AGAIN_S)
        assert len(client.asked) == 3


def ended(match_id: str, reason: str, message: str = "") -> EventReceived:
    return EventReceived(MatchEnded(MatchResult(MatchId(match_id), reason, "", (), (), 5, message)))


async def test_faults_of_the_game_are_noted_once_each_and_sound_ends_are_not(
    autojump_clock: MockClock,
) -> None:
    assert isinstance(autojump_clock, MockClock)
    client = FakeClient(lobby=den())
    async with playing(client) as bot:
        for other in (StatusChanged(Online(resumed=False)), EventReceived(NameChanged("Anna"))):
            client.reader.put_nowait(other)
        for reason in ("finished", "abandoned", "stopped", "server_busy", "server_full"):
            client.reader.put_nowait(ended(reason, reason))
        for each in (ended("m1", "fault", "it broke"), ended("m2", "overload"),
                     ended("m1", "fault", "it broke")):  # fmt: skip
            client.reader.put_nowait(each)
        await trio.sleep(0.1)
        assert bot.record.faults == {"m1": "it broke", "m2": "overload"}


@pytest.mark.parametrize("game", [None, type("Botless", (Skirmish,), {"bot_levels": ()})()])
async def test_a_game_without_bots_is_told(autojump_clock: MockClock, game: Any) -> None:
    assert isinstance(autojump_clock, MockClock)
    bot = WireBot(cast(Client, FakeClient(game=game)), "", Rng.seeded(1))
    with pytest.raises(ExceptionGroup) as raised:
        await bot.play()
    assert raised.group_contains(GameMismatchError, match="has no bots")


def test_a_level_is_one_of_the_games_and_a_near_one_is_suggested() -> None:
    game = Levelled()
    for level in ("", *game.bot_levels):
        check_level(game, level)
    with pytest.raises(ConfigError) as raised:
        check_level(game, "HART")
    assert str(raised.value) == (
        "--level must be one of easy, medium, hard, not 'HART'; did you mean hard?"
    )
    with pytest.raises(ConfigError) as raised:
        check_level(game, "z" * 99)
    assert str(raised.value) == f"--level must be one of easy, medium, hard, not '{'z' * 60}'"


async def test_the_clients_own_counts_are_copied_at_the_end(autojump_clock: MockClock) -> None:
    assert isinstance(autojump_clock, MockClock)
    client = FakeClient(rtt_history_s=[0.5], reconnects=3, bytes_in=7, bytes_out=9)
    bot = WireBot(cast(Client, client), "", Rng.seeded(1))
    await trio.sleep(5)
    bot.close_record(2.0)
    record = bot.record
    assert (record.rtts_s, record.reconnects, record.seconds) == ([0.5], 3, 3.0)
    assert (record.bytes_in, record.bytes_out) == (7, 9)


# --- many bots ------------------------------------------------------------------------------------


async def test_bots_arrive_one_after_the_other_and_play_until_the_same_end(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(autojump_clock, MockClock)
    opened: list[tuple[float, str, int, FakeClient]] = []
    closed: list[float] = []
    rngs: list[int] = []

    @asynccontextmanager
    async def fake(url: str, name: str, own: ClientSettings) -> AsyncIterator[FakeClient]:
        assert url == "ws://there"
        client = FakeClient(match=FakeReplica(), lobby=den(), answers=MatchStats())
        opened.append((trio.current_time(), name, own.conditions.seed, client))
        yield client
        closed.append(trio.current_time())

    class Noted(WireBot):
        def __init__(self, client: Client, level: str, rng: Rng) -> None:
            super().__init__(client, level, rng)
            assert level == "hard"
            rngs.append(rng.state)

    monkeypatch.setattr(wire_bots, "open_client", fake)
    monkeypatch.setattr(wire_bots, "WireBot", Noted)
    settings = ClientSettings(conditions=Conditions(lag_ms=5, seed=40))
    passed: list[float] = []
    greeted: list[float] = []
    await trio.sleep(3)
    report = await run_bots(
        "ws://there", 4, 2.5, settings=settings, level="hard", seed=7,
        progress=passed.append, signed_in=lambda: greeted.append(trio.current_time()),
    )  # fmt: skip
    arrivals = [3 + ARRIVE_OVER_S * n / 4 for n in range(4)]
    assert [at for at, *_ in opened] == pytest.approx(arrivals)
    assert greeted == pytest.approx(arrivals)
    assert [(name, seed) for _, name, seed, _ in opened] == [
        (f"Bot {n}", 40 + n) for n in (1, 2, 3, 4)
    ]
    assert closed == pytest.approx([3 + ARRIVE_OVER_S + 2.5] * 4)
    assert passed == pytest.approx([0, 1, 2, 3, 4])
    assert len(set(rngs)) == 4
    assert (report.players, report.seconds, report.matches) == (4, 2.5, 4)
    assert trio.current_time() == pytest.approx(3 + ARRIVE_OVER_S + 2.5)


async def test_a_failure_that_all_bots_share_is_raised_by_itself(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(autojump_clock, MockClock)
    raised: list[BaseException] = [GameserverError("no way"), KeyError("bug")]

    @asynccontextmanager
    async def fake(*_: object) -> AsyncIterator[FakeClient]:
        await trio.lowlevel.checkpoint()
        for error in raised[:1]:
            raise error
        yield FakeClient()

    monkeypatch.setattr(wire_bots, "open_client", fake)
    with pytest.raises(GameserverError, match="no way"):
        await run_bots("ws://there", 2, 1.0)
    del raised[0]
    with pytest.raises(ExceptionGroup):
        await run_bots("ws://there", 2, 1.0)
