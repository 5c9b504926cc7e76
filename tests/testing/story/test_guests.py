"""A guest without the SDK: signs in, resumes, chats, and has checked what it hears."""

from math import inf
from typing import Any

import attrs
import pytest
import trio
from trio.testing import MockClock

from gameserver.client.probes.connection import Heard, ProbeRequest
from gameserver.errors import ConnectionLostError
from gameserver.testing.story.guests import EXTRAS, SILENT_S, WELCOME_S, Guest
from gameserver.testing.story.report import ALONE, NO_TROUBLES, Report
from gameserver.testing.story.stage import Stage

WELCOME = {"resumed": False, "token": "t1", "player_id": "p1", "last_event": 0, "next_request": 1}


@attrs.define
class Line:
    """A connection on which the test says what the server says."""

    to_say: list[Heard] = attrs.field(factory=list)
    auths: list[dict[str, Any]] = attrs.field(factory=list)
    repeated: list[tuple[list[ProbeRequest], int]] = attrs.field(factory=list)
    said: list[ProbeRequest] = attrs.field(factory=list)
    confirmed: list[Any] = attrs.field(factory=list)
    silent: bool = False
    """Whether the end is silence, not a loss."""

    async def open(self, auth: dict[str, Any]) -> None:
        self.auths.append(auth)

    async def repeat(self, waiting: list[ProbeRequest], number: int) -> None:
        self.repeated.append((waiting, number))

    async def hear(self) -> Heard:
        await trio.lowlevel.checkpoint()
        if self.to_say:
            return self.to_say.pop(0)
        if self.silent:
            await trio.sleep(inf)
        raise ConnectionLostError("cut")

    async def say(self, requests: list[ProbeRequest]) -> None:
        self.said += requests

    async def confirm(self, *given: Any) -> None:
        self.confirmed.append(given)


class Scene:
    """A guest on a stage, whose faults are kept."""

    def __init__(self) -> None:
        nothing: Any = None
        self.report = Report(3, 2)
        self.stage = Stage(self.report, nothing, {}, {}, 1.0, NO_TROUBLES, ALONE, nothing, nothing)
        self.guest = Guest(self.stage, 0)

    async def meet(self, *said: Heard, silent: bool = False) -> Line:
        """Let the guest have a connection on which this is said."""
        line: Any = Line(list(said), silent=silent)
        await self.guest._use(line)
        made: Line = line
        return made

    async def ask(self, name: str, text: str = "") -> int:
        line: Any = Line()
        await self.guest._ask(line, name, {}, text)
        return int(line.said[0].number)


def heard(name: str, number: int = 0, **fields: Any) -> Heard:
    return Heard(name, fields, number)


def welcome(**changed: Any) -> Heard:
    return heard("welcome", **(WELCOME | changed))


@pytest.fixture
def scene() -> Scene:
    return Scene()


async def test_a_guest_signs_in_by_name_and_resumes_by_token(
    autojump_clock: MockClock, scene: Scene
) -> None:
    del autojump_clock
    first = await scene.meet(welcome(), heard("lobby.changed", 1), heard("lobby.changed", 2))
    assert first.auths == [{"name": "Guest 1"}]
    assert not scene.guest.online
    second = await scene.meet(welcome(resumed=True, token="t2", next_request=4))
    assert second.auths == [{"token": "t1", "last_event": 2}]
    assert second.repeated == [([], 4)]
    third = await scene.meet(welcome(resumed=True))
    assert third.auths == [{"token": "t2", "last_event": 2}]
    assert (scene.guest.hearing.sessions, scene.guest.hearing.reconnects) == (1, 2)
    assert scene.report.faults == []


async def test_an_unknown_token_is_forgotten_and_another_refusal_is_not(
    autojump_clock: MockClock, scene: Scene
) -> None:
    del autojump_clock
    await scene.meet(welcome())
    await scene.meet(heard("answer", error={"code": "rate_limited"}))
    assert (await scene.meet(heard("answer", error={"code": "session.token_unknown"}))).auths == [
        {"token": "t1", "last_event": 0}
    ]
    assert (await scene.meet(heard("goodbye", code="any"))).auths == [{"name": "Guest 1"}]


async def test_a_server_that_says_nothing_is_left_after_a_while(
    autojump_clock: MockClock, scene: Scene
) -> None:
    del autojump_clock
    began = trio.current_time()
    with pytest.raises(ConnectionLostError, match="nothing came within 5 s"):
        await scene.meet(silent=True)
    assert trio.current_time() - began == WELCOME_S
    began = trio.current_time()
    line = await scene.meet(welcome(), silent=True)
    assert trio.current_time() - began == SILENT_S
    assert not scene.guest.online
    assert 3 <= len(line.said) <= 12, "it speaks meanwhile"
    assert [each.number for each in line.said] == list(range(1, len(line.said) + 1))


