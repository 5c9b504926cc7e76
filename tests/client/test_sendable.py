"""Text that no message can hold is refused where it enters the client."""

from collections.abc import Callable

import pytest
from trio.testing import MockClock

from gameserver.client import open_client
from gameserver.client.sendable import check_sendable
from gameserver.errors import Code, RequestError
from gameserver.messages.base import Request
from gameserver.messages.chat import Channel, SendChat
from gameserver.messages.lobby import CreateLobby, JoinLobby, LobbyConfig
from gameserver.messages.session import GetServerInfo, GetServerStats, Rename
from tests.client.piped import SETTINGS, URL, piped
from tests.service.peers import MAP

HALF = "\ud83d"


@pytest.mark.parametrize(
    "request_of",
    [
        lambda text: SendChat(Channel.GLOBAL, text),
        Rename,
        lambda text: CreateLobby(LobbyConfig(text, MAP.name, 2)),
        lambda text: CreateLobby(LobbyConfig("x", MAP.name, 2, options={"mode": text})),
        lambda text: CreateLobby(LobbyConfig("x", MAP.name, 2, options={text: 1})),
        lambda text: CreateLobby(LobbyConfig("x", MAP.name, 2), password=text),
        lambda text: JoinLobby(code=text),
        GetServerStats,
        lambda _text: CreateLobby(LobbyConfig("x", MAP.name, 2, options={"n": 1 << 70})),
    ],
)
async def test_an_unencodable_request_is_refused_and_the_client_continues(
    autojump_clock: MockClock,
    monkeypatch: pytest.MonkeyPatch,
    request_of: Callable[[str], Request],
) -> None:
    async with piped(autojump_clock, monkeypatch), open_client(URL, "Ann", SETTINGS) as ann:
        with pytest.raises(RequestError) as refused:
            await ann.request(request_of("go " + HALF))
        assert refused.value.code is Code.BAD_PARAMS
        assert refused.value.sentence.isprintable()
        await ann.request(GetServerInfo())


async def test_a_name_with_an_unpaired_surrogate_is_refused(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with piped(autojump_clock, monkeypatch) as pipes:
        with pytest.raises(RequestError) as refused:
            async with open_client(URL, "Zoë" + HALF, SETTINGS):
                pass
        assert refused.value.code is Code.NAME_REFUSED
        assert pipes.net.links == []


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (Rename("go " + HALF), "session.rename: a text holds half a character: "),
        (
            CreateLobby(LobbyConfig("x", MAP.name, 2, options={"n": 1 << 70})),
            "lobby.create holds a value that cannot be sent: 'Integer value out of range'",
        ),
    ],
)
def test_the_request_and_the_fault_are_named_in_one_line(asked: Request, words: str) -> None:
    with pytest.raises(RequestError) as refused:
        check_sendable(asked)
    assert refused.value.sentence.startswith(words)
    assert refused.value.code is Code.BAD_PARAMS
