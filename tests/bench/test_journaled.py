"""The match that is counted is the same with a journal and without, however it is watched."""

from pathlib import Path

from bench import journaled
from bench.commands.journal import _row
from gameserver.store.reading import contents, read_journal
from gameserver.store.verify import verify


def test_the_bare_simulation_and_the_watched_match_have_the_same_journal(tmp_path: Path) -> None:
    ends = []
    for viewers in (0, 8):
        folder = tmp_path / str(viewers)
        counting = journaled.Counting("", "" if viewers else "writer")
        assert journaled.play(90, viewers, folder, counting) == 90
        match = read_journal(folder / "counted.journal.zst")
        assert verify(match, journaled.GAME).hashes == 2
        ends.append(contents(match).end)
        assert journaled.play(90, viewers, None, counting) == 90
    assert ends[0] == ends[1]


def test_a_journal_is_compared_with_the_same_match_without() -> None:
    counts = {(0, False, ""): 1000, (8, False, ""): 2000, (8, True, ""): 2100, (0, True, "end"): 50}
    assert _row((8, True, ""), counts, 10)["more_percent"] == 5
    assert _row((8, True, ""), counts, 10)["percent"] == 210
    part = _row((0, True, "end"), counts, 10)
    assert (part["percent"], part["more_percent"], part["per_tick"]) == (5, None, 5)
