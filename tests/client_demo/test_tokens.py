"""After a crash a session is resumed, by only one client of the machine."""

import stat
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from client_demo.session import PlayerSession
from client_demo.tokens import Tokens
from gameserver.client import ClientSettings, Closed, open_client
from gameserver.messages.lobby import CreateLobby, LobbyConfig
from gameserver.testing.skirmish import Skirmish
from tests.client.piped import URL, piped
from tests.service.peers import MAP

TOKEN = bytes(range(16))


def test_a_token_is_kept_for_its_server_and_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "sessions"
    tokens = Tokens(folder)
    assert tokens.claim(URL) == b""
    tokens.keep(URL, TOKEN)
    tokens.release(URL)
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    again = Tokens(folder)
    assert again.claim(URL) == TOKEN
    assert again.claim("ws://elsewhere:7777") == b""
    again.drop(URL)
    again.release(URL)
    assert Tokens(folder).claim(URL) == b""


def test_a_second_client_on_the_machine_leaves_the_first_its_session(tmp_path: Path) -> None:
    first, second = Tokens(tmp_path), Tokens(tmp_path)
    first.claim(URL)
    first.keep(URL, TOKEN)
    assert second.claim(URL) == b""
    second.keep(URL, bytes(16))
    second.drop(URL)
    second.release(URL)
    first.release(URL)
    assert second.claim(URL) == TOKEN


@pytest.mark.parametrize("damage", [b"", b"x", b"y" * 1000, None])
def test_a_damaged_token_is_ignored(tmp_path: Path, damage: bytes | None) -> None:
    tokens = Tokens(tmp_path)
    tokens.claim(URL)
    path = tokens._path(URL, "token")
    if damage is None:
        path.mkdir()
    else:
        path.write_bytes(damage)
    assert tokens.claim(URL) == b""


def test_without_a_writable_folder_no_token_is_kept(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    for tokens in (Tokens(None), Tokens(blocked / "sessions")):
        assert tokens.claim(URL) == b""
        tokens.keep(URL, TOKEN)
        tokens.drop(URL)
        tokens.release(URL)


async def test_after_a_crash_the_next_start_is_in_the_same_seat_and_leaving_forgets_it(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    crashing = ClientSettings(game=Skirmish(), sign_out=False, seed=1)
    async with piped(autojump_clock, monkeypatch), trio.open_nursery() as nursery:
        before = Tokens(tmp_path)
        before.claim(URL)
        async with open_client(URL, "Kid", crashing) as kid:
            await kid.request(CreateLobby(LobbyConfig("Here", MAP.name, 2)))
            before.keep(URL, kid.token)
            player_id = kid.player_id
        before.release(URL)  # as the end of a process does
        session = PlayerSession(tokens=Tokens(tmp_path))
        again = ClientSettings(game=Skirmish(), seed=2)
        nursery.start_soon(session.run, "127.0.0.1", "Kid", again)
        await trio.sleep(1)
        client = session.client
        assert client is not None
        assert client.player_id == player_id
        assert client.player_name == "Kid"
        assert client.lobby is not None
        session.close()
        await trio.sleep(1)
        assert isinstance(client.status, Closed)
        assert Tokens(tmp_path).claim(URL) == b""
