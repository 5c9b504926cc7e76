"""A server goes on where another process has ended, and starts whatever it finds."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
import pytest
import trio
from structlog.testing import capture_logs

from gameserver.errors import Code, ConfigError
from gameserver.messages.chat import Channel, ChatHistory, GetChatHistory, SendChat
from gameserver.messages.lobby import CreateLobby, InLobby, LobbyChanged, LobbyConfig
from gameserver.messages.namespaces import JoinNamespace, NamespaceEnded
from gameserver.messages.wire import EventEnvelope, Refusal, ResultEnvelope, Welcome
from gameserver.namespaces import Namespace
from gameserver.rooms import calls
from gameserver.rooms.oversight_calls import Administer
from gameserver.rooms.state.orders import Impose
from gameserver.rooms.state.sanctions import SanctionedBy, SanctionKind
from gameserver.service import recovery, saving
from gameserver.service.saving import Saving
from gameserver.store.people.database import FILE, PeopleFile, pack_dump
from tests.service.peers import MAP, Peer, Running, hello, serving


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "LOOK_S", 0.01)
    monkeypatch.setattr(saving, "RETRY_S", 0.1)


class Guild(Namespace):
    """A namespace that lets everybody in."""

    name = "/guild"


def killed(folder: Path) -> Path:
    """Return a copy of the folder as it would be if the server was killed now."""
    copy = folder.with_name(f"{folder.name}-killed")
    shutil.copytree(folder, copy)
    return copy


async def a_lobby(running: Running) -> tuple[Peer, Welcome, InLobby]:
    ann = await running.dial()
    welcome = await ann.sign_in("Ann")
    answer = await ann.ask(1, CreateLobby(LobbyConfig("room", map=MAP.name, size=2)))
    assert isinstance(answer, ResultEnvelope)
    assert isinstance(answer.result, InLobby)
    await ann.ask(2, SendChat(Channel.LOBBY, "remember this"))
    return ann, welcome, answer.result


async def back(running: Running, welcome: Welcome) -> tuple[Peer, Welcome]:
    peer = await running.dial()
    await peer.send(attrs.evolve(hello(), token=welcome.token))
    again = await peer.hear()
    assert isinstance(again, Welcome), again
    return peer, again


@pytest.mark.parametrize("orderly", [True, False])
async def test_players_find_their_lobby_and_chat_in_the_next_process(
    tmp_path: Path, *, orderly: bool
) -> None:
    folder = tmp_path / "data"
    async with serving(None, data=folder, threads=True) as running:
        _, welcome, room = await a_lobby(running)
        if orderly:
            await running.whole.stop()
        else:
            folder = killed(folder)
    async with serving(None, data=folder, threads=True) as running:
        ann, again = await back(running, welcome)
        assert again.resumed
        assert (again.player_id, again.player_name) == (welcome.player_id, "Ann")
        seen = await ann.hear_a(EventEnvelope)
        while not isinstance(seen.event, LobbyChanged):
            seen = await ann.hear_a(EventEnvelope)
        assert seen.event.lobby.lobby_id == room.lobby.lobby_id
        answer = await ann.ask(again.next_request, GetChatHistory(Channel.LOBBY))
        assert isinstance(answer, ResultEnvelope)
        assert isinstance(answer.result, ChatHistory)
        assert "remember this" in [line.text for line in answer.result.lines]


async def test_a_token_is_good_for_one_use_also_across_a_crash(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with serving(None, data=folder, threads=True) as running:
        _, first, _ = await a_lobby(running)
        peer, second = await back(running, first)
        _, third = await back(running, second)
        folder = killed(folder)
    async with serving(None, data=folder, threads=True) as running:
        peer = await running.dial()
        await peer.send(attrs.evolve(hello(), token=first.token))
        assert (await peer.hear_a(Refusal)).code == Code.TOKEN_UNKNOWN
        _, again = await back(running, third)
        assert again.resumed


async def test_the_time_of_the_hall_goes_on_and_players_have_their_grace(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with serving(None, data=folder, threads=True) as running:
        ann, welcome, _ = await a_lobby(running)
        state = running.server.hall.parts.state
        state.now += 10_000_000.0  # that of a machine that has run for months
        running.server.people.go_on_from(state.now)
        await ann.ask(3, SendChat(Channel.LOBBY, "months later"))
        before = state.now
        folder = killed(folder)
    async with serving(None, data=folder, threads=True) as running:
        state = running.server.hall.parts.state
        assert before <= state.now < before + 60
        expires = state.sessions[welcome.player_id].expires_at
        assert expires is not None
        assert expires - state.now > 60


async def test_what_was_saved_is_saved_again_at_the_start(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with serving(None, data=folder, threads=True) as running:
        _, welcome, _ = await a_lobby(running)
        folder = killed(folder)
    for _ in range(3):
        async with serving(None, data=folder, threads=True) as running:
            assert welcome.player_id in running.server.hall.parts.state.sessions
            folder = killed(folder)


async def test_members_of_namespaces_are_told_to_join_again(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with serving(None, data=folder, threads=True, namespaces=[Guild]) as running:
        ann, welcome, _ = await a_lobby(running)
        await ann.ask(3, JoinNamespace("/guild", {}))
        folder = killed(folder)
    async with serving(None, data=folder, threads=True, namespaces=[Guild]) as running:
        ann, again = await back(running, welcome)
        seen = await ann.hear_a(EventEnvelope)
        while not isinstance(seen.event, NamespaceEnded):
            seen = await ann.hear_a(EventEnvelope)
        assert (seen.event.namespace, seen.event.code) == ("/guild", "namespace.restarted")
        assert isinstance(
            await ann.ask(again.next_request, JoinNamespace("/guild", {})), ResultEnvelope
        )


async def test_a_lobby_of_a_map_that_is_gone_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with serving(None, data=folder, threads=True) as running:
        _, welcome, _ = await a_lobby(running)
        folder = killed(folder)
    other = attrs.evolve(MAP, name="another")
    with capture_logs() as lines:
        async with serving(None, data=folder, threads=True, maps={other.name: other}) as running:
            assert not running.server.hall.parts.state.lobbies
            _, again = await back(running, welcome)
            assert again.resumed
    assert any(line["event"] == "lobby not restored" for line in lines)


def contents(path: Path) -> bytes:
    return path.read_bytes()


# --- what cannot be restored ----------------------------------------------------------------------


async def test_two_servers_do_not_share_a_folder(tmp_path: Path) -> None:
    async with serving(None, data=tmp_path, threads=True):
        with pytest.RaisesGroup(
            pytest.RaisesExc(ConfigError, match="in use by another server"), flatten_subgroups=True
        ):
            async with serving(None, data=tmp_path, threads=True):
                raise AssertionError("the second one has started")


SPOILS = {
    "of_another_game": "UPDATE about SET value = x'a47461677a' WHERE key = 'game'",
    "with_a_damaged_dump": "UPDATE dumps SET state = x'00'",
    "with_an_endless_dump": "UPDATE dumps SET state = x'28b52ffde00000000000000040010000'",
    "with_a_dump_of_something_else":
        f"UPDATE dumps SET state = x'{pack_dump({'format': []}).hex()}'",
    "with_rules_that_are_none": "UPDATE about SET value = x'01' WHERE key = 'rules'",
    "with_a_map_that_is_none": "UPDATE about SET value = x'9180' WHERE key = 'maps'",
    "with_a_dump_that_is_text": "UPDATE dumps SET state = 'text'",
    "of_no_database": "",
}  # fmt: skip

READ_WHOLE = {"of_another_game", "with_a_dump_of_something_else", "with_rules_that_are_none",
              "with_a_map_that_is_none"}  # fmt: skip
"""Are known only when the file was read, which SQLite counts in it."""


def spoil(path: Path, how: str) -> None:
    if not SPOILS[how]:
        path.write_bytes(b"this is no database" * 100)
        return
    # Closed here, not by the garbage collector: only then is the change in the file itself.
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(SPOILS[how])


@pytest.mark.parametrize("how", SPOILS)
async def test_a_file_that_is_of_no_use_is_kept_aside(tmp_path: Path, how: str) -> None:
    folder = tmp_path / "data"
    async with serving(None, data=folder, threads=True) as running:
        await a_lobby(running)
        folder = killed(folder)
    PeopleFile(folder / FILE).close()  # one file instead of three
    spoil(folder / FILE, how)
    before = contents(folder / FILE)
    with capture_logs() as lines:
        async with serving(None, data=folder, threads=True) as running:
            assert not running.server.hall.parts.state.sessions
            await a_lobby(running)
    (line,) = [line for line in lines if line["event"] == "people not restored"]
    aside = Path(line["kept"])
    assert aside.parent == folder
    assert len(contents(aside)) == len(before)
    if how not in READ_WHOLE:
        assert contents(aside) == before


async def test_a_file_of_a_newer_version_ends_the_start(tmp_path: Path) -> None:
    PeopleFile(tmp_path / FILE).close()
    with sqlite3.connect(tmp_path / FILE) as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.RaisesGroup(
        pytest.RaisesExc(ConfigError, match="start the newer program"), flatten_subgroups=True
    ):
        async with serving(None, data=tmp_path, threads=True):
            pass


async def test_calls_that_newer_code_would_decide_otherwise_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data"
    async with serving(None, data=folder, threads=True) as running:
        ann, welcome, _ = await a_lobby(running)
        await ann.ask(3, SendChat(Channel.LOBBY, "left out"))
        folder = killed(folder)

    def act(*_: object) -> object:
        raise KeyError("a newer version")

    with capture_logs() as lines, monkeypatch.context() as patch:
        patch.setattr(calls.Ask, "act", act)
        async with serving(None, data=folder, threads=True) as running:
            state = running.server.hall.parts.state
            assert welcome.player_id in state.sessions
            assert not state.lobbies
    (line,) = [line for line in lines if line["event"] == "people restored in part"]
    assert line["left_out"] > 0
    assert "Ask leads to another outcome" in line["fault"]
    copy = PeopleFile(Path(line["kept"]))
    assert copy.read().calls >= line["left_out"]
    copy.close()


async def test_a_server_that_cannot_write_its_folder_runs_without_saving(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", "utf-8")
    with capture_logs() as lines:
        async with serving(None, data=tmp_path / "file", threads=True) as running:
            await a_lobby(running)
    warnings = [line["event"] for line in lines if line["log_level"] == "warning"]
    assert warnings == ["people not saved"]


async def test_a_folder_that_can_be_written_later_is_written_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "RETRY_S", 0.02)
    folder = tmp_path / "data"
    folder.write_text("no folder yet", "utf-8")
    with capture_logs() as lines:
        async with serving(None, data=folder, threads=True) as running:
            _, welcome, _ = await a_lobby(running)
            folder.unlink()
            with trio.fail_after(10):
                while not running.server._saving.active:  # noqa: ASYNC110  nothing tells
                    await trio.sleep(0.01)
            folder = killed(folder)
    assert [line["event"] for line in lines if line["event"].startswith("people")] == [
        "people not saved", "people saved again",
    ]  # fmt: skip
    async with serving(None, data=folder, threads=True) as running:
        _, again = await back(running, welcome)
        assert again.resumed


async def test_a_disk_that_fails_again_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "RETRY_S", 0.02)
    begin, tried, files = Saving.begin, list[str](), list[PeopleFile]()

    def fails_twice(saving: Saving, file: PeopleFile, *given: Any) -> None:
        files.append(file)
        tried.append(file.path.name)
        if len(tried) < 3:
            raise sqlite3.OperationalError("disk I/O error")
        begin(saving, file, *given)

    monkeypatch.setattr(Saving, "begin", fails_twice)
    with capture_logs() as lines:
        async with serving(None, data=tmp_path, threads=True) as running:
            await a_lobby(running)
            with trio.fail_after(10):
                while not running.server._saving.active:  # noqa: ASYNC110  nothing tells
                    await trio.sleep(0.01)
    assert tried == [FILE] * 3
    for file in files[:2]:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            file.read()
    told = [line for line in lines if line["event"].startswith("people")]
    assert [line["event"] for line in told] == ["people not saved", "people saved again"]
    assert "disk I/O error" in told[0]["fault"]


async def test_a_file_that_could_not_be_read_at_the_start_is_not_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "RETRY_S", 0.02)
    folder = tmp_path / "data"
    async with serving(None, data=folder, threads=True) as running:
        await a_lobby(running)
        folder = killed(folder)
    make, failures = PeopleFile.__init__, [sqlite3.OperationalError("unable to open")]

    def fails_once(file: PeopleFile, path: Path) -> None:
        if failures:
            raise failures.pop()
        make(file, path)

    monkeypatch.setattr(PeopleFile, "__init__", fails_once)
    with capture_logs() as lines:
        async with serving(None, data=folder, threads=True) as running:
            with trio.fail_after(10):
                while not running.server._saving.active:  # noqa: ASYNC110  nothing tells
                    await trio.sleep(0.01)
    (line,) = [line for line in lines if line["event"] == "people not restored"]
    kept = PeopleFile(Path(line["kept"]))
    assert kept.read().calls > 0
    kept.close()


@pytest.mark.parametrize("orderly", [True, False])
async def test_bans_and_what_operators_did_are_there_in_the_next_process(
    tmp_path: Path, *, orderly: bool
) -> None:
    folder = tmp_path / "data"
    ban = Impose(SanctionKind.BAN, SanctionedBy.NAME, "Eve", 3600.0)
    async with serving(None, data=folder, threads=True) as running:
        entry = running.server.people.take(Administer("root", ban, "spam"))
        await running.server.people.saved()
        if orderly:
            await running.whole.stop()
        else:
            folder = killed(folder)
    async with serving(None, data=folder, threads=True) as running:
        assert list(running.server.hall.parts.state.audit.entries) == [entry]
        eve = await running.dial()
        await eve.send(hello("EVE"))
        assert await eve.parted() == (Code.SESSION_BANNED, Code.SESSION_BANNED)
