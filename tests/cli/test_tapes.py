"""A client's tape, stepped through as a developer does."""

import re
from pathlib import Path

from gameserver import __version__
from gameserver.ids import EntityId, MatchId, Seat, Tick
from gameserver.messages.match import MatchEntered, MatchHappened
from gameserver.messages.wire import (
    PROTOCOL_MINOR,
    PROTOCOL_VERSION,
    Input,
    Section,
    Seen,
    Shift,
    Snapshot,
    Steer,
)
from gameserver.netcode.prediction.world import Difference, Verdict
from gameserver.netcode.replication.sections import PUBLIC
from gameserver.testing.skirmish import Spark, Thrown
from tests.cli.command import gameserver
from tests.cli.test_replay import AS_SKIRMISH
from tests.client.play.test_tape import MAP, Watched


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


def stepped(watched: Watched, path: Path, at: int, ticks: int) -> list[str]:
    """Return the lines of ``replay step`` on a tape, without the times."""
    watched.tape.save(path)
    step = ("replay", "step", str(path), "--at", str(at), "--ticks", str(ticks))
    ended = gameserver(*step, *AS_SKIRMISH)
    assert ended.code == 0, ended.err
    return [re.sub(r"\+\d+\.\d{3} s", "+T", line) for line in ended.out.splitlines()]


def test_the_head_of_a_tape_names_its_match_and_its_ticks(tmp_path: Path) -> None:
    watched = Watched(tick=6)
    watched.enter()
    watched.play(1, keyframe=True)
    watched.play(9)
    (head, *_) = stepped(watched, tmp_path / "m1.tape", 7, 1)
    version = re.escape(__version__)
    assert re.fullmatch(
        rf"tape of match m1, skirmish on drawn \({MAP.digest[:12]}\), seat 0, written"
        rf" \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC by client {version}"
        rf" \(protocol {PROTOCOL_VERSION}\.{PROTOCOL_MINOR}\); ticks 7 to 16",
        head,
    )
    empty = Watched()
    (head,) = stepped(empty, tmp_path / "m2.tape", 0, 1)
    assert head.endswith("; ticks 0 to 0")


def test_a_tape_shows_one_world_whole_then_what_changed_in_each_tick(tmp_path: Path) -> None:
    watched = Watched()
    watched.enter()
    watched.play(1, keyframe=True)
    watched.play(6)
    lines = stepped(watched, tmp_path / "m1.tape", 3, 1)[1:]
    at = {tick: watched.seen[tick] for tick in (3, 4)}
    first, second = (lines.index(line) for line in lines if line.startswith("tick "))
    assert re.fullmatch(r"tick 3 \+T, \d+ bytes, sections 0", lines[first])
    assert re.fullmatch(r"tick 4 \+T, \d+ bytes, sections 0", lines[second])
    whole, changed = lines[first + 1 : second], lines[second + 1 :]
    assert [line.split(":")[0] for line in whole] == ["  Runner 1", "  Runner 2"]
    assert f" x={at[3]} y=20 " in whole[0]
    assert changed == [f"  Runner 1 x: {at[3]} -> {at[4]}"]


def test_a_tape_tells_of_keyframes_and_of_entities_that_come_and_go(tmp_path: Path) -> None:
    watched = Watched()
    watched.enter()
    watched.play(1, keyframe=True)
    watched.play(1)
    spark = watched.world.spawn(Spark(left=3))
    watched.play(1)
    watched.world.despawn(spark)
    watched.play(1)
    watched.play(1, keyframe=True)
    lines = stepped(watched, tmp_path / "m1.tape", 1, 9)
    ticks = {line.split()[1]: at for at, line in enumerate(lines) if line.startswith("tick ")}
    assert lines[ticks["1"]].endswith("sections 0k")
    assert f"  Spark {spark.id}: new" in lines[ticks["3"] : ticks["4"]]
    assert f"  Spark {spark.id}: gone" in lines[ticks["4"] : ticks["5"]]
    assert lines[ticks["5"]].endswith("sections 0k")


