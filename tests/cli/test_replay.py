"""The commands on journals, as an operator runs them."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import attrs
import pytest

from gameserver.game.command import Command
from gameserver.game.world import World
from gameserver.ids import Seat
from gameserver.store.disk import compress
from gameserver.store.frames import MAGIC, payloads_of
from gameserver.store.records import FAULT, head_of
from gameserver.testing.skirmish import Skirmish
from tests.cli.command import gameserver
from tests.store.recorded import OUTCOME, Played, header

SKIRMISH = "gameserver.testing.skirmish:Skirmish"
AS_SKIRMISH = ("--game", SKIRMISH)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder as ``serve --data`` leaves it: a finished match, and one that was cut off."""
    folder = tmp_path / "matches"
    folder.mkdir()
    (folder / "1-a.journal").write_bytes(Played().play(100).end().file.data)
    compress(folder / "1-a.journal")
    (folder / "2-b.journal").write_bytes(Played().play(250).file.data[:-3])
    return tmp_path


def test_a_folder_of_data_is_listed(data: Path) -> None:
    ended = gameserver("replay", "list", str(data))
    assert ended.code == 0, ended.err
    lines = [line.split() for line in ended.out.splitlines()[1:]]
    assert [line[-1] for line in lines] == ["finished", "off"]
    assert all("m1" in line and "skirmish" in line for line in lines)
    assert "2023-11-14 22:13:20" in ended.out
    assert all("3 3 " in " ".join(line) for line in lines), "seats, and bots among them"


def test_a_journal_is_described_with_its_result(data: Path) -> None:
    ended = gameserver("replay", "info", str(data / "matches" / "1-a.journal.zst"))
    assert ended.code == 0, ended.err
    for words in ("2023-11-14 22:13:20 UTC", "(100 ticks)", "finished", "Bo", "won"):
        assert words in ended.out
    ended = gameserver("replay", "info", str(data / "matches" / "2-b.journal"))
    assert "cut off: the server ended before the match" in " ".join(ended.out.split())
    assert "Cy" in ended.out


def test_journals_are_verified_and_counted(data: Path) -> None:
    ended = gameserver("replay", "verify", str(data), GAMESERVER_GAME=SKIRMISH)
    assert ended.code == 0, ended.err
    first, second, last = ended.out.splitlines()
    assert first.startswith("✓ 1-a.journal.zst: 100 ticks, ")
    assert second.endswith(", cut off")
    assert last.startswith("2 of 2 equal; ")
    assert " x real time)" in last


def test_each_verdict_and_their_sum_are_one_line_on_a_narrow_console(data: Path) -> None:
    narrow = os.environ | {"GAMESERVER_GAME": SKIRMISH, "COLUMNS": "60"}
    command = [sys.executable, "-m", "gameserver", "replay", "verify", str(data)]
    ended = subprocess.run(
        command, env=narrow, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert len(ended.stdout.splitlines()) == 3, ended.stdout


def test_a_world_that_differs_is_told_by_its_tick_and_by_the_exit_code(data: Path) -> None:
    path = data / "matches" / "1-a.journal"
    whole = Played().play(100).end().file.data
    path.write_bytes(head_of(header(seed=8)) + whole[len(head_of(header())) :])
    ended = gameserver("replay", "verify", str(path), "--game", SKIRMISH)
    assert ended.code == 1
    assert "the world differs at tick 60" in ended.out
    assert "0 of 1 equal" in ended.out


def test_a_journal_of_other_code_is_refused_in_words(data: Path) -> None:
    path = data / "matches" / "3-c.journal"
    path.write_bytes(head_of(attrs.evolve(header(), code="0" * 32)))
    ended = gameserver("replay", "verify", str(data), GAMESERVER_GAME=SKIRMISH)
    assert ended.code == 1
    assert "3-c.journal: the code of skirmish or of this program has changed" in ended.out
    assert "2 of 3 equal" in ended.out


@pytest.mark.parametrize("command", ["verify", "diff", "clip", "step"])
def test_a_module_that_a_journal_names_is_not_imported(
    data: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))  # the import adds the folder
    named = f"evil_{command}:Game"  # modules stay imported
    (data / f"evil_{command}.py").write_text("open('ran', 'w').close()\n")
    path = data / "3-c.journal"
    path.write_bytes(head_of(attrs.evolve(header(), spec=named)))
    ended = gameserver("replay", command, str(path), folder=data)
    assert ended.code == 1
    assert "its game, 'skirmish', is not installed" in ended.out + ended.err
    assert f"{named!r}: if you trust that module, name it with --game" in ended.out + ended.err
    assert not (data / "ran").exists()
    ended = gameserver("replay", command, str(path), "--game", named, folder=data)
    assert "has no Game" in ended.err
    assert (data / "ran").exists()


