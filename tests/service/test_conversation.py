"""Conversations: every message gets a coded answer, and an end affects no other connection.

Law: a peer breaks a rule once and is told which; a silent one is found, a talking one is kept;
a bug costs the request that met it and nothing more.
"""

from typing import Any

import attrs
import msgpack
import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from gameserver.errors import PROTOCOL_PAGE, Code
from gameserver.ids import EventNumber, LobbyId, MatchId, RequestId, Tick
from gameserver.messages.base import Request
from gameserver.messages.lobby import CreateLobby, InLobby, JoinLobby, LobbyConfig
from gameserver.messages.match import EnterMatch, GetMap
from gameserver.messages.session import GetServerInfo
from gameserver.messages.wire import (
    PROTOCOL_VERSION,
    Ack,
    Answer,
    Goodbye,
    Input,
    Kind,
    Ping,
    Pong,
    Refusal,
    RequestEnvelope,
    ResultEnvelope,
    Seen,
    Welcome,
)
from gameserver.protocol.limits import HELLO_S
from gameserver.rooms.limits.rules import RoomRules
from gameserver.service import conversation as conversation_module
from gameserver.service.config.settings import Settings
from gameserver.service.middleware import Handler, RequestContext
from gameserver.service.server import LIFE_CHECK_S
from tests.rooms.party import Entropy
from tests.service.peers import MAP, assert_serves, hello, serving

DEAD_S = 2 * Settings().heartbeat_s
RULES = RoomRules()
DEN = CreateLobby(LobbyConfig(title="Den", map=MAP.name, size=4))


def packed(*row: object) -> bytes:
    data: bytes = msgpack.packb(list(row))
    return data


def info(number: int) -> RequestEnvelope:
    return RequestEnvelope(RequestId(number), GetServerInfo())


