"""What is in the windows of a film: events, late players, holes, faults, and how much fits."""

from pathlib import Path
from typing import Any

import msgpack
import pytest

from gameserver.errors import JournalError
from gameserver.game.entity import Player
from gameserver.ids import Seat, Tick
from gameserver.messages.wire import Section
from gameserver.netcode.replication.reader import SnapshotReader
from gameserver.store import film
from gameserver.store.film import MAGIC, WINDOW_S
from gameserver.store.playback import Playback
from gameserver.store.reading import StoredMatch, read_journal
from gameserver.testing.skirmish import Skirmish
from tests.store.recorded import GAME, Played
from tests.store.test_film import filmed, parts_of

WINDOW = int(WINDOW_S * GAME.tick_rate)


def kept(played: Played, folder: Path) -> StoredMatch:
    path = folder / "m1.journal"
    path.write_bytes(played.file.data)
    return read_journal(path)


def test_a_window_begins_every_four_seconds_and_each_tick_is_in_one(tmp_path: Path) -> None:
    windows, _ = parts_of(filmed(kept(Played().play(2 * WINDOW + 9).end(), tmp_path)))
    assert [window[0] for window in windows] == [0, WINDOW, 2 * WINDOW]
    ticks = [snapshot[0] for *_, snapshots in windows for snapshot in snapshots]
    assert ticks == list(range(1, 2 * WINDOW + 10))


def test_of_a_game_with_rarer_snapshots_those_and_the_last_tick_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Skirmish, "snapshot_every", 3)
    windows, _ = parts_of(filmed(kept(Played().play(20).end(), tmp_path)))
    ticks = [snapshot[0] for *_, snapshots in windows for snapshot in snapshots]
    assert ticks == [3, 6, 9, 12, 15, 18, 20]


def told_events(film: bytes) -> int:
    """Return how many events all windows tell, those of their keyframes included."""
    windows, head = parts_of(film)
    told = 0
    for tick, *bodies, snapshots in windows:
        reader = SnapshotReader(GAME)
        keys = zip(head["sections"], bodies, strict=True)
        shown = [(tick, [Section(number, True, body) for number, body in keys])]
        for at, *parts in snapshots:
            pairs = zip(parts[::2], parts[1::2], strict=True)
            shown.append((at, [Section(number, False, body) for number, body in pairs]))
        for at, sections in shown:
            told += len(reader.apply(Tick(at), sections).events)
    return told


def happened_events(match: StoredMatch) -> int:
    playback, happened = Playback(match, GAME), 0
    while playback.step():
        happened += len(playback.world.events)
    return happened


@pytest.mark.parametrize("every", [1, 3, 7])
def test_each_event_of_the_match_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: int
) -> None:
    monkeypatch.setattr(Skirmish, "snapshot_every", every)
    monkeypatch.setattr(film, "WINDOW_S", 0.3)  # many windows: some events are at their begins
    match = kept(Played().play(3 * WINDOW + 5).end(), tmp_path)
    assert told_events(filmed(match)) == happened_events(match) > 0


def test_who_joined_late_is_among_the_players(tmp_path: Path) -> None:
    played = Played().play(20)
    late = Player(Seat(3), "Dee", 2)
    played.match.join(late)
    played.play(20).end()
    _, head = parts_of(filmed(kept(played, tmp_path)))
    names = [player["name"] for player in head["started"]["players"]]
    assert names == ["Ann", "Bo", "Cy", "Dee"]


def test_a_window_begins_behind_a_hole(tmp_path: Path) -> None:
    played = Played().play(20)
    played.file.full = True
    played.play(20)
    played.file.full = False
    played.recorder.retry()
    played.play(WINDOW).end()
    match = kept(played, tmp_path)
    ((_, last),) = Playback(match, GAME).holes
    windows, _ = parts_of(filmed(match))
    assert told_events(filmed(match)) == happened_events(match)
    assert windows[1][0] == last
    assert all(snapshot[0] <= 20 for snapshot in windows[0][-1])


def test_a_match_that_its_game_ended_by_raising_is_shown_up_to_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    match = kept(Played().play(20).end(), tmp_path)
    step = Skirmish.step

    def breaks(game: Skirmish, world: Any, commands: Any) -> None:
        step(game, world, commands)
        if world.tick == 12:
            raise ZeroDivisionError

    monkeypatch.setattr(Skirmish, "step", breaks)
    windows, _ = parts_of(filmed(match))
    assert [snapshot[0] for *_, snapshots in windows for snapshot in snapshots] == [*range(1, 12)]


@pytest.mark.parametrize("over", [0, 1])
def test_so_many_bytes_fit_and_not_one_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, over: int
) -> None:
    match = kept(Played().play(20).end(), tmp_path)
    windows, _ = parts_of(filmed(match))
    size = len(MAGIC) + sum(len(msgpack.packb(window)) for window in windows)
    monkeypatch.setattr(film, "MOST_BYTES", size - over)
    if over:
        with pytest.raises(JournalError, match="the match is too long"):
            filmed(match)
    else:
        assert filmed(match)
