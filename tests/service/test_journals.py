"""A server with a folder for its data records every match, and nothing of it delays a match."""

import errno
import json
import os
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import attrs
import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from gameserver.errors import GameFaultError
from gameserver.game.entity import Player
from gameserver.game.schema.dump import world_hash
from gameserver.ids import MatchId, PlayerId, Seat, Tick
from gameserver.messages.match import ReportDesync
from gameserver.service import journals as journals_module
from gameserver.service.config.settings import Settings
from gameserver.service.journals import RETRY_S, Journals
from gameserver.service.matches import Matches
from gameserver.service.runtime import Runtime
from gameserver.service.ticker import Ticker
from gameserver.store import evidence as evidence_module
from gameserver.store.difference import first_of_two
from gameserver.store.disk import Files
from gameserver.store.playback import Playback
from gameserver.store.reading import contents, journals_in, read_journal
from gameserver.store.rebuild import Rebuilding
from gameserver.store.verify import verify
from gameserver.testing.skirmish import Skirmish
from gameserver.transports import Drain
from tests.service.peers import MAP
from tests.service.test_live_matches import LISTENER, order
from tests.store.recorded import Played

GAME = Skirmish()


def settings(folder: Path | str, **more: Any) -> Settings:
    return attrs.evolve(Settings(), data=str(folder), **more)


def matches(journals: Journals, most: int = 4) -> Matches:
    return Matches(
        GAME, {MAP.name: MAP}, Ticker(lambda: 0.0),
        most=most, seeds=lambda: 11, drain=Drain, journals=journals,
    )  # fmt: skip


async def test_each_match_is_a_journal_that_replays(tmp_path: Path) -> None:
    journals = Journals(settings(tmp_path), GAME, Runtime())
    some = matches(journals)
    lives = [some.start(order(number), LISTENER) for number in range(2)]
    for live in lives:
        for _ in range(100):
            live.tick()
    lives[0].match.join(Player(Seat(2), "Cy", 1, bot=True))
    for live in lives:
        live.tick()
        live.end("abandoned")
        live.end("abandoned")
    await journals.close()
    files = journals_in(tmp_path / "matches")
    assert [path.name.split("-")[1] for path in files] == ["m0.journal.zst", "m1.journal.zst"]
    for path in files:
        match = read_journal(path)
        verdict = verify(match, GAME)
        assert (verdict.ticks, verdict.differs_at, verdict.finished) == (101, None, True)
        end = contents(match).end
        assert end is not None
        assert end.reason == "abandoned"
        assert len(end.outcome.standings) >= 2


async def test_a_match_that_cannot_start_leaves_no_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(*_: object) -> None:
        raise ValueError("a fault of the game")

    journals = Journals(settings(tmp_path), GAME, Runtime())
    some = matches(journals)
    monkeypatch.setattr(Skirmish, "start", start)
    with pytest.raises(GameFaultError):
        some.start(order(1), LISTENER)
    assert not journals._recorders
    assert not journals._names
    await journals.close()
    assert not (tmp_path / "matches").exists()


async def test_a_fault_of_the_game_ends_the_journal_without_a_hash(tmp_path: Path) -> None:
    journals = Journals(settings(tmp_path), GAME, Runtime())
    some = matches(journals)
    live = some.start(order(1), LISTENER)
    live.tick()
    live.end("fault", "it broke")
    await journals.close()
    [path] = journals_in(tmp_path / "matches")
    end = contents(read_journal(path)).end
    assert end is not None
    assert (end.reason, end.digest) == ("fault", b"")


async def test_a_server_without_a_folder_records_nothing(tmp_path: Path) -> None:
    journals = Journals(settings(""), GAME, Runtime())
    assert journals.begin(MatchId("m"), MAP, object(), 1, ()) is None
    await journals.run()
    await journals.close()
    assert journals_in(tmp_path) == []


async def test_old_journals_are_deleted_when_a_match_ends(tmp_path: Path) -> None:
    folder = tmp_path / "matches"
    folder.mkdir()
    for name in ("1-a.journal.zst", "2-b.journal.zst"):
        (folder / name).write_bytes(b"")
    journals = Journals(settings(tmp_path, keep_matches=2), GAME, Runtime())
    some = matches(journals)
    live = some.start(order(1), LISTENER)
    live.tick()
    live.end("abandoned")
    await journals.close()
    names = [path.name for path in journals_in(folder)]
    assert names[0] == "2-b.journal.zst"
    assert len(names) == 2


