"""``stats``: the tables for a terminal, and the pace; a stand-in replaces the server."""

import json
import re
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import pairwise

import attrs
import pytest
import trio
from rich.console import Console
from trio.testing import MockClock

from gameserver.cli import stats
from gameserver.cli.output import out
from gameserver.cli.stats import picture
from gameserver.errors import ConnectionLostError
from gameserver.messages.session import GameStats, Quantiles, ServerStats
from tests.cli.command import gameserver

NOTHING = Quantiles(0, 0.0, 0.0, 0.0, 0.0)
GAME = GameStats(
    game="[arena]",
    matches=1,
    seats=12,
    bots=4,
    viewers=9,
    congested=0,
    ticks=12345,
    tick_ms=32.0,
    duration=Quantiles(5, 15.0, 16.0, 31.0, 32.0),
    lateness=Quantiles(5, 0.1, 0.2, 0.3, 0.4),
    duration_ever=Quantiles(5, 1.1, 1.2, 1.3, 1.4),
    lateness_ever=Quantiles(5, 2.1, 2.2, 2.3, 2.4),
    overruns=0,
    shed_ticks=2,
    inputs=54321,
    late_inputs=1000,
    missed_inputs=7,
    malformed=3,
    desyncs=0,
    clamped_views=6,
    snapshot_bytes=7654321,
    bytes_per_viewer_s=1234.4,
)
STATS = ServerStats(
    server="[red]Home[/]",
    uptime_s=3723.9,
    connections=6,
    players=3,
    sessions=4,
    lobbies=2,
    matches=1,
    matches_started=8,
    strain=0,
    snapshot_stretch=1,
    refuses_matches=False,
    cpu_share=0.256,
    memory_bytes=77 << 20,
    loop_lag=Quantiles(5, 0.5, 1.5, 2.0, 2.5),
    gc_pauses=Quantiles(5, 3.5, 4.5, 5.0, 5.5),
    loop_passes=Quantiles(5, 6.5, 7.5, 8.0, 8.5),
    total=GAME,
    games=(GAME,),
)


def shown(told: ServerStats, *, colours: bool = False) -> str:
    """Return the tables; with colours as the codes of a terminal."""
    system = "standard" if colours else None
    console = Console(width=200, force_terminal=colours, color_system=system)
    with console.capture() as capture:
        console.print(picture(told))
    return capture.get()


def rows(told: ServerStats) -> dict[str, list[str]]:
    """Return the cells of each row by its first cell."""
    lines = [line.strip()[1:-1] for line in shown(told).splitlines()]
    parts = [[cell.strip() for cell in line.split("│")] for line in lines]
    return {first: rest for first, *rest in parts}


def test_server_is_shown_in_words() -> None:
    words = [" ".join(line.split()) for line in shown(STATS).splitlines()]
    assert words[:8] == [
        "server [red]Home[/], up 1:02:03",
        "people 3 players, 4 sessions, 6 connections, 2 lobbies",
        "process 26% of a processor, 77 MiB",
        "loop lag p50 0.50, p99 1.50, most 2.50 ms",
        "loop pass p50 6.50, p99 7.50, most 8.50 ms",
        "collector p50 3.50, p99 4.50, most 5.50 ms",
        "strain none",
        "[arena]",
    ]


def test_a_single_player_session_connection_and_lobby_are_named_in_the_singular() -> None:
    one = attrs.evolve(STATS, players=1, sessions=1, connections=1, lobbies=1)
    words = [" ".join(line.split()) for line in shown(one).splitlines()]
    assert words[1] == "people 1 player, 1 session, 1 connection, 1 lobby"


def test_connections_that_were_opened_and_closed_are_shown_the_most_frequent_first() -> None:
    told = attrs.evolve(
        STATS,
        opened={"websocket": 12, "long-polling": 1234},
        closed={"lost": 3, "[goodbye]": 1200},
        namespaces={"/guild": 3, "/quiz": 1},
        namespace_rooms={"/guild": 2},
    )
    words = [" ".join(line.split()) for line in shown(told).splitlines()]
    assert words[7:10] == [
        "opened 1,234 long-polling, 12 websocket",
        "closed 1,200 [goodbye], 3 lost",
        "namespaces /guild: 3 members, 2 rooms; /quiz: 1 member, 0 rooms",
    ]


def test_long_lists_are_broken_between_their_items_at_80_columns() -> None:
    closed = {f"reason.number_{n}": 10**6 - n for n in range(12)}
    console = Console(width=80)
    with console.capture() as capture:
        console.print(picture(attrs.evolve(STATS, closed=closed)))
    lines = [line.rstrip() for line in capture.get().splitlines()]
    start = next(n for n, line in enumerate(lines) if line.startswith("closed"))
    for line in lines[start : start + 4]:
        assert re.fullmatch(r"(closed)? +([\d,]+ reason\.number_\d+,? ?)+", line)


