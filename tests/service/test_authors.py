"""Authors' namespaces on a whole server: joins, handlers, acks, rooms, over WebSocket."""

from typing import Any

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from gameserver.errors import RequestTimedOutError
from gameserver.ids import EventNumber, RequestId
from gameserver.messages.namespaces import (
    AckEmitted,
    EmitAnswered,
    EmitEvent,
    Emitted,
    EmittedLatest,
    JoinNamespace,
    LeaveNamespace,
    NamespaceEnded,
    NamespaceJoined,
)
from gameserver.messages.session import SignOut
from gameserver.messages.wire import Ack, EventEnvelope, Refusal, RequestEnvelope, ResultEnvelope
from gameserver.namespaces import Namespace, Participant, RefusedError, on
from gameserver.service.authors import Authors
from tests.service.peers import Peer, Running, assert_serves, hello, serving

GUILD = "/guild"


class Guild(Namespace):
    """Has a handler of every kind."""

    name = GUILD
    time_limit_s = 3.0
    seen: list[tuple[Any, ...]] = []  # noqa: RUF012  emptied by each test

    async def admit(self, _client: Participant, auth: dict[str, Any]) -> None:
        if auth.get("key") == "wrong":
            raise RefusedError("guild.closed", "You are not invited.", {"key": "wrong"})

    async def joined(self, client: Participant) -> None:
        self.seen.append(("joined", client.name))

    async def left(self, _client: Participant, reason: str) -> None:
        self.seen.append(("left", reason))

    @on("invite")
    async def invite(self, client: Participant, who: str, photo: bytes) -> dict[str, Any]:
        return {"invited": who, "by": client.name, "photo": photo[::-1]}

    @on("slow")
    async def slow(self, _client: Participant, seconds: float) -> str:
        self.seen.append(("slow", seconds))
        await trio.sleep(seconds)
        return "done"

    @on("broken")
    async def broken(self, _client: Participant) -> object:
        raise SystemExit("a fault of the author")

    @on("unsendable")
    async def unsendable(self, _client: Participant) -> object:
        return {1, 2}

    @on("refuse")
    async def refuse(self, _client: Participant) -> None:
        raise RefusedError("guild.full", "There is no place.")

    @on("room")
    async def room(self, client: Participant, room: str) -> list[str]:
        client.join(room)
        return list(client.rooms)

    @on("say")
    async def say(self, client: Participant, room: str, text: str) -> None:
        client.to(room).emit("said", client.name, text)

    @on("point")
    async def point(self, _client: Participant, x: float) -> None:
        self.to("den").volatile.emit("pointed", x)

    @on("question")
    async def question(self, client: Participant) -> Any:
        try:
            return await client.emit_with_ack("sure?", b"\x00", timeout_s=2)
        except RequestTimedOutError:
            return "no answer"

    @on("out")
    async def out(self, client: Participant) -> None:
        client.disconnect("Go.", "guild.out")


@pytest.fixture(autouse=True)
def _nothing_seen() -> None:
    Guild.seen.clear()


async def guest(house: Running, name: str = "Ann") -> Peer:
    peer = await house.guest(name)
    answer = await peer.ask(1, JoinNamespace(GUILD))
    assert isinstance(answer, ResultEnvelope)
    assert answer.result == NamespaceJoined()
    return peer


async def emit(peer: Peer, number: int, event: str, *args: object) -> Any:
    answer = await peer.ask(number, EmitEvent(GUILD, event, args, ack=True))
    if isinstance(answer, Refusal):
        return answer.code
    assert isinstance(answer.result, EmitAnswered)
    return answer.result.args


async def test_what_a_handler_returns_is_the_ack(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock, namespaces=[Guild]) as house:
        peer = await guest(house)
        answer = await emit(peer, 2, "invite", "Bob", b"\x01\x02")
        assert answer == ({"invited": "Bob", "by": "Ann", "photo": b"\x02\x01"},)
        assert Guild.seen == [("joined", "Ann")]


async def test_refusals_and_faults_have_codes_and_end_nothing(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock, namespaces=[Guild]) as house:
        peer = await guest(house)
        assert await emit(peer, 2, "refuse") == "guild.full"
        assert await emit(peer, 3, "broken") == "internal"
        assert await emit(peer, 4, "unsendable") == "internal"
        assert await emit(peer, 5, "nothing") == "namespace.no_handler"
        assert await emit(peer, 6, "invite") == "internal"  # arguments are missing
        assert await emit(peer, 7, "slow", 60.0) == "namespace.timed_out"
        assert await emit(peer, 8, "slow", 1.0) == ("done",)
        await assert_serves(peer)


