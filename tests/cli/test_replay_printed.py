"""What the commands on journals print, to the last space, on terminals of any width."""

import json
import re
from pathlib import Path
from typing import Any

import attrs
import pytest
from rich.progress import Progress

from gameserver.cli import replay as replay_module
from gameserver.game.schema.dump import dump_world
from gameserver.ids import Seat
from gameserver.match import Match
from gameserver.netcode.replication.sections import PUBLIC
from gameserver.netcode.replication.views import body_of
from gameserver.store.frames import MAGIC, payloads_of
from gameserver.store.playback import Playback
from gameserver.store.reading import read_journal
from gameserver.store.records import head_of
from gameserver.testing.skirmish import SkirmishOptions
from tests.cli.command import Ended, gameserver
from tests.cli.test_replay import AS_SKIRMISH
from tests.store.recorded import GAME, MAP, PLAYERS, NoInlet, Played, header
from tests.store.test_clientview import stored

DIM = "\x1b[2m{}\x1b[0m".format


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Journals: whole, cut off, changed in the middle, no journal at all, and of another match."""
    (tmp_path / "1-a.journal").write_bytes(Played().play(100).end().file.data)
    whole = Played().play(250).file.data
    (tmp_path / "2-b.journal").write_bytes(whole[:-3])
    ends = [end for end, _ in payloads_of(whole, len(MAGIC))]
    at = ends[30] + 20
    changed = whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :]
    (tmp_path / "3-c.journal").write_bytes(changed)
    (tmp_path / "4-d.journal").write_bytes(b"no")
    return tmp_path


def replay(command: str, path: Path, *more: str, width: int = 300, colours: bool = False) -> Ended:
    return gameserver("replay", command, str(path), *more, width=width, colours=colours)


def test_a_list_has_a_row_for_each_journal_and_names_what_is_none(folder: Path) -> None:
    ended = replay("list", folder)
    assert ended.code == 1
    assert ended.out.splitlines() == [
        "began (UTC)         match game     map   seats bots length end      ",
        "2023-11-14 22:13:20 m1    skirmish drawn 3     3    0:03   finished ",
        "2023-11-14 22:13:20 m1    skirmish drawn 3     3    0:08   cut off  ",
        "2023-11-14 22:13:20 m1    skirmish drawn 3     3    0:05   damaged  ",
    ]
    named = f"✗ {folder / '4-d.journal'}: it is no journal of a match, or damaged\n"
    assert ended.err == named


def test_a_list_keeps_a_row_for_each_journal_on_a_narrow_terminal(folder: Path) -> None:
    ended = replay("list", folder, width=60)
    assert len(ended.out.splitlines()) == 4
    assert replay("list", folder / "1-a.journal", colours=True).out.startswith(
        DIM("began (UTC)        ")
    )


def test_without_bots_and_teams_their_columns_are_empty(folder: Path) -> None:
    people = tuple(attrs.evolve(each, bot=False, team=0) for each in PLAYERS)
    path = folder / "5-e.journal"
    path.write_bytes(head_of(attrs.evolve(header(), players=people)))
    (line,) = replay("list", path).out.splitlines()[1:]
    assert line == "2023-11-14 22:13:20 m1    skirmish drawn 3          0:00   cut off "
    assert replay("info", path).out.splitlines()[-4:] == [
        "  seat    player    team      ",
        "  0       Ann                 ",
        "  1       Bo                  ",
        "  2       Cy                  ",
    ]


def test_a_finished_journal_is_described_line_by_line(folder: Path) -> None:
    ended = replay("info", folder / "1-a.journal", colours=True)
    assert ended.code == 0
    assert [line.rstrip() for line in ended.out.splitlines()] == [
        f"  {DIM('match')}      m1",
        f"  {DIM('began')}      2023-11-14 22:13:20 UTC",
        f"  {DIM('game')}       skirmish (gameserver.testing.skirmish:Skirmish), server 0.0",
        f"  {DIM('map')}        drawn",
        f"  {DIM('options')}    ticks=0, break_at=0",
        f"  {DIM('length')}     0:03 (100 ticks)",
        f"  {DIM('hashes')}     1",
        f"  {DIM('end')}        finished",
        "".join(
            map(DIM, ["  ", "result", "  ", "  ", "team", "  ", "  ", "score", "  ", "  ", "   "])
        )
        + DIM("  "),
        "  Bo        2       7        won",
        "  Ann       1       3",
    ]


def test_a_damaged_journal_tells_where_and_what_is_lost(folder: Path) -> None:
    lines = [line.rstrip() for line in replay("info", folder / "3-c.journal").out.splitlines()]
    assert re.fullmatch(r"  end        damaged: \d+ bytes behind tick 150 cannot be read", lines[7])
    assert re.fullmatch(
        r"  damaged    bytes \d+ to \d+ have changed, ticks 151 to 250 are lost", lines[8]
    )
    assert lines[9:] == [
        "  seat    player    team",
        "  0       Ann       1       bot",
        "  1       Bo        2       bot",
        "  2       Cy        1       bot",
    ]
    whole = replay("info", folder / "2-b.journal").out
    assert "damaged" not in whole
    assert "cut off: the server ended before the match" in whole


def test_each_verdict_is_one_line_however_narrow(folder: Path) -> None:
    ended = replay("verify", folder, *AS_SKIRMISH, width=60)
    assert ended.code == 1
    *verdicts, last = ended.out.splitlines()
    assert verdicts[:2] == [
        "✓ 1-a.journal: 100 ticks, 2 hashes",
        "✓ 2-b.journal: 245 ticks, 4 hashes, cut off",
    ]
    assert re.fullmatch(
        r"✗ 3-c\.journal: damaged; the 150 ticks that can be read are equal; bytes \d+ to \d+ have"
        r" changed, ticks 151 to 250 are lost",
        verdicts[2],
    )
    named = f"✗ {folder / '4-d.journal'}: it is no journal of a match, or damaged"
    assert verdicts[3:] == [named]
    minutes = (100 + 245 + 150) / 30 / 60
    assert re.fullmatch(
        rf"2 of 4 equal; {minutes:.1f} minutes of play in \d+\.\d s of processor time"
        r" \(\d+ x real time\)",
        last,
    )


def test_the_speed_of_a_replay_is_play_by_processor_time(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter([10.0, 12.0])
    monkeypatch.setattr("gameserver.cli.replay.time.process_time", lambda: next(times))
    ended = replay("verify", folder / "2-b.journal", *AS_SKIRMISH)
    assert ended.out.splitlines()[-1] == (
        "1 of 1 equal; 0.1 minutes of play in 2.0 s of processor time (4 x real time)"
    )


def other(folder: Path) -> Path:
    """Write a recording of the same match in which the bots decided otherwise."""
    played = Played()
    played.match = Match(
        match_id="m1",
        game=GAME,
        map=MAP,
        options=SkirmishOptions(),
        seed=8,
        players=PLAYERS,
        inlet=NoInlet(),
        recorder=played.recorder,
    )
    path = folder / "6-f.journal"
    path.write_bytes(played.play(100).file.data)
    return path


def test_two_differences_are_told_and_all_only_if_they_are_wanted(folder: Path) -> None:
    first, second = folder / "1-a.journal", str(other(folder))
    ended = replay("diff", first, second, *AS_SKIRMISH, width=60)
    assert ended.code == 1
    *told, more = ended.out.splitlines()
    assert len(told) == 2
    assert all(line.startswith("tick 1: ") for line in told)
    whole = replay("diff", first, second, "--all", *AS_SKIRMISH, width=60)
    assert whole.code == 1
    lines = whole.out.splitlines()
    assert len(lines) > 3
    assert lines[:2] == told
    assert more == f"and {len(lines) - 2} more; --all prints them"
    assert max(map(len, lines)) > 60, "each is one line"
    shown = replay("diff", first, second, "--all", *AS_SKIRMISH, colours=True).out
    assert "\x1b" not in shown, "nothing in it is taken for code"


def test_a_step_prints_the_world_once_and_each_further_tick_as_changes(folder: Path) -> None:
    path = folder / "1-a.journal"
    ended = replay("step", path, "--at", "99", "--ticks", "9", *AS_SKIRMISH, width=60, colours=True)
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert lines[0] == "\x1b[1mtick 99\x1b[0m of 100"
    second = lines.index("\x1b[1mtick 100\x1b[0m")
    assert lines[1] == (
        "  Board 1: owner=-1 born=0 ordinal=-1 clock=198 title='Skirmish' mood='wild' strikes=0"
    )
    assert all(
        re.match(r"  (Board|Runner|Bolt|Spark) \d+: owner=", line) for line in lines[1:second]
    )
    behind = lines[second + 1 :]
    assert re.fullmatch(
        r"  \x1b\[2mseat 0\x1b\[0m view=\d+ move=\d aim=\d+ throw=(True|False) shoot=(True|False)",
        behind[0],
    )
    assert "  Board 1 clock: 198 -> 200" in behind
    assert not any("tick 101" in line for line in behind), "the journal ends there"
    one = replay("step", path, "--at", "98", *AS_SKIRMISH).out
    assert [line.split()[1] for line in one.splitlines() if line.startswith("tick ")] == [
        "98",
        "99",
    ]


def test_a_step_names_events_and_who_joins_and_leaves(folder: Path) -> None:
    played = Played().play(10)
    played.match.leave(PLAYERS[2].seat)
    played.play(10)
    played.match.join(attrs.evolve(PLAYERS[2], name="[Dee]", bot=True))
    played.play(60)
    path = folder / "7-g.journal"
    path.write_bytes(played.end().file.data)
    lines = replay("step", path, "--ticks", "100", *AS_SKIRMISH).out.splitlines()
    ticks = {line.split()[1]: at for at, line in enumerate(lines) if line.startswith("tick ")}
    assert "  seat 2 left" in lines[ticks["11"] : ticks["12"]]
    assert "  seat 2 joined: [Dee]" in lines[ticks["21"] : ticks["22"]]
    assert lines.count("  seat 2 left") == lines.count("  seat 2 joined: [Dee]") == 1
    assert any(re.match(r"  event Thrown\(seat=\d\)", line) for line in lines)


def test_the_tick_behind_a_hole_is_told_to_follow_missing_ones(folder: Path) -> None:
    played = Played().play(20)
    played.file.full_once = True
    played.play(20)
    played.recorder.retry()
    played.play(50)
    path = folder / "8-h.journal"
    path.write_bytes(played.end().file.data)
    lines = replay("step", path, "--at", "18", "--ticks", "9", *AS_SKIRMISH).out.splitlines()
    assert lines.count("  the ticks before are missing") == 1
    (behind,) = re.findall(r"tick (\d+)\n  the ticks before are missing", "\n".join(lines))
    assert int(behind) > 30


def test_an_export_tells_the_size_of_a_dump_in_its_place(folder: Path) -> None:
    played = Played().play(20)
    played.file.full_once = True
    played.play(20)
    played.recorder.retry()
    path = folder / "8-h.journal"
    path.write_bytes(played.play(50).end().file.data)
    lines = [json.loads(line) for line in replay("export", path).out.splitlines()]
    (dumped,) = [line for line in lines if line.get("kind") == "checkpoint"]
    (hole,) = [line for line in lines if line.get("kind") == "hole"]
    assert dumped["tick"] == hole["last"]
    playback = Playback(read_journal(path), GAME)
    playback.seek(dumped["tick"])
    assert dumped["dump"] == len(dump_world(GAME, playback.world))


def test_what_a_client_has_seen_is_compared_with_its_journal(folder: Path) -> None:
    playback = Playback(read_journal(folder / "1-a.journal"), GAME)
    playback.seek(20)
    true = body_of(GAME, list(playback.world), PUBLIC, Seat(0))
    for body, code, said in ((true, 0, "no difference"), (b"", 1, "tick 20: ")):
        view = stored(folder, [[20, body]], PUBLIC)
        ended = replay("diff", folder / "1-a.journal", str(view), *AS_SKIRMISH)
        assert (ended.code, ended.err) == (code, "")
        assert ended.out.startswith(said)


def test_a_clip_is_named_for_its_match_and_told_with_its_size(folder: Path) -> None:
    source = folder / "2-b.journal"
    (folder / "there").mkdir()
    ended = gameserver(
        "replay", "clip", str(source), *AS_SKIRMISH, folder=folder / "there", width=60
    )
    assert ended.code == 0, ended.err
    (made,) = (folder / "there").iterdir()
    assert made.name == "2-b.clip.journal"
    assert ended.out == f"2-b.clip.journal: {made.stat().st_size // 1024 + 1} KiB\n"
    ended = replay("clip", source, "--to", str(folder), *AS_SKIRMISH)
    assert ended.code == 1
    assert ended.sentence == f"error: {folder} cannot be written: Is a directory"


def test_the_bar_moves_with_each_journal(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bars: list[Progress] = []

    class Kept(Progress):
        def __init__(self, *columns: Any, **given: Any) -> None:
            super().__init__(*columns, **given)
            bars.append(self)

    monkeypatch.setattr(replay_module, "Progress", Kept)
    assert replay("verify", folder, *AS_SKIRMISH).code == 1
    (bar,) = bars
    assert (bar.tasks[0].completed, bar.tasks[0].total) == (4, 4)
    assert bar.live.transient, "nothing of it is left on the terminal"