def test_a_list_fills_a_line_up_to_its_bound() -> None:
    def lines(first: int) -> list[str]:
        names = {"a" * first: 3, "b" * 20: 2, "c" * 5: 1}
        told = shown(attrs.evolve(STATS, closed=names)).splitlines()
        start = next(n for n, line in enumerate(told) if line.startswith("closed"))
        return [line.removeprefix("closed").strip() for line in told[start : start + 3]]

    room = stats.LINE_CHARS - len("3 , 2 " + "b" * 20 + ",")
    assert lines(room)[:2] == [f"3 {'a' * room}, 2 {'b' * 20},", "1 ccccc"]
    assert lines(room + 1)[:2] == [f"3 {'a' * (room + 1)},", f"2 {'b' * 20}, 1 ccccc"]


@pytest.mark.parametrize(
    ("left_s", "words", "code"),
    [
        (-3 * 86400, "ended 3 days ago", "1;31"),
        (0.0, "ends in 0 days", "33"),
        (14 * 86400, "ends in 14 days", "33"),
        (14.1 * 86400, "ends in 14 days", "32"),
        (90 * 86400, "ends in 90 days", "32"),
    ],
)
def test_time_left_of_a_certificate_is_coloured(left_s: float, words: str, code: str) -> None:
    told = attrs.evolve(STATS, certificate_left_s=left_s)
    assert f"\x1b[{code}m{words}\x1b[0m" in shown(told, colours=True)
    assert "certificate" not in shown(STATS)


def test_connections_are_told_by_transport_if_there_is_more_than_one() -> None:
    def people(**transports: int) -> str:
        told = attrs.evolve(
            STATS, transports={k.replace("_", "-"): n for k, n in transports.items()}
        )
        return " ".join(shown(told).splitlines()[1].split())

    plain = "people 3 players, 4 sessions, 6 connections, 2 lobbies"
    assert people(websocket=6) == people() == plain
    assert people(sse=1, websocket=5) == (
        "people 3 players, 4 sessions, 6 connections (5 websocket, 1 sse), 2 lobbies"
    )


def test_game_is_shown_row_by_row() -> None:
    found = rows(STATS)
    assert found["tick duration, ms"] == ["15.00", "16.00", "31.00", "32.00"]
    assert found["tick lateness, ms"] == ["0.10", "0.20", "0.30", "0.40"]
    assert found["since the start: duration, ms"] == ["1.10", "1.20", "1.30", "1.40"]
    assert found["since the start: lateness, ms"] == ["2.10", "2.20", "2.30", "2.40"]
    counts = {name: cells[0] for name, cells in found.items() if cells[1:] == ["", "", ""]}
    assert counts == {
        "matches": "1",
        "seats (bots)": "12 (4)",
        "viewers (congested)": "9 (0)",
        "bytes per viewer and second": "1,234",
        "bytes of snapshots": "7,654,321",
        "ticks": "12,345",
        "overruns": "0",
        "shed ticks": "2",
        "inputs": "54,321",
        "late / missed inputs": "1,000 / 7",
        "malformed, desyncs": "3, 0",
    }


def test_tables_are_laid_out_for_reading() -> None:
    lines = shown(STATS).splitlines()
    (heads,) = [line.strip("┃ ").split() for line in lines if "figure" in line]
    assert heads == ["figure", "┃", "p50", "┃", "p99", "┃", "p99.9", "┃", "most"]
    duration = next(line for line in lines if "tick duration" in line)
    assert duration.startswith("│ tick duration, ms   ")
    assert re.search(r"│ {3,}15.00 │", duration)
    above = lines.index(next(line for line in lines if "│ matches " in line)) - 1
    assert lines[above].startswith("├")  # counts are set apart from times


def test_each_game_has_a_table() -> None:
    other = attrs.evolve(GAME, game="tag")
    heads = next(line for line in shown(STATS).splitlines() if "figure" in line)
    assert shown(attrs.evolve(STATS, games=(GAME, other))).splitlines().count(heads) == 2


@pytest.mark.parametrize(
    ("share", "code"),
    [(0.0, 32), (0.69, 32), (0.7, 33), (0.89, 33), (0.9, 31), (1.5, 31)],
)
def test_share_of_the_processor_is_green_then_yellow_then_red(share: float, code: int) -> None:
    told = attrs.evolve(STATS, cpu_share=share)
    assert f"\x1b[{code}m{share:.0%}\x1b[0m" in shown(told, colours=True)


