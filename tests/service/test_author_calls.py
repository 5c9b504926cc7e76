"""What authors learn of members and their acks, and what their handlers cost whom."""

from collections.abc import Awaitable, Callable
from typing import Any

import attrs
import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from gameserver.errors import RequestTimedOutError
from gameserver.ids import RequestId
from gameserver.messages.namespaces import (
    AckEmitted,
    EmitAnswered,
    EmitEvent,
    Emitted,
    JoinNamespace,
    LeaveNamespace,
    NamespaceJoined,
)
from gameserver.messages.session import GetServerInfo
from gameserver.messages.wire import EventEnvelope, Refusal, RequestEnvelope, ResultEnvelope
from gameserver.namespaces import Namespace, Participant, RefusedError, on
from tests.service.peers import Peer, Running, assert_serves, hello, serving

CLUB = "/club"


class Club(Namespace):
    """Notes what it is told, and asks its members."""

    name = CLUB
    time_limit_s = 30.0
    seen: list[tuple[Any, ...]] = []  # noqa: RUF012  emptied by each test
    cost: Callable[[], object] = staticmethod(lambda: None)

    async def admit(self, client: Participant, auth: dict[str, Any]) -> None:
        await trio.sleep(auth.get("slow", 0.0))
        self.seen.append(("admit", client.name))

    async def joined(self, client: Participant) -> None:
        self.seen.append(("joined", client.name))

    async def left(self, client: Participant, reason: str) -> None:
        self.seen.append(("left", client.name, reason))

    async def lost(self, client: Participant) -> None:
        self.seen.append(("lost", client.name, client.connected))

    async def returned(self, client: Participant) -> None:
        self.seen.append(("returned", client.name, client.connected))

    @on("enter")
    async def enter(self, client: Participant) -> None:
        client.join("den")

    @on("wait")
    async def wait(self, _client: Participant, seconds: float) -> None:
        await trio.sleep(seconds)

    @on("vote")
    async def vote(self, client: Participant) -> dict[str, Any]:
        gathered = await client.to("den").emit_with_ack("which?", b"\x01", timeout_s=3.0)
        names = {each.player_id: each.name for each in self.known.values()}
        return {
            "answers": {names[player]: answer for player, answer in gathered.answers.items()},
            "silent": sorted(names[player] for player in gathered.silent),
        }

    @on("volatile vote")
    async def volatile_vote(self, _client: Participant) -> None:
        with pytest.raises(ValueError, match="volatile"):
            await self.everybody.volatile.emit_with_ack("which?")

    @on("work")
    async def work(self, _client: Participant) -> None:
        type(self).cost()

    @on("nursery")
    async def nursery(self, _client: Participant, fault: str) -> None:
        faults = {"exit": SystemExit(3), "refuse": RefusedError("club.full", "It is full.")}

        async def fail() -> None:
            await trio.lowlevel.checkpoint()
            raise faults[fault]

        async with trio.open_nursery() as nursery:
            nursery.start_soon(fail)
            nursery.start_soon(trio.sleep_forever)

    async def around(
        self,
        client: Participant,
        event: str,
        args: tuple[Any, ...],
        call_next: Callable[[], Awaitable[Any]],
    ) -> Any:
        self.known[client.name] = client
        return await super().around(client, event, args, call_next)

    def __init__(self) -> None:
        self.known: dict[str, Participant] = {}


@pytest.fixture(autouse=True)
def _nothing_seen() -> None:
    Club.seen.clear()


async def member(house: Running, name: str, address: str = "") -> Peer:
    peer = await house.guest(name, address)
    await peer.ask(1, JoinNamespace(CLUB))
    await emit(peer, 2, "enter")
    return peer


async def emit(peer: Peer, number: int, event: str, *args: object) -> Any:
    answer = await peer.ask(number, EmitEvent(CLUB, event, args, ack=True))
    if isinstance(answer, Refusal):
        return answer.code
    assert isinstance(answer.result, EmitAnswered)
    return answer.result.args


async def asked(peer: Peer) -> Emitted:
    """Wait for the server's question."""
    while not isinstance(event := (await peer.hear_a(EventEnvelope)).event, Emitted):
        pass
    assert event.ack
    return event


# --- connections lost and returned ----------------------------------------------------------------


async def test_an_author_is_told_of_a_lost_connection_and_of_the_return(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock, namespaces=[Club]) as house:
        ann = await house.dial()
        welcome = await ann.sign_in()
        await ann.ask(1, JoinNamespace(CLUB))
        Club.seen.clear()
        await ann.websocket.aclose()
        await trio.sleep(1)
        assert Club.seen == [("lost", "Ann", False)]
        again = await house.dial()
        await again.send(hello("Ann", token=welcome.token))
        await assert_serves(again)
        assert Club.seen == [("lost", "Ann", False), ("returned", "Ann", True)]