def test_an_installed_game_need_not_be_named_and_the_settings_may_name_another(data: Path) -> None:
    ended = gameserver("replay", "verify", str(data), GAMESERVER_GAME=SKIRMISH)
    assert ended.code == 0, ended.err
    path = data / "matches" / "1-a.journal"
    path.write_bytes(head_of(attrs.evolve(header(), game="arena", spec="evil:Game")))
    ended = gameserver("replay", "verify", str(path))
    assert "1-a.journal: the code of arena or of this program has changed" in ended.out


def test_a_journal_is_exported_as_lines_of_json(data: Path) -> None:
    ended = gameserver("replay", "export", str(data / "matches" / "1-a.journal.zst"))
    assert ended.code == 0, ended.err
    lines = [json.loads(line) for line in ended.out.splitlines()]
    assert lines[0]["match_id"] == "m1"
    assert "map_wire" not in lines[0]
    assert [line["tick"] for line in lines[1:] if line["kind"] == "tick"] == list(range(1, 101))
    assert lines[-1]["kind"] == "end"
    assert lines[-1]["outcome"]["standings"][0]["name"] == "Bo"


def test_the_first_difference_of_two_recordings_is_named(data: Path) -> None:
    first = data / "matches" / "1-a.journal.zst"
    assert gameserver("replay", "diff", str(first), *AS_SKIRMISH).out == "no difference\n"
    second = str(data / "matches" / "2-b.journal")
    ended = gameserver("replay", "diff", str(first), second, *AS_SKIRMISH)
    assert ended.code == 1
    assert "tick 100: a hole, or the journal's end, is reached at another tick" in ended.out


def test_the_end_of_a_match_is_cut_out_and_stepped_through(data: Path) -> None:
    clip = data / "short.journal"
    source = str(data / "matches" / "2-b.journal")
    ended = gameserver("replay", "clip", source, "--last", "2", "--to", str(clip), *AS_SKIRMISH)
    assert ended.code == 0, ended.err
    assert "1 of 1 equal" in gameserver("replay", "verify", str(clip), *AS_SKIRMISH).out
    last = int(gameserver("replay", "list", str(clip)).out.split()[-3].split(":")[1])
    ended = gameserver("replay", "step", str(clip), "--at", "1", "--ticks", "2", *AS_SKIRMISH)
    assert ended.code == 0, ended.err
    lines = ended.out.splitlines()
    ticks = [int(line.split()[1]) for line in lines if line.startswith("tick ")]
    assert len(ticks) == 3
    assert ticks == list(range(ticks[0], ticks[0] + 3))
    assert ticks[0] > 0 < last
    assert any(line.startswith("  seat 1 ") for line in lines)
    ended = gameserver("replay", "clip", source, "--to", str(data / "no" / "folder"))
    assert ended.code != 0
    assert "cannot be written" in ended.err


def raising_at(tick: int, monkeypatch: pytest.MonkeyPatch) -> None:
    step = Skirmish.step

    def broken(game: Skirmish, world: World, commands: Mapping[Seat, Command]) -> None:
        step(game, world, commands)
        if world.tick == tick:
            raise ZeroDivisionError("no cards left")

    monkeypatch.setattr(Skirmish, "step", broken)


def test_a_match_that_its_game_ended_by_a_fault_is_played_up_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raising_at(90, monkeypatch)
    played = Played().play(90)
    assert played.match.tick().fault is not None
    played.recorder.end(FAULT, None, OUTCOME)
    journal = tmp_path / "a.journal"
    journal.write_bytes(played.file.data)
    ended = gameserver("replay", "verify", str(journal), *AS_SKIRMISH)
    assert ended.code == 0, ended.out
    assert "90 ticks, 1 hashes, and the same fault of the game in the last" in ended.out
    ended = gameserver("replay", "step", str(journal), "--at", "88", "--ticks", "5", *AS_SKIRMISH)
    assert ended.code == 1
    lines = ended.out.splitlines()
    behind = lines[lines.index("tick 90") + 1 :]
    assert behind[0].startswith("  seat 0 ")
    assert any("in broken" in line for line in behind)
    assert behind[-1] == "  ZeroDivisionError: no cards left"
    assert "the game met a fault at tick 90" in ended.sentence


