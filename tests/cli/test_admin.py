"""``admin``: what operators see and do on the real program, and one line where that fails."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio

from gameserver.cli.admin import Duration
from gameserver.client import Client, Closed, open_client
from gameserver.messages.chat import Channel, SendChat
from gameserver.messages.session import ReportPlayer
from tests.cli.command import Ended, gameserver
from tests.e2e.program import Running, gather, program, start, until

SECRET = "correct-horse-battery"

HOSTILE = "[red]\x1b[2J<b>"


@asynccontextmanager
async def overseen(tmp_path: Path, *more: str) -> AsyncIterator[Running]:
    async with program(tmp_path, "--console-secret", SECRET, *more) as running:
        yield running
        running.assert_same_process_without_faults()
        assert SECRET not in running.log.read_text("utf-8")


class Desk:
    """Calls the command for one server."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def run(self, *words: str, secret: str = SECRET) -> Ended:
        """Run the command in a thread, since it brings an event loop of its own."""
        arguments = ("admin", *words, "--url", self.url)
        return await trio.to_thread.run_sync(
            lambda: gameserver(*arguments, GAMESERVER_CONSOLE_SECRET=secret)
        )

    async def look(self, *words: str) -> Any:
        ended = await self.run(*words, "--json")
        assert (ended.code, ended.err) == (0, "")
        return json.loads(ended.out)

    async def done(self, *words: str) -> str:
        ended = await self.run(*words)
        assert (ended.code, ended.err) == (0, "")
        return ended.out


async def over(client: Client) -> str:
    """Wait until a client's session is over for good; return the code."""
    await until(lambda: isinstance(client.status, Closed))
    assert isinstance(client.status, Closed)
    return str(client.status.code)


async def test_what_there_is_on_the_real_program_is_listed_and_looked_into(tmp_path: Path) -> None:
    async with overseen(tmp_path) as running, open_client(running.url, "Ann") as ann:
        desk = Desk(running.url)
        room = await gather(ann, bots=2)
        await ann.request(SendChat(Channel.LOBBY, "[red]boo[/] <b>"))
        await start(ann)
        (session,) = (await desk.look("sessions", "--find", "ann"))["sessions"]
        assert (session["name"], session["playing"]) == ("Ann", True)
        assert (await desk.look("sessions", "--find", "zzz"))["total"] == 0
        ended = await desk.run("kick", "An")
        assert f"'An' may be Ann ({ann.player_id}); give the whole name or the id" in ended.sentence
        assert (await desk.look("sessions"))["total"] == 1
        for words in (("sessions",), ("lobbies",), ("matches",)):
            assert "Ann" in await desk.done(*words)
        assert "[red]boo[/] <b>" in await desk.done("lobby", room.lobby.lobby_id)
        (match,) = (await desk.look("matches"))["matches"]
        assert "Ann" in await desk.done("match", match["match_id"])


async def test_what_is_done_holds_and_is_written_down(tmp_path: Path) -> None:
    async with overseen(tmp_path, "--data", str(tmp_path / "data")) as running:
        desk = Desk(running.url)
        async with (
            open_client(running.url, "Ann") as ann,
            open_client(running.url, "Bob") as bob,
        ):
            await gather(ann, bob)
            await bob.request(SendChat(Channel.LOBBY, "you fool"))
            await ann.request(ReportPlayer(bob.player_id, "rude [red]words[/]"))
            assert "rude [red]words[/]" in await desk.done("reports")
            assert "you fool" in await desk.done("report", "1")
            assert "mute" in await desk.done("mute", "Bob", "--for", "10m", "--reason", "rude")
            assert "10 min" in await desk.done("bans")
            await desk.done("unban", "1")
            await desk.done("settle", "1", "--as", "Nora")
            assert "was Bob" in await desk.done("rename", "Bob", "Robert")
            await until(lambda: bob.player_name == "Robert")
            assert "(2 sessions)" in await desk.done("broadcast", "cake at noon")
            assert "ban · Robert" in await desk.done("ban", "Robert", "--by", "session")
            assert await over(bob) == "session.banned"
            assert "kick · Ann" in await desk.done("kick", ann.player_id)
            assert await over(ann) == "session.kicked"
        audit = await desk.look("audit")
        assert [(each["act"], each["by"]) for each in audit["entries"]] == [
            ("kick", "operator"),
            ("ban", "operator"),
            ("broadcast", "operator"),
            ("rename", "operator"),
            ("settle-report", "Nora"),
            ("unmute", "operator"),
            ("mute", "operator"),
        ]
        assert "cake at noon" in await desk.done("audit")