async def test_an_author_is_not_told_of_a_connection_that_is_replaced(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock, namespaces=[Club]) as house:
        ann = await house.dial()
        welcome = await ann.sign_in()
        await ann.ask(1, JoinNamespace(CLUB))
        Club.seen.clear()
        again = await house.dial()
        await again.send(hello("Ann", token=welcome.token))
        await assert_serves(again)
        await trio.sleep(1)
        assert Club.seen == []


async def test_connections_that_come_and_go_while_a_handler_runs_are_not_heaped_up(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock, namespaces=[Club]) as house:
        ann = await house.dial()
        token = (await ann.sign_in()).token
        await ann.ask(1, JoinNamespace(CLUB))
        Club.seen.clear()
        await ann.send(RequestEnvelope(RequestId(2), EmitEvent(CLUB, "wait", (20.0,))))
        for _ in range(3):
            await ann.websocket.aclose()
            await trio.sleep(1)
            ann = await house.dial()
            await ann.send(hello("Ann", token=token))
            token = (await ann.hear()).token
        (waiting,) = house.server._authors._work.values()
        assert not waiting
        await ann.websocket.aclose()
        await trio.sleep(30)
        assert Club.seen == [("lost", "Ann", False)]


async def test_a_session_that_ends_while_it_is_away_is_seen_to_be_lost_and_then_to_leave(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock, namespaces=[Club]) as house:
        ann = await member(house, "Ann")
        Club.seen.clear()
        await ann.websocket.aclose()
        await trio.sleep(130)
        assert [each[0] for each in Club.seen] == ["lost", "left"]
        assert not house.server._authors._clients


# --- acks of many ---------------------------------------------------------------------------------


async def test_a_room_is_asked_and_the_answers_are_gathered(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock, namespaces=[Club]) as house:
        ann, bob, cid, dan, eve = [
            await member(house, name) for name in ("Ann", "Bob", "Cid", "Dan", "Eve")
        ]
        await dan.websocket.aclose()
        await trio.sleep(1)
        began = trio.current_time()
        await ann.send(RequestEnvelope(RequestId(3), EmitEvent(CLUB, "vote", (), ack=True)))
        for peer, answer in ((bob, ("red",)), (cid, ())):
            question = await asked(peer)
            assert (question.event, question.args) == ("which?", (b"\x01",))
            await peer.ask(3, AckEmitted(question.ack, answer, CLUB))
            await peer.ask(4, AckEmitted(question.ack, ("again",), CLUB))  # the first counts
        await eve.ask(3, LeaveNamespace(CLUB))
        answer = await ann.hear_a(ResultEnvelope)
        assert answer.result == EmitAnswered(
            ({"answers": {"Bob": "red", "Cid": None}, "silent": ["Dan", "Eve"]},)
        )
        assert trio.current_time() - began == pytest.approx(3.0, abs=0.2)
        await emit(ann, 4, "volatile vote")


async def test_a_room_without_others_is_asked_in_no_time(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock, namespaces=[Club]) as house:
        ann = await member(house, "Ann")
        began = trio.current_time()
        assert await emit(ann, 3, "vote") == ({"answers": {}, "silent": []},)
        assert trio.current_time() < began + 0.1


async def test_once_all_who_were_asked_have_left_nobody_is_waited_for(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock, namespaces=[Club]) as house:
        ann, bob = await member(house, "Ann"), await member(house, "Bob")
        began = trio.current_time()
        await ann.send(RequestEnvelope(RequestId(3), EmitEvent(CLUB, "vote", (), ack=True)))
        await asked(bob)
        await bob.ask(3, LeaveNamespace(CLUB))
        answer = await ann.hear_a(ResultEnvelope)
        assert answer.result == EmitAnswered(({"answers": {}, "silent": ["Bob"]},))
        assert trio.current_time() < began + 0.5


async def test_one_who_has_left_is_asked_in_no_time(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock, namespaces=[Club]) as house:
        ann = await member(house, "Ann")
        (space,) = house.server._authors._spaces.values()
        assert isinstance(space, Club)
        await ann.ask(3, LeaveNamespace(CLUB))
        began = trio.current_time()
        with pytest.raises(RequestTimedOutError, match="the member left before its ack came"):
            await space.known["Ann"].emit_with_ack("still here?", timeout_s=60.0)
        assert trio.current_time() < began + 0.1


class Other(Club):
    name = "/other"


async def test_acks_of_those_who_were_not_asked_or_for_other_namespaces_have_no_effect(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock, namespaces=[Club, Other]) as house:
        ann, bob = await member(house, "Ann"), await member(house, "Bob")
        await bob.ask(3, JoinNamespace("/other"))
        await ann.send(RequestEnvelope(RequestId(3), EmitEvent(CLUB, "vote", (), ack=True)))
        number = (await asked(bob)).ack
        for wrong in (AckEmitted(number + 1, ("no",)), AckEmitted(number, ("no",), "/other")):
            assert isinstance(await bob.ask(4 + len(wrong.namespace), wrong), ResultEnvelope)
        assert isinstance(await ann.ask(4, AckEmitted(number, ("no",), CLUB)), ResultEnvelope)
        await bob.ask(50, AckEmitted(number, ("yes",)))
        answer = await ann.hear_a(ResultEnvelope)
        assert answer.result == EmitAnswered(({"answers": {"Bob": "yes"}, "silent": []},))