async def test_only_members_emit_and_an_author_refuses_some(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock, namespaces=[Guild]) as house:
        peer = await house.guest()
        assert await emit(peer, 1, "refuse") == "namespace.not_in"
        refused = await peer.ask(2, JoinNamespace(GUILD, {"key": "wrong"}))
        assert isinstance(refused, Refusal)
        assert (refused.code, refused.details) == ("guild.closed", {"key": "wrong"})
        unknown = await peer.ask(3, JoinNamespace("/nowhere"))
        assert isinstance(unknown, Refusal)
        assert unknown.code == "namespace.unknown"
        assert await emit(peer, 4, "refuse") == "namespace.not_in"


async def test_events_of_one_session_are_handled_in_order_and_at_most_so_many_wait(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock, namespaces=[Guild]) as house:
        peer, other = await guest(house), await guest(house, "Bob")
        await peer.send(RequestEnvelope(RequestId(2), EmitEvent(GUILD, "slow", (2.0,), ack=True)))
        first = await peer.ask(3, EmitEvent(GUILD, "slow", (0.5,)))
        assert isinstance(first, ResultEnvelope)  # it is taken at once
        began = trio.current_time()
        assert await emit(other, 2, "invite", "Cid", b"") is not None
        assert trio.current_time() < began + 0.1  # nobody waits for others
        assert (await peer.hear_a(ResultEnvelope)).id == 2
        assert await emit(peer, 4, "slow", 0.0) == ("done",)
        assert [each[1] for each in Guild.seen if each[0] == "slow"] == [2.0, 0.5, 0.0]


async def test_a_repeated_request_is_carried_out_once_and_answered_on_the_new_connection(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock, namespaces=[Guild]) as house:
        peer = await house.dial()
        welcome = await peer.sign_in()
        await peer.ask(1, JoinNamespace(GUILD))
        envelope = RequestEnvelope(RequestId(2), EmitEvent(GUILD, "slow", (2.0,), ack=True))
        await peer.send(envelope, envelope)
        await trio.sleep(1)
        again = await house.dial()
        await again.send(hello("Ann", token=welcome.token))
        answer = await again.ask(2, envelope.request)
        assert isinstance(answer, ResultEnvelope)
        assert answer.result == EmitAnswered(("done",))
        assert Guild.seen == [("joined", "Ann"), ("slow", 2.0)]
        assert await again.ask(2, envelope.request) == answer
        await again.send(Ack(EventNumber(0), RequestId(2)))


async def test_an_emit_reaches_a_room_without_its_sender_once_also_after_a_reconnect(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock, namespaces=[Guild]) as house:
        ann, cid = await guest(house), await guest(house, "Cid")
        bob = await house.dial()
        welcome = await bob.sign_in("Bob")
        await bob.ask(1, JoinNamespace(GUILD))
        for peer in (ann, bob):
            assert await emit(peer, 2, "room", "den") == (["den"],)
        await emit(ann, 3, "say", "den", "one")
        while not isinstance((said := await bob.hear_a(EventEnvelope)).event, Emitted):
            pass
        assert said.event == Emitted(GUILD, "said", ("Ann", "one"))
        await bob.websocket.aclose()
        await trio.sleep(1)
        await emit(ann, 4, "say", "den", "two")
        again = await house.dial()
        await again.send(hello("Bob", token=welcome.token, last_event=said.number))
        rejoined = await again.ask(9, JoinNamespace(GUILD))
        assert isinstance(rejoined, ResultEnvelope)
        assert rejoined.result == NamespaceJoined(again=True)
        assert emitted(again) == [Emitted(GUILD, "said", ("Ann", "two"))]
        await assert_serves(ann)
        await assert_serves(cid)
        assert emitted(ann) == emitted(cid) == []


def emitted(peer: Peer) -> list[Any]:
    events = [getattr(each, "event", None) for each in peer.heard]
    return [each for each in events if isinstance(each, Emitted | NamespaceEnded)]


async def test_a_volatile_emit_is_a_notice_for_those_who_are_there(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock, namespaces=[Guild]) as house:
        ann = await guest(house)
        await emit(ann, 2, "room", "den")
        await emit(ann, 3, "point", 0.5)
        await assert_serves(ann)
        notices = [getattr(each, "notice", None) for each in ann.heard]
        assert EmittedLatest(GUILD, "pointed", (0.5,)) in notices


