"""A client's own goodbye: its connection ends, its session and seat wait."""

import trio
from trio.testing import MockClock

from gameserver.ids import EventNumber, RequestId
from gameserver.messages.lobby import CreateLobby, InLobby, LobbyChanged, LobbyConfig, SetReady
from gameserver.messages.session import Rename, SignOut
from gameserver.messages.wire import (
    EventEnvelope,
    Goodbye,
    RequestEnvelope,
    ResultEnvelope,
    Welcome,
)
from tests.service.peers import MAP, hello, serving

DEN = CreateLobby(LobbyConfig(title="Den", map=MAP.name, size=4))
BYE = Goodbye("closed", "the window was closed")


async def test_after_a_goodbye_the_seat_is_held_and_the_session_remains(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.dial()
        token = (await peer.sign_in()).token
        created = await peer.ask(1, DEN)
        assert isinstance(created, ResultEnvelope)
        assert isinstance(created.result, InLobby)
        await peer.send(BYE)
        await peer.hear_out()
        await trio.sleep(5)
        again = await house.dial()
        await again.send(hello(token=token, last_event=EventNumber(1)))
        assert (await again.hear_a(Welcome)).resumed
        changed = await again.hear_a(EventEnvelope)
        assert isinstance(changed.event, LobbyChanged)
        (member,) = changed.event.lobby.members
        assert (member.seat, changed.event.lobby.lobby_id) == (0, created.result.lobby.lobby_id)


async def test_messages_after_a_goodbye_are_not_read(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        await peer.ask(1, DEN)
        await peer.send(BYE, RequestEnvelope(RequestId(2), Rename("Bob")))
        await peer.hear_out()
        names = {session.name for session in house.server.hall._state.sessions.values()}
        assert names == {"Ann"}


async def test_signing_out_frees_the_seat_at_once_and_ends_with_a_goodbye(
    autojump_clock: MockClock,
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.guest()
        await peer.ask(1, DEN)
        await peer.send(
            RequestEnvelope(RequestId(2), SignOut()),
            RequestEnvelope(RequestId(3), SetReady(ready=True)),
        )
        came = await peer.hear_out()
        assert isinstance(came[-1], Goodbye)
        assert [m.id for m in came if isinstance(m, ResultEnvelope)] == [2]
        counts = house.server.hall.counts()
        assert (counts.sessions, counts.lobbies) == (0, 0)


async def test_the_first_reason_of_an_end_is_counted(autojump_clock: MockClock) -> None:
    async with serving(autojump_clock) as house:
        peer, other = await house.guest("Ann"), await house.guest("Bob")
        await peer.send(BYE)
        await peer.hear_out()
        await other.send(hello("Bob"), BYE)  # a hello comes once
        await other.hear_out()
        await trio.sleep(1)
        assert house.server.metrics.traffic.closed == {"goodbye": 1, "bad_message": 1}
