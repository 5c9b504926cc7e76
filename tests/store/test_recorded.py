"""Journals hold what they held when this was recorded, and damaged ones give back the same.

A journal outlives the server that wrote it. Where another form is meant,
``python -m tests.store.test_recorded`` writes the new rows.

Rows: the seed, how many records of which kind were written, and digests of the frames behind the
header, of a clip, of the verdict, and of what is read of copies with changed bytes.
"""

from collections import Counter
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import attrs

from gameserver.errors import JournalError
from gameserver.store.clip import clip
from gameserver.store.difference import first_of_one
from gameserver.store.frames import MAGIC, payloads_of
from gameserver.store.reading import contents, read_journal
from gameserver.store.verify import verify
from tests.recorded import Recorded, digest
from tests.store.recorded import GAME, PLAYERS, Played

CHANGED = 60


def written(random: Random) -> bytes:
    """Return the journal of a match in which seats change and the disk is full for a while."""
    played = Played().play(random.randrange(40, 60))
    played.match.leave(PLAYERS[2].seat)
    played.play(random.randrange(20, 40), flush_every=random.choice((1, 3, 7)))
    played.match.join(attrs.evolve(PLAYERS[2], name="Dee"))
    played.play(30)
    if random.random() < 0.5:
        played.file.full_once = True
        played.play(40)
        played.recorder.retry()
    played.play(random.randrange(60, 120))
    return (played.end() if random.random() < 0.5 else played).file.data


def changed(data: bytes, random: Random) -> bytes:
    """Return a copy that is cut, or in which bytes have changed."""
    copy = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 3))):
        copy[random.randrange(len(MAGIC), len(copy))] ^= 1 << random.randrange(8)
    return bytes(copy[: random.randrange(len(MAGIC), len(copy))] if random.random() < 0.3 else copy)


def told(seed: int) -> tuple[dict[str, int], list[str]]:
    random = Random(seed)
    data = written(random)
    with TemporaryDirectory() as folder:
        path = Path(folder, "m.journal")
        path.write_bytes(data)
        match = read_journal(path)
        counts = Counter(type(each).__name__ for each in match.records())
        frames = [bytes(each) for _, each in payloads_of(data, len(MAGIC))][1:]
        cut = [bytes(each) for _, each in payloads_of(clip(match, GAME, 3.0), len(MAGIC))][1:]
        verdict = [verify(match, GAME), contents(match), first_of_one(match, GAME)]
        read: list[Any] = []
        for _ in range(CHANGED):
            path.write_bytes(changed(data, random))
            try:
                other = read_journal(path)
                read.append([other.torn, other.whole, other.damages, contents(other)])
            except JournalError:
                read.append("refused")
    counts.update(Counter("refused" if each == "refused" else "read" for each in read))
    return dict(sorted(counts.items())), [digest(each) for each in (frames, cut, verdict, read)]


RECORDED = Recorded(__file__, range(1, 5), told)


@RECORDED.each
def test_journals_are_written_and_read_as_it_was_recorded(row: list[Any]) -> None:
    RECORDED.compare(row)


if __name__ == "__main__":
    RECORDED.write()
