"""Players are told what is on disk, and a disk at fault stops nobody."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from itertools import count
from math import inf
from pathlib import Path
from typing import Any

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import wait_all_tasks_blocked

from gameserver.messages.chat import Channel, ChatSaid, SendChat
from gameserver.messages.lobby import CreateLobby, LobbyConfig
from gameserver.messages.wire import EventEnvelope, ResultEnvelope
from gameserver.rooms.calls import FellSilent
from gameserver.service import saving
from gameserver.service.gate import Gate
from gameserver.service.runtime import Runtime
from gameserver.service.saving import Saving
from gameserver.store.people.database import FILE, PeopleFile
from tests.service.peers import MAP, Peer, assert_serves, serving
from tests.service.rest.caller import Asker


def numbers(folder: Path) -> list[int]:
    file = PeopleFile(folder / FILE)
    found = [number for number, _ in file.calls(0)]
    file.close()
    return found


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let real time be short: virtual time would leap ahead while a thread works."""
    monkeypatch.setattr(saving, "LOOK_S", 0.01)
    monkeypatch.setattr(saving, "SLOW_S", 0.1)
    monkeypatch.setattr(saving, "RETRY_S", 0.1)


async def test_without_a_folder_nothing_is_looked_at(nursery: trio.Nursery) -> None:
    runtime = Runtime()
    nursery.start_soon(Saving(Gate(), runtime, lambda: None).run)
    await wait_all_tasks_blocked()
    assert trio.lowlevel.current_statistics().seconds_to_next_deadline == inf
    nursery.cancel_scope.cancel()


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator["Disk"]:
    made = Disk(monkeypatch)
    yield made
    made.goes_on.set()


