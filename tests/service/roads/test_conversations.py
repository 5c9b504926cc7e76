"""The same conversations over every road, each spoken by hand, against the whole server."""

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import attrs
import pytest
import trio
from trio.testing import MockClock

from gameserver.testing.skirmish import SkirmishCommand
from tests.service.peers import Running, serving
from tests.service.roads.binary import OverWebSocket
from tests.service.roads.road import Client, RefusedError
from tests.service.roads.talker import ROADS, Talker

MakeClient = Callable[..., Client]


@attrs.frozen(eq=False)
class House:
    """A server, and players over one road."""

    running: Running
    road: type[Client]
    nursery: trio.Nursery
    tls: ssl.SSLContext | None = None
    """With which clients connect."""

    def client(self, road: type[Client] | None = None) -> Client:
        """Return a client that is not connected yet."""

        async def dial() -> trio.abc.Stream:
            await trio.lowlevel.checkpoint()
            stream = self.running.whole.connect("").client
            if self.tls is None:
                return stream
            return trio.SSLStream(
                stream, self.tls, server_hostname="localhost", https_compatible=True
            )

        return (road or self.road)(dial, self.nursery)

    async def guest(self, name: str, road: type[Client] | None = None) -> Talker:
        """Sign a player in."""
        talker = Talker(self.client(road))
        await talker.sign_in(name)
        return talker

    async def together(self) -> tuple[Talker, Talker]:
        """Sign in Ann over this road and Bob over a WebSocket, both in one lobby."""
        ann, bob = await self.guest("Ann"), await self.guest("Bob", OverWebSocket)
        config = (await ann.ask("lobby.form"))["default"]
        lobby = (await ann.ask("lobby.create", config=config))["lobby"]
        await bob.ask("lobby.join", lobby_id=lobby["lobby_id"])
        return ann, bob


@pytest.fixture(params=ROADS, ids=lambda road: road.road)
def road(request: pytest.FixtureRequest) -> type[Client]:
    found: type[Client] = request.param
    return found


@asynccontextmanager
async def opened(
    clock: MockClock, road: type[Client], tls: ssl.SSLContext | None = None
) -> AsyncIterator[House]:
    async with serving(clock) as running, trio.open_nursery() as nursery:
        yield House(running, road, nursery, tls)
        nursery.cancel_scope.cancel()


async def test_a_guest_signs_in(autojump_clock: MockClock, road: type[Client]) -> None:
    async with opened(autojump_clock, road) as house:
        welcome = await house.client().sign_in("Ann")
        assert (welcome["player_name"], welcome["game"]) == ("Ann", "skirmish")
        assert len(welcome["token"]) == 16
        assert not welcome.get("resumed")


async def test_a_name_that_is_none_is_refused_with_code_and_sentence(
    autojump_clock: MockClock, road: type[Client]
) -> None:
    async with opened(autojump_clock, road) as house:
        with pytest.raises(RefusedError) as refused:
            await house.client().sign_in("\u200b")
        assert refused.value.code


async def test_a_token_that_is_not_known_is_refused(
    autojump_clock: MockClock, road: type[Client]
) -> None:
    async with opened(autojump_clock, road) as house:
        with pytest.raises(RefusedError) as refused:
            await house.client().sign_in(token=bytes(16))
        assert refused.value.code == "session.token_unknown"


async def test_a_request_that_is_not_known_is_refused_and_the_next_is_answered(
    autojump_clock: MockClock, road: type[Client]
) -> None:
    async with opened(autojump_clock, road) as house:
        ann = await house.guest("Ann")
        assert await ann.refused("lobby.dance") == "unknown_request"
        assert await ann.refused("chat.send", channel="global", text=5) == "bad_params"
        assert await ann.refused("chat.send", channel="global", text="x", size=5) == "bad_params"
        assert (await ann.ask("server.info"))["game"] == "skirmish"


async def test_a_lobby_is_made_joined_and_left(
    autojump_clock: MockClock, road: type[Client]
) -> None:
    async with opened(autojump_clock, road) as house:
        ann, bob = await house.together()
        changed = await ann.wait("lobby.changed", lambda heard: len(members(heard.fields)) == 2)
        assert members(changed.fields) == ["Ann", "Bob"]
        assert await bob.refused("lobby.join", code="NOSUCH") == "lobby.unknown"
        await ann.ask("lobby.leave")
        await bob.wait("lobby.changed", lambda heard: members(heard.fields) == ["Bob"])


