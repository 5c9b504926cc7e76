"""``bots``: output during and after a run, and the exit code; a stand-in replaces the run."""

import json
from typing import Any

import attrs
import pytest

from gameserver.cli import bots
from gameserver.cli.output import err
from gameserver.client.bots import BotReport, SampleSpread
from gameserver.errors import ConnectionLostError
from tests.cli.command import gameserver

REPORT = BotReport(
    players=3,
    seconds=7.0,
    matches=2,
    snapshots=40,
    inputs=41,
    late_inputs=1,
    missed_inputs=2,
    keyframes=4,
    desyncs=0,
    reconnects=5,
    divergences=6,
    divergences_by_input=3,
    faults=0,
    fault="",
    bytes_in_per_player_s=900.5,
    bytes_out_per_player_s=300.25,
    rtt_ms=SampleSpread(10.5, 30.0),
    correction_px=SampleSpread(0.0, 1.25),
)
NO_MATCH = attrs.evolve(REPORT, matches=0)
DOOMED = attrs.evolve(REPORT, faults=1, fault="KeyError in step")
TWICE_DOOMED = attrs.evolve(DOOMED, faults=2, matches=0)


@attrs.define
class StandIn:
    """Stands where the bots would play."""

    report: BotReport = REPORT
    passed: tuple[float, ...] = ()
    """Times that are told to the command, in seconds since the start."""
    welcomed_first: bool = False
    error: ConnectionLostError | None = None
    called: list[dict[str, Any]] = attrs.field(factory=list)

    async def run_bots(self, url: str, players: int, seconds: float, **more: Any) -> BotReport:
        self.called.append({"url": url, "players": players, "seconds": seconds, **more})
        if self.welcomed_first:
            more["signed_in"]()
        for passed in self.passed:
            more["progress"](passed)
        if self.error is not None:
            raise self.error
        return self.report


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    made = StandIn()
    monkeypatch.setattr(bots, "run_bots", made.run_bots)
    return made


@pytest.mark.usefixtures("stand_in")
def test_run_without_complaint_is_exit_code_0_and_a_table() -> None:
    ended = gameserver("bots", "--players", "3", "--seconds", "7")
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert lines[0].strip() == "3 bots, 7 s"
    assert lines[2].strip("┃").split() == ["figure", "┃", "value"]
    rows = {
        cells[0].strip(): cells[1].strip()
        for cells in (line.strip("│┃").split("│") for line in lines)
        if len(cells) == 2
    }
    assert rows["matches"] == "2"
    assert rows["reconnects"] == "5"
    assert rows["bytes_in_per_player_s"] == "900.5"
    assert rows["rtt_ms (p50 / p99)"] == "10.5 / 30"
    assert rows["correction_px (p50 / p99)"] == "0 / 1.25"
    assert not {"players", "seconds"} & set(rows)


@pytest.mark.usefixtures("stand_in")
def test_json_is_the_whole_report_and_nothing_else() -> None:
    ended = gameserver("bots", "--json")
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(ended.out) == attrs.asdict(REPORT)


@pytest.mark.parametrize(
    ("report", "complaint"),
    [
        (
            NO_MATCH,
            "no bot came into a match: the server began none, or the time was too short",
        ),
        (
            DOOMED,
            "the server ended a match early: KeyError in step; its log says where it happened",
        ),
        (
            TWICE_DOOMED,
            "the server ended 2 matches early: KeyError in step; its log says where it happened",
        ),
    ],
)
def test_failed_run_is_reported_then_complained_of_with_exit_code_1(
    stand_in: StandIn, report: BotReport, complaint: str
) -> None:
    stand_in.report = report
    ended = gameserver("bots", "--json")
    assert ended.code == 1
    assert json.loads(ended.out)["faults"] == report.faults
    assert ended.sentence == f"error: {complaint}"


def test_every_flag_reaches_the_run(stand_in: StandIn) -> None:
    flags = "--url 127.0.0.1:9 --game arena --players 5 --seconds 9 --level hard --lag 80"
    more = "--jitter 20 --stall 2 --stall-every 11 --seed 13"
    assert gameserver("bots", *flags.split(), *more.split()).code == 0
    (called,) = stand_in.called
    assert (called["url"], called["players"], called["seconds"]) == ("127.0.0.1:9", 5, 9.0)
    assert (called["level"], called["seed"]) == ("hard", 13)
    assert called["settings"].game.name == "arena"
    assert attrs.asdict(called["settings"].conditions) == {
        **attrs.asdict(type(called["settings"].conditions)()),
        "lag_ms": 80,
        "jitter_ms": 20,
        "stall_s": 2,
        "stall_every_s": 11,
        "seed": 13,
    }


def test_without_a_game_it_is_the_servers_to_name(stand_in: StandIn) -> None:
    gameserver("bots", "--level", "whatever")
    (called,) = stand_in.called
    assert called["settings"].game is None
    assert called["level"] == "whatever"


@pytest.mark.parametrize(
    ("passed", "welcomed", "said"),
    [
        ((0.0, 1.9), False, 0),
        ((1.9, 2.0), False, 1),
        ((2.0, 2.1, 9.0), False, 1),
        ((0.0, 2.0, 9.0), True, 0),
    ],
)
def test_silent_server_is_named_once_after_two_seconds(
    stand_in: StandIn, passed: tuple[float, ...], welcomed: bool, said: int
) -> None:
    stand_in.passed, stand_in.welcomed_first = passed, welcomed
    ended = gameserver("bots", "--url", "ws://[fd00::1]:9")
    assert ended.code == 0
    assert ended.err.splitlines() == ["waiting for [fd00::1]:9 to answer …"] * said


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ("cannot reach 127.0.0.1:9: refused", "cannot reach 127.0.0.1:9: refused"),
        ("the server did not answer", "127.0.0.1:9: the server did not answer"),
    ],
)
def test_lost_connection_names_the_server_once(stand_in: StandIn, told: str, sentence: str) -> None:
    stand_in.error = ConnectionLostError(told)
    ended = gameserver("bots", "--url", "ws://127.0.0.1:9")
    assert (ended.code, ended.out) == (1, "")
    assert ended.sentence == f"error: {sentence}"


def test_bar_of_a_terminal_shows_the_share_of_the_time_and_is_wiped(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(err, "_force_terminal", True)
    monkeypatch.setattr(err, "is_interactive", True)
    monkeypatch.setenv("TERM", "xterm")
    stand_in.passed = (3.0,)
    ended = gameserver("bots", "--players", "3", "--seconds", "12")
    assert ended.code == 0
    assert "3 bots play" in ended.err
    assert "25 %" in ended.err
    erased = "\x1b[1A\x1b[2K"
    assert ended.err.endswith(erased)
    assert "waiting for 127.0.0.1:7777 to answer" in ended.err
