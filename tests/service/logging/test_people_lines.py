"""What people do to each other stands in the log: who came, who went, who sent whom away."""

from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from gameserver.ids import PlayerId
from gameserver.messages.base import Request
from gameserver.messages.lobby import (
    BanPlayer,
    CreateLobby,
    InLobby,
    JoinLobby,
    KickPlayer,
    LeaveLobby,
    LobbyConfig,
    LockLobby,
    MutePlayer,
    TransferHost,
    UnbanPlayer,
)
from gameserver.messages.session import GetServerStats, Rename, SignOut
from gameserver.messages.wire import RequestEnvelope, ResultEnvelope
from tests.service.peers import MAP, Peer, Running, hello, serving

Lines = list[MutableMapping[str, Any]]


@pytest.fixture
def logs() -> Iterator[Lines]:
    with capture_logs() as lines:
        yield lines


class Guest:
    """Somebody who asks for one thing after the other and gets it."""

    def __init__(self, peer: Peer, player_id: PlayerId) -> None:
        self.peer, self.player_id, self._asked = peer, player_id, 0

    @classmethod
    async def come(cls, house: Running, name: str) -> "Guest":
        peer = await house.dial()
        return cls(peer, (await peer.sign_in(name)).player_id)

    async def ask(self, request: Request) -> Any:
        self._asked += 1
        answer = await self.peer.ask(self._asked, request)
        assert isinstance(answer, ResultEnvelope), answer
        return answer.result


def told(logs: Lines, *fields: str) -> list[tuple[Any, ...]]:
    """Return the lines about people with these fields, in order."""
    return [
        (line["event"], *(line.get(field) for field in fields))
        for line in logs
        if line["event"] not in ("signed in", "connection lost", "slow request", "refused")
    ]


async def test_kicks_bans_mutes_and_similar_actions_are_logged(
    autojump_clock: MockClock, logs: Lines
) -> None:
    async with serving(autojump_clock) as house:
        ann, bob = await Guest.come(house, "Ann"), await Guest.come(house, "Bob")
        created: InLobby = await ann.ask(CreateLobby(LobbyConfig("Den", MAP.name, 4)))
        lobby = created.lobby.lobby_id
        a, b = ann.player_id, bob.player_id
        await bob.ask(JoinLobby(lobby_id=lobby))
        await ann.ask(MutePlayer(b, True))
        await ann.ask(MutePlayer(b, False))
        await ann.ask(KickPlayer(b))
        await bob.ask(JoinLobby(lobby_id=lobby, spectate=True))
        await ann.ask(BanPlayer(b))
        await ann.ask(UnbanPlayer("Bob"))
        await bob.ask(JoinLobby(lobby_id=lobby))
        await ann.ask(LockLobby(True))
        await ann.ask(LockLobby(True))
        await ann.ask(LockLobby(False))
        await ann.ask(TransferHost(b))
        await ann.ask(LeaveLobby())
        await bob.ask(Rename("Bert"))
        await bob.ask(SignOut())
    assert told(logs, "lobby", "player", "by") == [
        ("lobby opened", lobby, a, None),
        ("joined", lobby, a, None),
        ("joined", lobby, b, None),
        ("muted", lobby, b, a),
        ("unmuted", lobby, b, a),
        ("kicked", lobby, b, a),
        ("joined", lobby, b, None),
        ("banned", lobby, b, a),
        ("unbanned", lobby, None, a),
        ("joined", lobby, b, None),
        ("locked", lobby, None, a),
        ("unlocked", lobby, None, a),
        ("host changed", lobby, b, None),
        ("left", lobby, a, None),
        ("renamed", None, b, None),
        ("session ended", None, b, None),
        ("left", lobby, b, None),
        ("lobby closed", lobby, None, None),
    ]
    ended = next(line for line in logs if line["event"] == "session ended")
    assert (ended["name"], ended["reason"]) == ("Bert", "signed out")


async def test_the_end_of_an_unresumed_session_is_logged(
    autojump_clock: MockClock, logs: Lines
) -> None:
    async with serving(autojump_clock) as house:
        ann = await Guest.come(house, "Ann")
        await ann.peer.websocket.aclose()
        await trio.sleep(300)
    ended = [line for line in logs if line["event"] in ("connection lost", "session ended")]
    assert [(line["event"], line["player"]) for line in ended] == [
        ("connection lost", ann.player_id),
        ("session ended", ann.player_id),
    ]
    assert ended[1]["reason"] == "away too long"


async def test_refused_requests_for_figures_are_logged_at_most_once_a_second(
    autojump_clock: MockClock, logs: Lines
) -> None:
    async with serving(autojump_clock, stats_token="right") as house:
        began = trio.current_time()
        for _ in range(20):
            peer = await house.dial()
            await peer.send(RequestEnvelope(1, GetServerStats("wrong")))
            await peer.hear_out()
        seconds = trio.current_time() - began
    lines = [line for line in logs if line["event"] == "stats refused"]
    assert 1 <= len(lines) <= 1 + seconds
    assert len(lines) < 20
    assert lines[0]["token"] is True
    assert "wrong" not in str(lines)


async def test_a_refused_hello_is_logged_with_its_code(
    autojump_clock: MockClock, logs: Lines
) -> None:
    async with serving(autojump_clock) as house:
        peer = await house.dial()
        await peer.send(hello("\u200b"))
        await peer.hear_out()
    (line,) = [line for line in logs if line["event"] == "sign-in refused"]
    assert line["code"] == "session.name_refused"
