"""What a player of a story asks for, when, and which answers are faults."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import attrs
import pytest
import trio
from trio.testing import MockClock

from gameserver.client import Client
from gameserver.client.link.roads import WEBSOCKET
from gameserver.errors import Code, ConnectionLostError, RequestError, RequestTimedOutError
from gameserver.ids import NO_SEAT, LobbyId, MessageId, PlayerId, Seat
from gameserver.messages.base import Request
from gameserver.messages.chat import Channel, ChatSent, MuteChat, SendChat
from gameserver.messages.lobby import (
    CreateLobby,
    LobbyConfig,
    LobbyState,
    Member,
    Phase,
    SetReady,
    TakeSeat,
)
from gameserver.messages.session import GetServerInfo
from gameserver.testing.memorynet import MemoryNet
from gameserver.testing.story import players as players_module
from gameserver.testing.story.players import StoryPlayer
from gameserver.testing.story.report import ALONE, NO_TROUBLES, Report
from gameserver.testing.story.stage import Stage

ANN, BOB = PlayerId("ann"), PlayerId("bob")
STATE = LobbyState(
    lobby_id=LobbyId("l1"),
    revision=1,
    phase=Phase.OPEN,
    host=ANN,
    config=LobbyConfig("", "", 4),
    invite_code="",
    locked=False,
    teams=0,
    members=(Member(ANN, "Ann", Seat(0), ready=True), Member(BOB, "Bob", Seat(1))),
)


class Asked:
    """Stands for a client: notes what it is asked for, and answers as the test says."""

    def __init__(self, lobby: LobbyState | None = None) -> None:
        self.lobby = lobby
        self.lobby_list = None
        self.player_id = ANN
        self.asked: list[tuple[float, Request, float | None]] = []
        self.dropped = self.tried = 0
        self.answer: Any = ChatSent(MessageId(1), 0)

    @property
    def as_client(self) -> Client:
        return cast("Client", self)

    @property
    def requests(self) -> list[Request]:
        return [request for _, request, _ in self.asked]

    async def request(self, request: Request, timeout_s: float | None = None) -> Any:
        self.asked.append((trio.current_time(), request, timeout_s))
        await trio.lowlevel.checkpoint()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def drop_connection(self) -> None:
        self.dropped += 1

    def try_now(self) -> None:
        self.tried += 1


def player_of(number: int = 0, *, options: Any = None, deeds_s: float = 0.0) -> StoryPlayer:
    nothing: Any = None
    cast_ = attrs.evolve(ALONE, deeds_s=deeds_s)
    net, report = MemoryNet(Random(1)), Report(3, 2)
    stage = Stage(
        report, nothing, {"attic": nothing}, options or {}, 1.0, NO_TROUBLES, cast_, nothing, net
    )
    return StoryPlayer(stage, number)


@asynccontextmanager
async def running(task: Any, *given: Any) -> AsyncIterator[None]:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(task, *given)
        yield
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize("number", [0, 3])
async def test_lines_are_said_at_regular_times_until_it_is_calm(
    autojump_clock: MockClock, number: int
) -> None:
    del autojump_clock
    player, client = player_of(number), Asked()
    acked: list[tuple[MessageId, str]] = []
    player._stage.chat = cast("Any", SimpleNamespace(acked=lambda *said: acked.append(said)))
    pause = 2.0 + 0.1 * number
    async with running(player._talk, client.as_client):
        await trio.sleep(3.5 * pause)
        client.answer = RequestError(Code.RATE_LIMITED, "too many lines")
        await trio.sleep(pause)
        player._stage.become_calm()
        await trio.sleep(5 * pause)
    texts = [f"line {each} of player {number + 1}" for each in (1, 2, 3, 4)]
    assert client.requests == [SendChat(Channel.GLOBAL, text) for text in texts]
    assert [at for at, *_ in client.asked] == [pytest.approx(pause * n) for n in (1, 2, 3, 4)]
    assert acked == [(1, text) for text in texts[:3]], "a refused line is not to be there"


@pytest.mark.parametrize(
    ("lobby", "wanted"),
    [
        (attrs.evolve(STATE, members=(Member(ANN, "Ann", Seat(0)),)), SetReady(True)),
        (
            attrs.evolve(STATE, members=(Member(BOB, "Bob", Seat(0)), Member(ANN, "Ann", NO_SEAT))),
            TakeSeat(Seat(1)),
        ),
        (
            attrs.evolve(
                STATE,
                config=LobbyConfig("", "", 1),
                members=(Member(BOB, "Bob", Seat(0)), Member(ANN, "Ann", NO_SEAT)),
            ),
            TakeSeat(Seat(0)),
        ),
        (STATE, None),
        (attrs.evolve(STATE, phase=Phase.IN_MATCH, members=(Member(ANN, "Ann", Seat(0)),)), None),
        (attrs.evolve(STATE, members=(Member(BOB, "Bob", Seat(0)),)), None),
        (None, None),
    ],
)
async def test_whoever_is_in_an_open_lobby_takes_a_free_seat_and_gets_ready(
    autojump_clock: MockClock, lobby: LobbyState | None, wanted: Request | None
) -> None:
    del autojump_clock
    player, client = player_of(options={"mode": "dm"}), Asked(lobby)
    async with running(player._stay_ready, client.as_client):
        await trio.sleep(0.75)
        assert client.requests == ([] if wanted is None else [wanted])
        client.lobby = None
        await trio.sleep(2)
        assert len(client.asked) == (wanted is not None)


async def test_without_options_of_the_story_nobody_gets_ready_before_it_is_calm(
    autojump_clock: MockClock,
) -> None:
    del autojump_clock
    player = player_of()
    client = Asked(attrs.evolve(STATE, members=(Member(ANN, "Ann", Seat(0)),)))
    async with running(player._stay_ready, client.as_client):
        await trio.sleep(3)
        assert client.requests == []
        player._stage.become_calm()
        await trio.sleep(0.75)
        assert client.requests == [SetReady(True)]


async def test_the_first_player_opens_the_lobby_and_tries_again_after_errors(
    autojump_clock: MockClock,
) -> None:
    del autojump_clock
    player, client = player_of(options={"mode": "dm"}), Asked()
    client.answer = RequestError(Code.SERVER_BUSY, "not now")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(player._open_lobby, client.as_client)
        await trio.sleep(0.5)
        client.lobby = STATE
    config = LobbyConfig("Simulated", "attic", 2, options={"mode": "dm"})
    assert client.requests == [CreateLobby(config)] * 3


async def test_deeds_are_counted_and_some_are_hurried_and_some_lose_the_line(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    del autojump_clock
    player, client = player_of(deeds_s=1.0), Asked()
    drawn = [MuteChat(Channel.LOBBY, True), GetServerInfo()]
    deaf: list[bool] = []

    def deed(_: object) -> Request:
        deaf.append(player.hearing.listener.deaf)
        return drawn[min(len(deaf) - 1, 1)]

    monkeypatch.setattr(players_module, "deed", deed)
    async with running(player._do_deeds, client.as_client):
        await trio.sleep(600)
        player._stage.become_calm()
        await trio.sleep(1)
        done = player._stage.report.deeds
        await trio.sleep(60)
    assert done == player._stage.report.deeds == len(client.asked) + client.dropped
    assert 450 < done < 750
    assert 5 < client.dropped < 80
    assert deaf[:2] == [False, True], "who mutes the chat misses lines from then on"
    hurried = [limit for *_, limit in client.asked if limit is not None]
    assert set(hurried) == {0.05}
    assert 20 < len(hurried) < 120


SAID_AGAIN = SendChat(Channel.LOBBY, "hello")


@pytest.mark.parametrize(
    ("request_", "error", "timeout_s", "fault"),
    [
        (GetServerInfo(), RequestError(Code.INTERNAL, "a bug"), None, "server.info was refused"),
        (GetServerInfo(), RequestError(Code.FORBIDDEN, "no"), None, ""),
        (SendChat(Channel.GLOBAL, "x"), RequestError(Code.CHAT_REPEATED, "again"), None, "chat."),
        (SAID_AGAIN, RequestError(Code.CHAT_REPEATED, "again"), None, ""),
        (GetServerInfo(), RequestTimedOutError("late"), None, "was not answered within 60 s"),
        (GetServerInfo(), RequestTimedOutError("late"), 0.05, ""),
        (GetServerInfo(), None, None, ""),
    ],
)
async def test_an_answer_that_nobody_can_cause_is_a_fault(
    request_: Request, error: Exception | None, timeout_s: float | None, fault: str
) -> None:
    player, client = player_of(), Asked()
    if error is not None:
        client.answer = error
    player._watch_requests(client.as_client)
    if error is None:
        assert await client.request(request_) is client.answer
    else:
        with pytest.raises(type(error)):
            await client.request(request_, timeout_s)
        assert await player._ask(client.as_client, request_, timeout_s) is None
    faults = player._stage.report.faults
    assert bool(faults) == bool(fault)
    assert all(fault in str(each) for each in faults)


async def test_a_player_tries_to_connect_at_once_when_it_becomes_calm(
    autojump_clock: MockClock,
) -> None:
    del autojump_clock
    player, client = player_of(), Asked()
    async with running(player._come_back, client.as_client):
        await trio.sleep(3)
        assert client.tried == 0
        player._stage.become_calm()
        await trio.sleep(0.1)
        assert client.tried == 1


async def test_players_come_one_after_the_other_and_come_back_whatever_ends_their_stay(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    del autojump_clock
    player = player_of(2, deeds_s=1.0)
    stays: list[tuple[float, float, bool]] = []

    async def be_online(_opened: trio.Event, stays_s: float, *, keeps: bool) -> None:
        stays.append((trio.current_time(), stays_s, keeps))
        await trio.sleep(1)
        if len(stays) == 3:
            raise ConnectionLostError("refused again and again")

    monkeypatch.setattr(player, "_be_online", be_online)
    async with running(player.play, trio.Event()):
        await trio.sleep(200)
        before = len(stays)
        player._stage.become_calm()
        await trio.sleep(20)
    assert stays[0][0] == pytest.approx(0.6)
    shortest, longest = players_module.AWAY_S
    for (came, *_), (again, *_) in pairwise(stays[:before]):
        assert shortest <= again - came - 1 <= longest
    for (came, *_), (again, *_) in pairwise(stays[before + 1 :]):
        assert again - came == pytest.approx(1 + shortest), "no longer away, but never at once"
    assert len(stays) > before + 5
    least, most = players_module.STAYS_S
    assert all(least <= stays_s <= most for _, stays_s, _ in stays)
    assert {keeps for *_, keeps in stays} == {True, False}
    assert player._stage.report.faults == ["Player 3 was closed: never online"]


async def test_without_deeds_a_player_stays_to_the_end(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    del autojump_clock
    player = player_of()
    stays: list[float] = []

    async def be_online(_opened: trio.Event, stays_s: float, *, keeps: bool) -> None:
        del keeps
        stays.append(stays_s)
        await trio.sleep_forever()

    monkeypatch.setattr(player, "_be_online", be_online)
    async with running(player.play, trio.Event()):
        await trio.sleep(10)
    assert stays == [0.0]


@pytest.mark.parametrize("keeps", [True, False])
async def test_a_player_keeps_the_token_of_a_session_that_is_not_signed_out(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch, *, keeps: bool
) -> None:
    del autojump_clock
    player, lived = player_of(3, deeds_s=1.0), list[float]()
    given: list[Any] = []

    @asynccontextmanager
    async def opened(settings: Any) -> AsyncIterator[Any]:
        given.append(settings)
        yield SimpleNamespace(token=b"next")

    async def live(*_: object) -> None:
        lived.append(trio.current_time())
        try:
            await trio.sleep_forever()
        finally:
            lived.append(trio.current_time())

    monkeypatch.setattr(player, "_opened", opened)
    monkeypatch.setattr(player, "_live", live)
    monkeypatch.setattr(players_module, "WireBot", lambda *_: SimpleNamespace())
    monkeypatch.setattr(player._stage, "maps", {})
    await player._be_online(trio.Event(), 7.0, keeps=keeps)
    await player._be_online(trio.Event(), 3.0, keeps=keeps)
    assert lived == [0.0, 7.0, 7.0, 10.0]
    first, second = given
    assert (first.token, first.sign_out) == (b"", not keeps)
    assert second.token == (b"next" if keeps else b"")
    assert player.hearing.signed_out is not keeps
    assert (first.seed, first.roads in players_module.ROADS) == (3 * 1000 + 4, True)
    assert len(player.bots) == 2


async def test_without_deeds_players_take_websockets_alone(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    del autojump_clock
    given: list[Any] = []

    @asynccontextmanager
    async def opened(settings: Any) -> AsyncIterator[Any]:
        given.append(settings)
        yield SimpleNamespace(token=b"")

    async def live(*_: object) -> None:
        await trio.sleep(1)

    monkeypatch.setattr(players_module, "WireBot", lambda *_: SimpleNamespace())
    for number in range(8):
        player = player_of(number)
        monkeypatch.setattr(player, "_opened", opened)
        monkeypatch.setattr(player, "_live", live)
        monkeypatch.setattr(player._stage, "maps", {})
        await player._be_online(trio.Event(), 0.0, keeps=True)
    assert {each.roads for each in given} == {(WEBSOCKET,)}
    assert len({each.seed for each in given}) == 8