def members(fields: Any) -> list[str]:
    return [seat["name"] for seat in fields["lobby"]["members"]]


async def test_chat_comes_to_everybody_and_into_the_history(
    autojump_clock: MockClock, road: type[Client]
) -> None:
    async with opened(autojump_clock, road) as house:
        ann, bob = await house.together()
        for number in range(3):
            await ann.ask("chat.send", channel="lobby", text=f"ann {number}")
            await bob.ask("chat.send", channel="lobby", text=f"bob {number}")
        for each in (ann, bob):
            await each.ask("server.info")
            assert each.lines_of("Ann") == [f"ann {number}" for number in range(3)]
            assert each.lines_of("Bob") == [f"bob {number}" for number in range(3)]
        history = await ann.ask("chat.history", channel="lobby")
        texts = [line["text"] for line in history["lines"] if line.get("sender_name")]
        assert texts == [f"{who} {number}" for number in range(3) for who in ("ann", "bob")]


async def test_requests_said_at_once_are_answered_once_each_and_in_order(
    autojump_clock: MockClock, road: type[Client]
) -> None:
    async with opened(autojump_clock, road) as house:
        ann = await house.guest("Ann")
        names = ["server.info", "lobby.list", "lobby.dance", "lobby.form"] * 4
        numbers = [await ann.client.ask(name, {}) for name in names]
        await ann.answer(numbers[-1])
        await ann.ask("server.info")
        assert ann.answered[:-1] == numbers
        assert [("error" in ann.answers[each]) for each in numbers] == [
            name == "lobby.dance" for name in names
        ]


async def playing(house: House) -> tuple[Talker, Talker, str]:
    ann, bob = await house.together()
    for each in (ann, bob):
        await each.ask("lobby.ready", ready=True)
    match_id = (await ann.wait("match.started")).fields["match_id"]
    await bob.wait("match.started")
    return ann, bob, match_id


async def test_a_match_is_played_with_snapshots_and_inputs(
    autojump_clock: MockClock, road: type[Client]
) -> None:
    async with opened(autojump_clock, road) as house:
        ann, _, match_id = await playing(house)
        entered = await ann.ask("match.enter", match_id=match_id)
        ticks = []
        for number in range(20):
            ticks.append((await ann.wait("snapshot")).number)
            command = map(int, attrs.astuple(SkirmishCommand(move=1))[1:])
            await ann.client.numbers("input", [number + 1, 0, ticks[-1], 0, *command])
        assert ticks == sorted(set(ticks)), "each snapshot once, in order"
        assert entered.get("seat", 0) == 0
        stats = await ann.ask("match.stats", match_id=match_id)
        assert stats["applied"] >= 10
        assert not stats.get("malformed")


async def test_a_cut_session_is_resumed_with_what_it_missed_exactly_once(
    autojump_clock: MockClock, road: type[Client]
) -> None:
    async with opened(autojump_clock, road) as house:
        ann, bob = await house.together()
        await bob.ask("chat.send", channel="lobby", text="0")
        await ann.wait("chat.said", lambda heard: heard.fields["line"]["text"] == "0")
        await ann.client.cut()
        for text in ("1", "2", "3"):
            await bob.ask("chat.send", channel="lobby", text=text)
        welcome = await ann.resume(house.client())
        assert (welcome["player_id"], welcome["resumed"]) == (ann.player_id, True)
        await ann.ask("server.info")
        assert ann.lines_of("Bob") == ["0", "1", "2", "3"]
        await bob.ask("chat.send", channel="lobby", text="4")
        await ann.wait("chat.said", lambda heard: heard.fields["line"]["text"] == "4")


async def test_the_newest_connection_has_the_session(
    autojump_clock: MockClock, road: type[Client]
) -> None:
    async with opened(autojump_clock, road) as house:
        ann = await house.guest("Ann")
        older = Talker(ann.client)
        await ann.resume(house.client())
        goodbye = await older.wait("goodbye")
        assert goodbye.fields["code"] == "session.replaced"
        with pytest.raises(trio.EndOfChannel):
            await older.wait("anything more")
        assert (await ann.ask("server.info"))["players"] == 1