async def test_the_server_asks_and_waits_for_an_ack(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock, namespaces=[Guild]) as house:
        ann = await guest(house)
        await ann.send(RequestEnvelope(RequestId(2), EmitEvent(GUILD, "question", (), ack=True)))
        while not emitted(ann):
            await ann.hear()
        (asked,) = emitted(ann)
        assert (asked.event, asked.args) == ("sure?", (b"\x00",))
        await ann.ask(3, AckEmitted(asked.ack, ({"yes": True},)))
        while (answer := await ann.hear_a(ResultEnvelope)).id != 2:
            pass
        assert answer.result == EmitAnswered(({"yes": True},))
        assert await emit(ann, 4, "question") == ("no answer",)
        late = await ann.ask(5, AckEmitted(asked.ack, (1,)))
        assert isinstance(late, ResultEnvelope)


async def test_members_and_rooms_are_counted_by_namespace(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock, namespaces=[Guild]) as house:
        ann, _ = await guest(house), await guest(house, "Bob")
        await emit(ann, 2, "room", "den")
        stats = house.server.metrics.read(trio.current_time())
        assert (stats.namespaces, stats.namespace_rooms) == ({GUILD: 2}, {GUILD: 1})


async def test_who_leaves_is_put_out_or_signs_out_is_seen_to_leave(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock, namespaces=[Guild]) as house:
        ann, bob = await guest(house), await guest(house, "Bob")
        await ann.ask(2, LeaveNamespace(GUILD))
        assert await emit(ann, 3, "refuse") == "namespace.not_in"
        await bob.ask(2, EmitEvent(GUILD, "out"))
        await assert_serves(bob)
        assert emitted(bob) == [NamespaceEnded(GUILD, "guild.out", "Go.")]
        await trio.sleep(1)
        assert [each for each in Guild.seen if each[0] == "left"] == [
            ("left", "left"),
            ("left", "guild.out"),
        ]


async def test_a_session_that_ends_before_it_is_let_in_leaves_nothing(
    autojump_clock: MockClock,
) -> None:
    class Slow(Guild):
        name = "/slow"

        async def admit(self, _client: Participant, _auth: dict[str, Any]) -> None:
            await trio.sleep(1.0)

    async with serving(autojump_clock, namespaces=[Guild, Slow]) as house:
        peer = await guest(house)
        Slow.seen.clear()
        await peer.send(RequestEnvelope(RequestId(2), JoinNamespace("/slow")))
        await peer.send(RequestEnvelope(RequestId(3), SignOut()))
        await trio.sleep(5)
        assert Slow.seen == [("left", "signed out")], "it was a member of the other alone"
        assert not house.server._authors._clients


async def test_who_asks_to_join_twice_at_once_is_let_in_once(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock, namespaces=[Guild]) as house:
        peer = await house.guest()
        join = JoinNamespace(GUILD)
        await peer.send(*(RequestEnvelope(RequestId(number), join) for number in (1, 2)))
        answers = [await peer.hear_a(ResultEnvelope) for _ in range(2)]
        assert [each.result for each in answers] == [NamespaceJoined(), NamespaceJoined(again=True)]
        assert Guild.seen == [("joined", "Ann")]


async def test_a_bug_of_the_server_at_one_event_ends_neither_the_others_nor_the_server(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(autojump_clock, namespaces=[Guild]) as house:
        peer = await guest(house)
        emitted = Authors._emitted
        calls = 0

        async def fails(*args: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == 1:
                raise ZeroDivisionError("a bug")
            return await emitted(*args)

        monkeypatch.setattr(Authors, "_emitted", fails)
        with capture_logs() as logs:
            await peer.send(RequestEnvelope(RequestId(2), EmitEvent(GUILD, "slow", (0,), ack=True)))
            await peer.send(RequestEnvelope(RequestId(3), EmitEvent(GUILD, "slow", (0,), ack=True)))
            await trio.sleep(1)
        assert [line["event"] for line in logs if "failed" in line["event"]] == ["handling failed"]
        assert calls == 2
        await assert_serves(peer)


async def test_an_author_is_told_nothing_of_members_of_before_the_process_began(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock, namespaces=[Guild]) as house:
        peer = await guest(house)
        Guild.seen.clear()
        house.server._authors._clients.clear()
        with capture_logs() as logs:
            await peer.websocket.aclose()
            await trio.sleep(400)
        assert not house.server.hall.counts().sessions
        assert Guild.seen == []
        assert not [line for line in logs if line["log_level"] == "error"]
