"""``transports``: all ways to a server in another process, and one line where there is none."""

import json
import signal
from pathlib import Path

import attrs
import pytest
import trio
import trio.testing
from rich.console import Console

from gameserver.cli.transports import CAPTION, complaint, picture
from gameserver.client.probes.comparison import ROADS, Comparison, RoadFigures
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


async def test_only_the_ways_that_were_asked_for_are_measured(tmp_path: Path) -> None:
    async with program(tmp_path) as running:
        roads = ("--road", "long-polling", "--road", "event-stream")
        ended = await run("--url", running.url, "--rounds", "1", *roads, "--json")
        assert (ended.code, ended.err) == (0, "")
        found = [each["road"] for each in json.loads(ended.out)["roads"]]
        assert found == ["event-stream", "long-polling"]


def test_a_way_that_is_none_is_named_with_those_that_are() -> None:
    ended = gameserver("transports", "--road", "sse-post")
    assert (ended.code, ended.out) == (2, "")
    assert "--road: 'sse-post' is not one of 'websocket', 'event-stream'" in ended.sentence


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


GOOD = RoadFigures(
    "good",
    trips_s=[0.001, 0.001, 0.0025],
    wire=[99.96, 99.96],
    overhead=[3.25],
    rates=[12345.6],
    cuts=[Cut(0.1, 0, 0)],
)


def drawn(*measured: RoadFigures, width: int = 100, colours: bool = False) -> list[str]:
    """Return the lines of the picture."""
    system = "standard" if colours else None
    console = Console(width=width, force_terminal=colours, color_system=system)
    with console.capture() as capture:
        console.print(picture(list(measured)))
    return capture.get().splitlines()


LOSSY = RoadFigures("lossy", trips_s=[0.1, 0.1, 1.5], cuts=[Cut(0.1, 1, 2)])
CLOSED = RoadFigures("[closed]", failure="it is [bold]off[/]")


def test_figures_stand_below_their_units_and_the_caption_below_them() -> None:
    lines = [line.rstrip() for line in drawn(GOOD, LOSSY, CLOSED)]
    assert lines[:9] == [
        "ways to the server",
        "",
        "            p50     p99    trip   frame     asks   back   lost,",
        " way         ms      ms   bytes   bytes    per s     ms   twice",
        " " + "─" * 62,
        " good       1.0     2.5     100     3.2   12,346    100    0, 0",
        " lossy      100   1,500       -       -        -    100    1, 2",
        " [closed]     -       -       -       -        -      -       -",
        "",
    ]
    assert "\n".join(lines[9:-1]) == CAPTION
    assert lines[-1] == "[closed]: it is [bold]off[/]"
    assert len(drawn(GOOD)) == len(lines) - 3


def test_a_row_stays_one_line_and_loss_stands_out() -> None:
    narrow = drawn(GOOD, LOSSY, CLOSED, width=60)
    assert narrow[2].rstrip().endswith("los…")
    assert [line.split()[0] for line in narrow[5:8]] == ["good", "lossy", "[closed]"]
    lines = drawn(GOOD, LOSSY, colours=True)
    assert lines[0].startswith("\x1b[1mways to the server")
    assert "\x1b[32m0, 0\x1b[0m" in lines[5]
    assert "\x1b[31m1, 2\x1b[0m" in lines[6]
    once = RoadFigures("once", cuts=[Cut(0.1, 1, 0)]), RoadFigures("twice", cuts=[Cut(0.1, 0, 1)])
    assert all("\x1b[31m" in line for line in drawn(*once, colours=True)[5:7])


def test_a_way_whose_events_came_twice_is_named_and_so_is_each_that_failed() -> None:
    twice = RoadFigures("twice", cuts=[Cut(0.1, 0, 0), Cut(0.1, 0, 1)])
    sentence = "lossy, twice: events were lost or came twice after a cut"
    assert complaint([LOSSY, GOOD, twice]) == sentence
    off = RoadFigures("off", failure="it is off")
    assert complaint([off, GOOD, CLOSED]) == "off, [closed]: it is off"
    assert complaint([off, CLOSED]) == "it is off"


async def compared(_self: Comparison, rounds: int) -> None:
    """Stand where the ways are measured."""
    await trio.lowlevel.checkpoint()
    figures = (GOOD, LOSSY, *(attrs.evolve(GOOD, road=road.road) for road in ROADS[2:]))
    _self.measured[:] = figures[: len(ROADS)]
    assert rounds == 3


def test_people_get_a_table_and_a_loss_is_exit_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Comparison, "run", compared)
    ended = gameserver("transports", "--rounds", "3")
    assert ended.code == 1
    assert ended.out.startswith("ways to the server")
    assert ended.sentence == "error: lossy: events were lost or came twice after a cut"
    told = json.loads(gameserver("transports", "--rounds", "3", "--json", "--seed", "7").out)
    assert (told["url"], told["rounds"], told["seed"]) == ("ws://127.0.0.1:7777", 3, 7)
    assert len(told["roads"]) == len(ROADS)


def test_a_signal_ends_it_without_a_table_with_exit_code_130(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def interrupted(_self: Comparison, _rounds: int) -> None:
        await trio.testing.wait_all_tasks_blocked()
        signal.raise_signal(signal.SIGTERM)
        await trio.sleep_forever()

    monkeypatch.setattr(Comparison, "run", interrupted)
    ended = gameserver("transports", "--rounds", "3")
    assert (ended.code, ended.out, ended.err) == (130, "", "")
