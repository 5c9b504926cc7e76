"""Journals of which only some have these parts, and files that change or go while they are read."""

from itertools import count
from pathlib import Path

import pytest

from gameserver.errors import JournalError, UnreadableFileError
from gameserver.game.command import Command
from gameserver.game.world import World
from gameserver.ids import MatchId, PlayerId, Seat, Tick
from gameserver.match.journal import TickRecord
from gameserver.store import clientview as clientview_module
from gameserver.store import playback as playing
from gameserver.store.batches import MOST_TICKS
from gameserver.store.clientview import is_view
from gameserver.store.frames import MAGIC, frame_of, payloads_of
from gameserver.store.playback import Playback, open_playback
from gameserver.store.reading import StoredMatch, read_journal
from gameserver.store.records import FAULT, End, Hash, Hole, head_of, pack_other, pack_tick
from gameserver.store.replayfile import ReplayShelf, look_at
from gameserver.store.salvage import Damage
from gameserver.store.verify import verify
from gameserver.testing.skirmish import Skirmish
from tests.store.recorded import GAME, OUTCOME, Played, header

ANN = PlayerId("pann")


def stored(data: bytes, folder: Path, name: str = "m.journal") -> StoredMatch:
    path = folder / name
    path.write_bytes(data)
    return read_journal(path)


def refused(*_: object) -> bytes:
    raise OSError(13, "Permission denied")


# --- what is recorded -----------------------------------------------------------------------------


def test_more_ticks_than_one_record_holds_are_recorded_without_a_hole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gameserver.store.recorder.HASH_EVERY_S", 1e6)
    ticks = 2 * MOST_TICKS + 9
    played = Played().play(ticks, flush_every=10**9)
    match = stored(played.end().file.data, tmp_path)
    assert [each.tick for each in match.records() if isinstance(each, TickRecord)] == [
        *range(1, ticks + 1)
    ]
    verdict = verify(match, GAME)
    assert (verdict.ticks, verdict.differs_at, verdict.finished) == (ticks, None, True)