async def test_a_player_who_is_called_by_the_id_of_another_one_has_nobody_else_put_out(
    tmp_path: Path,
) -> None:
    async with overseen(tmp_path) as running, open_client(running.url, "Ann") as ann:
        desk = Desk(running.url)
        async with open_client(running.url, ann.player_id) as bob:
            assert bob.player_name == ann.player_id
            ended = await desk.run("kick", ann.player_id)
            assert "give the whole name or the id" in ended.sentence
            ended = await desk.run("ban", ann.player_id, "--by", "name")
            assert "the id of one player and the name of another one" in ended.sentence
            assert "kick" in await desk.done("kick", bob.player_id)
            assert await over(bob) == "session.kicked"
        ended = await desk.run("ban", "Ann", "--by", "address")
        assert "This is loopback" in ended.sentence


async def test_what_cannot_be_done_is_one_line(tmp_path: Path) -> None:
    async with overseen(tmp_path) as running:
        desk = Desk(running.url)
        for words, sentence in (
            (("kick", "nobody"), "there is no session of the name or id 'nobody'"),
            (("ban", "127.0.0.1", "--by", "address"), "This is loopback"),
            (("ban", "10.0.0.300", "--by", "address"), "An address must be like"),
            (("ban", "Ann", "--by", "address"), "no session of the name or id 'Ann'"),
            (("unban", "7"), "There is no ban or mute of number 7"),
            (("lobby", "no/such?lobby"), "does not serve it"),
            (("lobby", HOSTILE), "there is no lobby of this id"),
            (("ban", "::1", "--by", "address"), "so that players have addresses of their own."),
        ):
            ended = await desk.run(*words)
            assert (ended.code, ended.out) == (1, ""), words
            assert sentence in ended.sentence, ended.sentence
            assert "\x1b[2J" not in ended.err
        ended = await desk.run("sessions", secret="wrong-wrong-wrong-wrong")
        assert "this is not the secret of this server's console" in ended.sentence
        assert (ended.code, "wrong-wrong" in ended.err) == (1, False)
        ended = await desk.run("sessions", secret="")
        assert (ended.code, "console-secret is needed" in ended.sentence) == (2, True)
    async with program(tmp_path) as running:
        ended = await Desk(running.url).run("sessions")
        assert (ended.code, "HTTP 404" in ended.sentence) == (1, True)


def test_a_server_that_is_not_there_is_one_line() -> None:
    ended = gameserver(
        "admin", "sessions", "--url", "ws://127.0.0.1:1", GAMESERVER_CONSOLE_SECRET=SECRET
    )
    assert (ended.code, ended.out) == (1, "")
    assert ended.sentence.startswith("error: cannot reach 127.0.0.1:1")


def test_a_secret_that_passes_a_network_unencrypted_is_warned_of() -> None:
    for url, warned in (("ws://host.invalid:1", True), ("wss://host.invalid:1", False)):
        ended = gameserver("admin", "audit", "--url", url, GAMESERVER_CONSOLE_SECRET=SECRET)
        assert ("unencrypted" in ended.err) == warned
        assert ended.code == 1


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("30m", 1800), ("30 min", 1800), ("12H", 43_200), ("7d", 604_800)],
)
def test_times_are_read_in_their_units(text: str, seconds: float) -> None:
    assert Duration().convert(text, None, None) == seconds


@pytest.mark.parametrize("text", ["", "2y", "soon", "0s", "nan", "-3h", "99999999d", "1e3"])
def test_what_is_no_time_is_refused_with_examples(text: str) -> None:
    ended = gameserver("admin", "ban", "ann", f"--for={text}")
    assert (ended.code, "such as 30m, 12h or 7d" in ended.sentence) == (2, True)


async def test_what_is_piped_has_each_row_in_one_line_however_long_its_cells_are(
    tmp_path: Path,
) -> None:
    async with overseen(tmp_path) as running:
        desk = Desk(running.url)
        reason = "so long a reason that no terminal has the columns for it " * 5

        async def piped(*words: str) -> list[str]:
            ended = await trio.to_thread.run_sync(
                lambda: gameserver(
                    "admin",
                    *words,
                    "--url",
                    running.url,
                    width=80,
                    GAMESERVER_CONSOLE_SECRET=SECRET,
                )
            )
            assert (ended.code, ended.err) == (0, "")
            return ended.out.splitlines()

        told = await piped("ban", "203.0.113.0/24", "--by=address", "--for=1h", "--reason", reason)
        assert told == [
            "\u2713 ban \u00b7 203.0.113.0/24 \u00b7 address for 1 h, number 1 (0 sessions)"
        ]
        for list_ in ("bans", "audit"):
            rows = [line for line in await piped(list_) if "203.0.113.0/24" in line]
            assert len(rows) == 1
            assert reason.strip() in rows[0]
            assert " 1 h" in rows[0]
        assert len(await piped("broadcast", "w" * 200)) == 1
        await desk.done("unban", "1")
