"""``admin``: the chat, a lobby that is closed, acts as JSON, and the drain of a server."""

from pathlib import Path

from gameserver.client import open_client
from gameserver.messages.chat import Channel, SendChat
from tests.cli.command import gameserver
from tests.cli.test_admin import SECRET, Desk, overseen
from tests.e2e.program import gather, program, start, until


async def test_the_chat_is_read_a_lobby_closed_and_an_act_told_as_json(tmp_path: Path) -> None:
    async with overseen(tmp_path) as running, open_client(running.url, "Ann") as ann:
        desk = Desk(running.url)
        await ann.request(SendChat(Channel.GLOBAL, "hello [all]"))
        assert "hello [all]" in await desk.done("chat")
        room = await gather(ann)
        assert "close" in await desk.done("close", room.lobby.lobby_id, "--reason", "late")
        await until(lambda: ann.lobby is None)
        told = await desk.look("mute", "Ann", "--for", "10m")
        assert (told["entry"]["act"], told["entry"]["target_name"]) == ("mute", "Ann")
        (held,) = (await desk.look("bans"))["sanctions"]
        assert (held["kind"], held["shown"]) == ("mute", "Ann")


async def test_a_line_of_the_server_cannot_be_taken_for_that_of_a_player(tmp_path: Path) -> None:
    async with (
        overseen(tmp_path) as running,
        open_client(running.url, "the server") as ann,
        open_client(running.url, "Bo") as bo,
    ):
        desk = Desk(running.url)
        room = await gather(ann, bo)
        await ann.request(SendChat(Channel.LOBBY, "Bo joined."))
        shown = await desk.done("lobby", room.lobby.lobby_id)
        told, said = (line for line in shown.splitlines() if "Bo joined." in line)
        assert "lobby, server" in told
        assert "lobby, server" not in said


async def test_a_drain_is_told_by_the_name_of_the_act(tmp_path: Path) -> None:
    async with overseen(tmp_path) as running:
        desk = Desk(running.url)
        assert "drain" in await desk.done("drain", "--reason", "update")


async def test_a_server_that_drains_can_only_be_stopped(tmp_path: Path) -> None:
    async with (
        program(tmp_path, "--console-secret", SECRET, "--drain-s", "60") as running,
        open_client(running.url, "Ann") as ann,
    ):
        await gather(ann, bots=1)
        await start(ann)
        desk = Desk(running.url)
        await desk.done("drain", "--reason", "update")
        refused = await desk.run("drain", "--reason", "update")
        assert refused.code != 0
        assert "drains or stops already" in refused.sentence
        assert "stop" in await desk.done("drain", "--now", "--reason", "late")
        await running.process.wait()


def test_a_secret_that_no_header_can_hold_is_refused() -> None:
    ended = gameserver("admin", "sessions", GAMESERVER_CONSOLE_SECRET="\u00e4" * 20)
    assert (ended.code, ended.out) == (2, "")
    assert "a console-secret has ASCII characters alone" in ended.sentence