def test_all_that_was_said_behind_the_first_tick_is_put_in_words(tmp_path: Path) -> None:
    watched = Watched()
    watched.enter()
    watched.tape.note(Seen(Tick(0)))  # before the first tick that is shown
    watched.play(1, keyframe=True)
    watched.tape.note(Input(4, Tick(9), Tick(1), 20, (1, 700, 0, 1)))
    watched.tape.note(Seen(Tick(1)))
    watched.tape.note(Steer(Tick(1), 2))
    watched.tape.note(Shift(Tick(1), 3))
    watched.tape.note(MatchHappened(MatchId("m1"), Tick(1), 0, (5,)))
    watched.tape.note(MatchHappened(MatchId("m1"), Tick(1), 2, (True, "x", 5)))
    watched.tape.note(MatchHappened(MatchId("m1"), Tick(1), 3, ()))
    watched.tape.note(MatchHappened(MatchId("m1"), Tick(1), -1, ()))
    watched.tape.note(0.0254)
    watched.tape.note(MatchEntered(Tick(1), Seat(0), 0, 2))
    lines = stepped(watched, tmp_path / "m1.tape", 1, 1)
    told = [line.removeprefix("  +T ") for line in lines if line.startswith("  +T ")]
    assert told == [
        "sent input 4 for tick 9, seen 1: view=20 move=1 aim=700 throw=0 shoot=1",
        "sent seen 1",
        "steer at tick 1: +2 ticks",
        "shift from tick 1 on: 3 periods later",
        "event of tick 1: Thrown (5,)",
        "event of tick 1: Whispered (True, 'x', 5)",
        "event of tick 1: 3 ()",
        "event of tick 1: -1 ()",
        "round trip 25.4 ms",
        "entered at tick 1, seat 0, epoch 2",
    ]
    times = gameserver("replay", "step", str(tmp_path / "m1.tape"), "--at", "1", *AS_SKIRMISH).out
    assert times.count("+0.033 s") == 1 + len(told)


def test_a_section_that_does_not_fit_is_told_with_both_checksums(tmp_path: Path) -> None:
    watched = Watched()
    watched.enter()
    watched.play(1, keyframe=True)
    other = Watched()
    other.enter()
    other.runner.y += 1
    other.play(1, keyframe=True)
    other.play(8)
    body = other.encoder.encode(list(other.world), checksum=True)
    watched.play(8)
    watched.tape.received(Snapshot(Tick(10), (Section(PUBLIC, False, body),)), watched.reader)
    lines = stepped(watched, tmp_path / "m1.tape", 1, 20)
    ((at, told),) = [(at, line) for at, line in enumerate(lines) if "checksum" in line]
    assert lines[at - 1].startswith("tick 10 ")
    found = re.fullmatch(r"  checksum section 0: (\d+) instead of (\d+)", told)
    assert found is not None
    assert found[1] != found[2]


def test_what_happened_in_a_tick_is_told_with_it(tmp_path: Path) -> None:
    watched = Watched()
    watched.enter()
    watched.play(1, keyframe=True)
    watched.play(2)
    watched.tick += 1
    body = watched.encoder.encode(list(watched.world), [Thrown(seat=1)])
    snapshot = Snapshot(Tick(watched.tick), (Section(PUBLIC, False, body),))
    watched.reader.apply(snapshot.tick, snapshot.sections)
    watched.tape.received(snapshot, watched.reader)
    watched.play(1)
    lines = stepped(watched, tmp_path / "m1.tape", 1, 9)
    ticks = {line.split()[1]: at for at, line in enumerate(lines) if line.startswith("tick ")}
    assert "  event Thrown(seat=1)" in lines[ticks["4"] : ticks["5"]]
    assert sum(line.startswith("  event ") for line in lines) == 1