@pytest.mark.parametrize(
    ("strain", "words"),
    [
        (0, "none"),
        (1, "half the snapshots"),
        (2, "a quarter of the snapshots"),
        (3, "a quarter of the snapshots, no new matches"),
        (4, "a quarter of the snapshots, no new matches"),
    ],
)
def test_each_level_of_strain_is_described(strain: int, words: str) -> None:
    lines = [line.split() for line in shown(attrs.evolve(STATS, strain=strain)).splitlines()]
    assert ["strain", *words.split()] in lines


@pytest.mark.parametrize(("count", "coloured"), [(0, "0"), (1, "\x1b[33m1\x1b[0m")])
def test_counts_of_faults_stand_out_when_there_are_any(count: int, coloured: str) -> None:
    game = attrs.evolve(GAME, overruns=count)
    line = next(
        line
        for line in shown(attrs.evolve(STATS, games=(game,)), colours=True).splitlines()
        if "overruns" in line
    )
    assert f" {coloured} " in line


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0, "0:00:00"), (59.9, "0:00:59"), (60, "0:01:00"), (3600, "1:00:00"), (90061, "25:01:01")],
)
def test_time_since_the_start_is_hours_minutes_and_seconds(seconds: float, words: str) -> None:
    assert f", up {words}" in shown(attrs.evolve(STATS, uptime_s=seconds)).splitlines()[0]


# --- the pace -------------------------------------------------------------------------------------


@attrs.define
class Source:
    """Stands where the server is: some statistics, then a lost connection."""

    most: int
    asked_at: list[float] = attrs.field(factory=list)
    looked: list[tuple[str, str]] = attrs.field(factory=list)
    threads: set[int] = attrs.field(factory=set)

    @asynccontextmanager
    async def look_at(self, url: str, token: str) -> AsyncIterator["Source"]:
        self.looked.append((url, token))
        yield self

    async def ask(self) -> ServerStats:
        await trio.lowlevel.checkpoint()
        if len(self.asked_at) == self.most:
            raise ConnectionLostError("the server is gone")
        self.asked_at.append(trio.current_time())
        self.threads.add(threading.active_count())
        return attrs.evolve(STATS, players=len(self.asked_at))


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Source:
    """Statistics in virtual time."""

    def run(main: Callable[[], Awaitable[None]]) -> None:
        trio.run(main, clock=MockClock(autojump_threshold=0))

    made = Source(3)
    monkeypatch.setattr(stats, "look_at", made.look_at)
    monkeypatch.setattr(stats, "run_interruptible", run)
    return made


def gaps(source: Source) -> list[float]:
    return [after - before for before, after in pairwise(source.asked_at)]


@pytest.mark.parametrize(("flags", "pause_s"), [((), 1.0), (("--every", "2.5"), 2.5)])
def test_tables_are_printed_again_and_again_in_a_file(
    source: Source, flags: tuple[str, ...], pause_s: float
) -> None:
    ended = gameserver("stats", "--url", "127.0.0.1:9", "--token", "hush", *flags)
    assert (ended.code, ended.sentence) == (1, "error: the server is gone")
    told = [line.split()[1] for line in ended.out.splitlines() if line.startswith("people")]
    assert told == ["1", "2", "3"]
    assert source.looked == [("127.0.0.1:9", "hush")]
    assert gaps(source) == [pause_s, pause_s]


def test_json_is_one_object_in_each_line(source: Source) -> None:
    ended = gameserver("stats", "--json", "--every", "4")
    first, second, _ = map(json.loads, ended.out.splitlines())
    assert first == json.loads(json.dumps(attrs.asdict(STATS) | {"players": 1}))
    assert second["players"] == 2
    assert gaps(source) == [4.0, 4.0]


@pytest.mark.parametrize("shape", [(), ("--json",)])
def test_statistics_are_shown_once_if_they_are_wanted_once(
    source: Source, shape: tuple[str, ...]
) -> None:
    ended = gameserver("stats", "--once", *shape)
    assert (ended.code, ended.err) == (0, "")
    assert len(source.asked_at) == 1


@pytest.mark.parametrize("once", [False, True])
def test_terminal_shows_the_newest_tables_in_place(
    source: Source, monkeypatch: pytest.MonkeyPatch, once: bool
) -> None:
    monkeypatch.setattr(out, "_force_terminal", True)
    monkeypatch.setattr(out, "is_interactive", True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("LINES", "100")
    threads = threading.active_count()
    ended = gameserver("stats", *(["--once"] if once else []))
    shown = re.findall(r"(\d) players?,", ended.out)
    assert shown == (["1"] if once else ["1", "2", "3", "3"])
    assert ended.out.count("\x1b[1A") >= (0 if once else 40)
    assert ("\x1b[?25h" in ended.out) is not once  # the cursor is hidden meanwhile
    assert len(source.asked_at) == (1 if once else 3)
    assert source.threads == {threads}  # nothing else redraws them, such as a timer
    after = ended.out.rpartition(" players")[2]
    assert "\x1b[2K" not in after  # the last ones stay
