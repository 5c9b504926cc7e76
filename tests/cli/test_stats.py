"""``stats``: figures of a server in another process, and one line where there are none."""

import json
from pathlib import Path

import pytest
import trio

from gameserver.cli.stats import coloured
from gameserver.client import ClientSettings, open_client
from gameserver.client.looking import look_at
from gameserver.messages.session import GetServerInfo, ServerInfo
from tests.cli.command import Ended, gameserver
from tests.e2e.program import gather, program, start


async def run(*arguments: str, **environ: str) -> Ended:
    """Run the command in a thread, since it brings an event loop of its own."""
    return await trio.to_thread.run_sync(lambda: gameserver("stats", *arguments, **environ))


async def test_the_figures_of_the_real_program_contain_a_running_match(tmp_path: Path) -> None:
    async with program(tmp_path) as running:
        async with open_client(running.url, "Ann", ClientSettings(seed=1)) as ann:
            await gather(ann, bots=2)
            await start(ann)
            ended = await run("--url", running.url, "--once", "--json")
            assert (ended.code, ended.err) == (0, "")
            stats = json.loads(ended.out)
            info: ServerInfo = await ann.request(GetServerInfo())
            shown = await run("--url", running.url, "--once")
        assert (stats["players"], stats["connections"], stats["matches"]) == (1, 2, 1)
        assert info.players == 1
        (game,) = stats["games"]
        assert (game["game"], game["seats"], game["bots"], game["viewers"]) == ("arena", 3, 2, 1)
        assert game["ticks"] == game["duration_ever"]["count"] > 0
        assert game["snapshot_bytes"] > 0
        assert (stats["strain"], stats["refuses_matches"]) == (0, False)
        assert stats["memory_bytes"] > 10 << 20
        assert shown.code == 0
        for words in ("arena", "tick lateness, ms", "1 player,", "strain     none"):
            assert words in shown.out
        running.assert_same_process_without_faults()


async def test_the_figures_are_shown_with_the_token_and_refused_without(tmp_path: Path) -> None:
    async with program(tmp_path, "--stats-token", "hush") as running:
        for wrong in ((), ("--token", "husk"), ("--token", "hü")):
            refused = await run("--url", running.url, "--once", *wrong)
            assert (refused.code, refused.out) == (1, "")
            assert refused.sentence == "error: this needs the token of the server's operator"
        right = ("--url", running.url, "--once", "--json")
        assert (await run(*right, "--token", "hush")).code == 0
        assert (await run(*right, GAMESERVER_STATS_TOKEN="hush")).code == 0
        async with look_at(running.url, "hush") as looker:
            stats = [await looker.ask() for _ in range(3)]
        assert [each.players for each in stats] == [0, 0, 0]


def test_an_unreachable_server_is_one_line_and_exit_code_1() -> None:
    ended = gameserver("stats", "--url", "ws://127.0.0.1:1", "--once")
    assert (ended.code, ended.out) == (1, "")
    assert ended.sentence.startswith("error: cannot reach 127.0.0.1:1: ")


@pytest.mark.parametrize("every", ["0", "nan", "60", "often"])
def test_an_invalid_interval_has_exit_code_2(every: str) -> None:
    ended = gameserver("stats", "--every", every)
    assert (ended.code, ended.out) == (2, "")


@pytest.mark.parametrize(
    ("time_ms", "colour"), [(15.9, "green"), (16.1, "yellow"), (32, "yellow"), (33, "red")]
)
def test_times_are_coloured_by_their_part_of_a_tick(time_ms: float, colour: str) -> None:
    assert coloured(time_ms, 32.1) == f"[{colour}]{time_ms:.2f}[/]"