@pytest.fixture
def stumbles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the game raise in its 30th step."""
    steps, real = count(1), Skirmish.step

    def step(game: Skirmish, world: World, commands: dict[Seat, Command]) -> None:
        real(game, world, commands)
        if next(steps) == 30:
            raise ZeroDivisionError("a bug of the game")

    monkeypatch.setattr(Skirmish, "step", step)


def cut_short(ticks: int, reason: str = FAULT) -> bytes:
    played = Played().play(ticks)
    played.recorder.end(reason, None, OUTCOME)
    return played.file.data


def test_a_match_that_ended_by_a_fault_of_its_game_ends_so_again(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    match = stored(cut_short(30), tmp_path)
    request.getfixturevalue("stumbles")
    verdict = verify(match, GAME)
    assert (verdict.ticks, verdict.finished, verdict.same_fault) == (30, True, True)
    assert verdict.differs_at is None


@pytest.mark.parametrize(("ticks", "reason"), [(30, "finished"), (31, FAULT)])
def test_a_fault_that_the_match_did_not_have_is_refused(
    tmp_path: Path, request: pytest.FixtureRequest, ticks: int, reason: str
) -> None:
    match = stored(cut_short(ticks, reason), tmp_path)
    request.getfixturevalue("stumbles")
    with pytest.raises(JournalError):
        verify(match, GAME)


# --- what a file holds ----------------------------------------------------------------------------


def test_a_file_that_begins_with_another_record_than_a_header_is_no_journal(
    tmp_path: Path,
) -> None:
    with pytest.raises(JournalError, match="does not begin with a header"):
        stored(MAGIC + frame_of(pack_other(Hash(Tick(1), b"x" * 16))), tmp_path)
    head = head_of(header())
    (_, payload), *_ = payloads_of(head, len(MAGIC))
    more = frame_of(bytes(payload) + pack_other(Hash(Tick(1), b"x" * 16)))
    with pytest.raises(JournalError, match="does not begin with a header"):
        stored(MAGIC + more, tmp_path)


def tick(number: int) -> bytes:
    return pack_tick(Tick(number), (), (), {})


def end(number: int) -> bytes:
    return pack_other(End("finished", Tick(number), b"", OUTCOME))


def hole(first: int, last: int) -> bytes:
    return pack_other(Hole(Tick(first), Tick(last)))


OLD_HASH = pack_other(Hash(Tick(1), b"x" * 16))
BROKEN = bytes([0, 0, 0, 9]) + b"damage"


@pytest.mark.parametrize(
    ("behind", "lost"),
    [
        (tick(3), (3, 2)),  # the next one
        (hole(3, 5), (3, 2)),
        (pack_other(Hash(Tick(2), b"x" * 16)), (3, 2)),
        (end(2), (3, 2)),
        (OLD_HASH + end(2), (3, 2)),
        (end(7), (3, 7)),
        (tick(4) + end(4), (3, 4)),
        (hole(4, 5) + tick(6) + end(6), (3, 6)),
    ],
    ids=["next", "hole", "hash", "end", "old hash", "later end", "tick", "all"],
)
def test_reading_goes_on_behind_a_damage_where_no_tick_is_unknown(
    tmp_path: Path, behind: bytes, lost: tuple[int, int]
) -> None:
    before = head_of(header()) + frame_of(tick(1) + tick(2))
    data = before + BROKEN + frame_of(behind)
    match = stored(data, tmp_path)
    place = (len(before), len(before) + len(BROKEN))
    assert match.damages == (Damage(*place, Tick(lost[0]), Tick(lost[1]), passed=True),)
    assert match.damages[0].ticks == lost[1] - lost[0] + 1
    assert match.whole == len(data)
    holes = [(each.first, each.last) for each in match.records() if isinstance(each, Hole)]
    assert lost in holes or lost == (3, 2)
    assert holes == [each for each in holes if each[0] <= each[1]]


@pytest.mark.parametrize(
    ("behind", "last"),
    [(tick(4), 4), (hole(4, 9), 9), (OLD_HASH + tick(3), 3), (end(1), 2)],
    ids=["tick", "hole", "old hash and tick", "earlier end"],
)
def test_reading_ends_before_a_damage_behind_which_ticks_are_unknown(
    tmp_path: Path, behind: bytes, last: int
) -> None:
    before = head_of(header()) + frame_of(tick(1) + tick(2))
    match = stored(before + BROKEN + frame_of(behind), tmp_path)
    (damage,) = match.damages
    assert (damage.first, damage.last, damage.passed) == (3, last, False)
    assert match.whole == len(before)


def test_a_second_journal_behind_a_damage_is_none_of_this_match(tmp_path: Path) -> None:
    head = head_of(header())
    (_, payload), *_ = payloads_of(head, len(MAGIC))
    whole = head + frame_of(tick(1)) + BROKEN + frame_of(tick(3) + bytes(payload))
    with pytest.raises(JournalError, match="a header stands behind a damage"):
        stored(whole, tmp_path)


# --- files that change or go ----------------------------------------------------------------------


def test_a_file_that_cannot_be_read_is_no_view(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clientview_module, "begins_with", refused)
    assert not is_view(tmp_path / "m.view")


def test_a_playback_that_cannot_be_opened_names_its_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=r"^m9\.journal is not there$"):
        open_playback(tmp_path / "m9.journal", GAME)


def test_a_world_that_cannot_be_kept_ends_a_playback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> bytes:
        raise TypeError("a set cannot be packed")

    match = stored(Played().play(400).end().file.data, tmp_path)
    playback = Playback(match, GAME)
    monkeypatch.setattr(playing, "dump_world", fails)
    with pytest.raises(JournalError, match="cannot be kept: a set cannot be packed"):
        playback.seek(400)


def test_a_journal_that_is_not_there_is_not_known_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf, match_id = ReplayShelf(tmp_path), MatchId("m1")
    with pytest.raises(UnreadableFileError, match="is not there"):
        shelf.page(match_id, ANN, 0)
    with pytest.raises(UnreadableFileError, match="cannot be read: No such file"):
        look_at(tmp_path / "m1.journal")
    played = Played()
    played.recorder.seated(Seat(0), ANN)
    path = tmp_path / "20260101T000000-m1.journal"
    path.write_bytes(played.play(200).end().file.data)
    assert shelf.find(match_id) == path
    file = shelf.page(match_id, ANN, 0).file
    listed: list[Path] = []
    monkeypatch.setattr("gameserver.store.replayfile.journal_of", lambda *_: listed.append)
    assert shelf.find(match_id) == path, "from memory"
    path.write_bytes(path.read_bytes() + b"more")
    with pytest.raises(UnreadableFileError, match="has changed"):
        file.page(0)
    path.unlink()
    with pytest.raises(UnreadableFileError, match="cannot be read: No such file"):
        file.page(0)