async def test_a_client_that_leaves_keeps_its_seat_and_one_that_signs_out_does_not(
    autojump_clock: MockClock, road: type[Client]
) -> None:
    async with opened(autojump_clock, road) as house:
        ann, bob = await house.together()
        await ann.client.close()
        await bob.wait("lobby.changed", partial(shows, "Ann", connected=False))
        await ann.resume(house.client())
        await bob.wait("lobby.changed", partial(shows, "Ann", connected=True))
        await ann.client.ask("session.sign_out", {})
        assert (await ann.wait("goodbye")).fields["code"]
        await bob.wait("lobby.changed", lambda heard: members(heard.fields) == ["Bob"])


def shows(name: str, heard: Any, *, connected: bool) -> bool:
    found = [each for each in heard.fields["lobby"]["members"] if each["name"] == name]
    return bool(found) and found[0].get("connected", True) is connected


async def test_too_many_requests_are_refused_with_a_code_and_later_ones_are_answered(
    autojump_clock: MockClock, road: type[Client]
) -> None:
    async with opened(autojump_clock, road) as house:
        ann = await house.guest("Ann")
        numbers = [await ann.client.ask("server.info", {}) for _ in range(100)]
        for number in numbers:
            await ann.answer(number)
        codes = [ann.answers[number].get("error", {}).get("code", "") for number in numbers]
        assert set(codes) == {"", "rate_limited"}
        assert codes[0] == ""
        await trio.sleep(10)
        assert (await ann.ask("server.info"))["game"] == "skirmish"


async def test_a_text_that_is_too_long_is_refused_and_the_session_goes_on(
    autojump_clock: MockClock, road: type[Client]
) -> None:
    async with opened(autojump_clock, road) as house:
        ann = await house.guest("Ann")
        assert await ann.refused("chat.send", channel="global", text="x" * 1000)
        assert (await ann.ask("server.info"))["game"] == "skirmish"


async def test_what_is_no_message_gets_a_code_and_the_session_goes_on(
    autojump_clock: MockClock, road: type[Client]
) -> None:
    async with opened(autojump_clock, road) as house:
        ann = await house.guest("Ann")
        assert await ann.client.junk() == "bad_message"
        if ann.client.numbers_itself:
            answer = await ann.answer(0)
            assert answer["error"]["code"] == "bad_message"
            assert (await ann.wait("goodbye")).fields["code"] == "bad_message"
            await ann.resume(house.client())
        assert (await ann.ask("server.info"))["game"] == "skirmish"


async def test_a_message_that_is_too_large_is_not_taken_and_the_session_goes_on(
    autojump_clock: MockClock, road: type[Client]
) -> None:
    async with opened(autojump_clock, road) as house:
        ann, bob = await house.guest("Ann"), await house.guest("Bob", OverWebSocket)
        await ann.client.oversize()
        try:
            answer = await ann.answer(ann.client.next_request - 1)
            assert answer["error"]["code"]
        except trio.EndOfChannel:
            await ann.resume(house.client())
        assert (await ann.ask("server.info"))["players"] == 2
        await bob.ask("server.info")
        assert bob.lines_of("Ann") == []


async def test_a_wrong_input_is_dropped_and_counted_and_the_match_goes_on(
    autojump_clock: MockClock, road: type[Client]
) -> None:
    async with opened(autojump_clock, road) as house:
        ann, _, match_id = await playing(house)
        await ann.ask("match.enter", match_id=match_id)
        tick = (await ann.wait("snapshot")).number
        for seq, row in enumerate([[1], [1, 0, 0, 0, 0], [9, 0, 0, 0], [1, 0, 0, 0]], 1):
            await ann.client.numbers("input", [seq, 0, tick, 0, *row])
            await ann.wait("snapshot")
        await ann.wait("snapshot")
        stats = await ann.ask("match.stats", match_id=match_id)
        assert (stats["malformed"], stats["applied"]) == (3, 1)