class Disk:
    """Lets a test hold up the commits of the server, or let them and new dumps fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.fault: Exception | None = None
        append = PeopleFile.append

        def appends(file: PeopleFile, items: Any, classes: Any = ()) -> None:
            self.goes_on.wait(30)
            if self.fault is not None:
                raise self.fault
            append(file, items, classes)

        start_over = PeopleFile.start_over

        def starts_over(file: PeopleFile, number: int, state: bytes, at_ms: int) -> None:
            if self.fault is not None:
                raise self.fault
            start_over(file, number, state, at_ms)

        monkeypatch.setattr(PeopleFile, "append", appends)
        monkeypatch.setattr(PeopleFile, "start_over", starts_over)


async def until(true: Callable[[], bool]) -> None:
    """Wait until something is true."""
    with trio.fail_after(30):
        while not true():  # noqa: ASYNC110  it looks at what has no event
            await trio.sleep(0.002)


async def test_an_answer_comes_when_its_decision_is_on_disk(disk: Disk, tmp_path: Path) -> None:
    async with serving(None, data=tmp_path, threads=True) as running:
        ann, bob = await running.guest("Ann"), await running.guest("Bob")
        disk.goes_on.clear()
        heard: list[object] = []

        async def listen(peer: Peer) -> None:
            heard.append((await peer.hear_a(EventEnvelope)).event)

        async def chat() -> None:
            heard.append(await ann.ask(1, SendChat(Channel.GLOBAL, "hello")))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(chat)
            nursery.start_soon(listen, bob)
            await until(lambda: running.server.connections._gate.holds)
            await trio.sleep(0.02)
            assert not heard
            disk.goes_on.set()
        assert {type(each) for each in heard} == {ChatSaid, ResultEnvelope}


async def test_that_a_member_fell_silent_is_told_when_it_is_on_disk(
    disk: Disk, tmp_path: Path
) -> None:
    async with serving(None, data=tmp_path, threads=True) as running:
        await running.guest("Ann")
        (ann,) = running.server.hall.parts.state.sessions
        gate = running.server.connections._gate
        disk.goes_on.clear()
        running.server.people.take(FellSilent({ann: True}))
        assert gate.holds
        disk.goes_on.set()
        await until(lambda: not gate.holds)


async def test_what_a_player_was_told_is_in_the_file(tmp_path: Path) -> None:
    async with serving(None, data=tmp_path, threads=True) as running:
        ann = await running.guest("Ann")
        before = numbers(tmp_path)
        await ann.ask(1, CreateLobby(LobbyConfig("room", map=MAP.name, size=2)))
        after = numbers(tmp_path)
        assert len(after) > len(before)
        assert after == list(range(1, len(after) + 1))


async def test_messages_about_nothing_new_do_not_wait(disk: Disk, tmp_path: Path) -> None:
    async with serving(None, data=tmp_path, threads=True) as running:
        ann = await running.guest("Ann")
        disk.goes_on.clear()
        await assert_serves(ann)


async def test_calls_for_which_nobody_waits_are_committed_with_the_next_for_which_somebody_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "QUIET_S", 3600.0)
    async with serving(None, data=tmp_path, threads=True) as running:
        ann = await running.guest("Ann")
        await trio.sleep(10 * saving.LOOK_S)  # the first look commits all
        before = numbers(tmp_path)
        for number in range(2000, 2010):
            await assert_serves(ann, number)
        assert numbers(tmp_path) == before
        await ann.ask(2010, SendChat(Channel.GLOBAL, "hello"))
        assert len(numbers(tmp_path)) >= len(before) + 20


async def test_calls_for_which_nobody_waits_are_committed_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "QUIET_S", 0.02)
    async with serving(None, data=tmp_path, threads=True) as running:
        ann = await running.guest("Ann")
        before = numbers(tmp_path)
        await assert_serves(ann)
        await until(lambda: len(numbers(tmp_path)) > len(before))


async def test_a_disk_that_hangs_holds_players_up_for_half_a_second(
    disk: Disk, tmp_path: Path
) -> None:
    async with serving(None, data=tmp_path, threads=True) as running:
        ann = await running.guest("Ann")
        disk.goes_on.clear()
        with capture_logs() as lines:
            await ann.ask(1, CreateLobby(LobbyConfig("room", map=MAP.name, size=2)))
            await ann.ask(2, SendChat(Channel.GLOBAL, "hello"))
            disk.goes_on.set()
            await until(lambda: any(line["event"] == "people saved again" for line in lines))
        told = [line for line in lines if line["event"].startswith("people")]
        assert [line["event"] for line in told] == ["people not saved", "people saved again"]
        assert told[0]["fault"].startswith("no commit for 0.1")


async def test_a_full_disk_is_told_once_and_a_dump_follows_when_it_has_room_again(
    disk: Disk, tmp_path: Path
) -> None:
    async with serving(None, data=tmp_path, threads=True) as running:
        ann = await running.guest("Ann")
        disk.fault = sqlite3.OperationalError("database or disk is full")
        with capture_logs() as lines:

            def events() -> list[str]:
                return [line["event"] for line in lines if line["event"].startswith("people")]

            await ann.ask(1, CreateLobby(LobbyConfig("room", map=MAP.name, size=2)))
            await ann.ask(2, SendChat(Channel.GLOBAL, "not saved yet"))
            await until(lambda: events() == ["people not saved"])
            disk.fault = None
            await until(lambda: events()[-1] == "people saved again")
            assert len(events()) == 2
        await ann.ask(3, SendChat(Channel.GLOBAL, "saved"))
        file = PeopleFile(tmp_path / FILE)
        stored = file.read()
        file.close()
        assert stored.number > 0
        assert "not saved yet" in str(stored.dump)
        assert stored.calls


async def test_a_call_that_cannot_be_recorded_costs_nobody_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(None, data=tmp_path, threads=True) as running:
        ann = await running.guest("Ann")

        def fails(*_: object) -> bytes:
            raise TypeError("complex cannot be packed")

        with capture_logs() as lines:
            with monkeypatch.context() as patch:
                patch.setattr(saving, "pack_call", fails)
                await ann.ask(1, SendChat(Channel.GLOBAL, "hello"))
                await until(lambda: any(line["event"] == "people not saved" for line in lines))
            assert [line["event"] for line in lines if "fault" in line] == ["people not saved"]
            assert any(line["event"] == "call not recorded" for line in lines)


@pytest.mark.parametrize(("limit", "most"), [("DUMP_CALLS", 10), ("DUMP_BYTES", 1500)])
async def test_the_log_is_shortened_in_the_background(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(saving, limit, most)
    async with serving(None, data=tmp_path, threads=True) as running:
        ann = await running.guest("Ann")
        with trio.fail_after(30):
            for number in count(1):
                await ann.ask(number, SendChat(Channel.GLOBAL, f"line {number}"))
                if min(numbers(tmp_path), default=0) > 10:
                    break
                await trio.sleep(0.02)
        file = PeopleFile(tmp_path / FILE)
        assert "line 1" in str(file.read().dump)
        file.close()


async def test_an_answer_over_http_waits_for_the_disk_too(disk: Disk, tmp_path: Path) -> None:
    async with serving(None, data=tmp_path, threads=True) as running:
        asker = Asker(running)
        await asker.sign_in()
        disk.goes_on.clear()
        done: list[object] = []

        async def rename() -> None:
            done.append(await asker.done("session.rename", player_name="Ida"))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(rename)
            await until(lambda: running.server.connections._gate.holds)
            await trio.sleep(0.02)
            assert not done
            assert (await Asker(running).call("GET", "/info")).status == 200, "nothing to wait for"
            disk.goes_on.set()
        assert done == [{"player_name": "Ida"}]


async def test_a_lobby_is_shown_to_its_member_when_it_is_on_disk_and_to_others_at_once(
    disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "SLOW_S", 30.0)
    async with serving(None, data=tmp_path, threads=True) as running:
        asker, stranger = Asker(running), Asker(running)
        await asker.sign_in()
        config = {"title": "room", "map": MAP.name, "size": 2}
        lobby = (await asker.done("lobby.create", config=config))["lobby"]
        path = f"/lobbies/{lobby['lobby_id']}"
        disk.goes_on.clear()
        shown: list[int] = []

        async def look() -> None:
            shown.append((await asker.get(path)).status)

        async def rename() -> None:
            await asker.done("session.rename", player_name="Ida")

        async with trio.open_nursery() as nursery:
            nursery.start_soon(rename)
            await until(lambda: running.server.connections._gate.holds)
            nursery.start_soon(look)
            await trio.sleep(0.02)
            assert not shown
            assert (await stranger.get(path)).status == 200
            disk.goes_on.set()
        assert shown == [200]
