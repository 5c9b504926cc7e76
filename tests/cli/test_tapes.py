"""A client's tape, stepped through as a developer does."""

from pathlib import Path

from gameserver.ids import EntityId
from gameserver.netcode.prediction.world import Difference, Verdict
from tests.cli.command import gameserver
from tests.cli.test_replay import AS_SKIRMISH
from tests.client.play.test_tape import Watched


def test_a_tape_tells_what_was_predicted_otherwise_and_is_played_by_its_own_game(
    tmp_path: Path,
) -> None:
    watched = Watched()
    watched.enter()
    watched.play(1, keyframe=True)
    wrong = (Difference("Runner", EntityId(1), "x", 5, 7),)
    watched.telemetry.judged(Verdict(3, True, wrong, 2.0, False))
    watched.play(5)
    path = tmp_path / "m1.tape"
    watched.tape.save(path)
    step = ("replay", "step", str(path), "--at", "2", "--ticks", "2")
    ended = gameserver(*step, *AS_SKIRMISH)
    assert ended.code == 0, ended.err
    lines = ended.out.splitlines()
    ticks = [at for at, line in enumerate(lines) if line.startswith("tick ")]
    assert [lines[at].split()[1] for at in ticks] == ["2", "3", "4"]
    told = "  predicted Runner 1 x: 5, was 7 (world)"
    assert told in lines[ticks[1] : ticks[2]]
    assert lines.count(told) == 1
    ended = gameserver(*step, "--game", "gameserver.arena:Arena")
    assert (ended.code, ended.out) == (1, "")
    assert "it is a tape of skirmish, not of arena" in ended.sentence
    ended = gameserver(*step)
    assert ended.code == 1
    assert "its game, 'skirmish', is not installed; name it with --game" in ended.sentence
