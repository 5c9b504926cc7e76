"""Requests about a match, from its players and from other sessions."""

from collections.abc import Callable

import pytest
from structlog.testing import capture_logs
from trio.testing import MockClock

from gameserver.errors import Code
from gameserver.ids import MatchId, RequestId, Tick
from gameserver.messages.base import Request
from gameserver.messages.lobby import CreateLobby, LobbyConfig, SetReady
from gameserver.messages.match import (
    EnterMatch,
    GetMap,
    GetMatchStats,
    MapData,
    MatchStarted,
    MatchStats,
    ReportDesync,
)
from gameserver.messages.session import GetServerStats, ServerStats
from gameserver.messages.wire import (
    EventEnvelope,
    Goodbye,
    Pong,
    Refusal,
    RequestEnvelope,
    ResultEnvelope,
)
from gameserver.protocol.limits import MESSAGES_BURST
from tests.service.peers import MAP, Peer, Running, assert_serves, hello, serving

TOKEN = "hush"


async def playing(house: Running) -> tuple[Peer, MatchId]:
    """Sign somebody in and bring them to where a match against a bot runs."""
    peer = await house.guest("Ann")
    await peer.ask(1, CreateLobby(LobbyConfig(title="Den", map=MAP.name, size=4, bots=1)))
    await peer.ask(2, SetReady(True))
    while not isinstance((event := (await peer.hear_a(EventEnvelope)).event), MatchStarted):
        pass
    return peer, event.match_id


async def test_a_player_gets_map_and_statistics_of_the_own_match(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as house:
        peer, match_id = await playing(house)
        answer = await peer.ask(3, GetMap(match_id))
        assert isinstance(answer, ResultEnvelope)
        assert isinstance(answer.result, MapData)
        assert answer.result.data["map"] == MAP.to_wire()
        answer = await peer.ask(4, GetMatchStats(match_id))
        assert isinstance(answer, ResultEnvelope)
        assert isinstance(answer.result, MatchStats)


async def test_a_desync_is_logged_with_its_section_and_counted(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock, stats_token=TOKEN) as house:
        peer, match_id = await playing(house)
        assert isinstance(await peer.ask(3, EnterMatch(match_id)), ResultEnvelope)
        with capture_logs() as logs:
            answer = await peer.ask(4, ReportDesync(match_id, Tick(9), 0, 7, 8))
        assert isinstance(answer, ResultEnvelope)
        (line,) = [line for line in logs if line["event"] == "desync"]
        told = [line[name] for name in ("match", "tick", "section", "expected", "computed")]
        assert told == [match_id, 9, 0, 7, 8]
        stats = await peer.ask(5, GetServerStats(TOKEN))
        assert isinstance(stats, ResultEnvelope)
        assert isinstance(stats.result, ServerStats)
        assert stats.result.total.desyncs == 1


@pytest.mark.parametrize(
    "asked",
    [EnterMatch, GetMap, GetMatchStats, lambda match_id: ReportDesync(match_id, Tick(9), 0, 7, 8)],
)
async def test_requests_about_a_match_of_others_are_refused_as_unknown(
    autojump_clock: MockClock, asked: Callable[[MatchId], Request]
) -> None:
    async with serving(autojump_clock) as house:
        peer, match_id = await playing(house)
        stranger = await house.guest("Eve")
        for who, named in [
            (stranger, match_id),
            (stranger, MatchId("mnone")),
            (peer, MatchId("m")),
        ]:
            answer = await who.ask(9, asked(named))
            assert isinstance(answer, Refusal)
            assert answer.code == Code.MATCH_UNKNOWN


# --- messages that end a connection ---------------------------------------------------------------


async def test_a_second_hello_ends_the_connection(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        await peer.send(hello("Ann"))
        assert await peer.parted() == (Code.BAD_MESSAGE, Code.BAD_MESSAGE)
        await assert_serves(await house.guest("Bob"))


async def test_a_goodbye_ends_the_connection_and_the_session_can_be_resumed(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.dial()
        welcome = await peer.sign_in("Ann")
        await peer.send(Goodbye("left", "going home"))
        assert not [m for m in await peer.hear_out() if isinstance(m, Refusal)]
        again = await house.dial()
        await again.send(hello("Ann", token=welcome.token))
        back = await again.hear()
        assert (back.resumed, back.player_id) == (True, welcome.player_id)


async def test_a_pong_to_an_older_ping_is_no_round_trip(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        (conversation,) = house.server._conversations
        for nonce in (12345, 54321):
            await peer.send(Pong(nonce, 0))
        await assert_serves(peer)
        assert conversation._link.round_trip_s is None


async def test_programs_that_only_read_figures_have_a_limited_rate_too(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock, stats_token=TOKEN) as house:
        peer = await house.dial()
        for number in range(1, MESSAGES_BURST + 10):
            await peer.send(RequestEnvelope(RequestId(number), GetServerStats(TOKEN)))
        came = await peer.hear_out()
        assert 1 <= sum(isinstance(each, ResultEnvelope) for each in came) <= MESSAGES_BURST
        assert isinstance(came[-1], Goodbye)
        assert came[-1].code == Code.RATE_LIMITED
