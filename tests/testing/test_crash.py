"""The command that kills servers: nothing is lost, and it notices what is."""

import shutil
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import attrs
import click
import pytest
import trio
from click.testing import CliRunner
from rich.console import Console
from trio.testing import MockClock

from gameserver.client import Client
from gameserver.errors import Code, RequestError
from gameserver.ids import MessageId, PlayerId, Tick
from gameserver.messages.chat import Channel, ChatHistory, ChatLine
from gameserver.testing import crash
from gameserver.testing.crash import LOST_S, Crash, CrashPlayer, Round, main, table_of
from gameserver.testing.crashserver import CrashServer

RIGHT = Round(
    players=4,
    back=4,
    slowest_s=1.5,
    matches=1,
    lost_s=LOST_S,
    scores=4,
    lines=3,
    missing=0,
    desyncs=0,
    ready_s=1.0,
)


@pytest.mark.parametrize(
    ("field", "value"),
    [("back", 3), ("matches", 0), ("lost_s", 1.1), ("scores", 3), ("missing", 1), ("desyncs", 1)],
)
def test_a_round_in_which_something_was_lost_is_not_right(field: str, value: float) -> None:
    assert RIGHT.right(1)
    assert not attrs.evolve(RIGHT, **{field: value}).right(1)


def test_the_table_has_a_row_for_each_round() -> None:
    console = Console(width=120, file=StringIO(), force_terminal=False)
    wrong = attrs.evolve(RIGHT, back=3, missing=2, desyncs=5, slowest_s=2.25, lost_s=0.5)
    console.print(table_of([RIGHT, wrong], 2))
    output = console.file
    assert isinstance(output, StringIO)
    *_, head, _, one, two = [
        line.split() for line in output.getvalue().splitlines() if line.strip()
    ]
    assert head == ["matches", "back", "slowest", "start", "lost", "scores", "chat", "desyncs"]
    assert one == f"1 1/2 4/4 1.50 s 1.00 s {LOST_S:.2f} s 4/4 3/3 0 ✗".split(), "one match is gone"
    assert two == ["2", "1/2", "3/4", "2.25", "s", "1.00", "s", "0.50", "s", "4/4", "1/3", "5", "✗"]
    whole = Console(width=120, file=StringIO())
    whole.print(table_of([RIGHT], 1))
    assert isinstance(whole.file, StringIO)
    assert "✓" in whole.file.getvalue()


@pytest.mark.parametrize(("missing", "code"), [(0, 0), (1, 1)])
def test_the_exit_code_tells_whether_something_was_lost(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, missing: int, code: int
) -> None:
    async def rounds(*_: object) -> list[Round]:
        return [RIGHT, attrs.evolve(RIGHT, missing=missing)]

    monkeypatch.setattr(crash, "_run", rounds)
    folder = tmp_path / "new" / "folder"
    result = CliRunner().invoke(main, ["--matches", "1", "--keep", str(folder)])
    assert result.exit_code == code
    assert f"{2 - missing} of 2 rounds lost nothing" in result.output
    assert folder.is_dir()


async def test_a_chat_that_cannot_be_read_is_told_and_counts_as_empty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def line(sender: str, text: str) -> ChatLine:
        return ChatLine(MessageId(1), Channel.LOBBY, PlayerId(sender), sender, text, 0)

    async def refused(_: object) -> ChatHistory:
        raise RequestError(Code.LOBBY_NOT_IN, "You are in no lobby.")

    async def answered(_: object) -> ChatHistory:
        return ChatHistory((line("ann", "hello"), line("", "Bob has come.")))

    some = Crash(tmp_path, 1, 1, 1, 1.0)
    client = cast("Client", SimpleNamespace(request=refused))
    assert await some._chat_of(client) == []
    assert "cannot read its chat: You are in no lobby." in capsys.readouterr().err
    client = cast("Client", SimpleNamespace(request=answered))
    assert await some._chat_of(client) == ["hello"]


async def test_a_server_that_does_not_start_is_told_with_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", shutil.which("echo"))
    server = CrashServer(tmp_path)
    server.close()
    with pytest.raises(click.ClickException, match=r"see .*server-1\.log"):
        await server.start()
    server.close()
    assert server.restored() == {}
    log = "t0 match restored lobby=l1 match=m1 x=1 tick=45\nt1 match restored match=m2 tick=7\n"
    (tmp_path / "server-1.log").write_text(log)
    assert server.restored() == {"m1": 45, "m2": 7}


def test_a_server_that_is_left_over_is_killed(tmp_path: Path) -> None:
    server = CrashServer(tmp_path)
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    server._process = process
    server.close()
    assert process.returncode == -signal.SIGKILL
    server.close()


async def test_players_remember_the_scores_of_the_newest_ticks_by_epoch(
    autojump_clock: MockClock,
) -> None:
    del autojump_clock
    ring = [SimpleNamespace(tick=Tick(tick), entities={}) for tick in range(450)]
    replica = SimpleNamespace(live=True, epoch=1, ring=ring[:300])
    player = CrashPlayer(cast("Client", SimpleNamespace(match=replica)), 0)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(player.look)
        await trio.sleep(0.05)
        assert list(player.seen) == list(range(300))
        replica.ring = ring[300:]
        await trio.sleep(0.05)
        assert list(player.seen) == list(range(50, 450))
        replica.epoch, replica.ring = 2, ring[400:]
        await trio.sleep(0.05)
        assert (list(player.before), list(player.seen)) == ([*range(50, 450)], [*range(400, 450)])
        replica.live = False
        assert player.replica is None
        nursery.cancel_scope.cancel()


def test_four_players_lose_nothing_when_their_server_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crash, "BACK_S", crash.PATIENCE_S)  # this machine may be slow
    command = ["--rounds", "1", "--players", "4", "--matches", "1", "--play", "1.5"]
    result = CliRunner().invoke(main, [*command, "--keep", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert "1 of 1 rounds lost nothing" in result.output