def test_a_fault_at_another_tick_than_in_the_match_is_a_fault_of_the_replay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = tmp_path / "a.journal"
    journal.write_bytes(Played().play(100).end().file.data)
    played = Played().play(99)
    played.recorder.end(FAULT, None, OUTCOME)
    (tmp_path / "b.journal").write_bytes(played.file.data)
    raising_at(90, monkeypatch)
    ended = gameserver("replay", "verify", str(tmp_path), *AS_SKIRMISH)
    assert ended.code == 1
    assert ended.out.count("the game met a fault at tick 90") == 2
    assert "0 of 2 equal" in ended.out


def test_a_journal_whose_bytes_have_changed_is_not_taken_for_one_that_was_cut_off(
    data: Path,
) -> None:
    whole = (data / "matches" / "2-b.journal").read_bytes()
    ends = [end for end, _ in payloads_of(whole, len(MAGIC))]
    at = ends[30] + 20
    path = data / "c.journal"
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
    unread = f"{len(whole) - ends[30]} bytes"
    assert gameserver("replay", "list", str(path)).out.split()[-1] == "damaged"
    told = " ".join(gameserver("replay", "info", str(path)).out.split())
    assert f"end damaged: {unread} behind tick" in told
    ended = gameserver("replay", "verify", str(path), *AS_SKIRMISH)
    assert ended.code == 1
    assert "✗ c.journal: damaged; the 150 ticks that can be read are equal; bytes " in ended.out
    assert "have changed, ticks 151 to 245 are lost" in ended.out
    assert "0 of 1 equal" in ended.out
    path.write_bytes(whole[: ends[30] + 20])
    assert gameserver("replay", "verify", str(path), *AS_SKIRMISH).code == 0, "a torn end"
    path.write_bytes(whole[: ends[30] + 3])
    assert gameserver("replay", "verify", str(path), *AS_SKIRMISH).code == 0, "a torn head"


@pytest.mark.parametrize("command", ["list", "verify"])
def test_nothing_to_work_on_is_said(tmp_path: Path, command: str) -> None:
    ended = gameserver("replay", command, str(tmp_path))
    assert ended.code == 1
    assert "there is no journal" in ended.sentence


def test_what_is_no_journal_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.journal"
    ended = gameserver("replay", "info", str(path))
    assert (ended.code, ended.sentence) == (1, f"error: {path} is not there")
    path.write_text("Dear diary,")
    ended = gameserver("replay", "info", str(path))
    assert ended.code == 1
    assert "notes.journal: it is no journal of a match" in ended.sentence
    ended = gameserver("replay", "list", str(path))
    assert (ended.code, ended.out) == (1, ""), "a table without rows has no head"
    assert "it is no journal of a match" in ended.err


def test_names_of_players_cannot_act_on_the_terminal(data: Path) -> None:
    evil = tuple(attrs.evolve(each, name="\x1b[31m[red]x[/]") for each in header().players)
    path = data / "matches" / "3-c.journal"
    path.write_bytes(head_of(attrs.evolve(header(), players=evil, map_name="\x1b]0;owned\x07")))
    for command in ("list", "info"):
        ended = gameserver("replay", command, str(path))
        assert "\x1b" not in ended.out
        assert "\x07" not in ended.out


def test_a_film_is_made_of_a_journal(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    polite: list[int] = []
    monkeypatch.setattr(os, "nice", polite.append)
    source, to = str(data / "matches" / "1-a.journal.zst"), data / "one.film"
    ended = gameserver("replay", "film", source, "--to", str(to), *AS_SKIRMISH)
    assert ended.code == 0, ended.err
    assert to.read_bytes().startswith(b"gsfilm1\n")
    assert polite == [19]
    ended = gameserver("replay", "film", source, "--to", str(data / "no" / "one"), *AS_SKIRMISH)
    assert (ended.code, "cannot be written" in ended.sentence) == (2, True)