# --- before hello ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "code"),
    [
        pytest.param([info(1)], Code.HELLO_EXPECTED, id="a request"),
        pytest.param([Ack(EventNumber(0), RequestId(0))], Code.HELLO_EXPECTED, id="an ack"),
        pytest.param([Ping(1)], Code.HELLO_EXPECTED, id="a ping"),
        pytest.param([Pong(1, 1)], Code.HELLO_EXPECTED, id="a pong"),
        pytest.param([Seen(Tick(1))], Code.HELLO_EXPECTED, id="a seen"),
        pytest.param([Input(1, Tick(0), Tick(0), 0, ())], Code.HELLO_EXPECTED, id="an input"),
        pytest.param([Goodbye("bye", "")], Code.HELLO_EXPECTED, id="a goodbye"),
        pytest.param([hello(), info(1)], Code.HELLO_EXPECTED, id="a hello with a request"),
        pytest.param([hello(), hello()], Code.HELLO_EXPECTED, id="two hellos"),
        pytest.param([packed(Kind.WELCOME, {})], Code.BAD_MESSAGE, id="what only servers say"),
        pytest.param([packed(Kind.HELLO, {})], Code.BAD_PARAMS, id="a hello of nothing"),
        pytest.param([packed(99)], Code.BAD_MESSAGE, id="a kind that is none"),
        pytest.param([b"\xc1"], Code.BAD_MESSAGE, id="no msgpack"),
        pytest.param([b""], Code.BAD_MESSAGE, id="nothing"),
    ],
)
async def test_anything_before_hello_is_refused_with_its_code_and_ends_the_connection(
    first: list[Any], code: Code, autojump_clock: MockClock
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.dial()
        await peer.send(*first)
        *_, refusal, goodbye = await peer.hear_out()
        assert (refusal.code, goodbye.code) == (code, code)
        assert refusal.sentence == goodbye.sentence
        assert f"see {PROTOCOL_PAGE}" in refusal.sentence
        assert len(house.server.connections) == 0
        assert house.server.hall.counts().sessions == 0


async def test_a_hello_of_another_version_is_refused_without_a_retry(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.dial()
        await peer.send(attrs.evolve(hello(), version=PROTOCOL_VERSION + 1))
        refusal, goodbye = await peer.hear_out()
        assert (refusal.id, refusal.code) == (0, Code.VERSION_UNSUPPORTED)
        assert f"see {PROTOCOL_PAGE}" in refusal.sentence
        assert (goodbye.code, goodbye.retry_after_s) == (Code.VERSION_UNSUPPORTED, None)


async def test_a_peer_without_a_hello_is_disconnected_after_the_time_limit(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        began = trio.current_time()
        peer = await house.dial()
        goodbye = await peer.hear_a(Goodbye)
        assert goodbye.code == Code.HELLO_EXPECTED
        assert f"see {PROTOCOL_PAGE}" in goodbye.sentence
        assert trio.current_time() - began == pytest.approx(HELLO_S)
        assert await peer.hear_out() == []


async def test_a_second_hello_ends_the_connection_and_the_session_can_be_resumed(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.dial()
        welcome = await peer.sign_in()
        await peer.send(hello())
        assert await peer.parted() == (Code.BAD_MESSAGE, Code.BAD_MESSAGE)
        again = await (await house.dial()).sign_in(token=welcome.token)
        assert (again.resumed, again.player_id) == (True, welcome.player_id)


# --- requests -------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad_id", [0, -1, 2**53, 1.0, "1", None, True])
async def test_a_request_with_an_invalid_id_ends_the_connection(
    bad_id: object, autojump_clock: MockClock
) -> None:
    async with serving(autojump_clock) as house:
        peer, other = await house.guest("Ann"), await house.guest("Bob")
        await peer.send(packed(Kind.REQUEST, bad_id, "server.info", {}))
        assert await peer.parted() == (Code.BAD_MESSAGE, Code.BAD_MESSAGE)
        await assert_serves(other)


@pytest.mark.parametrize(
    ("name", "params", "code"),
    [
        ("server.inof", {}, Code.UNKNOWN_REQUEST),
        ("server.info", {"more": 1}, Code.BAD_PARAMS),
        ("lobby.create", {"config": 7}, Code.BAD_PARAMS),
        ("chat.send", {}, Code.BAD_PARAMS),
    ],
)
async def test_an_invalid_request_is_refused_by_its_id_and_the_connection_continues(
    name: str, params: dict[str, Any], code: Code, autojump_clock: MockClock
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        await peer.send(packed(Kind.REQUEST, 7, name, params))
        refusal = await peer.hear_a(Refusal)
        assert (refusal.id, refusal.code) == (7, code)
        assert refusal.after == 0, "it tells its place among the events, like every answer"
        await assert_serves(peer)


@pytest.mark.parametrize(
    "wrong",
    [GetMap(MatchId("nowhere")), EnterMatch(MatchId("nowhere")), JoinLobby(LobbyId("nowhere"))],
    ids=lambda wrong: wrong.name,
)
async def test_every_refusal_holds_the_number_of_the_last_event_before_it(
    wrong: Request, autojump_clock: MockClock
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        created = await peer.ask(1, DEN)
        assert isinstance(created, ResultEnvelope)
        refusal = await peer.ask(2, wrong)
        assert isinstance(refusal, Refusal)
        assert refusal.after == house.server.hall.last_event(peer.heard[0].player_id)
        assert refusal.after


async def test_a_repeated_request_gets_the_stored_reply_and_is_done_once(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        first = await peer.ask(1, DEN)
        assert isinstance(first, ResultEnvelope)
        assert isinstance(first.result, InLobby)
        assert await peer.ask(1, DEN) == first
        assert house.server.hall.counts().lobbies == 1
        anew = await peer.ask(2, DEN)
        assert isinstance(anew, ResultEnvelope)
        assert anew.result != first.result


async def test_a_stored_refusal_is_repeated_too(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        config = LobbyConfig(title="Den", map="nowhere", size=4)
        first = await peer.ask(1, CreateLobby(config))
        assert isinstance(first, Refusal)
        # Another request under a spent id is not looked at: the id has its answer.
        assert await peer.ask(1, DEN) == first
        assert house.server.hall.counts().lobbies == 0


async def test_a_request_repeated_over_the_next_connection_gets_the_stored_reply(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.dial()
        welcome = await peer.sign_in()
        first = await peer.ask(1, DEN)
        await peer.websocket.aclose()
        again = await house.dial()
        await again.sign_in(token=welcome.token)
        assert await again.ask(1, DEN) == first
        assert house.server.hall.counts().lobbies == 1


async def test_an_acknowledged_reply_is_forgotten_and_its_request_not_done_again(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        await peer.ask(1, DEN)
        await peer.send(Ack(EventNumber(0), RequestId(1)))
        answer = await peer.ask(1, DEN)
        assert isinstance(answer, Refusal)
        assert answer.code == Code.BAD_PARAMS
        assert house.server.hall.counts().lobbies == 1


async def test_requests_of_one_message_are_answered_in_order(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        await peer.send(info(1), packed(Kind.REQUEST, 2, "no.such", {}), info(3), Ping(9))
        answers = [await peer.hear() for _ in range(4)]
        assert [getattr(each, "id", None) for each in answers] == [1, 2, 3, None]
        assert isinstance(answers[3], Pong)
        assert answers[3].nonce == 9


# --- silence --------------------------------------------------------------------------------------


async def test_a_silent_peer_is_pinged_once_and_then_disconnected(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        began = trio.current_time()
        assert isinstance(await peer.hear_a(Ping), Ping)
        assert trio.current_time() - began <= DEAD_S / 2 + 2 * LIFE_CHECK_S
        assert await peer.hear_out() == []
        assert DEAD_S <= trio.current_time() - began <= DEAD_S + 2 * LIFE_CHECK_S
        counts = house.server.hall.counts()
        assert (len(house.server.connections), counts.sessions, counts.connected) == (0, 1, 0)


async def test_a_silent_peer_is_disconnected_a_fixed_time_after_its_last_message(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        for _ in range(4):
            await trio.sleep(4.1)
            await peer.send(Seen(Tick(1)))
        began = trio.current_time()
        await peer.hear_out()
        assert DEAD_S <= trio.current_time() - began <= DEAD_S + 2 * LIFE_CHECK_S


@pytest.mark.parametrize(
    "word",
    [
        pytest.param(Pong(1, 1), id="pongs"),
        pytest.param(Ack(EventNumber(0), RequestId(0)), id="acks"),
        pytest.param(Seen(Tick(1)), id="seens"),
        pytest.param(Input(1, Tick(0), Tick(0), 0, (0,)), id="inputs outside a match"),
        pytest.param(packed(Kind.REQUEST, 1, "no.such", {}), id="requests that are none"),
    ],
)
async def test_a_peer_that_sends_anything_stays_connected(
    word: object, autojump_clock: MockClock
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        for _ in range(30):
            await trio.sleep(DEAD_S - LIFE_CHECK_S)
            await peer.send(word)
        await assert_serves(peer)


async def test_a_peer_that_only_answers_pings_stays_connected(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as house:
        peer, silent = await house.guest("Ann"), await house.guest("Bob")
        for _ in range(20):
            ping = await peer.hear_a(Ping)
            await peer.send(Pong(ping.nonce, 0))
        assert trio.current_time() > 5 * DEAD_S
        await assert_serves(peer)
        assert len(house.server.connections) == 1
        await silent.hear_out()


# --- bugs -----------------------------------------------------------------------------------------


def breaking(context: RequestContext, envelope: RequestEnvelope, call_next: Handler) -> Answer:
    """Meet a bug in every request that opens a lobby."""
    if isinstance(envelope.request, CreateLobby):
        raise ZeroDivisionError("a bug in a handler")
    return call_next(context, envelope)


async def test_a_bug_in_a_handler_is_answered_as_internal_error_and_the_server_continues(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock, middleware=[breaking]) as house:
        peer, other = await house.guest("Ann"), await house.guest("Bob")
        for number in (1, 2):
            answer = await peer.ask(number, DEN)
            assert isinstance(answer, Refusal)
            assert answer.code == Code.INTERNAL
            assert "bug" not in answer.sentence
            assert "Error" not in answer.sentence
        await assert_serves(peer)
        await assert_serves(other)


async def test_a_bug_while_signing_in_ends_that_connection_and_no_other(
    autojump_clock: MockClock,
) -> None:
    entropy = Drying()
    async with serving(autojump_clock, entropy=entropy) as house:
        ann = await house.guest("Ann")
        entropy.dry = True
        bob = await house.dial()
        await bob.send(hello("Bob"))
        assert not any(isinstance(each, Welcome) for each in await bob.hear_out())
        entropy.dry = False
        await assert_serves(ann)
        await assert_serves(await house.guest("Carl"))


class Drying:
    """Entropy that fails for a while."""

    def __init__(self) -> None:
        self.dry = False
        self._entropy = Entropy()

    def __call__(self, size: int) -> bytes:
        if self.dry:
            raise OSError("no entropy today")
        return self._entropy(size)


# --- the end --------------------------------------------------------------------------------------


async def test_a_goodbye_is_answered_by_closing(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        await peer.send(Goodbye("done", ""))
        assert await peer.hear_out() == []
        assert len(house.server.connections) == 0


async def test_a_newer_connection_replaces_the_older_one_with_a_goodbye(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        older = await house.dial()
        welcome = await older.sign_in()
        newer = await house.dial()
        again = await newer.sign_in(token=welcome.token)
        (goodbye,) = await older.hear_out()
        assert (goodbye.code, goodbye.retry_after_s) == (Code.SESSION_REPLACED, None)
        assert again.epoch == welcome.epoch + 1
        await wait_all_tasks_blocked()
        await assert_serves(newer)
        assert len(house.server.connections) == 1


async def test_a_peer_that_sends_only_websocket_pings_stays_connected(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation_module, "MEASURE_S", 1e9)  # the peer reads nothing
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        for _ in range(10):
            await trio.sleep(Settings().heartbeat_s)
            await peer.websocket.ping()
        await assert_serves(peer)
