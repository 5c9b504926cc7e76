"""A session in a match goes on over a WebSocket beside its other road, and misses no tick."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import attrs
import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from gameserver.client import (
    Address,
    Client,
    Closed,
    EventReceived,
    Online,
    Reconnecting,
    StatusChanged,
    open_client,
)
from gameserver.client.link import roads
from gameserver.client.link.roads import LONG_POLLING, SSE, WEBSOCKET
from gameserver.errors import Code
from gameserver.messages import lobby, wire
from gameserver.messages.base import Result
from gameserver.messages.chat import Channel, ChatSaid, ChatSent, SendChat
from gameserver.messages.match import MatchStats
from gameserver.rooms.hall import Welcomed
from gameserver.testing.memoryway import Weather
from gameserver.testing.skirmish import SkirmishCommand
from gameserver.testing.whole import WholeServer
from tests.client.lives import Life, living
from tests.client.piped import SETTINGS, URL, piped
from tests.client.test_client_server import until
from tests.client.test_roads import start_match
from tests.client.wires import RESUMED, WELCOME, QuietWire

LAG_S = 0.150
FRAME_S = 1 / 60


@attrs.define(eq=False)
class Gate:
    """The way to a server; no WebSocket passes while it ``blocks``."""

    whole: WholeServer
    blocks: bool = True
    refused: int = 0

    async def open_stream(self, address: Address) -> trio.abc.Stream:
        return _Gated(self, await self.whole.open_stream(address))


class _Gated(trio.abc.Stream):
    def __init__(self, gate: Gate, stream: trio.abc.Stream) -> None:
        self._gate = gate
        self._stream = stream

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        if self._gate.blocks and b"upgrade: websocket" in bytes(data).lower():
            self._gate.refused += 1
            await self._stream.aclose()
        await self._stream.send_all(data)

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        return await self._stream.receive_some(max_bytes)

    async def wait_send_all_might_not_block(self) -> None:
        await self._stream.wait_send_all_might_not_block()

    async def aclose(self) -> None:
        await self._stream.aclose()


@asynccontextmanager
async def playing(
    clock: MockClock,
    monkeypatch: pytest.MonkeyPatch,
    *,
    lag_s: float = LAG_S,
    stopwatch: Callable[[], float] = lambda: 0.0,
    road: str = LONG_POLLING,
) -> AsyncIterator[tuple[WholeServer, Gate, Client, Client]]:
    """Ann plays over another road, and draws; no WebSocket passes yet. Bob talks to her."""
    monkeypatch.setattr(roads, "IMPROVE_S", (1.0, 1.0))
    async with (
        piped(clock, monkeypatch, stopwatch=stopwatch) as whole,
        trio.open_nursery() as drawing,
    ):
        whole.net.weather = Weather(delay_s=lag_s / 2, jitter_s=0.0)
        gate = Gate(whole)
        through = attrs.evolve(SETTINGS, open_stream=gate.open_stream, roads=(WEBSOCKET, road))
        async with (
            open_client(URL, "Ann", through) as ann,
            open_client(URL, "Bob", SETTINGS) as bob,
        ):
            await start_match(ann, bob)
            drawing.start_soon(draw, ann)
            await trio.sleep(5)  # both have settled on their lead
            assert (ann.road, bob.road) == (road, WEBSOCKET)
            yield whole, gate, ann, bob
            drawing.cancel_scope.cancel()


async def draw(client: Client) -> None:
    while True:
        if client.match is not None:
            client.match.hold(SkirmishCommand(move=1))
            client.match.advance(client.now())
        await trio.sleep(FRAME_S)


def stats(whole: WholeServer, client: Client) -> MatchStats:
    assert client.match is not None
    (live,) = whole.server.matches
    return live.match.stats_of(client.match.seat)


async def assert_no_tick_is_missed(whole: WholeServer, gate: Gate, client: Client) -> None:
    """Let a WebSocket pass, and see no tick without input until some time behind the move."""
    before = stats(whole, client)
    gate.blocks = False
    await until(lambda: client.road == WEBSOCKET)
    await trio.sleep(5)
    after = stats(whole, client)
    assert after.missed == before.missed
    assert after.applied > before.applied + 60


@pytest.mark.parametrize("road", [SSE, LONG_POLLING])
async def test_no_tick_is_without_input_while_the_session_moves(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch, road: str
) -> None:
    async with playing(autojump_clock, monkeypatch, road=road) as (whole, gate, ann, _):
        await assert_no_tick_is_missed(whole, gate, ann)
        assert ann.match is not None
        assert ann.match.telemetry.desyncs == 0


@pytest.mark.parametrize("lag_s", [0.0, 0.150])
async def test_no_tick_is_without_input_though_the_new_connection_is_in_debt(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch, lag_s: float
) -> None:
    processor_s = 0.0
    async with playing(autojump_clock, monkeypatch, lag_s=lag_s, stopwatch=lambda: processor_s) as (
        whole,
        gate,
        ann,
        _,
    ):
        router = whole.server._router
        sign_in = router.sign_in

        def sign_in_slowly(hello: wire.Hello, address: str) -> Welcomed:
            nonlocal processor_s
            processor_s += 0.27  # as on a busy machine: it takes a second to pay this debt
            return sign_in(hello, address)

        monkeypatch.setattr(router, "sign_in", sign_in_slowly)
        await assert_no_tick_is_missed(whole, gate, ann)


async def test_no_line_of_chat_is_lost_or_doubled_while_the_session_moves(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with playing(autojump_clock, monkeypatch) as (_, gate, ann, bob):
        gate.blocks = False
        heard = ann.updates()
        answers: list[ChatSent] = []

        async def answer(text: str) -> None:
            answers.append(await ann.request(SendChat(Channel.LOBBY, text)))

        async with trio.open_nursery() as saying:
            for number in range(6):
                saying.start_soon(bob.request, SendChat(Channel.LOBBY, f"bob {number}"))
                saying.start_soon(answer, f"ann {number}")
                await trio.sleep(0.25)
        assert ann.road == WEBSOCKET
        await trio.sleep(1)
        statuses, said = [], []
        for update in heard.drain():
            if isinstance(update, StatusChanged):
                statuses.append(update.status)
            elif isinstance(update, EventReceived) and isinstance(update.event, ChatSaid):
                said.append(update.event.line.text)
        assert statuses == [Online(resumed=True)]
        assert len(answers) == 6
        for who in ("ann", "bob"):
            assert [text for text in said if text.startswith(who)] == [
                f"{who} {number}" for number in range(6)
            ]


# --- by hand --------------------------------------------------------------------------------------


REFUSED = wire.Refusal(0, "rate_limited", "too often")
REPLACED = wire.Goodbye("session.replaced", "the session goes on over another connection", None)


@asynccontextmanager
async def crossing(clock: MockClock) -> AsyncIterator[tuple[Life, QuietWire, QuietWire]]:
    """A client that is about to go from the first wire to the second; its hello is sent."""
    async with living(clock, WELCOME, can_improve=True) as life:
        life.roads.opens.set()
        await wait_all_tasks_blocked()
        earlier, beside = life.roads.wires
        assert beside.take(wire.Hello)
        life.heard.drain()
        earlier.take()
        yield life, earlier, beside


def asked(some: QuietWire) -> list[str]:
    return [envelope.request.name for envelope in some.take(wire.RequestEnvelope)]


async def test_a_refused_hello_leaves_the_session_where_it_is(autojump_clock: MockClock) -> None:
    async with crossing(autojump_clock) as (life, earlier, beside), trio.open_nursery() as asking:
        asking.start_soon(life.client.request, lobby.LeaveLobby())
        await wait_all_tasks_blocked()
        assert (asked(earlier), asked(beside)) == ([], ["lobby.leave"])
        await life.say(REFUSED)
        assert beside.is_aborted
        assert not earlier.is_aborted
        history, again = earlier.take(wire.RequestEnvelope)
        assert (history.request.name, again.request) == ("chat.history", lobby.LeaveLobby())
        earlier.say(wire.ResultEnvelope(again.id, Result()))
        await wait_all_tasks_blocked()
        assert life.statuses() == []


async def test_requests_under_way_are_said_again_behind_the_hello_of_the_new_connection(
    autojump_clock: MockClock,
) -> None:
    async with living(autojump_clock, WELCOME, can_improve=True) as life:
        earlier = life.line
        async with trio.open_nursery() as asking:
            asking.start_soon(life.client.request, lobby.LeaveLobby())
            await wait_all_tasks_blocked()
            first = earlier.take(wire.RequestEnvelope)
            life.roads.opens.set()
            await wait_all_tasks_blocked()
            hello, *again = life.line.take()
            assert isinstance(hello, wire.Hello)
            assert lobby.LeaveLobby() in [envelope.request for envelope in first]
            assert again == first
            await life.say(RESUMED)
            assert asked(life.line) == [], "they are said once"
            asking.cancel_scope.cancel()


async def test_a_connection_that_says_nothing_is_given_up(autojump_clock: MockClock) -> None:
    async with crossing(autojump_clock) as (life, earlier, beside):
        for _ in range(6):
            await trio.sleep(1)
            earlier.say(wire.Ping(1))
        assert beside.is_aborted
        assert not earlier.is_aborted
        assert life.statuses() == []
        assert life.roads.can_improve
        life.roads.opens.set()
        await wait_all_tasks_blocked()
        await life.say(RESUMED)
        assert earlier.is_aborted, "the next one may have the session"


@pytest.mark.parametrize("word", [REPLACED, None])
async def test_the_earlier_connection_may_end_before_the_welcome_comes(
    autojump_clock: MockClock, word: wire.Goodbye | None
) -> None:
    async with crossing(autojump_clock) as (life, earlier, beside):
        if word is not None:
            earlier.say(word)
        earlier.lose()
        await wait_all_tasks_blocked()
        assert life.statuses() == []
        await life.say(RESUMED)
        assert life.statuses() == [Online(resumed=True)]
        beside.lose()
        await wait_all_tasks_blocked()
        (status,) = life.statuses()
        assert isinstance(status, Reconnecting)


async def test_a_client_that_leaves_keeps_the_token_that_its_application_has(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def close(_self: QuietWire) -> None:
        await trio.sleep(1)

    monkeypatch.setattr(QuietWire, "close", close)
    async with living(autojump_clock, WELCOME, can_improve=True) as life, trio.open_nursery() as go:
        go.start_soon(life.client._talk.say_goodbye)
        await wait_all_tasks_blocked()
        life.roads.opens.set()
        await wait_all_tasks_blocked()
        assert len(life.roads.wires) == 2
        assert not life.roads.wires[1].take(wire.Hello)
        go.cancel_scope.cancel()


async def test_if_both_connections_end_it_is_tried_again(autojump_clock: MockClock) -> None:
    async with crossing(autojump_clock) as (life, earlier, beside):
        earlier.lose()
        beside.lose()
        await wait_all_tasks_blocked()
        (status,) = life.statuses()
        assert isinstance(status, Reconnecting)
        await trio.sleep(1)
        assert len(life.roads.wires) == 3
        await life.say(RESUMED)
        assert life.client.status == Online(resumed=True)


@pytest.mark.parametrize("replaced_first", [True, False])
async def test_a_session_that_has_moved_to_a_connection_that_broke_comes_back(
    autojump_clock: MockClock, *, replaced_first: bool
) -> None:
    async with crossing(autojump_clock) as (life, earlier, beside):
        if replaced_first:
            earlier.say(REPLACED)
            await wait_all_tasks_blocked()
            beside.lose()
        else:
            beside.lose()
            await wait_all_tasks_blocked()
            assert life.statuses() == []
            earlier.say(REPLACED)
        await wait_all_tasks_blocked()
        await trio.sleep(0.5)
        assert len(life.roads.wires) == 3
        assert life.roads.wires[-1].take(wire.Hello)[0].token == WELCOME.token
        await life.say(RESUMED)
        assert life.client.status == Online(resumed=True)


async def test_a_session_that_another_client_takes_long_after_a_broken_move_is_over(
    autojump_clock: MockClock,
) -> None:
    async with crossing(autojump_clock) as (life, earlier, beside):
        beside.lose()
        for _ in range(6):
            await trio.sleep(2)
            earlier.say(wire.Ping(1))
        earlier.say(REPLACED)
        await wait_all_tasks_blocked()
        assert isinstance(life.client.status, Closed)


async def test_a_session_that_another_client_has_taken_is_over_on_both(
    autojump_clock: MockClock,
) -> None:
    async with crossing(autojump_clock) as (life, earlier, _):
        earlier.say(REPLACED)
        await wait_all_tasks_blocked()
        await life.say(wire.Refusal(0, "session.token_unknown", "this session is over"))
        (status,) = life.statuses()
        assert isinstance(status, Closed)
        assert status.code is Code.SESSION_REPLACED
