"""A film shows, tick by tick, the world that its journal leads to."""

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgpack
import pytest

from gameserver.errors import JournalError
from gameserver.game.entity import Entity
from gameserver.game.schema.table import table_of
from gameserver.ids import Tick
from gameserver.messages.wire import Section
from gameserver.netcode.replication.reader import SnapshotReader
from gameserver.store import film
from gameserver.store.film import MAGIC, make_film, write_film
from gameserver.store.playback import Playback
from gameserver.store.reading import StoredMatch, read_journal
from tests.store.recorded import GAME, Played

TICKS = 9 * GAME.tick_rate
TABLE = table_of(GAME)


def told_of(entities: Iterable[Entity]) -> dict[int, dict[str, Any]]:
    """Return all fields that a client of any seat is told."""
    return {
        entity.id: {
            field.name: getattr(entity, field.name)
            for table in TABLE.classes[type(entity)].values()
            for field in table.fields
        }
        for entity in entities
    }


def stored(folder: Path) -> StoredMatch:
    played = Played()
    played.play(TICKS)
    played.end()
    path = folder / "m1.journal"
    path.write_bytes(played.file.data)
    return read_journal(path)


def filmed(match: StoredMatch) -> bytes:
    file = io.BytesIO()
    assert write_film(Playback(match, GAME), GAME, file) == len(file.getvalue())
    return file.getvalue()


def parts_of(data: bytes) -> tuple[list[Any], dict[str, Any]]:
    assert data.startswith(MAGIC)
    unpacker = msgpack.Unpacker(max_buffer_size=len(data))
    unpacker.feed(data[len(MAGIC) :])
    *windows, head = unpacker
    return windows, head


def test_each_window_alone_leads_to_the_worlds_of_the_journal(tmp_path: Path) -> None:
    match = stored(tmp_path)
    windows, head = parts_of(filmed(match))
    assert len(windows) == 3  # of four seconds
    assert (head["last"], head["started"]["seat"]) == (TICKS, -1)
    assert [player["name"] for player in head["started"]["players"]] == ["Ann", "Bo", "Cy"]
    playback, told, events = Playback(match, GAME), 0, 0

    def compare(reader: SnapshotReader, tick: int, sections: list[Section]) -> None:
        nonlocal told, events
        reading = reader.apply(Tick(tick), sections)
        assert reading.desyncs == []
        assert reading.confirmed is not None
        playback.seek(tick)
        assert told_of(reading.confirmed.entities.values()) == told_of(playback.world)
        told, events = told + 1, events + len(reading.events)

    for tick, *bodies, snapshots in reversed(windows):
        reader = SnapshotReader(GAME)
        keys = zip(head["sections"], bodies, strict=True)
        compare(reader, tick, [Section(number, True, body) for number, body in keys])
        for at, *parts in snapshots:
            pairs = zip(parts[::2], parts[1::2], strict=True)
            compare(reader, at, [Section(number, False, body) for number, body in pairs])
    assert told == TICKS // GAME.snapshot_every + len(windows)


def test_a_film_that_is_too_long_is_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(tmp_path)
    to = tmp_path / "m1.film"
    monkeypatch.setattr(film, "MOST_BYTES", 100)
    with pytest.raises(JournalError, match="too long"):
        make_film(tmp_path / "m1.journal", GAME, to)
    assert [path.name for path in tmp_path.iterdir()] == ["m1.journal"]
    monkeypatch.undo()
    assert make_film(tmp_path / "m1.journal", GAME, to) == to.stat().st_size
