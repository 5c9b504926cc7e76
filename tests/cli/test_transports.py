"""``transports``: all ways to a server in another process, and one line where there is none."""

import json
from pathlib import Path

import trio
from rich.console import Console

from gameserver.cli.transports import complaint, picture
from gameserver.client.probes.comparison import ROADS, RoadFigures
from gameserver.client.probes.probe import Cut
from tests.cli.command import Ended, gameserver
from tests.e2e.program import program


async def run(*arguments: str) -> Ended:
    """Run the command in a thread, since it brings an event loop of its own."""
    return await trio.to_thread.run_sync(lambda: gameserver("transports", *arguments))


async def test_every_way_to_the_real_program_is_measured(tmp_path: Path) -> None:
    async with program(tmp_path) as running:
        ended = await run("--url", running.url, "--rounds", "1", "--json")
        assert (ended.code, ended.err) == (0, "")
        found = json.loads(ended.out)
        assert [each["road"] for each in found["roads"]] == [road.road for road in ROADS]
        for each in found["roads"]:
            assert each["failure"] == ""
            assert each["round_trips"] == 12
            assert 0 < each["round_trip_p50_ms"] <= each["round_trip_p99_ms"]
            assert 0 < each["overhead_bytes_per_message"] < each["wire_bytes_per_round_trip"]
            assert each["messages_per_s"] > 0
            assert (each["cuts"], each["events_lost"], each["events_doubled"]) == (1, 0, 0)
        running.assert_same_process_without_faults()


def test_a_server_that_is_not_there_is_one_line_and_exit_code_1() -> None:
    ended = gameserver("transports", "--url", "ws://127.0.0.1:1", "--rounds", "1")
    assert (ended.code, ended.out) == (1, "")
    assert ended.sentence.startswith("error: cannot reach 127.0.0.1:1: connection refused")


def test_an_address_that_is_none_is_exit_code_2() -> None:
    ended = gameserver("transports", "--url", "ftp://example.org")
    assert (ended.code, ended.out) == (2, "")


def test_what_went_wrong_is_named() -> None:
    good = RoadFigures("good", trips_s=[0.001], cuts=[Cut(0.1, 0, 0)])
    lossy = RoadFigures("lossy", cuts=[Cut(0.1, 1, 0)])
    closed = RoadFigures("closed", failure="it is [bold]off[/]")
    assert complaint([good]) == ""
    assert complaint([good, lossy]) == "lossy: events were lost or came twice after a cut"
    assert complaint([good, lossy, closed]) == "closed: it is [bold]off[/]"


def test_a_hostile_sentence_is_printed_literally() -> None:
    console = Console(width=100, record=True, force_terminal=False)
    console.print(picture([RoadFigures("closed", failure="it is [bold]off[/]\x1b[2J")]))
    assert "it is [bold]off[/]" in console.export_text()
    assert "\x1b" not in console.export_text()
