"""A match in a client's conversation: entering, silence, leaving, and what ends it."""

import attrs
import pytest
import trio
from trio.testing import MockClock

from gameserver.client.conversation import CHORES_EVERY_S, PING_S, ClientConversation
from gameserver.client.status import MatchReady
from gameserver.ids import NO_SEAT, EventNumber, LobbyId, MatchId, Seat, Tick
from gameserver.messages import wire
from gameserver.messages.base import Result
from gameserver.messages.lobby import LeaveMatch, LobbyChanged, LobbyLeft, MatchResult
from gameserver.messages.match import (
    EnterMatch,
    GetMap,
    MapData,
    MatchEnded,
    MatchEntered,
    MatchStarted,
)
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import Skirmish
from gameserver.testing.stepper import MATCH_ID, MatchStepper
from tests.client.test_state import den
from tests.client.wires import RESUMED, WELCOME, Talk, conversation, talking
from tests.snapshots import is_snapshot

MAP = map_from_rows(*["." * 8] * 8)
FIRST = Seat(0)
TICK_S = 1 / Skirmish.tick_rate


def player() -> ClientConversation:
    return conversation(play=True, game=Skirmish(), maps=[MAP])


def event(number: int, what: object) -> wire.EventEnvelope:
    return wire.EventEnvelope(EventNumber(number), what)


def begun(seat: Seat = FIRST) -> tuple[MatchStarted, list[bytes]]:
    """Return the event that begins a match, and its first snapshots."""
    stepper = MatchStepper(Skirmish(), MAP, seats=1)
    viewer = stepper.enter(seat)
    stepper.run(5)
    return stepper.started(seat), [each for each in viewer.sent if is_snapshot(each)]


async def enters(one: Talk, seat: Seat = FIRST, number: int = 1) -> list[bytes]:
    """Let a match begin and be entered; return its snapshots, of which none has come."""
    started, snapshots = begun(seat)
    (asked,) = await one.hear(event(number, started))
    assert asked.request == EnterMatch(MATCH_ID)
    await one.hear(wire.ResultEnvelope(asked.id, MatchEntered(Tick(1), seat, 1)))
    return snapshots


async def test_a_map_that_is_known_is_not_fetched_and_another_one_is(
    autojump_clock: MockClock,
) -> None:
    started, _ = begun()
    async with talking(autojump_clock, player(), WELCOME) as one:
        await enters(one)
        assert one.told(MatchReady) == [MatchReady()]
    stranger = conversation(play=True, game=Skirmish())
    async with talking(autojump_clock, stranger, WELCOME) as one:
        (asked,) = await one.hear(event(1, started))
        assert asked.request == GetMap(MATCH_ID)
        tiles = MapData({"map": MAP.to_wire()})
        (asked,) = await one.hear(wire.ResultEnvelope(asked.id, tiles))
        assert asked.request == EnterMatch(MATCH_ID)
        assert one.told(MatchReady) == []


async def test_silence_counts_from_the_last_message_while_a_match_is_seen(
    autojump_clock: MockClock,
) -> None:
    async with talking(autojump_clock, player(), WELCOME) as one:
        await trio.sleep(2)
        assert one.talk.silent_s == 0
        snapshots = await enters(one)
        await trio.sleep(2)
        assert one.talk.silent_s == 0, "no picture has come that could stand still"
        await one.hear(snapshots[0])
        assert one.talk.silent_s == 0
        await trio.sleep(1.5)
        assert one.talk.silent_s == pytest.approx(1.5)
        one.wire.lose()
        await one.lasts()
        assert one.talk.silent_s == 0
    async with talking(autojump_clock, one.talk) as again:
        await trio.sleep(2)
        assert again.talk.silent_s == 0, "the new connection has not been welcomed"


async def test_in_a_match_pings_come_each_second(autojump_clock: MockClock) -> None:
    async with talking(autojump_clock, player(), WELCOME) as one:
        for snapshot in await enters(one):
            await one.hear(snapshot)
        await trio.sleep(PING_S)
        one.wire.take()
        await trio.sleep(5 * PING_S)
        assert len(one.wire.take(wire.Ping)) == 5
        one.wire.say(wire.Ping(1))


async def test_a_watcher_that_gets_no_further_snapshot_reports_the_last_one(
    autojump_clock: MockClock,
) -> None:
    async with talking(autojump_clock, player(), WELCOME) as one:
        first, second, *_ = await enters(one, NO_SEAT)
        await one.hear(first)
        one.wire.take()
        await one.hear(second)
        assert one.wire.take(wire.Seen) == []
        await trio.sleep(0.5 + 2 * CHORES_EVERY_S)
        replica = one.talk.matches.replica
        assert replica is not None
        assert [each.tick for each in one.wire.take(wire.Seen)] == [replica.world.tick + 1]


