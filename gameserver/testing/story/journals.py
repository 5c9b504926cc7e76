"""Replay the journals that a story has left: every world must be as it was recorded."""

from collections.abc import Iterator
from pathlib import Path

from gameserver.errors import GameserverError, UnreadableFileError
from gameserver.service.journals import FOLDER
from gameserver.store.disk import OPEN
from gameserver.store.reading import journals_in, read_journal
from gameserver.store.verify import verify
from gameserver.testing.story.stage import Stage


def wrong_journals(stage: Stage) -> Iterator[str]:
    """Yield what is wrong with the journals of a story whose server has stopped."""
    disk, report = stage.disk, stage.report
    if disk is None:
        return
    try:
        found = journals_in(disk.folder / FOLDER)
    except UnreadableFileError:
        found = []
    for path in found:
        report.journals += 1
        yield from _wrong(stage, path)
    sound = not (report.crashes or report.full_disks)
    if sound and report.matches > len(found):
        yield f"{report.matches} matches had results, and {len(found)} have a journal"


def _wrong(stage: Stage, path: Path) -> Iterator[str]:
    report = stage.report
    try:
        verified = verify(read_journal(path), stage.game)
    except GameserverError as error:
        # A crash may have left a file without a whole header, and a full disk one with a hole.
        if not report.crashes and not report.full_disks:
            yield f"journal {path.name}: {error}"
        return
    if verified.differs_at is not None:
        yield f"journal {path.name} differs at tick {verified.differs_at}"
    sound = not (report.crashes or report.full_disks)
    if sound and (not verified.finished or path.name.endswith(OPEN)):
        yield f"journal {path.name} has no end"
    if verified.left_out and not report.full_disks:
        yield f"journal {path.name} has a hole of {verified.left_out} ticks"
