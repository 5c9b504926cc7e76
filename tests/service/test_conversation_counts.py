"""Counts and times of one conversation: pings, inputs, requests for statistics."""

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock, wait_all_tasks_blocked

from gameserver.errors import Code
from gameserver.ids import EventNumber, RequestId, Tick
from gameserver.messages.session import GetServerInfo, GetServerStats
from gameserver.messages.wire import (
    Ack,
    Goodbye,
    Ping,
    Pong,
    Refusal,
    RequestEnvelope,
    ResultEnvelope,
    Seen,
    Welcome,
)
from gameserver.protocol.codec import encode
from gameserver.protocol.limits import (
    HELLO_S,
    INPUTS_BURST,
    INPUTS_PER_S,
    MESSAGES_BURST,
    MESSAGES_PER_S,
)
from gameserver.service.config.settings import Settings
from gameserver.service.conversation import LONGEST_LOOK, MEASURE_S, TOO_MANY_INPUTS, Conversation
from tests.service.peers import Running, assert_serves, hello, serving

TOKEN = "hush"


def only(house: Running) -> Conversation:
    (conversation,) = house.server._conversations
    return conversation


# --- pings ----------------------------------------------------------------------------------------


async def test_a_ping_is_answered_with_its_nonce_and_the_servers_milliseconds(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        await trio.sleep(2.5)
        now = trio.current_time()
        await peer.send(Ping(77))
        pong = await peer.hear_a(Pong)
        assert pong.nonce == 77
        assert now * 1000 <= pong.time_ms <= now * 1000 + 50


async def test_the_round_trip_of_a_peer_that_is_never_silent_is_measured(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        pings = 0
        async with trio.open_nursery() as nursery:

            async def pongs() -> None:
                nonlocal pings
                while True:
                    ping = await peer.hear_a(Ping)
                    pings += 1
                    await trio.sleep(0.125)
                    await peer.send(Pong(ping.nonce, 0))

            nursery.start_soon(pongs)
            for _ in range(round(2.5 * MEASURE_S)):
                await peer.send(Ack(EventNumber(0), RequestId(0)))
                await trio.sleep(1.0)
            nursery.cancel_scope.cancel()
        assert pings == 2
        assert only(house)._link.round_trip_s == pytest.approx(0.125, abs=0.02)


async def test_the_round_trip_is_the_time_from_the_last_ping_to_its_pong(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        first = await peer.hear_a(Ping)
        sent = trio.current_time()
        assert first.nonce == pytest.approx(sent * 1000, abs=50)
        await trio.sleep(0.75)
        await peer.send(Pong(first.nonce, 0))
        await wait_all_tasks_blocked()
        await trio.sleep(0.01)
        assert only(house)._link.round_trip_s == pytest.approx(0.75, abs=0.02)
        second = await peer.hear_a(Ping)
        assert second.nonce > first.nonce
        await peer.send(Pong(first.nonce, 0))
        await trio.sleep(0.25)
        assert only(house)._link.round_trip_s == pytest.approx(0.75, abs=0.02), "of an older ping"
        await peer.send(Pong(second.nonce, 0))
        await trio.sleep(0.01)
        assert only(house)._link.round_trip_s == pytest.approx(0.25, abs=0.02)


async def test_a_peer_whose_turn_has_not_come_is_not_taken_for_silent(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        conversation = only(house)
        far = trio.current_time() + 5 * Settings().heartbeat_s
        conversation._waits = True
        conversation.check_life(far)
        conversation._waits = False
        conversation.check_life(far + Settings().heartbeat_s / 2)
        await assert_serves(peer)


async def test_a_peer_before_its_hello_is_checked_without_a_failure(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        with capture_logs() as logs:
            await house.dial()
            await trio.sleep(HELLO_S - 1)
        assert [line["event"] for line in logs if "failed" in line["event"]] == []
        assert only(house)._link.is_open


async def test_websockets_own_pings_are_charged_once_each(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        conversation = only(house)
        charged: list[int] = []
        monkeypatch.setattr(conversation, "_alive", charged.append)
        await trio.sleep(1)
        assert charged == []
        for _ in range(3):
            await peer.websocket.ping()
        await trio.sleep(2)
        assert sum(charged) == 3


# --- inputs ---------------------------------------------------------------------------------------


async def test_inputs_charged_by_the_lane_end_the_connection_above_the_burst(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        conversation = only(house)
        conversation.charge(INPUTS_BURST)
        await assert_serves(peer)
        conversation.charge(round(INPUTS_PER_S))
        refusal, goodbye = await peer.hear_out()
        for each in (refusal, goodbye):
            assert (each.code, each.sentence) == (Code.RATE_LIMITED, TOO_MANY_INPUTS)
        assert refusal.id == 0


async def test_an_input_in_a_longer_form_than_the_shortest_is_refused(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        for message, words in (
            (bytes((0x92, 0xCC, 6, 1)), "the shortest msgpack form"),
            (encode(Ping(1)) + encode(Seen(Tick(1))), "alone in its message"),
        ):
            peer = await house.guest()
            await peer.send(message)
            refusal = await peer.hear_a(Refusal)
            assert (refusal.id, refusal.code) == (0, Code.BAD_MESSAGE)
            assert words in refusal.sentence
            assert (await peer.hear_a(Goodbye)).code == Code.BAD_MESSAGE


# --- other messages -------------------------------------------------------------------------------


async def test_the_rate_of_messages_is_regained_with_time(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        ack = Ack(EventNumber(0), RequestId(0))
        for _ in range(MESSAGES_BURST):
            await peer.send(ack)
        await trio.sleep(10 / MESSAGES_PER_S)
        for _ in range(10):
            await peer.send(ack)
        await trio.sleep(0.01)
        assert len(house.server.connections) == 1
        for _ in range(10):
            await peer.send(ack)
        assert (await peer.hear_a(Goodbye)).code == Code.RATE_LIMITED


async def test_each_object_of_a_message_counts(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        ack = Ack(EventNumber(0), RequestId(0))
        for _ in range(MESSAGES_BURST // 10):
            await peer.send(*[ack] * 10)
        await trio.sleep(0.001)
        assert len(house.server.connections) == 1
        await peer.send(*[ack] * 10)
        assert (await peer.hear_a(Goodbye)).code == Code.RATE_LIMITED


async def test_objects_behind_a_goodbye_are_not_carried_out(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        await peer.send(Goodbye("done", ""), RequestEnvelope(RequestId(1), GetServerInfo()))
        assert await peer.hear_out() == []


async def test_a_resume_is_charged_with_the_events_that_it_repeats(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(autojump_clock) as house:
        charged: list[tuple[str, int]] = []
        router = house.server._router
        monkeypatch.setattr(router, "replayed", lambda *given: charged.append(given))
        peer = await house.dial()
        welcome = await peer.sign_in()
        await (await house.dial()).sign_in(token=welcome.token)
        assert [player_id for player_id, _ in charged] == [welcome.player_id] * 2
        assert all(sent_bytes > 0 for _, sent_bytes in charged)


async def test_the_end_of_a_connection_waits_for_its_turn(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        turns = house.server._router.turns
        held = trio.Event()
        monkeypatch.setattr(turns, "wait", held.wait)
        await peer.websocket.aclose()
        await trio.sleep(1)
        assert len(house.server.connections) == 1
        held.set()
        await trio.sleep(0.01)
        assert len(house.server.connections) == 0


# --- statistics before a hello --------------------------------------------------------------------


def stats(number: int, token: str = TOKEN) -> RequestEnvelope:
    return RequestEnvelope(RequestId(number), GetServerStats(token))


async def test_reading_statistics_needs_no_hello_and_a_hello_may_follow(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock, stats_token=TOKEN) as house:
        peer = await house.dial()
        for number in range(1, 4):
            await trio.sleep(HELLO_S * 0.9)
            assert isinstance(await peer.ask(number, stats(number).request), ResultEnvelope)
        await peer.send(hello())
        assert isinstance(await peer.hear_a(Welcome), Welcome)


async def test_a_reader_of_statistics_that_falls_silent_is_told_to_say_hello(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock, stats_token=TOKEN) as house:
        peer = await house.dial()
        await trio.sleep(1)
        await peer.ask(1, stats(1).request)
        asked = trio.current_time()
        goodbye = await peer.hear_a(Goodbye)
        assert goodbye.code == Code.HELLO_EXPECTED
        assert f"within {HELLO_S:.0f} s" in goodbye.sentence
        assert trio.current_time() - asked == pytest.approx(HELLO_S, abs=0.05)


async def test_a_request_for_statistics_is_a_sign_of_life(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock, stats_token=TOKEN) as house:
        peer = await house.dial()
        await trio.sleep(1.2)
        await peer.ask(1, stats(1).request)
        asked = trio.current_time()
        heartbeat = only(house).heartbeat
        dead_s = 2 * heartbeat.interval_s
        assert not heartbeat.is_dead(asked + dead_s - 0.1)
        assert heartbeat.is_dead(asked + dead_s + 0.01)


async def test_a_reader_with_the_wrong_token_is_refused_and_disconnected(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock, stats_token=TOKEN) as house:
        peer = await house.dial()
        await peer.send(stats(3, "wrong"))
        refusal, goodbye = await peer.hear_out()
        assert (refusal.id, refusal.code) == (3, Code.FORBIDDEN)
        assert (goodbye.code, goodbye.sentence) == (Code.FORBIDDEN, refusal.sentence)


@pytest.mark.parametrize(("spare", "code"), [(0, Code.FORBIDDEN), (-1, Code.HELLO_EXPECTED)])
async def test_a_request_before_the_hello_is_bounded_in_length(
    autojump_clock: MockClock, spare: int, code: Code
) -> None:
    bare = len(encode(stats(1, "x" * 300)))
    request = stats(1, "x" * (LONGEST_LOOK - bare + 300 - spare))
    assert len(encode(request)) == LONGEST_LOOK - spare
    async with serving(autojump_clock, stats_token=TOKEN) as house:
        peer = await house.dial()
        await peer.send(request)
        assert (await peer.hear_a(Goodbye)).code == code


async def test_two_requests_in_the_first_message_are_refused(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock, stats_token=TOKEN) as house:
        peer = await house.dial()
        await peer.send(stats(1), stats(2))
        assert (await peer.hear_a(Goodbye)).code == Code.HELLO_EXPECTED


async def test_conversations_that_are_cancelled_with_their_server_are_counted_as_ended(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        server = house.server
        for name in ("Ann", "Bob"):
            await house.guest(name)
        assert len(server._conversations) == 2
    assert not server._conversations
