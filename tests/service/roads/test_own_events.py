"""Events of an author over every road by hand: joins, emits, refusals, and acks both ways."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from gameserver.namespaces import Namespace, Participant, RefusedError, on
from tests.service.peers import serving
from tests.service.roads.binary import OverPolling, OverWebSocket
from tests.service.roads.road import Client, Heard
from tests.service.roads.spoken import OverSse
from tests.service.roads.talker import ROADS, Talker
from tests.service.roads.test_conversations import House

CLUB = "/club"
DATA = b"\x00\xff"


class Asking(Namespace):
    """Answers, refuses, asks and tells."""

    name = CLUB

    async def admit(self, _client: Participant, auth: dict[str, Any]) -> None:
        if auth.get("word") == "wrong":
            raise RefusedError("club.closed", "Not you.", {"word": "wrong"})

    @on("echo")
    async def echo(self, client: Participant, *args: Any) -> tuple[Any, ...]:
        client.join("den")
        return args

    @on("tell")
    async def tell(self, client: Participant, text: str) -> None:
        client.to("den").emit("told", client.name, text)
        client.to("den").volatile.emit("seen", text)

    @on("ask")
    async def ask(self, client: Participant) -> Any:
        return await client.emit_with_ack("which?", 1, timeout_s=20.0)

    @on("refuse")
    async def refuse(self, _client: Participant) -> None:
        raise RefusedError("club.full", "It is full.", {"most": 3})


@asynccontextmanager
async def opened(clock: MockClock, road: type[Client]) -> AsyncIterator[House]:
    async with serving(clock, namespaces=[Asking]) as running, trio.open_nursery() as nursery:
        yield House(running, road, nursery)
        nursery.cancel_scope.cancel()


@pytest.fixture(params=ROADS, ids=lambda road: road.road)
def road(request: pytest.FixtureRequest) -> type[Client]:
    found: type[Client] = request.param
    return found


def emitted(event: str) -> Any:
    def fits(heard: Heard) -> bool:
        return bool(heard.fields["event"] == event)

    return fits


async def emit(talker: Talker, event: str, *args: Any) -> Any:
    """Emit with an ack, and return the ack's arguments."""
    found = await talker.ask(
        "namespace.emit", namespace=CLUB, event=event, args=list(args), ack=True
    )
    return found.get("args", [])


async def test_a_member_emits_and_gets_acks_and_refusals(
    autojump_clock: MockClock, road: type[Client]
) -> None:
    async with opened(autojump_clock, road) as house:
        ann = await house.guest("Ann")
        emits = {"namespace": CLUB, "event": "echo", "args": [], "ack": True}
        assert await ann.refused("namespace.emit", **emits) == "namespace.not_in"
        wrong = {"namespace": CLUB, "auth": {"word": "wrong"}}
        assert await ann.refused("namespace.join", **wrong) == "club.closed"
        await ann.ask("namespace.join", namespace=CLUB)
        assert await emit(ann, "echo", 1, "ä", [None, {"a": 0.5}]) == [1, "ä", [None, {"a": 0.5}]]
        number = await ann.client.ask("namespace.emit", {**emits, "event": "refuse"})
        error = (await ann.answer(number))["error"]
        assert (error["code"], error["details"]) == ("club.full", {"most": 3})
        assert await ann.refused("namespace.emit", **{**emits, "event": "x"}) == (
            "namespace.no_handler"
        )


async def test_what_is_told_to_a_room_comes_once_and_also_after_a_cut(
    autojump_clock: MockClock, road: type[Client]
) -> None:
    async with opened(autojump_clock, road) as house:
        ann, bob = await house.guest("Ann"), await house.guest("Bob", OverWebSocket)
        for each in (ann, bob):
            await each.ask("namespace.join", namespace=CLUB)
            await emit(each, "echo")
        await emit(bob, "tell", "one")
        assert (await ann.wait("namespace.emitted")).fields["args"] == ["Bob", "one"]
        assert (await ann.wait("namespace.latest")).fields["args"] == ["one"]
        await ann.client.cut()
        await emit(bob, "tell", "two")
        await ann.resume(house.client())
        await emit(bob, "tell", "three")
        await ann.wait("namespace.latest", lambda heard: heard.fields["args"] == ["three"])
        told = [heard.fields["args"][1] for heard in ann.past if heard.name == "namespace.emitted"]
        assert told == ["one", "two", "three"]


async def test_the_server_asks_and_the_ack_comes_back(
    autojump_clock: MockClock, road: type[Client]
) -> None:
    async with opened(autojump_clock, road) as house:
        ann = await house.guest("Ann")
        await ann.ask("namespace.join", namespace=CLUB)
        asks = {"namespace": CLUB, "event": "ask", "ack": True}
        number = await ann.client.ask("namespace.emit", asks)
        question = await ann.wait("namespace.emitted", emitted("which?"))
        ack = question.fields["ack"]
        assert question.fields["args"] == [1]
        await ann.ask("namespace.ack", ack=ack, args=["no"], namespace="/elsewhere")
        await ann.ask("namespace.ack", ack=ack, args=["yes"], namespace=CLUB)
        await ann.ask("namespace.ack", ack=ack, args=["late"], namespace=CLUB)
        assert (await ann.answer(number))["result"]["args"] == ["yes"]


async def test_a_question_that_was_cut_is_answered_over_another_road(
    autojump_clock: MockClock,
) -> None:
    async with opened(autojump_clock, OverPolling) as house:
        ann = await house.guest("Ann")
        await ann.ask("namespace.join", namespace=CLUB)
        asks = {"namespace": CLUB, "event": "ask", "ack": True}
        number = await ann.client.ask("namespace.emit", asks)
        await trio.sleep(1)
        await ann.client.cut()
        await ann.resume(house.client(OverSse))
        question = await ann.wait("namespace.emitted", emitted("which?"))
        await ann.ask("namespace.ack", ack=question.fields["ack"], args=["over sse"])
        await ann.client.cut()
        await ann.resume(house.client(OverPolling))
        ann.answers.clear()
        await ann.client.ask("namespace.emit", asks, number)  # carried out once
        assert (await ann.answer(number))["result"]["args"] == ["over sse"]


@pytest.mark.parametrize("road", [OverPolling, OverSse], ids=lambda road: road.road)
async def test_binary_data_is_binary_or_base64(
    autojump_clock: MockClock, road: type[Client]
) -> None:
    async with opened(autojump_clock, road) as house:
        ann = await house.guest("Ann")
        await ann.ask("namespace.join", namespace=CLUB)
        if road is OverPolling:
            assert await emit(ann, "echo", DATA) == [DATA]
        else:
            text = base64.b64encode(DATA).decode()
            assert await emit(ann, "echo", text) == [text]
