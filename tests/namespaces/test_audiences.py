"""Whom an author's emit means, and that what was emitted stays as it was."""

from typing import Any

import pytest
import trio
from trio.testing import MockClock

from gameserver.errors import ConfigError
from gameserver.ids import EventNumber
from gameserver.messages.namespaces import EmitAnswered, EmitEvent, Emitted, JoinNamespace
from gameserver.messages.wire import EventEnvelope, Refusal, ResultEnvelope
from gameserver.namespaces import Namespace, Participant, RefusedError, on
from gameserver.rooms.state.effects import MemberSeen
from gameserver.service.authors import Authors
from tests.service.peers import Peer, Running, assert_serves, hello, serving


class Den(Namespace):
    """Emits what it later changes, and to rooms that it may not have."""

    name = "/den"

    def __init__(self) -> None:
        self.lines: list[Any] = []

    @on("whisper")
    async def whisper(self, client: Participant, *rooms: str) -> int:
        self.to(*rooms).emit("whispered", "secret")
        client.to(*rooms).emit("whispered", "secret")
        gathered = await self.to(*rooms).emit_with_ack("asked", timeout_s=1.0)
        return len(self.to(*rooms).player_ids) + len(gathered.silent)

    @on("write")
    async def write(self, _client: Participant, line: str) -> list[Any]:
        self.lines.append(line)
        self.emit("written", self.lines)
        return self.lines

    @on("spoil")
    async def spoil(self, _client: Participant) -> None:
        self.lines.append(object())

    @on("refuse")
    async def refuse(self, _client: Participant) -> None:
        raise RefusedError("den.full", "Full.", {"lines": self.lines})

    @on("expel")
    async def expel(self, client: Participant, half: bool) -> None:
        client.disconnect("\ud800" if half else "Go.")


async def member(house: Running, name: str = "Ann") -> Peer:
    peer = await house.guest(name)
    await peer.ask(1, JoinNamespace("/den"))
    return peer


async def emit(peer: Peer, number: int, event: str, *args: object) -> Any:
    answer = await peer.ask(number, EmitEvent("/den", event, args, ack=True))
    if isinstance(answer, Refusal):
        return answer.code
    assert isinstance(answer.result, EmitAnswered)
    return answer.result.args


def emitted(peer: Peer) -> list[tuple[Any, ...]]:
    events = [each.event for each in peer.heard if isinstance(each, EventEnvelope)]
    return [each.args for each in events if isinstance(each, Emitted)]


async def test_an_emit_to_no_room_is_for_nobody(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock, namespaces=[Den]) as house:
        ann, bob = await member(house), await member(house, "Bob")
        assert await emit(ann, 2, "whisper") == (0,)
        for peer in (ann, bob):
            await assert_serves(peer)
            assert emitted(peer) == []


async def test_what_was_emitted_does_not_change_with_the_authors_value(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock, namespaces=[Den]) as house:
        ann = await member(house)
        bob = await house.dial()
        token = (await bob.sign_in("Bob")).token
        await bob.ask(1, JoinNamespace("/den"))
        await bob.websocket.aclose()
        await trio.sleep(1)
        assert await emit(ann, 2, "write", "one") == (["one"],)
        assert await emit(ann, 3, "write", "two") == (["one", "two"],)
        await emit(ann, 4, "spoil")
        bob = await house.dial()
        await bob.send(hello("Bob", token=token, last_event=EventNumber(0)))
        await assert_serves(bob)
        assert emitted(bob) == [(["one"],), (["one", "two"],)]
        again = await ann.ask(2, EmitEvent("/den", "write", ("one",), ack=True))
        assert isinstance(again, ResultEnvelope)
        assert again.result == EmitAnswered((["one"],))


async def test_the_details_of_a_refusal_stay_as_they_were(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock, namespaces=[Den]) as house:
        ann = await member(house)
        await emit(ann, 2, "write", "one")
        refuse = EmitEvent("/den", "refuse", (), ack=True)
        first = await ann.ask(3, refuse)
        await emit(ann, 4, "spoil")
        assert await ann.ask(3, refuse) == first
        assert isinstance(first, Refusal)
        assert first.details == {"lines": ["one"]}


async def test_a_sentence_that_cannot_be_sent_is_the_authors_fault_and_harms_nobody(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock, namespaces=[Den]) as house:
        ann = await member(house)
        assert await emit(ann, 2, "expel", True) == "internal"
        assert await emit(ann, 3, "whisper") == (0,), "it is a member as before"
        await emit(ann, 4, "expel", False)
        assert await emit(ann, 5, "whisper") == "namespace.not_in"


async def test_a_bug_of_the_server_at_an_event_is_told_to_its_client(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(autojump_clock, namespaces=[Den]) as house:
        ann = await member(house)

        async def fails(*_: Any) -> Any:
            raise ZeroDivisionError("a bug")

        with monkeypatch.context() as patch:
            patch.setattr(Authors, "_emitted", fails)
            assert await emit(ann, 2, "whisper") == "internal"
        (session,) = house.server.hall.parts.state.sessions.values()
        assert session.handling == 0
        assert await emit(ann, 3, "whisper") == (0,)


@pytest.mark.parametrize("fault", [ZeroDivisionError("no"), SystemExit(3)], ids=repr)
def test_a_namespace_that_cannot_be_made_is_an_error_of_the_settings(fault: BaseException) -> None:
    class Broken(Namespace):
        name = "/broken"

        def __init__(self) -> None:
            raise fault

    unused: Any = None
    with pytest.raises(ConfigError, match=r"namespace Broken cannot be made: .*(no|3)"):
        Authors([Broken], type("", (), {"now": None})(), unused, unused)


def test_two_handlers_of_one_event_in_one_class_are_refused() -> None:
    with pytest.raises(ValueError, match="Twice has two handlers of say"):

        class Twice(Namespace):
            name = "/twice"

            @on("say")
            async def say(self, _client: Participant) -> None: ...

            @on("say")
            async def tell(self, _client: Participant) -> None: ...


async def test_a_member_whose_connection_outlives_the_handlers_causes_no_fault(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock, namespaces=[Den]) as house:
        await member(house)
        (player_id,) = house.server.hall.parts.state.sessions
    house.server._authors.perform(MemberSeen(player_id, "/den", connected=False))
    assert not house.server._authors._work
