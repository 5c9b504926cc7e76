"""Work is paid for in time; costs are played, so that no test measures."""

from contextlib import suppress

import pytest
import trio
import trio.testing
from trio.testing import MockClock
from trio_websocket import ConnectionClosed

from gameserver.ids import RequestId, Tick
from gameserver.messages.session import GetServerInfo
from gameserver.messages.wire import Answer, Input, Ping, Pong, RequestEnvelope, ResultEnvelope
from gameserver.protocol.limits import LIFE_BURST
from gameserver.rooms.limits.rules import RoomRules
from gameserver.service import conversation as conversation_module
from gameserver.service.config.settings import Settings
from gameserver.service.middleware import Handler, RequestContext
from gameserver.service.overload import work as work_module
from gameserver.service.overload.work import HANDSHAKE_S, MESSAGE_S, Work
from gameserver.service.runtime import Runtime
from tests.service.peers import assert_serves, serving

RULES = RoomRules()
SETTINGS = Settings()


async def test_messages_of_an_address_in_debt_wait_and_others_do_not(
    autojump_clock: MockClock,
) -> None:
    work = Work(RULES, Runtime())
    own, other = work.budget(), work.budget()
    work.spent("192.0.2.1", work.budget(), 1.5 * RULES.address_work_burst_s)
    began = autojump_clock.current_time()
    await work.wait("198.51.100.1", other)
    assert autojump_clock.current_time() == began
    await work.wait("192.0.2.1", own)
    debt_s = 0.5 * RULES.address_work_burst_s / RULES.address_work_share
    assert autojump_clock.current_time() - began == pytest.approx(debt_s, rel=0.01)


async def test_a_connection_in_debt_waits_and_others_of_its_address_do_not(
    autojump_clock: MockClock,
) -> None:
    work = Work(RULES, Runtime())
    own, neighbour = work.budget(), work.budget()
    work.spent("192.0.2.1", own, 1.2 * RULES.connection_work_burst_s)
    began = autojump_clock.current_time()
    await work.wait("192.0.2.1", neighbour)
    assert autojump_clock.current_time() == began
    await work.wait("192.0.2.1", own)
    assert autojump_clock.current_time() > began + 1.0


async def test_repeated_connecting_counts_as_work(autojump_clock: MockClock) -> None:
    work = Work(RULES, Runtime())
    began = autojump_clock.current_time()
    count = 3 * int(RULES.address_work_burst_s / HANDSHAKE_S)
    for _ in range(count):
        await work.admit("192.0.2.1")
    lasted_s = autojump_clock.current_time() - began
    over = count * HANDSHAKE_S - RULES.address_work_burst_s
    assert lasted_s >= 0.9 * over / RULES.address_work_share


async def test_expensive_requests_are_all_answered_later_and_those_of_others_at_once(
    autojump_clock: MockClock,
) -> None:
    """Every reading of the stopwatch is 20 ms later: each message costs that much."""
    readings = iter(range(10**9))
    async with serving(autojump_clock, stopwatch=lambda: next(readings) * 0.02) as house:
        dear, cheap = await house.guest("Ann"), await house.guest("Bob")
        began = autojump_clock.current_time()
        for number in range(1, 41):
            await dear.send(RequestEnvelope(RequestId(number), GetServerInfo()))
        assert isinstance(await cheap.ask(1, GetServerInfo()), ResultEnvelope)
        assert autojump_clock.current_time() - began < 1.0
        answers = [await dear.hear_a(ResultEnvelope) for _ in range(40)]
        assert [each.id for each in answers] == list(range(1, 41))
        assert autojump_clock.current_time() - began > 10.0


async def test_a_peer_that_waits_long_for_its_turn_is_not_taken_for_silent(
    autojump_clock: MockClock,
) -> None:
    """Its next messages fill the queue, so that the rest, signs of life too, is not read."""
    dear_s = 2 * RULES.connection_work_burst_s
    spent = 0.0

    def first_is_dear(context: RequestContext, asked: RequestEnvelope, pass_on: Handler) -> Answer:
        nonlocal spent
        spent = dear_s  # the first request costs all that it may, and the others nothing
        return pass_on(context, asked)

    dear = [first_is_dear]
    async with serving(autojump_clock, stopwatch=lambda: spent, middleware=dear) as house:
        peer = await house.guest("Ann")
        began = autojump_clock.current_time()
        for number in range(1, 41):
            await peer.send(RequestEnvelope(RequestId(number), GetServerInfo()))
        answers = [await peer.hear_a(ResultEnvelope) for _ in range(40)]
        assert [each.id for each in answers] == list(range(1, 41))
        waited_s = RULES.connection_work_burst_s / RULES.connection_work_share
        assert autojump_clock.current_time() - began == pytest.approx(waited_s, rel=0.05)
        assert waited_s > 2 * house.server.settings.heartbeat_s


async def test_each_small_message_costs_its_address_a_minimum(
    autojump_clock: MockClock,
) -> None:
    work = Work(RULES, Runtime(thread_s=lambda: 0.0))
    began = autojump_clock.current_time()
    count = 3 * int(RULES.address_work_burst_s / MESSAGE_S)
    for _ in range(count):
        own = work.budget()
        await work.wait("192.0.2.1", own)
        with work.counted("192.0.2.1", own):
            pass
    over_s = count * MESSAGE_S - RULES.address_work_burst_s
    assert autojump_clock.current_time() - began >= 0.9 * over_s / RULES.address_work_share


