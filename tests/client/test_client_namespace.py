"""A client's membership in a namespace outlives its session and a restart of the server."""

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from gameserver.client.namespaces import ClientNamespace
from gameserver.ids import RequestId
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
from gameserver.messages.wire import Refusal

GUILD = "/guild"
AUTH = {"word": "friend"}


@attrs.define(eq=False)
class Wire:
    """Keeps what a namespace asks."""

    asked: list[tuple[Any, Callable[[Any], None]]] = attrs.field(factory=list)

    async def request(self, _request: Any) -> Any:
        return NamespaceJoined()

    def ask(self, request: Any, settle: Callable[[Any], None]) -> None:
        self.asked.append((request, settle))


async def joined() -> tuple[ClientNamespace, Wire, list[Any]]:
    wire, ends = Wire(), list[Any]()
    guild = ClientNamespace(GUILD, wire.request, wire.ask)
    guild.on("disconnect", lambda *args: ends.append(args))
    await guild.join(AUTH)
    return guild, wire, ends


def lose_session(guild: ClientNamespace) -> None:
    guild.session_lost()


def restart(guild: ClientNamespace) -> None:
    guild.happened(NamespaceEnded(GUILD, "namespace.restarted", "Join again."))


@pytest.mark.parametrize("end", [lose_session, restart])
async def test_it_joins_again_by_itself(end: Callable[[ClientNamespace], None]) -> None:
    guild, wire, ends = await joined()
    end(guild)
    before = guild.joined
    ((request, settle),) = wire.asked
    assert request == JoinNamespace(GUILD, AUTH)
    settle(NamespaceJoined())
    assert (before, guild.joined) == (False, True)
    assert ends == []


@pytest.mark.parametrize("end", [lose_session, restart])
async def test_that_it_may_not_join_again_is_told_as_the_end(
    end: Callable[[ClientNamespace], None],
) -> None:
    guild, wire, ends = await joined()
    end(guild)
    ((_, settle),) = wire.asked
    settle(Refusal(RequestId(1), "guild.closed", "Speak friend and enter."))
    assert not guild.joined
    assert ends == [("guild.closed", "Speak friend and enter.")]
    end(guild)
    assert len(wire.asked) == 1, "it was told, and asks no more"


async def test_a_session_that_is_lost_while_it_joins_again_joins_in_the_next() -> None:
    guild, wire, ends = await joined()
    guild.session_lost()
    ((_, settle),) = wire.asked
    settle(None)  # the answer will not come
    guild.session_lost()
    assert len(wire.asked) == 2
    assert ends == []


async def test_a_member_that_was_put_out_stays_out() -> None:
    guild, wire, ends = await joined()
    guild.happened(NamespaceEnded(GUILD, "guild.out", "Go."))
    assert (guild.joined, ends) == (False, [("guild.out", "Go.")])
    guild.session_lost()
    assert wire.asked == []


async def test_a_member_that_has_left_stays_out() -> None:
    guild, wire, _ = await joined()
    await guild.leave()
    guild.session_lost()
    assert wire.asked == []


@pytest.mark.parametrize(
    ("answer", "args"), [(None, ()), (True, (True,)), ((1, "a"), (1, "a")), ([1], ([1],))]
)
async def test_what_a_handler_returns_is_the_ack_with_number_and_namespace(
    answer: Any, args: tuple[Any, ...]
) -> None:
    guild, wire, _ = await joined()
    guild.on("sure?", lambda _what: answer)
    guild.happened(Emitted(GUILD, "sure?", ("this",), 7))
    assert [request for request, _ in wire.asked] == [AckEmitted(7, args, GUILD)]


async def test_events_without_a_handler_go_to_the_one_for_all() -> None:
    guild, wire, _ = await joined()
    heard: list[Any] = []
    guild.on("*")(lambda *args: heard.append(args))
    guild.happened(Emitted(GUILD, "said", ("Ann", "hello")))
    guild.told(EmittedLatest(GUILD, "moved", (1, 2)))
    assert heard == [("said", "Ann", "hello"), ("moved", 1, 2)]
    assert wire.asked == []


async def test_an_event_without_a_handler_is_not_acknowledged() -> None:
    guild, wire, ends = await joined()
    guild.happened(Emitted(GUILD, "sure?", (), 7))
    assert wire.asked == []
    guild.on("*", lambda *_args: None)
    guild.happened(Emitted(GUILD, "sure?", (), 8))
    assert [request for request, _ in wire.asked] == [AckEmitted(8, (), GUILD)]
    assert ends == []


async def test_the_end_of_a_membership_is_no_event_of_the_author() -> None:
    guild, _, ends = await joined()
    heard: list[Any] = []
    guild.on("*")(lambda *args: heard.append(args))
    guild.happened(NamespaceEnded(GUILD, "guild.out", "Go."))
    assert (heard, ends) == ([], [("guild.out", "Go.")])


class Server(Wire):
    """Answers requests with what a test wants, and keeps them with their time limits."""

    def __init__(self, *answers: Any) -> None:
        super().__init__()
        self.answers = list(answers)
        self.requests: list[tuple[Any, float | None]] = []

    async def request(self, request: Any, timeout_s: float | None = None) -> Any:
        self.requests.append((request, timeout_s))
        return self.answers.pop(0) if self.answers else NamespaceJoined()


async def test_a_member_that_leaves_is_out_at_once_and_does_not_join_again() -> None:
    server = Server()
    guild = ClientNamespace(GUILD, server.request, server.ask)
    joined = [guild.joined]
    await guild.join()
    joined.append(guild.joined)
    await guild.leave()
    assert [*joined, guild.joined] == [False, True, False]
    assert [request for request, _ in server.requests] == [
        JoinNamespace(GUILD, {}),
        LeaveNamespace(GUILD),
    ]
    guild.session_lost()
    assert server.asked == []


async def test_events_are_emitted_with_and_without_an_ack() -> None:
    server = Server(EmitAnswered(), EmitAnswered(), EmitAnswered(("a",)), EmitAnswered((1, 2)))
    guild = ClientNamespace(GUILD, server.request, server.ask)
    await guild.emit("say", 1, "x")
    assert await guild.emit_with_ack("ask") is None
    assert await guild.emit_with_ack("ask", 7, timeout_s=2.5) == "a"
    assert await guild.emit_with_ack("ask") == (1, 2)
    assert server.requests[:3] == [
        (EmitEvent(GUILD, "say", (1, "x")), None),
        (EmitEvent(GUILD, "ask", (), ack=True), None),
        (EmitEvent(GUILD, "ask", (7,), ack=True), 2.5),
    ]


def test_a_handler_of_all_events_gets_those_without_one_and_their_names() -> None:
    wire, got = Wire(), list[Any]()
    guild = ClientNamespace(GUILD, wire.request, wire.ask)

    keep = guild.on("*")
    assert keep(got_all := lambda *args: got.append(args)) is got_all
    guild.on("known", lambda *args: got.append(("by itself", *args)))
    guild.happened(Emitted(GUILD, "other", (1,)))
    guild.happened(Emitted(GUILD, "known", (2,)))
    guild.told(EmittedLatest(GUILD, "latest", (3,)))
    assert got == [("other", 1), ("by itself", 2), ("latest", 3)]