async def test_the_operator_is_warned_once_and_told_when_it_is_over(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(autojump_clock, MockClock)
    recorder = SimpleNamespace(fault="No space left on device", lost=True)
    recorder.flush = lambda: None
    retried: list[float] = []

    def retry() -> None:
        retried.append(trio.current_time())
        if len(retried) == 3:
            recorder.fault, recorder.lost = "", False

    recorder.retry = retry
    disk = SimpleNamespace(troubles=list)
    monkeypatch.setattr(journals_module, "Disk", lambda *_: disk)
    journals = Journals(settings("data"), GAME, Runtime(now=trio.current_time))
    journals._recorders[MatchId("m1")] = cast("Any", recorder)
    with capture_logs() as logs, trio.move_on_after(30):
        await journals.run()
    assert len(retried) == 3, "not again once it is written"
    assert all(later - earlier >= RETRY_S for earlier, later in pairwise(retried))
    assert [(line["event"], line["log_level"]) for line in logs] == [
        ("journal not written", "warning"),
        ("journal written again", "info"),
    ]
    assert logs[0]["fault"] == "No space left on device"


async def test_an_end_that_the_disk_has_not_taken_is_tried_again_at_its_times(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(autojump_clock, MockClock)
    tried: list[float] = []
    recorder = SimpleNamespace(
        closed=False, fault="", end_again=lambda: tried.append(trio.current_time())
    )
    monkeypatch.setattr(journals_module, "Disk", lambda *_: SimpleNamespace(troubles=list))
    journals = Journals(settings("data"), GAME, Runtime(now=trio.current_time))
    journals._ended[MatchId("m1")] = cast("Any", recorder)
    with trio.move_on_after(3 * RETRY_S + 0.5):
        await journals.run()
    assert 3 <= len(tried) <= 4
    assert all(later - earlier >= RETRY_S for earlier, later in pairwise(tried))


@attrs.define
class FullFiles(Files):
    """The system's files on a disk that can be full."""

    full: bool = False

    def write(self, descriptor: int, data: bytes, at: int) -> int:
        if self.full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(descriptor, data, at)


@pytest.mark.parametrize("stopped", [False, True])
async def test_the_end_of_a_match_waits_for_a_disk_that_is_full(
    autojump_clock: MockClock, tmp_path: Path, *, stopped: bool
) -> None:
    assert isinstance(autojump_clock, MockClock)
    files = FullFiles()
    runtime = Runtime(now=trio.current_time, threads=False, files=files)
    journals = Journals(settings(tmp_path), GAME, runtime)
    some = matches(journals)
    live = some.start(order(1), LISTENER)
    with capture_logs() as logs:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(journals.run)
            live.tick()
            await trio.sleep(1)
            files.full = True
            live.tick()
            live.end("abandoned")
            await trio.sleep(60)
            assert [path.name.endswith(".zst") for path in journals_in(tmp_path / "matches")] == [
                False
            ]
            files.full = False
            if not stopped:
                await trio.sleep(6)
                assert not journals._ended
                assert not journals._names
            nursery.cancel_scope.cancel()
        await journals.close()
    told = [line["event"] for line in logs if line["event"].startswith("journal ")]
    assert told == ["journal not written", "journal written again"][: 1 if stopped else 2]
    [path] = journals_in(tmp_path / "matches")
    assert path.name.endswith(".zst")
    match = contents(read_journal(path))
    assert match.end is not None
    assert match.end.reason == "abandoned"
    assert (match.ticks, match.left_out) == (2, 1)


async def test_ends_that_wait_for_a_disk_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journals_module, "ENDED_MOST", 3)
    runtime = Runtime(now=lambda: 0.0, threads=False, files=FullFiles(full=True))
    journals = Journals(settings(tmp_path), GAME, runtime)
    some = matches(journals, most=9)
    for number in range(5):
        some.start(order(number), LISTENER).end("abandoned")
    assert list(journals._ended) == ["m2", "m3", "m4"] == list(journals._names)


async def test_what_a_killed_process_has_left_is_compressed_but_for_what_goes_on(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "matches"
    folder.mkdir()
    whole = Played().play(100).file.data
    for name in ("20260101T000000-old.journal", "20260102T000000-m0.journal"):
        (folder / name).write_bytes(whole[:-3])
    (folder / "20260103T000000-half.journal.zst.part").write_bytes(b"half")
    (folder / "notes.journal").write_bytes(b"an operator's own file")
    journals = Journals(settings(tmp_path), GAME, Runtime())
    rebuilding = Rebuilding(read_journal(folder / "20260102T000000-m0.journal"), GAME)
    for _ in rebuilding.run():
        pass
    assert rebuilding.rebuilt is not None
    rebuilt = attrs.evolve(
        rebuilding.rebuilt, header=attrs.evolve(rebuilding.rebuilt.header, match_id="m0")
    )
    assert journals.go_on(rebuilt) is not None
    journals.tidy()
    journals.tidy()
    await journals.close()
    assert sorted(path.name for path in folder.iterdir()) == [
        "20260101T000000-old.journal.zst",
        "20260102T000000-m0.journal",
        "notes.journal",
    ]
    old = contents(read_journal(folder / "20260101T000000-old.journal.zst"))
    assert (old.end, old.ticks > 90) == (None, True)


async def test_a_client_that_computed_another_world_leaves_evidence_within_bounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_module, "MOST_FILES", 4)
    times = [0.0]
    runtime = attrs.evolve(Runtime(), now=lambda: times[0])
    journals = Journals(settings(tmp_path), GAME, runtime)
    some = matches(journals)
    live = some.start(order(0), LISTENER)
    kept = []
    for who, at in (("ann", 0.0), ("ann", 30.0), ("bo", 31.0), ("ann", 33.0), ("ann", 92.0)):
        times[0] = at
        for _ in range(40):
            live.tick()
        report = ReportDesync(MatchId("m0"), Tick(live.match.tick_number - 5), 1, 7, 8)
        kept.append(live.desync(PlayerId(who), report))
    assert [bool(name) for name in kept] == [True, False, True, False, True]
    assert live.match.counts.desyncs == 0, "nobody watches"
    wanted = live.match.world
    live.end("abandoned")
    await journals.close()
    names = sorted(path.name for path in (tmp_path / "evidence").iterdir())
    assert names == sorted(f"{name}{end}" for name in kept[2::2] for end in (".journal", ".json"))
    told = json.loads((tmp_path / "evidence" / f"{kept[4]}.json").read_text())
    assert (told["player"], told["tick"], told["server_tick"]) == ("ann", 195, 200)
    assert (told["section"], told["expected"], told["computed"]) == (1, 7, 8)
    moment = read_journal(tmp_path / "evidence" / f"{kept[4]}.journal")
    playback = Playback(moment, GAME)
    assert (playback.tick, playback.last) == (200, 200)
    assert world_hash(GAME, playback.world) == world_hash(GAME, wanted)
    (whole,) = journals_in(tmp_path / "matches")
    assert first_of_two(read_journal(whole), moment, GAME) == []


async def test_evidence_that_cannot_be_written_is_told_and_costs_nothing_else(
    tmp_path: Path,
) -> None:
    (tmp_path / "evidence").write_text("a file where the folder should be")
    journals = Journals(settings(tmp_path), GAME, Runtime())
    some = matches(journals)
    live = some.start(order(0), LISTENER)
    live.tick()
    assert live.desync(PlayerId("ann"), ReportDesync(MatchId("m0"), Tick(1), 1, 7, 8))
    live.end("abandoned")
    await journals.close()
    assert journals._disk is not None
    (trouble,) = journals._disk.troubles()
    assert "cannot be written" in trouble
    assert len(journals_in(tmp_path / "matches")) == 1


async def test_without_a_folder_there_is_nothing_to_wait_for_or_to_cut_off() -> None:
    journals = Journals(settings(""), GAME, Runtime())
    assert await journals.settle()
    assert not journals.cut_off(MatchId("m1"))
    assert not journals.is_closing(MatchId("m1"))
    assert not journals.kept


async def test_what_was_recorded_is_on_disk_when_it_was_waited_for(tmp_path: Path) -> None:
    journals = Journals(settings(tmp_path), GAME, Runtime())
    live = matches(journals).start(order(1), LISTENER)
    for _ in range(10):
        live.tick()
    assert await journals.settle()
    (path,) = (tmp_path / "matches").iterdir()
    assert contents(read_journal(path)).ticks == 10
    await journals.close()


async def test_who_had_a_seat_is_known_from_the_end_of_a_match_on(tmp_path: Path) -> None:
    journals = Journals(settings(tmp_path), GAME, Runtime())
    some, ann, bob = matches(journals), PlayerId("ann"), PlayerId("bob")

    def had(player_id: PlayerId) -> list[MatchId]:
        return [match.match_id for match in journals.had_by(player_id)]

    for number, players in enumerate(([ann], [ann, bob])):
        live = some.start(order(number), LISTENER)
        for seat, player_id in enumerate(players):
            journals.seated(live.match_id, Seat(seat), player_id)
        assert live.match_id not in had(ann)
        live.tick()
        live.end("finished")
    assert had(ann) == [MatchId("m1"), MatchId("m0")]
    assert had(bob) == [MatchId("m1")]
    await journals.close()


async def test_people_who_came_late_or_left_are_listed_as_people(tmp_path: Path) -> None:
    journals = Journals(settings(tmp_path), GAME, Runtime())
    live = matches(journals).start(order(1), LISTENER)
    first = [player.name for player in order(1).players if not player.bot]
    journals.seated(live.match_id, Seat(0), ann := PlayerId("ann"))
    live.match.join(Player(Seat(2), "Bot", 1, bot=True))
    live.match.join(Player(Seat(3), "Ned", 1, bot=True))
    live.tick()
    live.match.join(Player(Seat(2), "Cy", 1, bot=False))  # in the bot's place
    live.tick()
    live.match.join(Player(Seat(2), "Bob's bot", 1, bot=True))  # for Cy, who left
    live.tick()
    live.end("finished")
    (played,) = journals.had_by(ann)
    assert sorted(played.players) == sorted([*first, "Cy"])
    assert played.bots == 1 + sum(player.bot for player in order(1).players)
    await journals.close()