async def test_a_measured_round_trip_is_passed_on_to_the_match(autojump_clock: MockClock) -> None:
    async with talking(autojump_clock, player()) as one:
        await trio.sleep(3)
        ping = (await one.hear(WELCOME))[-1]
        await enters(one)
        replica = one.talk.matches.replica
        assert replica is not None
        assert replica.stats.rtt_ms == 0
        await trio.sleep(0.25)
        await one.hear(wire.Pong(ping.nonce, 0))
        assert replica.stats.rtt_ms == pytest.approx(250)


async def test_a_match_is_paused_by_a_cut_and_entered_again_after_it(
    autojump_clock: MockClock,
) -> None:
    talk = player()
    async with talking(autojump_clock, talk, WELCOME) as one:
        for snapshot in await enters(one):
            await one.hear(snapshot)
        replica = talk.matches.replica
        assert replica is not None
        assert replica.advance(trio.current_time() + TICK_S) > 0
        one.wire.lose()
        await one.lasts()
        assert replica.advance(trio.current_time() + 10 * TICK_S) == 0
        one.updates.drain()
    async with talking(autojump_clock, talk) as one:
        one.wire.take()
        sent = await one.hear(RESUMED)
        (asked,) = [
            each for each in sent
            if isinstance(each, wire.RequestEnvelope) and isinstance(each.request, EnterMatch)
        ]  # fmt: skip
        await one.hear(wire.ResultEnvelope(asked.id, MatchEntered(Tick(1), Seat(0), 9)))
        assert talk.matches.replica is replica
        assert one.told(MatchReady) == [MatchReady()]


# --- leaving --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("after", "leaves"), [(None, True), (4, True), (3, True), (2, False)])
async def test_an_answer_leaves_the_match_that_had_begun_when_it_was_decided(
    autojump_clock: MockClock, after: int | None, leaves: bool
) -> None:
    async with talking(autojump_clock, player(), WELCOME) as one:
        for number in (1, 2):
            await one.hear(event(number, LobbyChanged(den(number))))
        await enters(one, number=3)
        await one.hear(event(4, LobbyChanged(den(4))))
        request_id = one.talk.ask(LeaveMatch(), lambda _: None)
        decided = None if after is None else EventNumber(after)
        await one.hear(wire.ResultEnvelope(request_id, Result(), decided))
        assert one.talk.matches.away == leaves
        assert (one.talk.matches.replica is None) == leaves
        assert one.talk.matches.match_id == MATCH_ID, "it goes on without the player"


async def test_another_answer_leaves_no_match(autojump_clock: MockClock) -> None:
    async with talking(autojump_clock, player(), WELCOME) as one:
        await enters(one)
        request_id = one.talk.ask(EnterMatch(MatchId("other")), lambda _: None)
        await one.hear(wire.ResultEnvelope(request_id, MatchEntered(Tick(1), Seat(0), 1)))
        assert not one.talk.matches.away


def in_none(one: Talk) -> bool:
    matches = one.talk.matches
    return matches.match_id is None and matches.replica is None


def over(match_id: MatchId) -> MatchEnded:
    return MatchEnded(MatchResult(match_id, "finished", "", (), (), 5))


async def test_a_match_is_over_by_its_own_end_by_leaving_the_lobby_and_with_the_client(
    autojump_clock: MockClock,
) -> None:
    async with talking(autojump_clock, player(), WELCOME) as one:
        await enters(one)
        await one.hear(event(2, over(MatchId("other"))))
        assert one.talk.matches.match_id == MATCH_ID
        await one.hear(event(3, over(MATCH_ID)))
        assert in_none(one)
        await enters(one, number=4)
        await one.hear(event(5, LobbyLeft(LobbyId("den"), "left")))
        assert in_none(one)
        await enters(one, number=6)
        one.talk.end()
        assert in_none(one)


async def test_another_session_has_no_match(autojump_clock: MockClock) -> None:
    talk = player()
    async with talking(autojump_clock, talk, WELCOME) as one:
        await enters(one, number=7)
    async with talking(autojump_clock, talk, attrs.evolve(WELCOME, epoch=2)) as one:
        assert in_none(one)
        await enters(one, number=1)
        request_id = talk.ask(LeaveMatch(), lambda _: None)
        await one.hear(wire.ResultEnvelope(request_id, Result(), EventNumber(1)))
        assert talk.matches.away, "events are counted from one again"