async def test_unanswered_requests_are_repeated_and_overdue_after_a_minute(
    autojump_clock: MockClock, scene: Scene
) -> None:
    del autojump_clock
    await scene.meet(welcome())
    one, two = await scene.ask("chat.send"), await scene.ask("lobby.sit")
    assert (one, two) == (1, 2)
    line = await scene.meet(welcome(resumed=True), heard("answer", 1, result={}))
    assert [request.number for request in line.repeated[0][0]] == [1, 2]
    await trio.sleep(60.5)
    assert scene.guest.overdue() == ["lobby.sit"]
    await scene.ask("lobby.leave")
    assert scene.guest.overdue() == ["lobby.sit"]
    fresh = await scene.meet(welcome(player_id="p2"))
    assert fresh.repeated[0][0] == []
    assert scene.guest.overdue() == []
    assert scene.report.faults == ["Guest 1 lost its session"]
    assert await scene.ask("lobby.list") == 1, "another session counts from the beginning"


async def test_the_answer_to_what_a_resume_tells_decided_may_be_lost(
    autojump_clock: MockClock, scene: Scene
) -> None:
    del autojump_clock
    await scene.meet(welcome())
    for name in ("chat.send", "lobby.sit"):
        await scene.ask(name)
    await scene.meet(welcome(resumed=True, next_request=2))
    await trio.sleep(60.5)
    assert scene.guest.overdue() == ["lobby.sit"]


async def test_a_guest_counts_on_from_what_a_crash_has_left(
    autojump_clock: MockClock, scene: Scene
) -> None:
    del autojump_clock
    await scene.meet(welcome())
    sent, refused = await scene.ask("chat.send", text="hello"), await scene.ask("no.such")
    await scene.meet(
        welcome(resumed=True, next_request=3),
        heard("answer", sent, result={"message_id": 7}),
        heard("answer", refused, error={"code": "unknown_request"}),
    )
    assert await scene.ask("lobby.leave") == 3
    line = await scene.meet(
        welcome(resumed=True, next_request=2), heard("answer", 2, error={"code": "lobby.not_in"})
    )
    assert [(each.number, each.name) for each in line.repeated[0][0]] == [(2, "lobby.leave")]
    assert await scene.ask("lobby.list") == 3
    assert scene.report.faults == []
    await scene.meet(welcome(resumed=True, next_request=1))
    told = "Guest 1: the result of request 1 was told, and is forgotten"
    assert scene.report.faults == [told]


async def test_lines_of_the_global_chat_are_heard_and_acknowledged(
    autojump_clock: MockClock, scene: Scene
) -> None:
    del autojump_clock
    await scene.meet(welcome())
    number = await scene.ask("chat.send", text="hello")

    def line(event: int, message: int, text: str, channel: str = "global") -> Heard:
        shown = {"channel": channel, "message_id": message, "text": text}
        return heard("chat.said", event, line=shown)

    await scene.meet(
        welcome(resumed=True),
        line(1, 7, "hello"),
        line(1, 7, "hello"),
        line(2, 8, "secret", "lobby"),
        line(3, 9, "bye"),
        heard("answer", number, result={"message_id": 7}),
    )
    assert scene.stage.chat.lines == {7: "hello", 9: "bye"}
    assert scene.stage.chat._acked == {7: "hello"}
    assert scene.guest.hearing.listener.heard_ids == [7, 9]
    assert scene.report.faults == []


async def test_a_bug_of_the_server_and_two_ways_of_one_answer_are_faults(
    autojump_clock: MockClock, scene: Scene
) -> None:
    del autojump_clock
    await scene.meet(welcome())
    first, limited, reads = (
        await scene.ask("lobby.sit"), await scene.ask("lobby.sit"), await scene.ask("server.info"),
    )  # fmt: skip
    await scene.meet(
        welcome(resumed=True),
        heard("answer", limited, error={"code": "rate_limited", "x": 1}),
        heard("answer", reads, result={"a": 1}),
        heard("answer", first, error={"code": "internal"}),
    )
    (fault,) = scene.report.faults
    assert fault.startswith("lobby.sit met a bug of the server:")
    scene.report.faults.clear()
    again = await scene.ask("lobby.ready")
    asked = scene.guest._open[again]
    scene.guest._note(heard("answer", again, result={"a": 1}))
    scene.guest._open[again] = asked
    scene.guest.hearing.connected("p1", 0)
    scene.guest._note(heard("answer", again, result={"a": 2}))
    assert "was answered in two ways" in scene.report.faults[0]


async def test_a_goodbye_ends_the_connection(autojump_clock: MockClock, scene: Scene) -> None:
    del autojump_clock
    line = await scene.meet(welcome(), heard("goodbye"), heard("never", 1))
    assert [each.name for each in line.to_say] == ["never"]


async def test_a_guest_says_lines_and_asks_for_something_else_less_often(
    autojump_clock: MockClock, scene: Scene
) -> None:
    del autojump_clock
    line: Any = Line()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(scene.guest._speak, line)
        await trio.sleep(2500)
        nursery.cancel_scope.cancel()
    others = [(each.name, each.fields) for each in line.said if (each.name, each.fields) in EXTRAS]
    chats = [each.fields for each in line.said if (each.name, each.fields) not in EXTRAS]
    assert 900 < len(line.said) < 1100, "each 1 to 4 seconds"
    assert 0.55 < len(chats) / len(line.said) < 0.65
    texts = [f"line {number} of Guest 1" for number in range(1, len(chats) + 1)]
    assert chats == [{"channel": "global", "text": text} for text in texts]
    assert {name for name, _ in others} == {name for name, _ in EXTRAS}
    assert scene.report.deeds == len(others)