# --- what handlers cost ---------------------------------------------------------------------------


@attrs.define
class Processor:
    """A stopwatch that handlers advance."""

    spent_s: float = 0.0

    def work(self) -> None:
        self.spent_s += 0.05

    def __call__(self) -> float:
        return self.spent_s


@pytest.mark.parametrize("peers", [1, 8])
async def test_a_flood_of_expensive_events_makes_its_own_address_wait_and_nobody_else(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch, peers: int
) -> None:
    processor = Processor()
    monkeypatch.setattr(Club, "cost", staticmethod(processor.work))
    async with serving(autojump_clock, namespaces=[Club], stopwatch=processor) as house:
        rules = house.server.hall.parts.state.rules
        flood = [await member(house, f"Ann{n}", "192.0.2.1") for n in range(peers)]
        other = await member(house, "Bob", "192.0.2.2")
        processor.spent_s = 0.0
        for peer in flood:
            # All of them are queued behind one that waits, so that reading less would not help.
            await peer.send(RequestEnvelope(RequestId(8), EmitEvent(CLUB, "wait", (1.0,))))
            for number in range(12):
                await peer.send(RequestEnvelope(RequestId(9 + number), EmitEvent(CLUB, "work")))
        began = trio.current_time()
        await emit(other, 3, "wait", 0.0)
        assert trio.current_time() < began + 0.1
        await trio.sleep(10)
        own = rules.connection_work_burst_s + 10 * rules.connection_work_share
        all_of_them = rules.address_work_burst_s + 10 * rules.address_work_share
        assert processor.spent_s <= min(peers * (own + 0.05), all_of_them + 0.05 * peers)
        assert processor.spent_s >= 0.2
        await trio.sleep(60)
        assert processor.spent_s == pytest.approx(peers * 12 * 0.05), "none is lost"


class Steps(trio.abc.Instrument):
    """Counts the steps of all tasks."""

    count = 0

    def before_task_step(self, _task: trio.lowlevel.Task) -> None:
        self.count += 1


async def test_handlers_that_never_wait_let_others_run_between_them(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(autojump_clock, namespaces=[Club]) as house:
        ann = await member(house, "Ann")
        turns, steps, at = house.server._router.turns, Steps(), list[int]()

        def work() -> None:
            at.append(steps.count)
            turns.spend(0.01)  # as if it had taken this long

        monkeypatch.setattr(Club, "cost", staticmethod(work))
        trio.lowlevel.add_instrument(steps)
        await ann.send(RequestEnvelope(RequestId(8), EmitEvent(CLUB, "wait", (1.0,))))
        for number in range(9, 17):
            await ann.send(RequestEnvelope(RequestId(number), EmitEvent(CLUB, "work")))
        await trio.sleep(5)
        trio.lowlevel.remove_instrument(steps)
        assert len(set(at)) == 8


# --- membership and faults ------------------------------------------------------------------------


async def test_who_joins_twice_and_leaves_at_once_is_seen_in_the_order_of_membership(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock, namespaces=[Club]) as house:
        ann = await house.guest()
        slow = JoinNamespace(CLUB, {"slow": 1.0})
        await ann.send(RequestEnvelope(RequestId(1), slow))
        await ann.send(RequestEnvelope(RequestId(2), EmitEvent(CLUB, "wait", (0.0,))))
        await ann.send(RequestEnvelope(RequestId(3), JoinNamespace(CLUB)))
        joined = Club.joined

        async def leaves(self: Club, client: Participant) -> None:
            await joined(self, client)
            if len(Club.seen) == 2:
                client.disconnect()

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Club, "joined", leaves)
            await trio.sleep(5)
        assert [each[0] for each in Club.seen] == ["admit", "joined", "left", "admit", "joined"]
        members = house.server.hall.parts.state.namespaces[CLUB].members
        assert len(members) == len(house.server._authors._clients) == 1
        answers = [each for each in ann.heard if isinstance(each, ResultEnvelope)]
        assert answers == []
        assert (await ann.hear_a(ResultEnvelope)).result == NamespaceJoined()


@pytest.mark.parametrize(("fault", "code"), [("exit", "internal"), ("refuse", "club.full")])
async def test_what_a_task_of_a_handler_raises_ends_its_event_alone(
    autojump_clock: MockClock, fault: str, code: str
) -> None:
    async with serving(autojump_clock, namespaces=[Club]) as house:
        ann = await member(house, "Ann")
        with capture_logs() as logs:
            assert await emit(ann, 3, "nursery", fault) == code
        failed = [line for line in logs if line["event"] == "handler failed"]
        assert len(failed) == (fault == "exit")
        assert isinstance(await ann.ask(4, GetServerInfo()), ResultEnvelope)