async def test_inputs_outside_a_match_are_charged_and_above_a_burst_not_read_while_in_debt(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = LIFE_BURST + 20
    monkeypatch.setattr(work_module, "LIFE_S", 2 * RULES.connection_work_burst_s / LIFE_BURST)
    async with serving(autojump_clock) as house:
        peer = await house.guest("Ann", "192.0.2.1")
        began = autojump_clock.current_time()
        for seq in range(1, count + 1):
            await peer.send(Input(seq, Tick(0), Tick(0), 0, (0,)))
            await trio.sleep(0.01)
        (conversation,) = house.server._conversations
        assert conversation._link.held
        assert isinstance(await peer.ask(1, GetServerInfo()), ResultEnvelope)
        paid_s = RULES.connection_work_burst_s / RULES.connection_work_share
        assert autojump_clock.current_time() - began > paid_s


@pytest.mark.usefixtures("autojump_clock")
async def test_connections_of_an_address_in_debt_continue_one_by_one_in_order() -> None:
    work = Work(RULES, Runtime())
    work.spent("192.0.2.1", work.budget(), RULES.address_work_burst_s + 0.001)
    went: list[int] = []

    async def ask(number: int) -> None:
        own = work.budget()
        await work.wait("192.0.2.1", own)
        went.append(number)
        work.spent("192.0.2.1", own, 0.001)

    woken = _Wakeups()
    trio.lowlevel.add_instrument(woken)
    async with trio.open_nursery() as nursery:
        for number in range(50):
            nursery.start_soon(ask, number)
            await trio.testing.wait_all_tasks_blocked()
    trio.lowlevel.remove_instrument(woken)
    assert went == list(range(50))
    assert woken.count < 50 * 8, "nobody wakes to find that it is not their turn"


async def test_a_cancelled_wait_does_not_delay_others(autojump_clock: MockClock) -> None:
    work = Work(RULES, Runtime())
    work.spent("192.0.2.1", work.budget(), 1.5 * RULES.address_work_burst_s)
    async with trio.open_nursery() as nursery:
        for _ in range(3):
            nursery.start_soon(work.wait, "192.0.2.1", work.budget())
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    began = autojump_clock.current_time()
    await work.wait("192.0.2.1", work.budget())
    debt_s = 0.5 * RULES.address_work_burst_s / RULES.address_work_share
    assert autojump_clock.current_time() - began == pytest.approx(debt_s, rel=0.01)
    await work.wait("192.0.2.1", work.budget())
    assert autojump_clock.current_time() - began == pytest.approx(debt_s, rel=0.01)


class _Wakeups(trio.abc.Instrument):
    """Counts how often a task was run."""

    count = 0

    def before_task_step(self, task: trio.lowlevel.Task) -> None:  # noqa: ARG002  trio's signature
        self.count += 1


async def test_a_flood_of_pings_is_charged_and_pings_of_others_are_answered_at_once(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thirty pings a second come from one connection, of which its budget pays ten."""
    monkeypatch.setattr(work_module, "LIFE_S", 0.002)
    lasted_s, campus = 60, "192.0.2.1"
    async with serving(autojump_clock) as house:
        flooder = await house.guest("Flo", campus)
        honest = await house.guest("Ann", campus)
        answered: list[float] = []

        async def listen() -> None:
            with suppress(ConnectionClosed):
                while True:
                    await flooder.hear_a(Pong)
                    answered.append(trio.current_time())

        async def flood() -> None:
            with suppress(ConnectionClosed):  # what piled up meanwhile may be too much at once
                for number in range(30 * lasted_s):
                    await flooder.send(Ping(number))
                    await trio.sleep(1 / 30)

        house.nursery.start_soon(listen)
        house.nursery.start_soon(flood)
        for number in range(lasted_s // 2):
            await trio.sleep(2)
            asked = trio.current_time()
            await honest.send(Ping(number))
            assert (await honest.hear_a(Pong)).nonce == number
            assert trio.current_time() < asked + 0.1
        assert 30 * 10 < len(answered) < 30 * lasted_s / 2


async def test_websocket_pings_are_charged(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation_module, "MEASURE_S", 1e9)  # the peer reads nothing
    monkeypatch.setattr(work_module, "LIFE_S", 0.1)
    async with serving(autojump_clock) as house:
        flooder = await house.guest("Flo", "192.0.2.1")
        for _ in range(60):
            await flooder.websocket.ping()
            await trio.sleep(0.25)
        asked = trio.current_time()
        await flooder.ask(1, GetServerInfo())
        assert trio.current_time() > asked + 1.0


async def test_a_peer_delayed_for_its_pings_is_not_taken_for_dead_and_can_leave(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work_module, "LIFE_S", 0.5)
    async with serving(autojump_clock) as house:
        flooder = await house.guest("Flo", "192.0.2.1")
        for number in range(LIFE_BURST + 2):
            await flooder.send(Ping(number))
        await trio.sleep(4.5 * SETTINGS.heartbeat_s)  # dead after 3, were it not held back
        await assert_serves(flooder)
